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

# Daemons that get their bars from this one.
# [[dms.slaves]]
# name = \"backup1\"
# host = \"backup1.example.com\"
# port = 11183
# enabled = true
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
