//! Lines that break: cut and refused, dead without a word, and lost with the answer to a COMMIT; towards either server, in
//! the copy and in the stream.

use super::bench::{Bench, long};
use crate::support::line::Line;
use crate::support::servers::{self, Server};
use crate::support::until::until;
use std::time::{Duration, Instant};
use syncline::replicate::connect::Flavor;

#[derive(Debug, Clone, Copy)]
enum Side {
    Source,
    Target,
}

fn line(bench: &mut Bench, side: Side) -> &mut Line {
    match side {
        Side::Source => &mut bench.source,
        Side::Target => &mut bench.target,
    }
}

/// Cut until the job says so, and for at least so long.
async fn cut(bench: &mut Bench, side: Side, least: Duration) {
    let began = Instant::now();
    line(bench, side).cut().await;
    bench.waits().await;
    until(Duration::from_secs(60), "the line stays cut", async || began.elapsed() >= least).await;
    line(bench, side).mend().await;
}

async fn cuts(from: &Server, to: &Server) {
    let least = Duration::from_secs(if long() { 30 } else { 1 });
    let mut bench = Bench::start("cut", from, to).await;
    for side in [Side::Source, Side::Target] {
        bench.in_copy().await;
        cut(&mut bench, side, least).await;
    }
    bench.in_copy().await;
    bench.in_stream().await;
    for side in [Side::Source, Side::Target] {
        cut(&mut bench, side, least).await;
        bench.brings().await;
    }
    bench.ends_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_are_cut_mariadb() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    cuts(from, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_that_are_cut_mysql() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    cuts(from, to).await;
}

/// A connection that carries nothing any more is given up, and the job goes on over others. With servers of its own: what
/// hangs there holds its tables' locks until the line is given up, and other tests would wait for them.
async fn dead(name: &str, side: Side, copying: bool) {
    for flavor in [Flavor::Mariadb, Flavor::Mysql].into_iter().take(if long() { 2 } else { 1 }) {
        let own = |end: &str| servers::own(flavor, &format!("{name}-{end}"));
        let (Some(from), Some(to)) = (own("source"), own("target")) else { continue };
        let mut bench = Bench::start("dead", &from, &to).await;
        bench.in_copy().await;
        if !copying {
            bench.in_stream().await;
        }
        line(&mut bench, side).goes_dead();
        if copying {
            bench.in_copy().await;
        } else {
            bench.brings().await;
        }
        bench.ends_equal().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_source_in_the_copy() {
    dead("dead-copy", Side::Source, true).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_target_in_the_copy() {
    if long() {
        dead("dead-load", Side::Target, true).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_source_in_the_stream() {
    if long() {
        dead("dead-log", Side::Source, false).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_line_to_the_target_in_the_stream() {
    dead("dead-stream", Side::Target, false).await;
}

/// Nobody told us, and it was done: the row in `applied` says so, and the chunk's in `chunk`.
async fn lost_answers(from: &Server, to: &Server) {
    let mut bench = Bench::start("commit", from, to).await;
    let times = if long() { 20 } else { 2 };
    for n in 1..=times {
        bench.in_copy().await;
        bench.target.lose_a_commit();
        until(Duration::from_secs(30), "the answer is lost", async || bench.target.lost() == n).await;
    }
    bench.in_stream().await;
    for n in times + 1..=2 * times {
        bench.target.lose_a_commit();
        until(Duration::from_secs(30), "the answer is lost", async || bench.target.lost() == n).await;
        bench.brings().await;
    }
    bench.ends_equal().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_commits_that_are_lost_mariadb() {
    if !long() {
        return;
    }
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    lost_answers(from, to).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_to_commits_that_are_lost_mysql() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    lost_answers(from, to).await;
}
