//! Compiles what a finished job hands over. Nothing here may keep a job from ending that has applied everything: what cannot be
//! found out is said.

use super::RunContext;
use super::finish::End;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::Side;
use crate::model::position::Position;
use crate::model::replicate::{TableFilter, TableName};
use crate::model::run::RunEventKind;
use crate::replicate::connect::{self, Conn, Flavor, ServerInfo};
use crate::replicate::handover::{Counter, Handover, Missing, Stand};
use crate::replicate::preflight::privileges::{Beside, Grants};
use crate::replicate::{Error, Result, coordinates};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// For all questions to both ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server has beside tables, and its counters.
#[derive(Debug, Default)]
struct Inventory {
    /// Kind, schema, name.
    objects: BTreeSet<(String, String, String)>,
    /// What the server does not show our account, by schema.
    hidden: BTreeSet<(Beside, String)>,
    counters: BTreeMap<(String, String, String), Next>,
}

/// What a counter gives next.
#[derive(Debug, Clone, Copy)]
struct Next {
    value: i64,
    /// It counts down.
    down: bool,
}

impl Next {
    fn is_behind(self, source: Self) -> bool {
        if source.down { self.value > source.value } else { self.value < source.value }
    }
}

/// Records where both ends stand and what is not at the target.
pub(super) async fn record(ctx: &RunContext, end: &End) -> Result<()> {
    let source = &ctx.spec.src.endpoint;
    let mut handover = Handover {
        at: Timestamp::now(),
        source_read_only: end.read_only,
        source: stand(source, Some(&end.at)),
        target: Stand { server: ctx.spec.dest.sink.address(), gtid: String::new(), file: String::new(), offset: 0, unsaid: false },
        missing: Vec::new(),
        counters: Vec::new(),
        unknown: Vec::new(),
    };
    if let Some(target) = ctx.spec.dest.sink.endpoint() {
        // Where the job's own bookkeeping has left it.
        match in_time(coordinates::now(target)).await {
            Ok(at) => handover.target = stand(target, Some(&at)),
            Err(error) if error.code == coordinates::BINLOG_OFF => {}
            Err(error) => {
                handover.target.unsaid = true;
                let grants = if error.code == "missing_privilege" { format!(" ({GRANTS})") } else { String::new() };
                handover.unknown.push(format!("where the target's log stands: {}{grants}", error.message));
            }
        }
        match in_time(compare(source, target, &ctx.spec.src.filter)).await {
            Ok((missing, counters, hidden)) => {
                (handover.missing, handover.counters) = (missing, counters);
                handover.unknown.extend(hidden);
            }
            Err(error) => handover.unknown.push(format!("what was not brought: {}", error.message)),
        }
    }
    ctx.memory.save(handover.documents()).await?;
    ctx.report.event(Some(Side::Dest), RunEventKind::Note, handover.line());
    for what in &handover.unknown {
        ctx.report.event(Some(Side::Dest), RunEventKind::Note, format!("handover: not known: {what}"));
    }
    Ok(())
}

async fn in_time<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, work).await.map_err(|_| Error::transient("unreachable", "no answer within a minute"))?
}

fn stand(endpoint: &MysqlEndpoint, at: Option<&Position>) -> Stand {
    let gtid = at.and_then(|at| at.gtid.as_ref()).map(ToString::to_string).unwrap_or_default();
    let (file, offset) = at.map(|at| (at.file.clone(), at.offset)).unwrap_or_default();
    Stand { server: endpoint.address(), gtid, file, offset, unsaid: false }
}

/// Returns what is not at the target, the counters that are behind there, and what our accounts cannot see.
async fn compare(
    source: &MysqlEndpoint,
    target: &MysqlEndpoint,
    filter: &TableFilter,
) -> Result<(Vec<Missing>, Vec<Counter>, Vec<String>)> {
    let here = inventory(source, Some(filter)).await?;
    let there = inventory(target, None).await?;
    let at_target = |(kind, schema, name): &(String, String, String)| {
        let TableName { schema, table } = filter.target(&TableName::new(schema, name));
        (kind.clone(), schema, table)
    };
    let absent = here.objects.into_iter().filter(|object| !there.objects.contains(&at_target(object)));
    let (unseen, absent): (Vec<_>, Vec<_>) = absent.partition(|object| {
        let (kind, to_schema, _) = at_target(object);
        Beside::of(&kind).is_some_and(|kind| there.hidden.contains(&(kind, to_schema)))
    });
    let missing = absent.into_iter().map(|(kind, schema, name)| Missing { kind, schema, name }).collect();
    let hidden = here.hidden.iter().map(|(kind, schema)| {
        format!("the {} of schema {schema}: the source does not show them to {} ({GRANTS})", kind.plural(), source.user)
    });
    let unseen = unseen.iter().map(|(kind, schema, name)| {
        let kind = kind.to_lowercase();
        format!("whether the target has the {kind} {schema}.{name}: it does not show it to {} ({GRANTS})", target.user)
    });
    let hidden = hidden.chain(unseen).collect();
    let behind = here.counters.into_iter().filter_map(|(of, source)| {
        let target = there.counters.get(&at_target(&of)).copied();
        let (_, to_schema, to_name) = at_target(&of);
        let (kind, schema, name) = of;
        // A table that is not there is not the job's.
        let absent = kind != AUTO_INCREMENT;
        let shown = target.map_or(absent, |t| t.is_behind(source));
        let statement = raise(&kind, &TableName::new(&to_schema, &to_name), source.value);
        shown.then_some(Counter { kind, schema, name, source: source.value, target: target.map(|t| t.value), statement })
    });
    Ok((missing, behind.collect(), hidden))
}

