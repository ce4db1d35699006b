//! One suite of promises that both inventories keep: the embedded file, and a database of MariaDB and of MySQL 9.

use crate::support::servers::{self, PASSWORD, Server, USER};
use crate::support::sql::{connect, exec, rows};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use syncline::hosts::Inventory;
use syncline::hosts::inventory::{HostFilter, Imported, MysqlInventory, Recorded, Sample, SqliteInventory};
use syncline::model::endpoint::TlsMode;
use syncline::model::hosts::{HostChange, HostFacts, HostMetrics, Measure};
use syncline::secret::Secret;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn facts(name: &str, group: &str) -> HostFacts {
    HostFacts { name: name.into(), group: group.into(), ..HostFacts::default() }
}

fn sample(pool_id: u64, address: &str, cpu: Option<f64>, disk: Option<f64>) -> Sample {
    let of = |max: Option<f64>| Measure { max, avg: max };
    Sample { pool_id, ip: ip(address), metrics: HostMetrics { cpu: of(cpu), memory: of(Some(1.5)), disk: of(disk), points: 3 } }
}

/// The rows as texts, NULL as `NULL`.
async fn texts(conn: &mut mysql_async::Conn, query: &str) -> Vec<Vec<String>> {
    let text = |value: Option<String>| value.unwrap_or_else(|| "NULL".to_owned());
    rows(conn, query).await.into_iter().map(|row| row.into_iter().map(text).collect()).collect()
}

/// A database of its own on the server.
async fn database(server: &Server) -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = format!("cmdb_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let mut conn = connect(server).await;
    exec(&mut conn, &format!("DROP DATABASE IF EXISTS {name}")).await;
    exec(&mut conn, &format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await;
    name
}

fn open(server: &Server, database: &str) -> MysqlInventory {
    let url = format!("mysql://{USER}@127.0.0.1:{}/{database}", server.port);
    MysqlInventory::from_url(&url, Secret::new(PASSWORD), TlsMode::Preferred, None).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_embedded_inventory_keeps_the_promises() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("hosts.sqlite");
    promises(Arc::new(SqliteInventory::open(&file).unwrap())).await;
    let again = SqliteInventory::open(&file).unwrap();
    assert!(!again.pool().await.unwrap().hosts.is_empty(), "what was written is there at the next start");
}

#[tokio::test(flavor = "multi_thread")]
async fn mariadb_and_mysql_keep_the_same_promises() {
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let name = database(server).await;
        promises(Arc::new(open(server, &name))).await;
    }
}

