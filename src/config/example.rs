//! `config.example.toml`, made from the key table so that it cannot go stale.

use super::keys::{self, Form, KEYS};
use super::size::Size;
use std::fmt::Write as _;

const HEAD: &str = "# Syncline's settings: every key with its default. Uncomment what you change.
# Order: defaults < this file < SYNCLINE_<SECTION>_<KEY> in the environment < flags. Unknown keys are refused.
# Looked for at --config, else ./syncline.toml, ~/.config/syncline/syncline.toml, /etc/syncline/syncline.toml.
";

const TAIL: &str = "
# More listeners, each limited to the API families it names (native, dtle2, dtle3, dts, dms, es_sync). Old clients know
# 8080 for dts, 11183 for dms, 8888 for es_sync.
# [[listeners]]
# address = \"127.0.0.1:8080\"
# families = [\"dts\"]

# Who may call. Without any token only loopback listeners start. Roles: viewer < operator < admin.
# Tokens never stand here in clear: token_file names a file that holds one, token_sha256 is `printf %s TOKEN | sha256sum`.
# [auth]
# tokens = [
#     { name = \"grafana\", role = \"viewer\", token_file = \"/etc/syncline/grafana.token\" },
#     { name = \"ci\", role = \"operator\", token_sha256 = \"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\" },
# ]

# Users of the dts family (HTTP Basic), which wants them as soon as there is one, or a token. The password is named by
# password_file, password_env or password_sha256 (as token_sha256).
# [dts]
# users = [{ name = \"replicator\", role = \"operator\", password_file = \"/etc/syncline/dts.pw\" }]

# Market data. Daemons that get their bars from this one, and InfluxDB stores that bars are written to;
# more can be added while the daemon runs: syncline sync targets add.
# [[dms.slaves]]
#     name = \"backup1\"
#     host = \"backup1.example.com\"        # port = 11183, enabled = true
# [[dms.backups]]
#     name = \"influx\"
#     host = \"influx.example.com\"         # port = 8086, database = \"dms_data\", tls = false, user, password_file, enabled = true
# Where bars come from: a directory of CSV files, or a URL with {symbol} {code} {market} {yahoo} {interval} {from} {to}
# {from_epoch} {to_epoch} in it whose answer is csv, json or yahoo (the shape of Yahoo's chart API).
# [[dms.providers]]
#     name = \"files\"
#     kind = \"csv\"
#     dir = \"/srv/bars\"                   # US.AAPL.csv, 1h/US.AAPL.csv, …; or pattern = \"{market}/{code}-{interval}.csv\"
#     dates = \"month-first\"               # or day-first: how 3/4/2024 is read; absent: a source of such dates must show it
#     time_zone = \"America/New_York\"      # of intraday times that have none; absent: UTC, which results tell (of imports too)
#     interval = \"1d\"                     # of files whose place does not name one
# [[dms.providers]]
#     name = \"web\"
#     kind = \"http\"
#     format = \"json\"
#     url = \"https://bars.example.com/{code}?i={interval}&from={from}&to={to}\"
#     rows = \"data.items\"                 # fields = { time = \"t\" }, intervals = { 1d = \"day\" }
#     header_files = { X-Key = \"/etc/syncline/bars.key\" }
#     spacing_ms = 500                      # between two requests, for all symbols together; timeout_seconds = 30 for one
#     attempts = 4                          # requests for one answer: no answer, 408, 425, 429 and 5xx are tried again, after
#     backoff_ms = 1000                     # this (doubled each time) or what Retry-After says, if it is no longer than
#     longest_wait_seconds = 120            # this; then the symbol has failed until the next run. What
#                                           # Retry-After says is kept for all symbols of the provider and over restarts,
#                                           # an hour at most
# What is done at which times; without symbols and symbols_file with all that is stored. How symbols are written: bars --help.
# [[dms.tasks]]
#     name = \"daily_update_us\"
#     type = \"incremental\"                # full_sync, validation, repair
#     provider = \"files\"
#     symbols_file = \"/etc/syncline/us.txt\"   # read at each run; one a line; or symbols = [\"US.AAPL\", \"0700.HK\"]
#     interval = \"1d\"                     # days = 30, or from = \"2024-01-01\" and to; overlap = 10, extreme_move = 0.2
#     cron = \"0 19 * * 1-5\"               # five fields, or six with seconds first
#     time_zone = \"America/New_York\"
#     sync = true                           # bring backups and slaves up to date afterwards
";

/// Returns the text of the example file.
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    for section in keys::sections() {
        // Writing into a String cannot fail.
        let _ = write!(text, "\n[{section}]\n");
        for key in KEYS.iter().filter(|k| k.name.split('.').next() == Some(section)) {
            let name = &key.name[section.len() + 1..];
            let _ = writeln!(text, "# {}\n# {name} = {}", key.why, literal(key.form, key.default));
        }
    }
    text + TAIL
}

fn literal(form: Form, value: &str) -> String {
    match form {
        Form::Bool | Form::Int(..) => value.to_owned(),
        Form::Bytes(..) => format!("{:?}", Size::parse(value).map_or_else(|| value.to_owned(), |s| s.to_string())),
        Form::List => "[]".to_owned(),
        Form::Text | Form::Path | Form::OneOf(_) => format!("{value:?}"),
    }
}
