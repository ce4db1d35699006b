//! `syncline nodes`.

use super::error::Error;
use super::exit::Exit;
use super::human;
use super::output::{Cell, Column, Document, Listing, Tone, json};
use super::session::Session;
use crate::wire::native::nodes::Node;
use jiff::Timestamp;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All nodes; the leader is marked
    #[command(
        visible_alias = "ls",
        after_help = "Last sync (-o wide) is when a slave of market data was last seen to have all bars, also where nothing had to travel \
                      for it.\n\nExamples:\n  syncline nodes list -o wide"
    )]
    List,
    /// One node
    #[command(after_help = "Examples:\n  syncline nodes show $(syncline nodes list -q | head -1)")]
    Show {
        /// Id or name
        #[arg(value_name = "NODE")]
        id: String,
    },
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::List => {
            let list = session.client()?.nodes().await?;
            session.out.list(&listing(&list.nodes, json(&list)))?;
        }
        Command::Show { id } => {
            session.out.refuse_csv("a node")?;
            let node = session.client()?.node(&id).await.map_err(|e| Error::from(e).about("node", &id))?;
            session.out.document(&Document { reply: json(&node), name: format!("node/{}", node.id), text: text(&node) })?;
        }
    }
    Ok(Exit::Ok)
}

fn listing(nodes: &[Node], reply: serde_json::Value) -> Listing {
    let now = Timestamp::now();
    Listing {
        reply,
        items: nodes.iter().map(json).collect(),
        noun: "node",
        ids: nodes.iter().map(|n| n.id.clone()).collect(),
        columns: vec![
            Column::new("id"),
            Column::new("name"),
            Column::new("state"),
            Column::new("role"),
            Column::new("leader"),
            Column::new("address"),
            Column::figures("jobs"),
            Column::figures("lag"),
            Column::new("started"),
            Column::new("build"),
            Column::wide("region"),
            Column::wide("datacenter"),
            Column::wide("last sync"),
            Column::wide("last seen"),
        ],
        rows: nodes.iter().map(|n| row(n, now)).collect(),
        empty: "no nodes".into(),
    }
}

fn row(node: &Node, now: Timestamp) -> Vec<Cell> {
    let Node { id, name, address, region, datacenter, role, state, reason: _, build, leader, started, jobs, lag_seconds, .. } = node;
    let Node { last_sync, last_seen, .. } = node;
    let reason = why(node);
    let shown = if reason.is_empty() { state.clone() } else { format!("{state} ({reason})") };
    vec![
        Cell::new(id),
        Cell::new(name),
        Cell::pair(shown, state).tone(if matches!(state.as_str(), "ready" | "pulls" | "pushes") && reason.is_empty() {
            Tone::Good
        } else {
            Tone::Bad
        }),
        Cell::new(role),
        Cell::pair(if *leader { "yes" } else { "" }, leader),
        Cell::new(address),
        Cell::count(*jobs),
        if is_slave(role) { Cell::lag(*lag_seconds) } else { Cell::new("") },
        Cell::pair(human::ago(started, now), started),
        Cell::new(build),
        Cell::new(region),
        Cell::new(datacenter),
        last_sync.as_ref().map_or_else(|| Cell::new(""), |t| Cell::pair(human::ago(t, now), t)),
        last_seen.as_ref().map_or_else(|| Cell::new(""), |t| Cell::pair(human::ago(t, now), t)),
    ]
}

/// Whether bars are brought to it.
fn is_slave(role: &str) -> bool {
    matches!(role, "slave" | "relay")
}

/// Why a node is not as it should be; empty: it is.
fn why(node: &Node) -> String {
    let Node { reason, extra, extra_names, .. } = node;
    if reason.is_empty() { super::sync::besides(*extra, extra_names).unwrap_or_default() } else { reason.clone() }
}

fn text(node: &Node) -> String {
    let Node { id, name, address, region, datacenter, role, state, reason: _, build, leader, started, jobs, lag_seconds, .. } = node;
    let Node { last_sync, last_seen, .. } = node;
    let reason = why(node);
    let now = Timestamp::now();
    let pairs = [
        ("id", id.clone()),
        ("name", name.clone()),
        ("state", if reason.is_empty() { state.clone() } else { format!("{state}: {reason}") }),
        ("leader", if *leader { "yes" } else { "no" }.to_owned()),
        ("address", address.clone()),
        ("jobs", jobs.to_string()),
        ("started", human::when(started, now)),
        ("build", build.clone()),
        ("region", region.clone()),
        ("datacenter", datacenter.clone()),
        ("role", role.clone()),
        ("lag", lag_seconds.map_or_else(|| if is_slave(role) { "not known" } else { "" }.to_owned(), |s| format!("{s} s"))),
        ("last sync", human::when(last_sync.as_deref().unwrap_or_default(), now)),
        ("last seen", human::when(last_seen.as_deref().unwrap_or_default(), now)),
    ];
    super::output::pairs(&pairs)
}
