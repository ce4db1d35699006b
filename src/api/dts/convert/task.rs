//! Jobs → tasks.

use super::kafka;
use super::request::began_without_copy;
use crate::api::figures::{description, gtids};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::gtid::GtidSet;
use crate::model::job::{Job, JobSpec, JobState, Origin};
use crate::model::kafka::KafkaSinkSpec;
use crate::model::progress::{Progress, SideProgress};
use crate::model::replicate::{ReplicateSpec, SchemaRule, SinkSpec, TableMatch};
use crate::scheduler::JobView;
use crate::secret::MASK;
use crate::wire::dts::reply as wire;
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What the original shows of a time that has not come yet.
const NO_TIME: &str = "0000-00-00 00:00:00";

/// Says whether a job is a task: whether it goes into Kafka, whoever made it.
pub(in crate::api::dts) fn is_one(view: &JobView) -> bool {
    destination(&view.job).is_some()
}

fn destination(job: &Job) -> Option<&KafkaSinkSpec> {
    let JobSpec::Replicate(spec) = &job.spec;
    match &spec.dest.sink {
        SinkSpec::Kafka(sink) => Some(sink),
        SinkSpec::Mysql(_) | SinkSpec::Lines(_) => None,
    }
}

/// Returns a line of the list.
pub(in crate::api::dts) fn row(view: &JobView, address: &str, zone: &TimeZone) -> wire::Row {
    let JobView { job, progress, run: _, patrol: _, warnings: _ } = view;
    let JobSpec::Replicate(spec) = &job.spec;
    let done = &progress.dest;
    let (state, message) = state(&job.state);
    wire::Row {
        id: job.number,
        source_addr: spec.src.endpoint.address(),
        dest_addr: spec.dest.sink.address(),
        pos: position(progress, spec),
        updated_at: time(Some(job.updated.max(job.state_since).max(done.at.unwrap_or(job.updated))), zone),
        transaction_time: time(done.source_time, zone),
        state,
        message,
        service_addr: address.to_owned(),
        note: if job.origin == Origin::Dts { job.description.clone() } else { String::new() },
    }
}

/// Returns a task with its settings.
pub(in crate::api::dts) fn detail(view: &JobView, address: &str, zone: &TimeZone) -> wire::Detail {
    let wire::Row { id, source_addr, dest_addr, pos, updated_at, transaction_time, state, message, service_addr, note } =
        row(view, address, zone);
    let JobView { job, progress, run: _, patrol: _, warnings: _ } = view;
    let SideProgress { delay_seconds, row_events_applied, .. } = &progress.dest;
    wire::Detail {
        id,
        source_addr,
        dest_addr,
        pos,
        updated_at,
        transaction_time,
        state,
        message,
        service_addr,
        note,
        lag: *delay_seconds,
        rows_copied: progress.copied_total,
        rows_sent: *row_events_applied,
        task: settings(job),
    }
}

fn settings(job: &Job) -> wire::Task {
    let JobSpec::Replicate(spec) = &job.spec;
    let MysqlEndpoint { host, port, user, password: _, tls: _, tls_ca: _ } = &spec.src.endpoint;
    let sink = destination(job).expect("only jobs with a Kafka destination are tasks");
    let kafka = kafka::shown(sink);
    wire::Task {
        source: wire::Source { host: host.clone(), port: *port, username: user.clone(), password: MASK },
        kafka,
        // `ignore` has no word here; a job of another dialect that has it is shown without.
        filters: spec.src.filter.include.iter().map(filter).collect(),
        rate_limit: kafka::shown_limit(&spec.throttle),
        incr: began_without_copy(spec),
    }
}

fn filter(rule: &SchemaRule) -> wire::Filter {
    // A subscription has no names at a target.
    let SchemaRule { schema, tables, filter, to: _ } = rule;
    let tables = match tables.as_slice() {
        [] => "/.*/".to_owned(),
        [one] if one.name().is_none_or(|n| !n.contains(',')) => one.to_string(),
        // A list is of names; patterns among them, and names with commas, make it one pattern.
        many if many.iter().all(|t| t.name().is_some_and(|n| !n.contains(','))) => {
            many.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        }
        many => {
            let pattern = |table: &TableMatch| match table {
                TableMatch::Name(name) => regex::escape(name),
                TableMatch::Pattern(pattern) => format!("(?:{pattern})"),
            };
            format!("/{}/", many.iter().map(pattern).collect::<Vec<_>>().join("|"))
        }
    };
    wire::Filter { dbname: schema.clone(), tables, filter: filter.clone().unwrap_or_default() }
}