async fn promises(inventory: Arc<dyn Inventory>) {
    inventory.check().await.unwrap();
    assert!(inventory.pool().await.unwrap().hosts.is_empty());

    // An address names one living host, however it is written.
    let a = inventory.add(ip("10.0.0.1"), &facts("数据库-1", "DB组")).await.unwrap();
    let b = inventory.add(ip("2001:DB8::1"), &HostFacts { cpus: Some(8), remark: "x".into(), ..facts("b", "web") }).await.unwrap();
    for again in ["10.0.0.1", "::ffff:10.0.0.1", "2001:db8:0::1"] {
        assert_eq!(inventory.add(ip(again), &facts("c", "")).await.unwrap_err().code, "host_exists", "{again}");
    }
    let (found, figures) = inventory.find(ip("::ffff:10.0.0.1")).await.unwrap().unwrap();
    assert_eq!((found.id, found.facts.name.as_str(), figures.cpu_load), (a.id, "数据库-1", None));
    assert_eq!(inventory.get(b.id).await.unwrap().0.facts, HostFacts { cpus: Some(8), remark: "x".into(), ..facts("b", "web") });
    assert!(found.created.is_some() && inventory.find(ip("10.0.0.9")).await.unwrap().is_none());
    assert_eq!(inventory.get(987_654).await.unwrap_err().code, "host_not_found");

    // A change keeps what it does not name.
    let change = HostChange { name: Some("b2".into()), cpus: Some(None), ..HostChange::default() };
    let changed = inventory.update(b.id, &change).await.unwrap();
    assert_eq!(changed.facts, HostFacts { remark: "x".into(), ..facts("b2", "web") });
    let taken = HostChange { ip: Some(ip("10.0.0.1")), ..HostChange::default() };
    assert_eq!(inventory.update(b.id, &taken).await.unwrap_err().code, "host_exists");

    // Figures are written by pool id, once; a metric without a value keeps what is there.
    let written =
        inventory.record(&[sample(a.id, "10.0.0.1", Some(85.25), None), sample(b.id, "2001:db8::1", Some(1.0), Some(2.0))]).await.unwrap();
    assert!(written.iter().all(|r| matches!(r, Recorded::Written)), "{written:?}");
    inventory.record(&[sample(a.id, "10.0.0.1", None, Some(900.0))]).await.unwrap();
    let (_, figures) = inventory.get(a.id).await.unwrap();
    assert_eq!((figures.cpu_load, figures.used_memory, figures.total_disk), (Some(85.25), Some(1.5), Some(900.0)));
    assert!(figures.updated.is_some());

    // A deleted host is gone, with its figures kept; it comes back as the one that it was.
    inventory.remove(a.id).await.unwrap();
    assert_eq!(inventory.remove(a.id).await.unwrap_err().code, "host_not_found");
    assert!(inventory.find(ip("10.0.0.1")).await.unwrap().is_none());
    assert!(matches!(inventory.record(&[sample(a.id, "10.0.0.1", Some(1.0), None)]).await.unwrap()[..], [Recorded::Gone]));
    assert_eq!(inventory.update(b.id, &taken).await.unwrap_err().code, "host_exists");
    assert_eq!(inventory.pool().await.unwrap().hosts.len(), 1);
    let back = inventory.add(ip("10.0.0.1"), &facts("a again", "")).await.unwrap();
    assert_eq!((back.id, back.facts), (a.id, facts("a again", "")));

    // An import adds and updates, and empty facts keep.
    let rows = [(ip("10.0.0.1"), facts("", "DB组")), (ip("10.0.0.2"), facts("c", "")), (ip("2001:db8::1"), facts("b2", "web"))];
    let would = inventory.pool().await.unwrap().importing(&rows);
    assert_eq!(would, Imported { inserted: 1, updated: 1, unchanged: 1 });
    assert_eq!(inventory.import(&rows).await.unwrap(), would);
    assert_eq!(inventory.import(&rows).await.unwrap(), Imported { inserted: 0, updated: 0, unchanged: 3 });
    assert_eq!(inventory.get(a.id).await.unwrap().0.facts, facts("a again", "DB组"));

    // Registering says what is new, each for itself.
    let outcomes = inventory.register(&[(ip("10.0.0.2"), facts("zzz", "")), (ip("10.0.0.3"), facts("d", "DB组"))]).await.unwrap();
    let outcomes: Vec<(String, bool)> = outcomes.into_iter().map(|o| o.map(|(h, new)| (h.facts.name, new)).unwrap()).collect();
    assert_eq!(outcomes, [("c".to_owned(), false), ("d".to_owned(), true)]);

    // Lists are filtered and paged.
    let names = async |filter: HostFilter| -> Vec<String> {
        inventory.list(&filter).await.unwrap().into_iter().map(|(h, _)| h.facts.name).collect()
    };
    assert_eq!(names(HostFilter::default()).await, ["a again", "b2", "c", "d"]);
    assert_eq!(names(HostFilter { group: Some("DB组".into()), ..HostFilter::default() }).await, ["a again", "d"]);
    assert_eq!(names(HostFilter { text: Some("10.0.0.".into()), ..HostFilter::default() }).await, ["a again", "c", "d"]);
    assert_eq!(names(HostFilter { text: Some("AGAIN".into()), ..HostFilter::default() }).await, ["a again"]);
    assert_eq!(names(HostFilter { after: Some(a.id), limit: 2, ..HostFilter::default() }).await, ["b2", "c"]);

    // Two runs that write the same hosts at once both end, and each host has one row of figures.
    let hosts = inventory.pool().await.unwrap().hosts;
    let samples: Vec<Sample> = hosts.iter().map(|h| sample(h.id, &h.ip.to_string(), Some(7.0), Some(7.0))).collect();
    let mut backwards = samples.clone();
    backwards.reverse();
    let mut writers = tokio::task::JoinSet::new();
    for n in 0..8 {
        let (inventory, samples) = (Arc::clone(&inventory), if n % 2 == 0 { samples.clone() } else { backwards.clone() });
        writers.spawn(async move { inventory.record(&samples).await });
    }
    while let Some(done) = writers.join_next().await {
        assert!(done.unwrap().unwrap().iter().all(|r| matches!(r, Recorded::Written)));
    }
    assert_eq!(names(HostFilter::default()).await.len(), 4);
}

