//! What foreign keys do to rows at a source whose log does not say it (MariaDB; MySQL before 9.6): done again here.
//!
//! Sessions of ours have foreign_key_checks off, so the target does nothing by itself. Before a change of a parent's row is
//! applied, the action of each foreign key that refers to it is made on the children, and what that does to their children
//! in turn, in the same target transaction. The target's definitions say what refers to what: DDL keeps them the source's.
//!
//! Why it is right: tables that actions connect are copied in one snapshot (`copy/group.rs`), so their rows here are those of
//! the source at the transaction's place, and following the keys finds the rows that the source's server found. A child
//! whose copy is from behind the transaction has its effect already, and so has everything below it: it is left alone.
//! Changes that may set off an action touch every table below as a whole (`worker.rs`), so lanes keep the order.
//! What was collected of a group is written before an action (`apply.rs`): it is of before, and the action finds its rows.
//! An action comes before the rows that it leads to are looked for, so rows that refer to each other in a ring end it.

use super::apply::{Applier, Problem};
use super::literal;
use super::session::Session;
use super::statement::Composer;
use super::targets::Target;
use crate::model::replicate::{TableFilter, TableName, quote};
use crate::replicate::connect::ServerInfo;
use crate::replicate::event::RowsKind;
use crate::replicate::schema::definition::{Action, ForeignKey, foreign_keys};
use crate::replicate::stream::{ShortText, Value};
use crate::replicate::table::{Column, Table, TypeClass};
use crate::replicate::{Error, Result};
use mysql_async::{Row, Value as Sql};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;

/// The servers stop at 15 levels; what goes deeper is no tree of theirs.
const DEEPEST: usize = 64;

/// A foreign key with an action, from its parent's side. Columns are places in the tables' definitions.
#[derive(Debug)]
pub(super) struct Edge {
    pub(super) child: Arc<Table>,
    columns: Vec<usize>,
    parent_columns: Vec<usize>,
    deletes: Action,
    updates: Action,
}

/// All of them, by parent.
#[derive(Debug, Default)]
pub(super) struct Graph(HashMap<TableName, Vec<Arc<Edge>>>);

/// What changes of one table lead to.
#[derive(Debug, Clone)]
pub(super) struct Below {
    graph: Arc<Graph>,
    /// Each with the places of the parent's columns in a logged row.
    edges: Vec<(Arc<Edge>, Vec<usize>)>,
    /// Every table that an action may reach.
    pub(super) tables: Vec<TableName>,
}

/// A row that an action has changed, as far as others refer to it: values by the table's columns.
struct Changed {
    table: Arc<Table>,
    depth: usize,
    before: HashMap<usize, Value<'static>>,
    /// None: it was deleted.
    after: Option<HashMap<usize, Value<'static>>>,
}

impl Graph {
    /// Reads the actions among the job's tables at the target.
    pub(super) async fn read(session: &mut Session, info: &ServerInfo, filter: &TableFilter) -> Result<Self> {
        let sql = "SELECT DISTINCT constraint_schema, table_name FROM information_schema.referential_constraints \
             WHERE delete_rule IN ('CASCADE', 'SET NULL') OR update_rule IN ('CASCADE', 'SET NULL')";
        let children: Vec<(Vec<u8>, Vec<u8>)> =
            session.query(sql.as_bytes()).await.map_err(|e| Error::mysql("list the foreign keys at the target", e))?;
        let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
        let children = children.into_iter().map(|(schema, table)| TableName::new(text(schema), text(table)));
        let children: Vec<_> = children.filter(|name| is_ours(filter, name)).collect();
        if children.is_empty() {
            return Ok(Self::default());
        }
        let children = session.tables(info, &children).await?;
        let keys: Vec<(Arc<Table>, ForeignKey)> = children
            .into_iter()
            .map(Arc::new)
            .flat_map(|child| foreign_keys(&child.create, &child.name).into_iter().map(move |key| (Arc::clone(&child), key)))
            .filter(|(_, key)| key.cascades())
            .collect();
        let parents: HashSet<_> = keys.iter().map(|(_, key)| key.parent.clone()).collect();
        let parents = session.tables(info, &parents.into_iter().collect::<Vec<_>>()).await?;
        let parents: HashMap<_, _> = parents.into_iter().map(|t| (folded(&t.name), t)).collect();
        let mut edges: HashMap<TableName, Vec<Arc<Edge>>> = HashMap::new();
        for (child, key) in keys {
            // The parent may be missing, where checks are off.
            let Some(parent) = parents.get(&folded(&key.parent)) else { continue };
            let places = |table: &Table, names: &[String]| {
                let place = |name: &String| table.columns.iter().position(|c| c.name.eq_ignore_ascii_case(name));
                names.iter().map(place).collect::<Option<Vec<_>>>()
            };
            let (Some(columns), Some(parent_columns)) = (places(&child, &key.columns), places(parent, &key.parent_columns)) else {
                return Err(Error::permanent(
                    "foreign_key_unreadable",
                    format!("foreign key {} of {} names unknown columns", key.name, child.name),
                ));
            };
            let edge = Edge { child, columns, parent_columns, deletes: key.deletes(), updates: key.updates() };
            edges.entry(folded(&parent.name)).or_default().push(Arc::new(edge));
        }
        Ok(Self(edges))
    }

