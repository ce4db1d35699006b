use super::*;
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::replicate::*;
use crate::secret::Secret;

#[test]
fn spec_of_version_1_loads_for_ever() {
    // Passwords absent: a sealed one needs its key.
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cipher = super::super::cipher::open(dir.path(), &conn).unwrap();
    let JobSpec::Replicate(spec) = spec_from(include_str!("fixtures/spec_v1.json"), "orders-sync", &cipher).unwrap();
    assert_eq!(*spec, sample(""));
    // With what came to rules later.
    let JobSpec::Replicate(spec) = spec_from(include_str!("fixtures/spec_v1_rows.json"), "orders-sync", &cipher).unwrap();
    let tables = vec!["orders".into(), TableMatch::parse(r"/shard_\d+/").unwrap()];
    let rule = SchemaRule { schema: "shop".into(), tables, filter: Some("id > 5".into()) };
    assert_eq!(spec.src.filter.include, [rule, SchemaRule::new("shop", [])]);
    let text = spec_to(&JobSpec::Replicate(spec.clone()), "orders-sync", &cipher).unwrap();
    assert_eq!(spec_from(&text, "orders-sync", &cipher).unwrap(), JobSpec::Replicate(spec));
    let text = spec_to(&JobSpec::Replicate(Box::new(sample("hunter2"))), "orders-sync", &cipher).unwrap();
    assert!(!text.contains("hunter2"));
    let JobSpec::Replicate(back) = spec_from(&text, "orders-sync", &cipher).unwrap();
    assert_eq!(*back, sample("hunter2"));
}

fn sample(password: &str) -> ReplicateSpec {
    let endpoint = |host: &str| MysqlEndpoint {
        host: host.into(),
        port: 3306,
        user: "u".into(),
        password: Secret::new(password),
        tls: TlsMode::VerifyIdentity,
        tls_ca: Some("/etc/ca.pem".into()),
    };
    ReplicateSpec {
        kind: ReplicateKind::Sync,
        src: SrcTask {
            task_name: "src".into(),
            node_id: None,
            endpoint: endpoint("a"),
            filter: TableFilter { include: vec![SchemaRule::new("shop", ["orders".into()])], ignore: vec![SchemaRule::new("tmp", [])] },
            start_gtid: Some("0-1-7".into()),
            chunk_rows: Some(2000),
            group_bytes: Some(1),
            queue_length: Some(32),
            skip_create: true,
            existing_table: ExistingTable::Upsert,
        },
        dest: DestTask {
            task_name: "dest".into(),
            node_id: Some("n1".into()),
            sink: SinkSpec::Mysql(MysqlSinkSpec {
                endpoint: endpoint("b"),
                apply_workers: Some(1),
                copy_workers: Some(4),
                conflict: ConflictPolicy::Overwrite,
            }),
        },
        failover: Some(false),
    }
}