/// Tables as the CMDB that the contract comes from has them: more columns, a row per host and day, no group.
const THEIRS: [&str; 3] = [
    "CREATE TABLE hosts_pool (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, host_name VARCHAR(50) NOT NULL, host_ip VARCHAR(50) NOT NULL, \
     host_type VARCHAR(10) NULL, h3c_id VARCHAR(50) NULL, disk_size INT UNSIGNED NULL, ram INT UNSIGNED NULL, vcpus INT UNSIGNED NULL, \
     is_deleted TINYINT(1) NOT NULL DEFAULT 0, is_static TINYINT(1) NOT NULL DEFAULT 0, \
     create_time DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP, delete_time DATETIME NULL, idc_id INT UNSIGNED NULL, UNIQUE KEY uk_host_ip (host_ip))",
    "CREATE TABLE server_resources (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, is_deleted TINYINT(1) NOT NULL DEFAULT 0, \
     pool_id INT UNSIGNED NOT NULL, ip VARCHAR(50) NULL, port INT UNSIGNED NULL, used_memory DOUBLE NULL, used_disk DOUBLE NULL, cpu_load DOUBLE NULL, \
     cpu_percent_max DOUBLE NULL, mon_date DATE NULL, UNIQUE KEY unq_ip_mdate (ip, mon_date), KEY idx_pool_id (pool_id), \
     CONSTRAINT fk_pool FOREIGN KEY (pool_id) REFERENCES hosts_pool (id) ON DELETE CASCADE)",
    "INSERT INTO hosts_pool (id, host_name, host_ip, h3c_id, idc_id) VALUES (5, 'old', '10.0.0.5', 'h3c-5', 9), (6, 'odd', 'not-an-ip', NULL, NULL), \
     (7, 'six', '2001:0DB8:0000:0000:0000:0000:0000:0007', NULL, NULL)",
];

