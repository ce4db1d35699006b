//! A job whose destination is Kafka, in dtle 2.x's words: from a real source into a real broker.

use super::super::served;
use super::life::PATIENCE;
use super::{done, get, job, kafka, post, refused};
use crate::support::until::until;
use crate::support::{broker, servers, sql};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn a_job_of_the_driver_kafka_runs_is_shown_and_goes_on_where_it_was() {
    let (Some(source), Some(broker)) = (servers::mysql(1), broker::kafka()) else { return };
    let schema = sql::scratch("kafka2", &[source]).await;
    let mut conn = sql::connect(source).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {schema}.t (id INT PRIMARY KEY)")).await;
    sql::exec(&mut conn, &format!("INSERT INTO {schema}.t VALUES (1), (2)")).await;
    let (daemon, _dir) = served::start("").await;
    let of = |destination: Value| {
        let mut job = job("", "into-kafka", [source.port, 1]);
        let config = &mut job["Tasks"][0]["Config"];
        (config["ConnectionConfig"]["User"], config["ConnectionConfig"]["Password"]) = (json!(servers::USER), json!(servers::PASSWORD));
        config["ReplicateDoDb"] = json!([{ "TableSchema": schema, "Tables": [{ "TableRegex": "^t$", "Where": "id > 0 and id < 1000" }] }]);
        job["Tasks"][1] = destination;
        job
    };
    let nested = of(kafka(
        json!({ "Topic": schema, "Brokers": [broker.address()], "Converter": "json", "MessageGroupTimeout": "5", "Password": "hunter2" }),
    ));
    let mut bad = nested.clone();
    bad["Tasks"][0]["Config"]["ReplicateDoDb"][0]["Tables"][0]["Where"] = json!("id >");
    refused(&post(&daemon, &bad).await, 400, "Tasks[0].Config.ReplicateDoDb[0].Tables[0].Where: read the filter at character");
    done(&daemon, Method::POST, "/v1/jobs", &nested).await;
    let topic = format!("{schema}.{schema}.t");
    until(PATIENCE, "the copy is in Kafka", async || broker.read(&topic).await.len() == 2).await;
    let message = broker.read(&topic).await.remove(0).value.unwrap();
    assert!(message["schema"]["name"].as_str().unwrap().ends_with(".Envelope") && message["payload"]["op"] == "r", "{message}");

    let list = get(&daemon, "/v1/jobs").await;
    let id = list[0]["ID"].as_str().unwrap().to_owned();
    let shown = get(&daemon, &format!("/v1/job/{id}")).await;
    assert_eq!((&shown["Tasks"][0]["Driver"], &shown["Tasks"][1]["Driver"]), (&json!("MySQL"), &json!("Kafka")));
    let config = &shown["Tasks"][1]["Config"];
    assert_eq!(
        config["KafkaConfig"],
        json!({ "Brokers": [broker.address()], "Topic": schema, "Converter": "json", "TopicWithSchemaTable": true, "MessageGroupTimeout": "5" })
    );
    assert!(config["ConnectionConfig"].is_null() && !list.to_string().contains("hunter2"), "{config}");
    let allocations = get(&daemon, &format!("/v1/job/{id}/allocations")).await;
    assert_eq!(allocations.as_array().unwrap().len(), 2);
    for allocation in allocations.as_array().unwrap() {
        let stats = get(&daemon, &format!("/v1/agent/allocation/{}/stats", allocation["ID"].as_str().unwrap())).await;
        assert!(stats["Tasks"][allocation["Task"].as_str().unwrap()]["CurrentCoordinates"].is_object(), "{stats}");
    }

    // What is shown can be posted back, but for the password.
    let mut back = shown.clone();
    back["Tasks"][0]["Config"]["ChunkSize"] = json!("77");
    done(&daemon, Method::POST, "/v1/jobs", &back).await;
    assert_eq!(get(&daemon, &format!("/v1/job/{id}")).await["Tasks"][1]["Config"]["KafkaConfig"], config["KafkaConfig"]);
    // A destination of another kind is another job.
    let mut other = job(&id, "into-kafka", [source.port, 1]);
    other["Tasks"][0] = nested["Tasks"][0].clone();
    other["Tasks"][0]["Config"]["ReplicateDoDb"][0]["Tables"][0]["Where"] = json!(null);
    refused(&post(&daemon, &other).await, 409, &format!("job {id} is the subscription"));

    // Deleted and posted again without an ID, with the options beside each other: from its position on.
    done(&daemon, Method::DELETE, &format!("/v1/job/{id}"), "").await;
    sql::exec(&mut conn, &format!("INSERT INTO {schema}.t VALUES (3), (2000)")).await;
    let flat = json!({ "Type": "Dest", "Driver": "Kafka", "Config": { "Topic": schema, "Brokers": [broker.address()] } });
    done(&daemon, Method::POST, "/v1/jobs", of(flat)).await;
    until(PATIENCE, "the row that came meanwhile", async || {
        broker.read(&topic).await.iter().any(|r| r.value.as_ref().is_some_and(|v| v["payload"]["after"]["id"] == 3))
    })
    .await;
    let all = broker.read(&topic).await;
    assert!(all.iter().all(|r| r.value.as_ref().is_none_or(|v| v["payload"]["after"]["id"] != 2000)), "Where leaves it out");
    let copied = broker.read(&topic).await.iter().filter(|r| r.value.as_ref().is_some_and(|v| v["payload"]["op"] == "r")).count();
    assert_eq!(copied, 2, "nothing is copied a second time");
    let shown = get(&daemon, &format!("/v1/job/{id}")).await;
    let config = &shown["Tasks"][1]["Config"];
    assert_eq!((config["Topic"].as_str(), &config["KafkaConfig"]), (Some(schema.as_str()), &Value::Null), "shown as it came");

    // One topic for everything.
    let one = format!("{schema}_one");
    let mut single = of(kafka(json!({ "Topic": one, "Brokers": [broker.address()], "TopicWithSchemaTable": "false" })));
    single["Name"] = json!("into-one");
    done(&daemon, Method::POST, "/v1/jobs", &single).await;
    until(PATIENCE, "the copy is in the one topic", async || broker.read(&one).await.len() == 3).await;
    daemon.stop().await;
}
