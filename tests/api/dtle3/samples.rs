//! Every sample of the contract, and the request that is answered in its shape: a running sync between real servers, and
//! a migration beside it whose servers are nowhere.

use super::super::contract::{assert_shape, json as sample, samples};
use super::super::served::{self, Served};
use super::life::{PATIENCE, arrived, connection};
use super::{FORM, get, named, send};
use crate::support::broker;
use crate::support::servers::{self, PASSWORD, USER};
use crate::support::sql;
use crate::support::until::until_some;
use reqwest::Method;
use serde_json::{Value, json};

/// What a sample is an answer to.
enum Asked {
    /// A GET of this path; `{src}` is the allocation of the sync's source, `{server}` the source as a query.
    Get(&'static str),
    /// A form.
    Form(&'static str, &'static str),
    /// The config of the sync, or of the migration.
    Config(&'static str, Whose),
    /// The config of the subscription, into a real broker.
    Subscription(&'static str),
}

enum Whose {
    Sync,
    Migration,
}

/// In the order in which they are asked.
const SAMPLES: [(&str, Asked); 16] = [
    ("migration.response", Asked::Config("/v2/job/migration", Whose::Migration)),
    ("sync.response", Asked::Config("/v2/job/sync", Whose::Sync)),
    ("subscription.response", Asked::Subscription("/v2/job/subscription")),
    ("jobs.response", Asked::Get("/v2/jobs")),
    ("migration_detail.response", Asked::Get("/v2/job/migration/detail?job_id=samples-migration")),
    ("sync_detail.response", Asked::Get("/v2/job/sync/detail?job_id=samples-sync")),
    ("subscription_detail.response", Asked::Get("/v2/job/subscription/detail?job_id=samples-subscription")),
    ("validation.response", Asked::Config("/v2/validation/job", Whose::Sync)),
    ("monitor_task.response", Asked::Get("/v2/monitor/task?allocation_id={src}&task_name=src")),
    ("nodes.response", Asked::Get("/v2/nodes")),
    ("mysql_schemas.response", Asked::Get("/v2/mysql/schemas?{server}")),
    ("log_level.response", Asked::Form("/v2/log/level", "dtle_log_level=info")),
    ("pause.response", Asked::Form("/v2/job/pause", "job_id=samples-sync")),
    ("resume.response", Asked::Form("/v2/job/resume", "job_id=samples-sync")),
    ("delete.response", Asked::Form("/v2/job/delete", "job_id=samples-sync")),
    // The later names answer in the contract's shapes.
    ("jobs.response", Asked::Get("/v2/jobs/migration?filter_job_id=samples")),
];

#[test]
fn every_sample_is_in_the_table() {
    let mut table: Vec<&str> = SAMPLES.iter().map(|(name, _)| *name).collect();
    table.sort_unstable();
    table.dedup();
    assert_eq!(samples("dtle3"), table);
}

/// The only allocation of the job's source, as soon as there is one.
pub(super) async fn allocation(daemon: &Served, path: &str) -> Value {
    until_some(PATIENCE, "an allocation", async || {
        let detail = get(daemon, path).await.body;
        detail["src_task_detail"]["allocations"].as_array()?.last().cloned()
    })
    .await
}

#[tokio::test]
async fn every_sample_gets_a_reply_of_its_shape() {
    let (Some(source), Some(target), Some(broker)) = (servers::mariadb(1), servers::mariadb(2), broker::kafka()) else { return };
    let schema = sql::scratch("samples3", &[source, target]).await;
    let table = format!("{schema}.tb1");
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {table} (id INT PRIMARY KEY)")).await;
    sql::exec(&mut conn, &format!("INSERT INTO {table} VALUES (1), (2)")).await;
    let (daemon, _dir) = served::start("").await;
    let mut sync = named("sync.request", "samples");
    sync["src_task"]["mysql_connection_config"] = connection(source);
    sync["dest_task"]["mysql_connection_config"] = connection(target);
    let migration = named("migration.request", "samples");
    let mut subscription = named("subscription.request", "samples");
    subscription["src_task"]["mysql_connection_config"] = connection(source);
    subscription["src_task"]["replicate_do_db"] = json!([{"table_schema": schema, "tables": [{"table_name": "tb1"}]}]);
    subscription["dest_task"]["kafka_broker_addrs"] = json!([broker.address()]);
    let server = format!("mysql_host=127.0.0.1&mysql_port={}&mysql_user={USER}&mysql_password={PASSWORD}", source.port);
    // The sample's own list is empty, which would be this server's every schema.
    let mut narrow = sync.clone();
    narrow["src_task"]["replicate_do_db"] = json!([{"table_schema": schema}]);
    let mut src = String::new();
    for (name, asked) in &SAMPLES {
        let reply = match asked {
            Asked::Get(path) => get(&daemon, &path.replace("{src}", &src).replace("{server}", &server)).await,
            Asked::Form(path, body) => send(&daemon, Method::POST, path, Some(FORM), *body).await,
            Asked::Config(path, Whose::Sync) => send(&daemon, Method::POST, path, Some(FORM), narrow.to_string()).await,
            Asked::Config(path, Whose::Migration) => send(&daemon, Method::POST, path, Some(FORM), migration.to_string()).await,
            Asked::Subscription(path) => send(&daemon, Method::POST, path, Some(FORM), subscription.to_string()).await,
        };
        assert_eq!(reply.status, 200, "{name}: {reply:?}");
        // This job's own list; every other one of the sample's lists is as full as the sample's.
        assert_shape(&reply.body, &sample("dtle3", name), &[]);
        if *name == "sync.response" {
            arrived(target, &table, 2).await;
            super::daemon_status(&daemon, "samples-sync", "running").await;
            src = allocation(&daemon, "/v2/job/sync/detail?job_id=samples-sync").await["allocation_id"].as_str().unwrap().to_owned();
            allocation(&daemon, "/v2/job/migration/detail?job_id=samples-migration").await;
        }
        if *name == "subscription.response" {
            let topic = format!("{}.{table}", subscription["dest_task"]["kafka_topic"].as_str().unwrap());
            until_some(PATIENCE, "the rows are in Kafka", async || Some(broker.read(&topic).await).filter(|r| r.len() == 2)).await;
            allocation(&daemon, "/v2/job/subscription/detail?job_id=samples-subscription").await;
        }
    }
    // A Kafka destination is validated too: whether its brokers answer.
    let validation = async |config: &Value| {
        let reply = send(&daemon, Method::POST, "/v2/validation/job", Some(FORM), config.to_string()).await;
        let report = &reply.body["mysql_task_validation_report"];
        assert!(report[1]["privileges_validation"].is_null() && report[0]["binlog_validation"]["validated"] == true, "{reply:?}");
        (
            report[1]["connection_validation"]["validated"].clone(),
            reply.body["job_validation_error"].as_str().unwrap_or_default().to_owned(),
        )
    };
    assert_eq!(validation(&subscription).await, (json!(true), String::new()));
    subscription["src_task"]["replicate_do_db"][0]["tables"][0]["where"] = json!("nobody = 1");
    let (_, error) = validation(&subscription).await;
    assert!(error.starts_with("src_task.replicate_do_db[0].tables[0].where: "), "{error}");
    subscription["src_task"]["replicate_do_db"][0]["tables"][0]["where"] = json!("id > 0");
    subscription["dest_task"]["kafka_broker_addrs"] = json!(["127.0.0.1:2"]);
    assert_eq!(validation(&subscription).await.0, json!(false));
    daemon.stop().await;
}
