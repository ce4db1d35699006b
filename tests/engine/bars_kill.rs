//! kill -9 while bars are written: nothing that was acknowledged is lost, nothing is corrupt.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use syncline::bars::store::Store;
use syncline::model::bars::{Bar, BarTime, Interval, Range, Symbol, Volume};

const DIR: &str = "SYNCLINE_TEST_BARS_DIR";

fn symbol(n: u64) -> Symbol {
    Symbol::parse(&format!("US.S{}", n % 7)).unwrap()
}

/// Write number n: two bars, one that is new and one that is written over and over.
fn write(n: u64) -> Vec<Bar> {
    let bar = |day: i64, close: f64| Bar::new(BarTime::new(day * 86_400).unwrap(), close, close, close, close, Volume::Whole(n)).unwrap();
    vec![bar(10_000 + i64::try_from(n).unwrap(), n as f64 / 100.0), bar(9_000, n as f64)]
}

/// The process that is killed: not a test by itself.
#[tokio::test]
#[ignore = "run by the test below, in a process of its own"]
async fn writer_to_be_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let store = Store::open(Path::new(&dir)).unwrap();
    let start: u64 = store.value("next").await.unwrap().map_or(0, |n| n.parse().unwrap());
    let tasks = (0..4u64).map(|lane| {
        let store = store.clone();
        tokio::spawn(async move {
            for n in (start + lane..).step_by(4) {
                store.upsert(&symbol(n), Interval::D1, write(n)).await.unwrap();
                // The test harness writes to the same stream: a line of its own.
                writeln!(std::io::stdout(), "\nacknowledged {n}").unwrap();
            }
        })
    });
    futures::future::join_all(tasks).await;
}

#[tokio::test]
async fn a_killed_writer_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged: Vec<u64> = Vec::new();
    for round in 0..6u64 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "engine::bars_kill::writer_to_be_killed", "--ignored", "--nocapture"])
            .env(DIR, dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut seen = 0;
        for line in lines {
            if let Some(n) = line.unwrap().strip_prefix("acknowledged ") {
                acknowledged.push(n.parse().unwrap());
                seen += 1;
                // In the middle of whatever it does then; what it still says is read to the end.
                if seen == 30 + round * 17 {
                    child.kill().unwrap();
                }
            }
        }
        child.wait().unwrap();
        assert!(seen > 0, "the writer did not get to write");
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.verify().await.unwrap().problems, Vec::<String>::new());
        let mut stored = std::collections::HashMap::new();
        for n in 0..7 {
            let bars = store.read(&symbol(n), Interval::D1, Range::ALL).await.unwrap().unwrap_or_default();
            stored.extend(bars.into_iter().map(|b| ((n, b.time()), b)));
        }
        for n in &acknowledged {
            let [new, _] = write(*n)[..] else { panic!() };
            assert_eq!(stored.get(&(n % 7, new.time())), Some(&new), "write {n} of round {round}");
        }
        let next = acknowledged.iter().max().unwrap() + 1;
        store.set_value("next", &next.to_string()).await.unwrap();
        store.close().await;
    }
}
