//! Full sync: the group's hosts come from Elasticsearch, all of them.

use super::{addresses, pool, run, settings};
use crate::support::scripted::{Fleet, Reply, Scripted};
use syncline::hosts::inventory::HostFilter;
use syncline::model::hosts::HostSelection;

const ALL: HostSelection = HostSelection::FullSync { group: None };

#[tokio::test(flavor = "multi_thread")]
async fn fleets_beyond_ten_thousand_are_paged_and_new_hosts_join_the_pool() {
    let ips = addresses(12_345);
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let (inventory, _dir) = pool(&ips[..100]).await;
    let ended = run(&settings(&server.endpoint()), ALL, &inventory).await;
    assert_eq!(ended.counts(), (12_345, 12_345, 0, 0));
    let counts = ended.outcome.as_ref().unwrap().counts;
    assert_eq!((counts.inserted, counts.updated), (12_245, 100));
    // Three full pages and the end of the list, then batches of 500.
    assert_eq!(counts.requests, 4 + 25);
    let (host, figures) = inventory.find("10.0.48.56".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((host.facts.name.as_str(), host.facts.group.as_str(), figures.total_disk), ("host-12344", "DB组", Some(100.0)));
    assert_eq!(inventory.pool().await.unwrap().hosts.len(), 12_345);
    // Again: nothing is new, nothing is there twice.
    let counts = run(&settings(&server.endpoint()), ALL, &inventory).await.outcome.unwrap().counts;
    assert_eq!((counts.inserted, counts.updated), (0, 12_345));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_group_is_synced_and_a_deleted_host_comes_back() {
    let ips = addresses(6);
    let mut fleet = Fleet::of(ips.clone());
    fleet.hosts.get_mut("10.0.0.5").unwrap().group = "web".into();
    let script = |_: usize, _: &crate::support::scripted::Asked| Reply::Truth;
    let server = Scripted::start(fleet, script).await;
    let (inventory, _dir) = pool(&ips[..2]).await;
    let (gone, _) = inventory.find("10.0.0.1".parse().unwrap()).await.unwrap().unwrap();
    inventory.remove(gone.id).await.unwrap();
    let ended = run(&settings(&server.endpoint()), ALL, &inventory).await;
    assert_eq!((ended.counts(), ended.word("10.0.0.1"), ended.word("10.0.0.0")), ((5, 5, 0, 0), "inserted", "updated"));
    let (back, _) = inventory.find("10.0.0.1".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(back.id, gone.id);
    let web = run(&settings(&server.endpoint()), HostSelection::FullSync { group: Some("web".into()) }, &inventory).await;
    assert_eq!((web.counts(), web.word("10.0.0.5")), ((1, 1, 0, 0), "inserted"));
    let listed = inventory.list(&HostFilter { group: Some("web".into()), ..HostFilter::default() }).await.unwrap();
    assert_eq!(listed.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_without_hosts_is_a_success_and_a_list_that_fails_is_an_error() {
    let (inventory, _dir) = pool(&[]).await;
    let server = Scripted::start(Fleet::of(addresses(2)), |_, _| Reply::Truth).await;
    let nobody = HostSelection::FullSync { group: Some("nobody".into()) };
    assert_eq!(run(&settings(&server.endpoint()), nobody, &inventory).await.counts(), (0, 0, 0, 0));
    let broken = Scripted::start(Fleet::of(addresses(2)), |_, _| Reply::Status(500, "", "{}".into())).await;
    let ended = run(&settings(&broken.endpoint()), ALL, &inventory).await;
    assert_eq!((ended.outcome.unwrap_err().code, ended.results.len()), ("es_failed", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_address_is_told_and_ipv6_is_one_host() {
    let names = ["10.0.0.1", "2001:DB8::1", "who-am-i"].map(str::to_owned);
    let server = Scripted::start(Fleet::of(names), |_, _| Reply::Truth).await;
    let (inventory, _dir) = pool(&[]).await;
    let ended = run(&settings(&server.endpoint()), ALL, &inventory).await;
    assert_eq!(ended.counts(), (3, 2, 1, 0));
    assert_eq!((ended.word("who-am-i"), ended.word("2001:db8::1")), ("bad_address", "inserted"));
}
