//! The contract's own way to pause: DELETE the job, and POST it again. Between real MariaDB servers.

use super::super::served::{self, Served};
use super::{done, get, job};
use crate::support::servers::{self, PASSWORD, Server, USER};
use crate::support::sql;
use crate::support::until::until;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

pub(super) const PATIENCE: Duration = Duration::from_secs(60);

/// A schema with one table of two rows at the source.
pub(super) struct Pair {
    source: &'static Server,
    target: &'static Server,
    schema: String,
}

pub(super) async fn pair(name: &str) -> Option<Pair> {
    let (source, target) = (servers::mariadb(1)?, servers::mariadb(2)?);
    let schema = sql::scratch(name, &[source, target]).await;
    let pair = Pair { source, target, schema };
    pair.at(source, &format!("CREATE TABLE {} (id INT PRIMARY KEY, v VARCHAR(20))", pair.table())).await;
    pair.at(source, &format!("INSERT INTO {} VALUES (1, 'one'), (2, '二')", pair.table())).await;
    Some(pair)
}

impl Pair {
    fn table(&self) -> String {
        format!("{}.t", self.schema)
    }
    async fn at(&self, server: &Server, statement: &str) {
        sql::exec(&mut sql::connect(server).await, statement).await;
    }
    pub(super) fn job(&self, id: &str, name: &str) -> Value {
        self.between(id, name, self.source)
    }
    fn between(&self, id: &str, name: &str, source: &Server) -> Value {
        let mut job = job(id, name, [source.port, self.target.port]);
        for task in job["Tasks"].as_array_mut().unwrap() {
            task["Config"]["ConnectionConfig"]["User"] = json!(USER);
            task["Config"]["ConnectionConfig"]["Password"] = json!(PASSWORD);
        }
        job["Tasks"][0]["Config"]["ReplicateDoDb"] = json!([{"TableSchema": self.schema, "Tables": [{"TableName": "t"}]}]);
        job
    }
    /// Waits until the target has so many rows.
    pub(super) async fn arrived(&self, rows: u64) {
        let mut conn = sql::connect(self.target).await;
        until(PATIENCE, &format!("{rows} rows in {}", self.table()), async || {
            let there =
                format!("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = '{}' AND table_name = 't'", self.schema);
            sql::one(&mut conn, &there).await.as_deref() == Some("1") && sql::count(&mut conn, &self.table()).await == rows
        })
        .await;
    }
    async fn value(&self, id: u32) -> Option<String> {
        sql::one(&mut sql::connect(self.target).await, &format!("SELECT v FROM {} WHERE id = {id}", self.table())).await
    }
}

async fn streaming(daemon: &Served, id: &str) {
    until(PATIENCE, "the copy is over", async || stages(daemon, id).await.last().is_some_and(|m| m == "job_stage_incr")).await;
}

/// The stages of the job's last allocation.
async fn stages(daemon: &Served, id: &str) -> Vec<String> {
    let allocations = get(daemon, &format!("/v1/job/{id}/allocations")).await;
    let Some(last) = allocations.as_array().and_then(|a| a.last()) else { return Vec::new() };
    let events = last["TaskStates"]["Dest"]["Events"].as_array().unwrap();
    let told = events.iter().filter(|e| e["Type"] == "Driver").map(|e| e["DriverMessage"].as_str().unwrap().to_owned());
    told.filter(|message| message.starts_with("job_stage")).collect()
}

#[tokio::test]
async fn a_deleted_job_goes_on_when_it_is_posted_again() {
    let Some(pair) = pair("again2").await else { return };
    let (daemon, dir) = served::start("").await;
    done(&daemon, Method::POST, "/v1/jobs", pair.job("again", "again")).await;
    pair.arrived(2).await;
    streaming(&daemon, "again").await;
    assert_eq!(stages(&daemon, "again").await, ["job_stage_full", "job_stage_incr"]);
    // A second copy would put the source's value back.
    pair.at(pair.target, &format!("UPDATE {} SET v = 'marked' WHERE id = 1", pair.table())).await;

    let index = done(&daemon, Method::DELETE, "/v1/job/again", "").await;
    assert_eq!(get(&daemon, "/v1/jobs").await, json!([]));
    pair.at(pair.source, &format!("INSERT INTO {} VALUES (3, 'while away')", pair.table())).await;
    pair.at(pair.source, &format!("DELETE FROM {} WHERE id = 2", pair.table())).await;
    // The position outlives the daemon.
    daemon.stop().await;
    let daemon = served::serve(served::settings(dir.path(), "")).await.unwrap();

    let again = done(&daemon, Method::POST, "/v1/jobs", pair.job("again", "again")).await;
    assert!(again > index);
    until(PATIENCE, "what was written while it was away", async || {
        pair.value(3).await.as_deref() == Some("while away") && pair.value(2).await.is_none()
    })
    .await;
    assert_eq!(pair.value(1).await.as_deref(), Some("marked"), "nothing was copied a second time");
    assert_eq!(stages(&daemon, "again").await, ["job_stage_incr"]);

    // By its name alone, and with the set of a reply, which must not make it begin elsewhere.
    let mut shown = get(&daemon, "/v1/job/again").await;
    done(&daemon, Method::DELETE, "/v1/job/again", "").await;
    pair.at(pair.source, &format!("INSERT INTO {} VALUES (4, 'once more')", pair.table())).await;
    shown.as_object_mut().unwrap().remove("ID");
    for task in shown["Tasks"].as_array_mut().unwrap() {
        task["Config"]["ConnectionConfig"]["Password"] = json!(PASSWORD);
    }
    done(&daemon, Method::POST, "/v1/jobs", &shown).await;
    assert_eq!(get(&daemon, "/v1/jobs").await[0]["ID"], "again");
    until(PATIENCE, "the row after that", async || pair.value(4).await.as_deref() == Some("once more")).await;
    assert_eq!(pair.value(1).await.as_deref(), Some("marked"));
    daemon.stop().await;
}

#[tokio::test]
async fn a_job_of_other_servers_begins_anew() {
    let Some(pair) = pair("anew2").await else { return };
    let Some(other) = servers::mariadb(3) else { return };
    pair.at(other, &format!("DROP DATABASE IF EXISTS {}", pair.schema)).await;
    pair.at(other, &format!("CREATE DATABASE {}", pair.schema)).await;
    pair.at(other, &format!("CREATE TABLE {} (id INT PRIMARY KEY, v VARCHAR(20))", pair.table())).await;
    pair.at(other, &format!("INSERT INTO {} VALUES (1, 'of another source'), (9, 'nine')", pair.table())).await;
    let (daemon, _dir) = served::start("").await;
    done(&daemon, Method::POST, "/v1/jobs", pair.job("anew", "anew")).await;
    pair.arrived(2).await;
    streaming(&daemon, "anew").await;
    done(&daemon, Method::DELETE, "/v1/job/anew", "").await;
    done(&daemon, Method::POST, "/v1/jobs", pair.between("anew", "anew", other)).await;
    until(PATIENCE, "the other source's rows", async || pair.value(9).await.as_deref() == Some("nine")).await;
    assert_eq!(pair.value(1).await.as_deref(), Some("of another source"));
    streaming(&daemon, "anew").await;
    assert_eq!(stages(&daemon, "anew").await, ["job_stage_full", "job_stage_incr"]);
    daemon.stop().await;
}
