//! What a run asks, writes and tells when nothing goes wrong.

use super::{addresses, list, pool, run, settings};
use crate::support::scripted::{Fleet, Reply, Scripted};
use serde_json::json;
use std::time::Duration;
use syncline::hosts::{Credentials, Limits, Settings};
use syncline::model::hosts::{EsStyle, HostSelection};
use syncline::secret::Secret;

#[tokio::test(flavor = "multi_thread")]
async fn all_hosts_of_a_batch_are_asked_for_at_once_and_written() {
    let ips = addresses(20);
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let (inventory, _dir) = pool(&ips).await;
    let ended = run(&settings(&server.endpoint()), HostSelection::Pool, &inventory).await;
    assert_eq!(ended.counts(), (20, 20, 0, 0));
    assert_eq!(ended.outcome.as_ref().unwrap().counts.requests, 1);
    let asked = server.asked();
    assert_eq!((asked.len(), asked[0].path.as_str()), (1, "/c1:zabbix-*/_search"));
    let result = ended.of("10.0.0.7");
    assert_eq!((result.metrics.points, result.metrics.cpu.max, result.name.as_str()), (8640, Some(7.0), "pool-10.0.0.7"));
    let (_, written) = inventory.find("10.0.0.7".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!((written.cpu_load, written.used_memory, written.total_disk), (Some(7.0), Some(100.0), Some(100.0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_outside_the_pool_are_not_asked_for_and_duplicates_are_one() {
    let ips = addresses(4);
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let (inventory, _dir) = pool(&ips[..2]).await;
    let wanted = ["10.0.0.0", "10.0.0.3", "::ffff:10.0.0.0", "10.0.0.3", "10.0.0.1"].map(str::to_owned);
    let ended = run(&settings(&server.endpoint()), list(&wanted), &inventory).await;
    assert_eq!(ended.counts(), (3, 2, 0, 1));
    assert_eq!((ended.word("10.0.0.3"), ended.of("10.0.0.3").metrics.points), ("not_in_pool", 0));
    assert!(server.asked().iter().all(|a| !a.about("10.0.0.3")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_without_documents_has_no_data_and_counts_as_failed() {
    let ips = addresses(3);
    let server = Scripted::start(Fleet::of(ips[..2].to_vec()), |_, _| Reply::Truth).await;
    let (inventory, _dir) = pool(&ips).await;
    let ended = run(&settings(&server.endpoint()), HostSelection::Pool, &inventory).await;
    assert_eq!(ended.counts(), (3, 2, 1, 0));
    assert_eq!((ended.word("10.0.0.2"), ended.outcome.as_ref().unwrap().counts.no_data), ("no_data", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_gets_the_index_in_the_body_and_the_token() {
    let ips = addresses(1);
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let (inventory, _dir) = pool(&ips).await;
    let at = |credentials| Settings { style: EsStyle::Proxy, credentials, ..settings(&format!("{}/platform/query/es", server.endpoint())) };
    let secrets = [
        (Credentials::Bearer(Secret::new("t0ken")), "Bearer t0ken"),
        (Credentials::ApiKey(Secret::new("key==")), "ApiKey key=="),
        (Credentials::Basic { user: "u".into(), password: Secret::new("p") }, "Basic dTpw"),
    ];
    for (n, (credentials, header)) in secrets.into_iter().enumerate() {
        assert_eq!(run(&at(credentials), HostSelection::Pool, &inventory).await.counts(), (1, 1, 0, 0));
        let asked = &server.asked()[n];
        assert_eq!((asked.path.as_str(), asked.headers["authorization"].as_str()), ("/platform/query/es", header));
        assert_eq!((&asked.body["index"], &asked.body["size"]), (&json!("c1:zabbix-*"), &json!(0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_than_ten_requests_are_under_way() {
    let ips = addresses(60);
    let server = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let (inventory, _dir) = pool(&ips).await;
    let one_by_one = Settings { limits: Limits { batch: 1, ..Limits::default() }, ..settings(&server.endpoint()) };
    let ended = run(&one_by_one, HostSelection::Pool, &inventory).await;
    assert_eq!(ended.counts(), (60, 60, 0, 0));
    assert!(server.most_at_once() <= 10, "{}", server.most_at_once());
    assert_eq!(server.asked().len(), 60);
    assert_eq!(server.asked()[0].body["track_total_hits"], json!(true));
    assert_eq!(ended.of("10.0.0.59").metrics.points, 8640);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_ends_and_says_so_of_every_host() {
    let ips = addresses(30);
    let server = Scripted::start(Fleet::of(ips.clone()), |n, _| if n == 0 { Reply::Truth } else { Reply::Silence }).await;
    let (inventory, _dir) = pool(&ips).await;
    let slow = Settings {
        limits: Limits { batch: 10, in_flight: 1, request: Duration::from_secs(600), ..Limits::default() },
        ..settings(&server.endpoint())
    };
    let cancel = tokio_util::sync::CancellationToken::new();
    let stop = async {
        crate::support::until::until(Duration::from_secs(20), "the second request", async || server.asked().len() > 1).await;
        cancel.cancel();
    };
    let (ended, ()) = tokio::join!(super::run_until(&slow, HostSelection::Pool, &inventory, cancel.clone()), stop);
    assert!(ended.outcome.as_ref().unwrap().cancelled);
    assert_eq!(ended.counts(), (30, 10, 20, 0));
    assert_eq!(ended.word("10.0.0.29"), "cancelled");
}
