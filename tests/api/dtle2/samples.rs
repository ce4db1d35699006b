//! Every sample of the contract, and the request that is answered in its shape: one running job between real servers.

use super::super::contract::{assert_shape, json as sample, samples};
use super::super::served;
use super::life::{self, PATIENCE};
use super::{done, get};
use crate::support::until::until;
use reqwest::Method;

/// Sample → the path that answers so. `{job}` is a job that streams, `{src}` the allocation of its source.
const SAMPLES: [(&str, &str); 7] = [
    ("allocations.response", "/v1/job/{job}/allocations"),
    ("job.response", "/v1/job/{job}"),
    ("jobs.response", "/v1/jobs"),
    ("leader.response", "/v1/leader"),
    ("members.response", "/v1/members"),
    ("nodes.response", "/v1/nodes"),
    ("stats.response", "/v1/agent/allocation/{src}/stats"),
];

#[test]
fn every_sample_is_in_the_table() {
    assert_eq!(samples("dtle2"), SAMPLES.map(|(name, _)| name.to_owned()));
}

#[tokio::test]
async fn every_sample_gets_a_reply_of_its_shape() {
    let Some(pair) = life::pair("samples2").await else { return };
    let (daemon, _dir) = served::start("").await;
    done(&daemon, Method::POST, "/v1/jobs", pair.job("samples", "samples")).await;
    pair.arrived(2).await;
    let src = get(&daemon, "/v1/job/samples/allocations").await[0]["ID"].as_str().unwrap().to_owned();
    let stats = format!("/v1/agent/allocation/{src}/stats");
    until(PATIENCE, "the stream has figures", async || {
        get(&daemon, &stats).await["Tasks"]["Src"]["CurrentCoordinates"]["GtidSet"].as_str().is_some_and(|g| !g.is_empty())
    })
    .await;
    for (name, path) in SAMPLES {
        let reply = get(&daemon, &path.replace("{job}", "samples").replace("{src}", &src)).await;
        assert_shape(&reply, &sample("dtle2", name), &[]);
    }
    // Real figures, not the shape alone.
    let figures = get(&daemon, &stats).await["Tasks"]["Src"].clone();
    assert_eq!((&figures["ProgressPct"], &figures["ETA"], &figures["ExecMasterRowCount"]), (&"100.0".into(), &"0s".into(), &2.into()));
    assert!(figures["CurrentCoordinates"]["Position"].as_u64().unwrap() > 4, "{figures}");
    assert!(figures["Backlog"].as_str().unwrap().ends_with("/60"), "{figures}");
    // Both tasks show where the job is.
    let job = get(&daemon, "/v1/job/samples").await;
    assert_eq!(job["Tasks"][0]["Config"]["Gtid"], job["Tasks"][1]["Config"]["Gtid"]);
    assert_ne!(job["Tasks"][0]["Config"]["Gtid"], "");
    daemon.stop().await;
}