const GRANTS: &str = "`syncline jobs validate --print-grants` prints what it lacks";
const AUTO_INCREMENT: &str = "AUTO_INCREMENT";
const SEQUENCE: &str = "SEQUENCE";

/// What makes the target go on where the source ended.
fn raise(kind: &str, name: &TableName, next: i64) -> String {
    match kind {
        AUTO_INCREMENT => format!("ALTER TABLE {} AUTO_INCREMENT = {next}", name.quoted()),
        _ => format!("ALTER SEQUENCE {} RESTART WITH {next}", name.quoted()),
    }
}

async fn inventory(endpoint: &MysqlEndpoint, filter: Option<&TableFilter>) -> Result<Inventory> {
    let mut conn = connect::open(endpoint, false).await?;
    let info = connect::inspect(&mut conn, endpoint).await?;
    let found = read(&mut conn, &info, filter).await.map_err(|e| Error::mysql(format!("list the objects at {}", endpoint.address()), e));
    let hidden = match &found {
        Ok(_) => hidden(&mut conn, &info, filter).await,
        Err(_) => Ok(BTreeSet::new()),
    };
    conn.disconnect().await;
    Ok(Inventory { hidden: hidden?, ..found? })
}

/// What is not shown to our account, if there is any.
async fn hidden(conn: &mut Conn, info: &ServerInfo, filter: Option<&TableFilter>) -> Result<BTreeSet<(Beside, String)>> {
    let failed = |e| Error::mysql("ask what the account may see", e);
    let literal: Option<(String, String)> = conn.query_first("SHOW GLOBAL VARIABLES LIKE 'partial_revokes'").await.map_err(failed)?;
    let grants = Grants::read(conn, info, literal.is_some_and(|(_, value)| value == "ON")).await?;
    let schemas: Vec<String> = conn.query("SELECT schema_name FROM information_schema.schemata").await.map_err(failed)?;
    let schemas = schemas.into_iter().filter(|schema| filter.is_none_or(|f| f.touches_schema(schema)));
    let kinds = schemas.flat_map(|schema| Beside::ALL.map(|kind| (kind, schema.clone())));
    Ok(kinds.filter(|(kind, schema)| !grants.shows(info.flavor, *kind, schema)).collect())
}

/// `filter`: only what is in the job's schemas.
async fn read(conn: &mut Conn, info: &ServerInfo, filter: Option<&TableFilter>) -> Result<Inventory, mysql_async::Error> {
    let table = |schema: &str, name: &str| filter.is_none_or(|f| f.includes(schema, name));
    let whole = |schema: &str| filter.is_none_or(|f| f.touches_schema(schema));
    let mut inventory = Inventory::default();
    let triggers: Vec<(String, String, String)> =
        conn.query("SELECT trigger_schema, trigger_name, event_object_table FROM information_schema.triggers").await?;
    let of_tables = triggers.into_iter().filter(|(schema, _, on)| table(schema, on));
    inventory.objects.extend(of_tables.map(|(schema, name, _)| ("TRIGGER".to_owned(), schema, name)));
    for sql in [
        "SELECT 'EVENT', event_schema, event_name FROM information_schema.events",
        "SELECT routine_type, routine_schema, routine_name FROM information_schema.routines",
    ] {
        let found: Vec<(String, String, String)> = conn.query(sql).await?;
        inventory.objects.extend(found.into_iter().filter(|(_, schema, _)| whole(schema)));
    }
    let kinds = "SELECT table_type, table_schema, table_name FROM information_schema.tables WHERE table_type IN ('VIEW', 'SEQUENCE')";
    let found: Vec<(String, String, String)> = conn.query(kinds).await?;
    let found: Vec<_> = found.into_iter().filter(|(_, schema, name)| table(schema, name)).collect();
    for (_, schema, name) in found.iter().filter(|(kind, ..)| kind == SEQUENCE) {
        let sql = format!("SELECT next_not_cached_value, increment FROM {}", TableName::new(schema, name).quoted());
        if let Some((value, step)) = conn.query_first::<(i64, i64), _>(sql).await? {
            inventory.counters.insert((SEQUENCE.to_owned(), schema.clone(), name.clone()), Next { value, down: step < 0 });
        }
    }
    inventory.objects.extend(found);
    if info.flavor == Flavor::Mysql && info.version.0 >= 8 {
        // It keeps the figures for a day.
        conn.query_drop("SET SESSION information_schema_stats_expiry=0").await?;
    }
    let sql = "SELECT table_schema, table_name, auto_increment FROM information_schema.tables WHERE auto_increment IS NOT NULL";
    let found: Vec<(String, String, u64)> = conn.query(sql).await?;
    let found = found.into_iter().filter(|(schema, name, _)| table(schema, name));
    inventory.counters.extend(found.map(|(schema, name, next)| {
        ((AUTO_INCREMENT.to_owned(), schema, name), Next { value: i64::try_from(next).unwrap_or(i64::MAX), down: false })
    }));
    Ok(inventory)
}