    fn of(&self, parent: &TableName) -> &[Arc<Edge>] {
        self.0.get(&folded(parent)).map_or(&[], Vec::as_slice)
    }

    /// What changes of this table lead to; None: to nothing. `place`: where a logged row has the value of a column.
    pub(super) fn below(graph: &Arc<Self>, parent: &Table, place: impl Fn(usize) -> Option<usize>) -> Result<Option<Below>> {
        let own = graph.of(&parent.name);
        if own.is_empty() {
            return Ok(None);
        }
        let places = |edge: &Arc<Edge>| {
            let places = edge.parent_columns.iter().map(|&c| place(c)).collect::<Option<Vec<_>>>();
            let unknown = || {
                Error::permanent(
                    "foreign_key_unreadable",
                    format!("a foreign key of {} refers to columns of {} that the log does not have", edge.child.name, parent.name),
                )
            };
            Ok((Arc::clone(edge), places.ok_or_else(unknown)?))
        };
        let edges = own.iter().map(places).collect::<Result<Vec<_>>>()?;
        let mut tables: Vec<TableName> = Vec::new();
        let mut next: Vec<&TableName> = vec![&parent.name];
        while let Some(name) = next.pop() {
            for edge in graph.of(name) {
                if !tables.contains(&edge.child.name) {
                    tables.push(edge.child.name.clone());
                    next.push(&edge.child.name);
                }
            }
        }
        Ok(Some(Below { graph: Arc::clone(graph), edges, tables }))
    }
}

/// Names as servers compare them at most; two tables that differ by case alone share their keys' actions at worst.
fn folded(name: &TableName) -> TableName {
    TableName::new(name.schema.to_lowercase(), name.table.to_lowercase())
}

/// Says whether a table of the target is one that the job writes.
fn is_ours(filter: &TableFilter, there: &TableName) -> bool {
    let named = |schema: &str| {
        let here = TableName::new(schema, there.table.clone());
        filter.includes(&here.schema, &here.table) && filter.target(&here) == *there
    };
    // Preflight lets no table that is called otherwise at the target take part in an action.
    named(&there.schema)
        || filter.include.iter().any(|rule| rule.to.schema.as_deref() == Some(there.schema.as_str()) && named(&rule.schema))
}

impl Below {
    /// Says whether this change of a parent's row sets off an action.
    pub(super) fn is_set_off(&self, kind: RowsKind, before: &[Value<'_>], after: &[Value<'_>]) -> bool {
        self.edges.iter().any(|(edge, places)| action(edge, places, kind, before, after) != Action::Nothing)
    }
}

fn action(edge: &Edge, places: &[usize], kind: RowsKind, before: &[Value<'_>], after: &[Value<'_>]) -> Action {
    match kind {
        RowsKind::Insert => Action::Nothing,
        RowsKind::Delete => edge.deletes,
        RowsKind::Update if places.iter().any(|&p| before.get(p) != after.get(p)) => edge.updates,
        RowsKind::Update => Action::Nothing,
    }
}