/// The family's words for a state, and what an operator has to know of it.
fn state(state: &JobState) -> (&'static str, String) {
    let word = match state {
        JobState::Pending => "Init",
        JobState::Copying => "Copying",
        JobState::Streaming | JobState::Lagging | JobState::Throttled | JobState::Waiting(_) | JobState::Stalled(_) => "Running",
        JobState::Paused | JobState::Complete => "Stopped",
        JobState::Failed(_) => "Error",
    };
    let message = match state {
        JobState::Waiting(_) | JobState::Stalled(_) | JobState::Failed(_) => description(state),
        // The word says it all.
        JobState::Pending
        | JobState::Copying
        | JobState::Streaming
        | JobState::Lagging
        | JobState::Throttled
        | JobState::Paused
        | JobState::Complete => String::new(),
    };
    (word, message)
}

/// Returns the position as Vitess writes it: that which is reached, else that at which the task begins.
fn position(progress: &Progress, spec: &ReplicateSpec) -> String {
    let reached = &progress.dest;
    let executed = gtids(reached);
    if !executed.is_empty() {
        return flavored(executed);
    }
    if !reached.file.is_empty() {
        return format!("FilePos/{}:{}", reached.file, reached.pos);
    }
    spec.src.start_gtid.as_deref().map(flavored).unwrap_or_default()
}

fn flavored(text: &str) -> String {
    match text {
        "" => String::new(),
        text if GtidSet::parse_mariadb(text).is_ok() => format!("MariaDB/{text}"),
        text if GtidSet::parse_mysql(text).is_ok() => format!("MySQL56/{text}"),
        text => format!("FilePos/{text}"),
    }
}

fn time(time: Option<Timestamp>, zone: &TimeZone) -> String {
    time.map_or_else(|| NO_TIME.to_owned(), |t| t.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::job::Failure;

    #[test]
    fn positions_carry_their_flavor() {
        let uuid = "d48092bf-40ea-11e9-8663-b496913726e0";
        for (text, shown) in [
            (String::new(), String::new()),
            (format!("{uuid}:1-1202949000"), format!("MySQL56/{uuid}:1-1202949000")),
            ("0-1-100".into(), "MariaDB/0-1-100".into()),
            ("0-1-100,5-1-1".into(), "MariaDB/0-1-100,5-1-1".into()),
            ("mysql-bin.000007:154".into(), "FilePos/mysql-bin.000007:154".into()),
        ] {
            assert_eq!(flavored(&text), shown);
        }
    }

    #[test]
    fn states_are_five_words_and_say_why() {
        let failed = Failure { code: "position_lost".into(), message: "gone".into(), hint: "copy again".into() };
        for (of, word, message) in [
            (JobState::Pending, "Init", ""),
            (JobState::Copying, "Copying", ""),
            (JobState::Streaming, "Running", ""),
            (JobState::Lagging, "Running", ""),
            (JobState::Waiting("no broker".into()), "Running", "waiting: no broker"),
            (JobState::Paused, "Stopped", ""),
            (JobState::Failed(failed), "Error", "position_lost: gone (copy again)"),
        ] {
            assert_eq!(state(&of), (word, message.to_owned()));
        }
    }

    #[test]
    fn times_are_the_servers() {
        let at: Timestamp = "2021-04-09T04:03:22Z".parse().unwrap();
        assert_eq!(time(Some(at), &TimeZone::get("Asia/Shanghai").unwrap()), "2021-04-09 12:03:22");
        assert_eq!(time(None, &TimeZone::UTC), "0000-00-00 00:00:00");
    }

    #[test]
    fn a_rule_is_shown_as_it_could_be_sent() {
        let shown = |tables: Vec<TableMatch>| filter(&SchemaRule::new("s", tables)).tables;
        let parse = |text: &str| TableMatch::parse(text).unwrap();
        assert_eq!(shown(vec![]), "/.*/");
        assert_eq!(shown(vec![parse("a"), parse("b")]), "a,b");
        assert_eq!(shown(vec![parse(r"/a_\d+/")]), r"/a_\d+/");
        assert_eq!(shown(vec![parse("a.b"), parse("/c|d/")]), r"/a\.b|(?:c|d)/");
        assert_eq!(shown(vec![parse("a,b")]), "/a,b/");
    }
}
