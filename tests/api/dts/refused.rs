//! What is refused, and how: every error is an envelope with its status, and leaves nothing behind.

use super::super::served;
use super::{Client, nowhere, read, task};
use crate::support::{broker, servers, sql};
use reqwest::{Method, header};
use serde_json::{Value, json};

/// The body with the value at a pointer replaced.
fn with(mut body: Value, pointer: &str, value: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[key] = value;
    body
}

#[tokio::test]
async fn every_wrong_request_is_an_envelope_with_its_status() {
    let (daemon, _dir) = served::start("[limits]\nbody_bytes = '4KB'\n").await;
    let client = Client::of(&daemon);
    let (post, put, delete, get) = (Method::POST, Method::PUT, Method::DELETE, Method::GET);
    let submit = "/v1/dispatch/submit";
    for (method, path, body, status, message) in [
        (&post, submit, "{\"task\":".to_owned(), 400, "the body is not valid JSON: EOF"),
        (&post, submit, "[1]".to_owned(), 400, "the body is not a JSON object"),
        (&post, submit, String::new(), 400, "the body is empty"),
        (&post, submit, "{}".to_owned(), 400, "task: required"),
        (&post, submit, "{\"task\":{\"source\":7}}".to_owned(), 400, "task.source: invalid type"),
        (&post, submit, "{\"task\":{\"incr\":\"maybe\"}}".to_owned(), 400, "task.incr: invalid type: a text, expected true or false"),
        (&post, submit, with(nowhere(), "/task/filters", json!([])).to_string(), 400, "task.filters: must name"),
        (&post, submit, with(nowhere(), "/task/rate_limit", json!({"rate": -5})).to_string(), 400, "task.rate_limit.rate: expected"),
        (&post, submit, "x".repeat(5000), 413, "the body is too large"),
        (&get, "/v1/task/list?per_page=-1", String::new(), 400, "per_page: expected a whole number from 1 to 1000"),
        (&get, "/v1/task/list?per_page=1001", String::new(), 400, "per_page: expected"),
        (&get, "/v1/task/list?page=two", String::new(), 400, "page: expected"),
        (&get, "/v1/task/detail/x", String::new(), 400, "the id in the path is not a number"),
        (&get, "/v1/task/detail/+1", String::new(), 400, "the id in the path is not a number"),
        (&get, "/v1/task/detail/99999999999999999999", String::new(), 400, "the id in the path is not a number"),
        (&get, "/v1/task/detail/7", String::new(), 404, "task 7 does not exist"),
        (&put, "/v1/dispatch/alter/x", nowhere().to_string(), 400, "the id in the path is not a number"),
        (&put, "/v1/dispatch/alter/7", nowhere().to_string(), 404, "task 7 does not exist"),
        (&put, "/v1/dispatch/pause/7", String::new(), 404, "task 7 does not exist"),
        (&put, "/v1/dispatch/recover/7", String::new(), 404, "task 7 does not exist"),
        (&delete, "/v1/dispatch/delete/7", String::new(), 404, "task 7 does not exist"),
        (&get, "/v1/dispatch", String::new(), 404, "there is nothing at this path"),
        (&get, "/v1/dispatch/", String::new(), 404, "there is nothing at this path"),
        (&get, "/v1/dispatch/nothing", String::new(), 404, "there is nothing at this path"),
        (&get, "/v1/task", String::new(), 404, "there is nothing at this path"),
        (&post, "/v1/task/detail/1/more", String::new(), 404, "there is nothing at this path"),
        (&get, submit, String::new(), 405, "this path does not answer this method"),
        (&post, "/v1/task/list", String::new(), 405, "this path does not answer this method"),
        (&get, "/v1/dispatch/alter/1", String::new(), 405, "this path does not answer this method"),
    ] {
        let reply = client.send(method.clone(), path, &body).await;
        assert_eq!((reply.status, reply.code), (status, -i64::from(status)), "{method} {path} {body}: {reply:?}");
        assert!(reply.message.starts_with(message), "{method} {path}: {}", reply.message);
    }
    for (content_type, body) in [("application/x-www-form-urlencoded", "task=1"), ("multipart/form-data; boundary=x", "--x--\r\n")] {
        let form = client.request(Method::POST, submit).header(header::CONTENT_TYPE, content_type).body(body);
        assert_eq!(read(form.send().await.unwrap()).await.status, 415, "{content_type}");
    }
    // What curl calls JSON when nobody tells it.
    let unsaid = client.request(Method::POST, submit).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body("{}");
    assert_eq!(read(unsaid.send().await.unwrap()).await.message, "task: required");
    let xml = client.request(post, submit).header(header::CONTENT_TYPE, "text/xml").body("<task/>");
    assert_eq!(read(xml.send().await.unwrap()).await.status, 415);
    daemon.stop().await;
}

