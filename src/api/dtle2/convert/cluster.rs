//! Nodes → members and nodes.

use crate::model::node::{Node, NodeState};
use crate::wire::dtle2::cluster as wire;

pub(in crate::api::dtle2) fn members(node: &Node) -> wire::MemberList {
    let Node { id: _, name, http_address, region, datacenter, role: _, started_at: _, state, reason: _, build, leader: _, source: _ } =
        node;
    let (addr, port) = http_address.rsplit_once(':').unwrap_or((http_address, ""));
    let member = wire::Member {
        addr: addr.trim_start_matches('[').trim_end_matches(']').to_owned(),
        // The numbers of the sample: there is no gossip whose protocol they could be.
        delegate_cur: 4,
        delegate_max: 5,
        delegate_min: 2,
        name: format!("{name}.{region}"),
        port: port.parse().unwrap_or(0),
        protocol_cur: 2,
        protocol_max: 5,
        protocol_min: 1,
        status: if *state == NodeState::Down { "failed" } else { "alive" },
        tags: wire::Tags {
            port: port.to_owned(),
            bootstrap: "1",
            role: "server",
            region: region.clone(),
            dc: datacenter.clone(),
            build: build.clone(),
        },
    };
    wire::MemberList { members: vec![member], server_dc: datacenter.clone(), server_name: name.clone(), server_region: region.clone() }
}

pub(in crate::api::dtle2) fn node(node: &Node) -> wire::Node {
    let Node { id, name, http_address, region: _, datacenter, role: _, started_at: _, state, reason, build: _, leader: _, source: _ } =
        node;
    wire::Node {
        // A node of one daemon is there from the first change on and never changes.
        create_index: 1,
        datacenter: datacenter.clone(),
        http_addr: http_address.clone(),
        id: id.clone(),
        modify_index: 1,
        name: name.clone(),
        status: state.as_str(),
        status_description: reason.clone(),
    }
}