impl Applier {
    /// Makes the actions that a change of this row leads to. `behind`: tables whose copy has its effect.
    pub(super) async fn follow(
        &mut self,
        composer: &mut Composer,
        target: &Target,
        behind: &[TableName],
        kind: RowsKind,
        (before, after): (&[Value<'_>], &[Value<'_>]),
    ) -> Result<(), Problem> {
        let Some(below) = &target.below else { return Ok(()) };
        let mut queue = VecDeque::new();
        for (edge, places) in &below.edges {
            let action = action(edge, places, kind, before, after);
            let null = Value::Null;
            let old: Vec<&Value<'_>> = places.iter().map(|&p| before.get(p).unwrap_or(&null)).collect();
            let new: Vec<&Value<'_>> = places.iter().map(|&p| after.get(p).unwrap_or(&null)).collect();
            let new = (kind == RowsKind::Update).then_some(new.as_slice());
            self.act(composer, &below.graph, edge, action, behind, (&old, new), 1, &mut queue).await?;
        }
        while let Some(Changed { table, depth, before, after }) = queue.pop_front() {
            if depth > DEEPEST {
                return Err(
                    Error::permanent("cascade_too_deep", format!("the actions of foreign keys do not end at {}", table.name)).into()
                );
            }
            for edge in below.graph.of(&table.name) {
                let of = |row: &HashMap<usize, Value<'static>>| {
                    edge.parent_columns.iter().map(|c| row.get(c).cloned().unwrap_or(Value::Null)).collect::<Vec<_>>()
                };
                let old = of(&before);
                let new = after.as_ref().map(of);
                let action = match &new {
                    None => edge.deletes,
                    Some(new) if old != *new => edge.updates,
                    Some(_) => Action::Nothing,
                };
                let (old, new): (Vec<_>, Option<Vec<_>>) = (old.iter().collect(), new.as_ref().map(|new| new.iter().collect()));
                self.act(composer, &below.graph, edge, action, behind, (&old, new.as_deref()), depth + 1, &mut queue).await?;
            }
        }
        Ok(())
    }

    #[expect(clippy::too_many_arguments, reason = "one step of `follow`")]
    async fn act(
        &mut self,
        composer: &mut Composer,
        graph: &Graph,
        edge: &Edge,
        action: Action,
        behind: &[TableName],
        (old, new): (&[&Value<'_>], Option<&[&Value<'_>]>),
        depth: usize,
        queue: &mut VecDeque<Changed>,
    ) -> Result<(), Problem> {
        // Nothing refers to a key with a NULL in it.
        if action == Action::Nothing || old.contains(&&Value::Null) || behind.contains(&edge.child.name) {
            return Ok(());
        }
        let child = &edge.child;
        let sets: Option<Vec<(usize, &Value<'_>)>> = match (action, new) {
            (Action::Cascade, None) => None,
            (Action::Cascade, Some(new)) => Some(edge.columns.iter().copied().zip(new.iter().copied()).collect()),
            _ => Some(edge.columns.iter().map(|&c| (c, &Value::Null)).collect()),
        };
        let condition = condition(edge, old);
        let wanted = wanted(graph, child, sets.as_ref().map(|_| edge.columns.as_slice()));
        if !wanted.is_empty() {
            self.send(composer.take()).await?;
            for before in self.referred(child, &wanted, &condition).await? {
                let after = sets.as_ref().map(|sets| {
                    let mut after = before.clone();
                    for (column, value) in sets.iter().filter(|(c, _)| before.contains_key(c)) {
                        after.insert(*column, owned(value));
                    }
                    after
                });
                queue.push_back(Changed { table: Arc::clone(child), depth, before, after });
            }
        }
        let name = child.name.quoted();
        let mut sql = match &sets {
            None => format!("DELETE FROM {name}").into_bytes(),
            Some(sets) => {
                let mut sql = format!("UPDATE {name} SET ").into_bytes();
                for (i, (column, value)) in sets.iter().enumerate() {
                    sql.extend_from_slice(if i > 0 { b"," } else { b"" });
                    sql.extend_from_slice(format!("{}=", quote(&child.columns[*column].name)).as_bytes());
                    literal::assign(&mut sql, &child.columns[*column], value, None);
                }
                // The source's engine did it, which knows no ON UPDATE CURRENT_TIMESTAMP.
                let times = child
                    .stored_columns()
                    .filter(|(c, column)| matches!(column.class, TypeClass::Timestamp | TypeClass::Datetime) && !edge.columns.contains(c));
                for (_, column) in times {
                    let name = quote(&column.name);
                    sql.extend_from_slice(format!(",{name}={name}").as_bytes());
                }
                sql
            }
        };
        sql.extend_from_slice(&condition);
        composer.action(&sql);
        Ok(())
    }

    /// Reads what others refer to of the rows that an action is about to change.
    async fn referred(
        &mut self,
        child: &Table,
        wanted: &[usize],
        condition: &[u8],
    ) -> Result<Vec<HashMap<usize, Value<'static>>>, Problem> {
        let columns: Vec<_> = wanted.iter().map(|&c| expression(&child.columns[c])).collect();
        let mut sql = format!("SELECT DISTINCT {} FROM {}", columns.join(", "), child.name.quoted()).into_bytes();
        sql.extend_from_slice(condition);
        let doing = || format!("look for the rows of {} that a foreign key's action is about", child.name);
        let rows: Vec<Row> =
            self.session.query(&sql).await.map_err(|e| Problem::Failed(super::session::Failed { at: 0, error: e }, None))?;
        let unreadable = || Error::permanent("foreign_key_unreadable", format!("{}: a value is not of its type", doing()));
        let row = |row: Row| {
            let values = row.unwrap().into_iter().zip(wanted);
            values
                .map(|(value, &c)| Some((c, value_of(&child.columns[c], value)?)))
                .collect::<Option<HashMap<_, _>>>()
                .ok_or_else(unreadable)
        };
        Ok(rows.into_iter().map(row).collect::<Result<Vec<_>>>()?)
    }
}

