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
    let JobSpec::Replicate(spec) = JobSpec::read(include_str!("fixtures/spec_v1.json"), "orders-sync", &cipher).unwrap();
    assert_eq!(*spec, sample(""));
    // With what came to rules later.
    let JobSpec::Replicate(mut spec) = JobSpec::read(include_str!("fixtures/spec_v1_rows.json"), "orders-sync", &cipher).unwrap();
    let tables = vec!["orders".into(), TableMatch::parse(r"/shard_\d+/").unwrap()];
    let rule = SchemaRule { schema: "shop".into(), tables, filter: Some("id > 5".into()), to: Mapping::default() };
    assert_eq!(spec.src.filter.include, [rule, SchemaRule::new("shop", [])]);
    let SinkSpec::Mysql(sink) = &mut spec.dest.sink else { panic!("it goes to a server") };
    sink.detection = ConflictDetection::Row;
    let text = JobSpec::Replicate(spec.clone()).write("orders-sync", &cipher).unwrap();
    assert_eq!(JobSpec::read(&text, "orders-sync", &cipher).unwrap(), JobSpec::Replicate(spec));
    let text = JobSpec::Replicate(Box::new(sample("hunter2"))).write("orders-sync", &cipher).unwrap();
    assert!(!text.contains("hunter2"));
    let JobSpec::Replicate(back) = JobSpec::read(&text, "orders-sync", &cipher).unwrap();
    assert_eq!(*back, sample("hunter2"));
}

#[test]
fn gates_of_version_1_load_for_ever() {
    use crate::model::gates::{Gates, LoadLimit, Replica};
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cipher = super::super::cipher::open(dir.path(), &conn).unwrap();
    let limit = |most| vec![LoadLimit { variable: "Threads_running".into(), most }];
    let replicas = |password: &str| {
        let replica = |host: &str, port, password| Replica { host: host.into(), port, user: "me".into(), password: Secret::new(password) };
        vec![replica("r", 3307, password), replica("s", 3306, "")]
    };
    let lag = Some(std::time::Duration::from_secs(5));
    let gates = |password| Gates { source: limit(25), target: limit(50), lag, replicas: replicas(password), ..Gates::default() };
    // Passwords absent: a sealed one needs its key.
    let JobSpec::Replicate(spec) = JobSpec::read(include_str!("fixtures/spec_v1_gates.json"), "orders-sync", &cipher).unwrap();
    assert_eq!(*spec, ReplicateSpec { gates: gates(""), ..sample("") });
    let critical = Gates { critical_source: limit(75), critical_target: limit(99), ..gates("") };
    let spec = JobSpec::Replicate(Box::new(ReplicateSpec { gates: critical, ..sample("") }));
    assert_eq!(JobSpec::read(&spec.write("orders-sync", &cipher).unwrap(), "orders-sync", &cipher).unwrap(), spec);
    let spec = JobSpec::Replicate(Box::new(ReplicateSpec { gates: gates("hunter2"), ..sample("") }));
    let text = spec.write("orders-sync", &cipher).unwrap();
    assert!(!text.contains("hunter2"));
    assert_eq!(JobSpec::read(&text, "orders-sync", &cipher).unwrap(), spec);
    let bare = crate::store::runs::without_secrets(&spec).write("", &cipher).unwrap();
    assert_eq!(JobSpec::read(&bare, "", &cipher).unwrap(), JobSpec::Replicate(Box::new(ReplicateSpec { gates: gates(""), ..sample("") })));
}

#[test]
fn task_spec_of_version_1_loads_for_ever() {
    use crate::model::hosts::{EsStyle, HostMetricsSpec, HostSelection, QueryRange};
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    conn.execute_batch("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cipher = super::super::cipher::open(dir.path(), &conn).unwrap();
    let spec = |selection| {
        TaskSpec::HostMetrics(HostMetricsSpec {
            endpoint: Some("http://es.invalid:9200".into()),
            style: Some(EsStyle::Proxy),
            index_pattern: None,
            range: QueryRange::parse("6M").unwrap(),
            selection,
        })
    };
    let full = spec(HostSelection::FullSync { group: Some("DB组".into()) });
    assert_eq!(TaskSpec::read(include_str!("fixtures/task_v1.json"), "task-1", &cipher).unwrap(), full);
    for spec in [full, spec(HostSelection::Pool), spec(HostSelection::List(vec!["10.1.1.1".parse().unwrap(), "::1".parse().unwrap()]))] {
        assert_eq!(TaskSpec::read(&spec.write("task-1", &cipher).unwrap(), "task-1", &cipher).unwrap(), spec);
    }
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
            filter: TableFilter {
                include: vec![SchemaRule::new("shop", ["orders".into()])],
                ignore: vec![SchemaRule::new("tmp", [])],
                shadows: true,
            },
            start_gtid: Some("0-1-7".into()),
            chunk_rows: Some(2000),
            group_bytes: Some(1),
            queue_length: Some(32),
            skip_create: true,
            existing_table: ExistingTable::Upsert,
            skip: Vec::new(),
            replace: Vec::new(),
        },
        dest: DestTask {
            task_name: "dest".into(),
            node_id: Some("n1".into()),
            sink: SinkSpec::Mysql(MysqlSinkSpec {
                endpoint: endpoint("b"),
                apply_workers: Some(1),
                copy_workers: Some(4),
                conflict: ConflictPolicy::Overwrite,
                detection: ConflictDetection::Key,
            }),
        },
        failover: Some(false),
        throttle: crate::model::live::Throttle::default(),
        gates: crate::model::gates::Gates::default(),
    }
}