#[tokio::test(flavor = "multi_thread")]
async fn others_tables_are_respected() {
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let name = database(server).await;
        let mut conn = connect(server).await;
        exec(&mut conn, &format!("USE {name}")).await;
        for statement in THEIRS {
            exec(&mut conn, statement).await;
        }
        let error = open(server, &name).check().await.unwrap_err();
        assert_eq!(
            (error.code, error.hint.as_str()),
            ("inventory_schema", "ALTER TABLE server_resources ADD COLUMN total_disk DOUBLE NULL")
        );
        exec(&mut conn, &error.hint).await;
        exec(&mut conn, "INSERT INTO server_resources (id, pool_id, ip, used_disk, mon_date) VALUES (1, 5, '10.0.0.5', 1, '2025-01-01'), (2, 5, '10.0.0.5', 2, '2025-01-02')").await;

        let inventory = open(server, &name);
        let pool = inventory.pool().await.unwrap();
        assert_eq!((pool.hosts.len(), pool.unreadable.as_slice()), (2, &["not-an-ip".to_owned()][..]));
        assert_eq!(inventory.find(ip("2001:db8::7")).await.unwrap().unwrap().0.id, 7, "an address is found however it is written");
        // The newest row is written, the older one left alone, and so is what is not ours.
        inventory.record(&[sample(5, "10.0.0.5", Some(42.0), Some(8.0)), sample(7, "2001:db8::7", Some(1.0), Some(1.0))]).await.unwrap();
        let kept = texts(&mut conn, "SELECT id, used_disk, cpu_load, total_disk FROM server_resources WHERE pool_id = 5 ORDER BY id").await;
        assert_eq!(kept, [["1", "1", "NULL", "NULL"], ["2", "2", "42", "8"]]);
        let today = texts(&mut conn, "SELECT ip, mon_date = CURRENT_DATE FROM server_resources WHERE pool_id = 7").await;
        assert_eq!(today, [["2001:db8::7", "1"]]);
        // A group has no column here: a full sync goes without, a person is told.
        let (host, new) = inventory.register(&[(ip("10.0.0.8"), facts("n", "DB组"))]).await.unwrap().remove(0).unwrap();
        assert!(new && host.facts.group.is_empty());
        assert_eq!(inventory.add(ip("10.0.0.9"), &facts("n", "DB组")).await.unwrap_err().code, "inventory_schema");
        // What does not fit is one host's failure.
        let long = facts(&"x".repeat(60), "");
        let outcomes = inventory.register(&[(ip("10.0.0.10"), long), (ip("10.0.0.11"), facts("ok", ""))]).await.unwrap();
        assert_eq!((outcomes[0].as_ref().unwrap_err().code, outcomes[1].is_ok()), ("inventory_refused", true));
        inventory.remove(5).await.unwrap();
        assert_eq!(
            texts(&mut conn, "SELECT is_deleted, delete_time IS NULL, h3c_id FROM hosts_pool WHERE id = 5").await,
            [["1", "0", "h3c-5"]]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_row_that_is_refused_does_not_take_the_others_along() {
    let Some(server) = servers::mariadb(1) else { return };
    let name = database(server).await;
    let inventory = open(server, &name);
    let hosts = [1, 2, 3].map(|n| (ip(&format!("10.0.0.{n}")), facts("h", "")));
    inventory.import(&hosts).await.unwrap();
    let mut conn = connect(server).await;
    exec(&mut conn, &format!("ALTER TABLE {name}.server_resources ADD CHECK (cpu_load < 50)")).await;
    let samples: Vec<Sample> = inventory
        .pool()
        .await
        .unwrap()
        .hosts
        .iter()
        .zip([10.0, 60.0, 20.0])
        .map(|(h, cpu)| sample(h.id, "10.0.0.1", Some(cpu), None))
        .collect();
    let outcomes = inventory.record(&samples).await.unwrap();
    assert!(
        matches!(&outcomes[..], [Recorded::Written, Recorded::Refused(e), Recorded::Written] if e.code == "inventory_refused"),
        "{outcomes:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_told_as_that() {
    let nowhere = MysqlInventory::from_url("mysql://u@127.0.0.1:1/d", Secret::new("p"), TlsMode::Preferred, None).unwrap();
    assert_eq!(nowhere.check().await.unwrap_err().code, "inventory_unreachable");
    let Some(server) = servers::mariadb(1) else { return };
    assert_eq!(open(server, "no_such_database").check().await.unwrap_err().code, "inventory_denied");
    let url = format!("mysql://nobody@127.0.0.1:{}/mysql", server.port);
    let stranger = MysqlInventory::from_url(&url, Secret::new("wrong"), TlsMode::Disabled, None).unwrap();
    let error = stranger.check().await.unwrap_err();
    assert!(error.code == "inventory_denied" && !error.message.contains("wrong"), "{error}");
}