/// ` WHERE a=1 AND b=2`.
fn condition(edge: &Edge, old: &[&Value<'_>]) -> Vec<u8> {
    let mut sql = b" WHERE ".to_vec();
    for (i, (&column, value)) in edge.columns.iter().zip(old).enumerate() {
        sql.extend_from_slice(if i > 0 { b" AND " } else { b"" });
        literal::key(&mut sql, &edge.child.columns[column], value);
    }
    sql
}

/// The columns of a child that decide what its own change leads to. `set`: those that change; None: the row goes.
fn wanted(graph: &Graph, child: &Table, set: Option<&[usize]>) -> Vec<usize> {
    let leads = |edge: &&Arc<Edge>| match set {
        None => edge.deletes != Action::Nothing,
        Some(set) => edge.updates != Action::Nothing && edge.parent_columns.iter().any(|c| set.contains(c)),
    };
    let mut columns: Vec<usize> = graph.of(&child.name).iter().filter(leads).flat_map(|e| e.parent_columns.iter().copied()).collect();
    columns.sort_unstable();
    columns.dedup();
    columns
}

/// How a column is selected so that `value_of` reads it.
fn expression(column: &Column) -> String {
    let name = quote(&column.name);
    match column.class {
        TypeClass::Float | TypeClass::Double => format!("{name}+0e0"),
        TypeClass::Enum | TypeClass::Set | TypeClass::Bit | TypeClass::Year => format!("{name}+0"),
        TypeClass::Uuid | TypeClass::Inet6 => format!("CAST({name} AS BINARY(16))"),
        TypeClass::Inet4 => format!("CAST({name} AS BINARY(4))"),
        _ => name,
    }
}

/// A value that was read as text, as if it had been logged.
fn value_of(column: &Column, value: Sql) -> Option<Value<'static>> {
    let bytes = match value {
        Sql::NULL => return Some(Value::Null),
        Sql::Bytes(bytes) => bytes,
        _ => return None,
    };
    let text = std::str::from_utf8(&bytes);
    Some(match column.class {
        TypeClass::Int if column.unsigned => Value::UInt(text.ok()?.parse().ok()?),
        TypeClass::Int => Value::Int(text.ok()?.parse().ok()?),
        TypeClass::Bit => Value::UInt(text.ok()?.parse().ok()?),
        TypeClass::Decimal => Value::Decimal(text.ok()?.to_owned()),
        TypeClass::Float | TypeClass::Double => Value::Double(text.ok()?.parse().ok()?),
        TypeClass::Year => Value::Year(text.ok()?.parse().ok()?),
        TypeClass::Enum => Value::Enum(text.ok()?.parse().ok()?),
        TypeClass::Set => Value::Set(text.ok()?.parse().ok()?),
        TypeClass::Date => Value::Date(ShortText::from(text.ok()?)),
        TypeClass::Time => Value::Time(ShortText::from(text.ok()?)),
        TypeClass::Datetime => Value::Datetime(ShortText::from(text.ok()?)),
        TypeClass::Timestamp => Value::Timestamp(ShortText::from(text.ok()?)),
        _ => Value::Bytes(bytes.into()),
    })
}

fn owned(value: &Value<'_>) -> Value<'static> {
    match value {
        Value::Null => Value::Null,
        Value::Int(n) => Value::Int(*n),
        Value::UInt(n) => Value::UInt(*n),
        Value::Float(n) => Value::Float(*n),
        Value::Double(n) => Value::Double(*n),
        Value::Decimal(text) => Value::Decimal(text.clone()),
        Value::Bytes(bytes) => Value::Bytes(bytes.clone().into_owned().into()),
        Value::Bits(bytes) => Value::UInt(bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b))),
        Value::Date(text) => Value::Date(*text),
        Value::Time(text) => Value::Time(*text),
        Value::Datetime(text) => Value::Datetime(*text),
        Value::Timestamp(text) => Value::Timestamp(*text),
        Value::Year(n) => Value::Year(*n),
        Value::Enum(n) => Value::Enum(*n),
        Value::Set(n) => Value::Set(*n),
        Value::Json(text) => Value::Json(text.clone()),
    }
}