#[tokio::test]
async fn ends_that_cannot_be_reached_leave_no_task_behind() {
    let (Some(source), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = sql::scratch("dtsrefused", &[source]).await;
    sql::exec(&mut sql::connect(source).await, &format!("CREATE TABLE {schema}.check_delay (id INT PRIMARY KEY)")).await;
    let (daemon, _dir) = served::start("").await;
    let client = Client::of(&daemon);
    let good = with(task(source, broker, &schema, &schema), "/task/filters", json!([{ "dbname": schema, "match": "check_delay" }]));
    for (body, part) in [
        (with(good.clone(), "/task/source/port", json!(1)), "127.0.0.1:1"),
        (with(good.clone(), "/task/source/password", json!("hunter2hunter2")), "access_denied"),
        (with(good.clone(), "/task/kafka/addr", json!("127.0.0.1:2")), "127.0.0.1:2"),
        (with(good.clone(), "/task/source/host", json!("169.254.169.254")), "metadata"),
        (with(good.clone(), "/task/kafka/addr", json!("169.254.169.254:9092")), "metadata"),
        (with(good.clone(), "/task/filters", json!([{ "dbname": "nowhere", "match": "t" }])), "nowhere"),
        (with(good.clone(), "/task/filters", json!([{ "dbname": schema, "match": "no_such_table" }])), "no_such_table"),
        (with(good.clone(), "/task/filters", json!([{ "dbname": schema, "match": "check_delay", "filter": "id >> 1" }])), "at character"),
        (
            with(good.clone(), "/task/filters", json!([{ "dbname": schema, "match": "check_delay", "filter": "nobody = 1" }])),
            "task.filters[0].filter",
        ),
    ] {
        let reply = client.send(Method::POST, "/v1/dispatch/submit", &body).await;
        assert_eq!(reply.status, 400, "{body}: {reply:?}");
        assert!(reply.message.contains(part) && !reply.message.contains("hunter2"), "{}", reply.message);
    }
    assert_eq!(client.get("/v1/task/list").await.data, json!({ "tasks": [], "total": 0 }));
    assert_eq!(daemon.get("/api/v1/jobs").await.1["jobs"], json!([]));

    // Fields that nobody knows are named, and change nothing.
    let unknown = with(good.clone(), "/task/source/charset", json!("utf8"));
    let reply = client.send(Method::POST, "/v1/dispatch/submit", &unknown).await;
    assert_eq!((reply.status, reply.headers["x-syncline-ignored"].to_str().unwrap()), (200, "task.source.charset"));
    let id = reply.data["id"].as_u64().unwrap();
    client.state(id, "Running").await;

    // Nor does an alter that cannot work stop a task that does.
    let alter = format!("/v1/dispatch/alter/{id}");
    for (body, part) in [
        (with(good.clone(), "/task/source/password", json!("hunter2hunter2")), "access_denied"),
        (with(good.clone(), "/task/kafka/addr", json!("127.0.0.1:2")), "127.0.0.1:2"),
        (with(good.clone(), "/task/source/port", json!(1)), "task.source.port: the source cannot be changed"),
        (with(good.clone(), "/task/incr", json!(false)), "task.incr: cannot be changed"),
        (with(good.clone(), "/task/filters", json!([{ "dbname": schema, "match": "no_such_table" }])), "no_such_table"),
    ] {
        let reply = client.send(Method::PUT, &alter, &body).await;
        assert_eq!(reply.status, 400, "{body}: {reply:?}");
        assert!(reply.message.contains(part) && !reply.message.contains("hunter2"), "{}", reply.message);
    }
    let detail = client.detail(id).await;
    assert_eq!((detail["state"].as_str(), detail["task"]["source"]["password"].as_str()), (Some("Running"), Some("*")));
    // What is shown can be sent: the mask keeps the password.
    client.done(Method::PUT, &alter, json!({ "task": detail["task"] })).await;
    assert_eq!(client.detail(id).await["task"], detail["task"]);
    client.done(Method::DELETE, &format!("/v1/dispatch/delete/{id}"), "").await;
    daemon.stop().await;
}
