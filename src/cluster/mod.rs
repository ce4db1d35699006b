//! The nodes of this installation: for now one, which is its own leader. Its id is the store's, so it survives
//! restarts and changes of name and address.

use crate::model::node::{Node, NodeSource, NodeState};
use jiff::Timestamp;

/// Describes this daemon. `name` empty = the machine's host name; `address` is where its API listens.
pub fn this_node(id: &str, name: &str, region: &str, datacenter: &str, address: &str, started: Timestamp) -> Node {
    Node {
        id: id.to_owned(),
        name: if name.is_empty() { host_name() } else { name.to_owned() },
        http_address: address.to_owned(),
        region: region.to_owned(),
        datacenter: datacenter.to_owned(),
        role: "server".to_owned(),
        started_at: started,
        state: NodeState::Ready,
        reason: String::new(),
        build: env!("CARGO_PKG_VERSION").to_owned(),
        leader: true,
        source: NodeSource::This,
    }
}

/// The machine's name, from where the kernel keeps it; std has no call for it.
pub fn host_name() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .find_map(|path| std::fs::read_to_string(path).ok())
        .map(|text| text.trim().to_owned())
        .filter(|name| !name.is_empty())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .unwrap_or_else(|| "localhost".to_owned())
}
