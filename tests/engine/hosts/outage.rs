//! The CMDB's own database goes away in the middle of a run, and comes back.

use super::{addresses, run, settings};
use crate::support::scripted::{Fleet, Reply, Scripted};
use crate::support::servers::{self, PASSWORD, USER};
use crate::support::sql::{connect, exec, rows};
use std::net::IpAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use syncline::hosts::inventory::MysqlInventory;
use syncline::hosts::{Inventory, Limits, Settings};
use syncline::model::endpoint::TlsMode;
use syncline::model::hosts::{HostFacts, HostSelection};
use syncline::replicate::connect::Flavor;
use syncline::secret::Secret;

/// Sends the server a signal; it is one that this test started.
fn signal(dir: &Path, name: &str) {
    let pid = std::fs::read_to_string(dir.join("pid")).unwrap();
    assert!(Command::new("kill").args([&format!("-{name}"), pid.trim()]).status().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_dies_or_hangs_in_the_middle_fails_the_hosts_that_are_left_and_no_others() {
    for (flavor, end) in [(Flavor::Mariadb, "KILL"), (Flavor::Mysql, "KILL"), (Flavor::Mariadb, "STOP")] {
        let Some(server) = servers::own(flavor, &format!("cmdb-{end}")) else { continue };
        let mut conn = connect(&server).await;
        exec(&mut conn, "CREATE DATABASE cmdb CHARACTER SET utf8mb4").await;
        let url = format!("mysql://{USER}@127.0.0.1:{}/cmdb", server.port);
        let inventory: Arc<dyn Inventory> =
            Arc::new(MysqlInventory::from_url(&url, Secret::new(PASSWORD), TlsMode::Preferred, None).unwrap());
        inventory.check().await.unwrap();
        let ips = addresses(40);
        let hosts: Vec<(IpAddr, HostFacts)> = ips.iter().map(|ip| (ip.parse().unwrap(), HostFacts::default())).collect();
        inventory.import(&hosts).await.unwrap();
        let dir = server.dir.clone();
        // Elasticsearch has answered for twenty hosts; the third answer finds no database any more.
        let script = move |n: usize, _: &_| {
            if n == 2 {
                signal(&dir, end);
            }
            Reply::Truth
        };
        let es = Scripted::start(Fleet::of(ips.clone()), script).await;
        let limits = Limits { batch: 10, in_flight: 1, ..Limits::default() };
        let begun = Instant::now();
        let ended = run(&Settings { limits, ..settings(&es.endpoint()) }, HostSelection::Pool, &inventory).await;
        let (total, synced, failed, _) = ended.counts();
        assert_eq!((total, synced + failed), (40, 40), "{flavor:?} {end}");
        assert!(synced <= 20 && failed >= 20, "{flavor:?} {end}: {synced} synced");
        let last = ended.word(&ips[39]);
        assert!(last.starts_with("inventory_"), "{flavor:?} {end}: {last}");
        assert!(begun.elapsed() < Duration::from_secs(150), "{flavor:?} {end}: {:?}", begun.elapsed());
        if end == "STOP" {
            // It was only asleep: what was told as written is there, and the next run is whole.
            signal(&server.dir, "CONT");
            let written = rows(&mut conn, "SELECT count(*) FROM cmdb.server_resources WHERE cpu_load IS NOT NULL").await;
            let written: u64 = written[0][0].as_ref().unwrap().parse().unwrap();
            assert!(written >= synced, "{written} written, {synced} told");
            assert_eq!(run(&settings(&es.endpoint()), HostSelection::Pool, &inventory).await.counts(), (40, 40, 0, 0));
        }
    }
}
