//! Servers that are killed and start again, in the copy and in the stream.

use super::bench::{Bench, long};
use crate::support::servers::{self, Server};
use syncline::replicate::connect::Flavor;

async fn restart(bench: &Bench, server: &mut Server) {
    server.kill9().await;
    bench.waits().await;
    server.start_again().await;
}

async fn killed(flavor: Flavor) {
    let (Some(mut from), Some(mut to)) = (servers::own(flavor, "killed-source"), servers::own(flavor, "killed-target")) else { return };
    let rounds = if long() { 5 } else { 1 };
    let mut bench = Bench::start("restart", &from, &to).await;
    for server in [&mut from, &mut to] {
        bench.in_copy().await;
        restart(&bench, server).await;
    }
    bench.in_copy().await;
    bench.in_stream().await;
    for _ in 0..rounds {
        for server in [&mut from, &mut to] {
            restart(&bench, server).await;
            bench.brings().await;
        }
    }
    bench.ends_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_killed_and_start_again_mariadb() {
    killed(Flavor::Mariadb).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_that_are_killed_and_start_again_mysql() {
    if !long() {
        return;
    }
    killed(Flavor::Mysql).await;
}
