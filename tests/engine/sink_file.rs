//! What every sink promises (`replicate/sink/mod.rs`), as far as it holds for messages, proved on the file sink: what is
//! accepted and not durable is repeated without being there twice, `durable` passes no hole, and a later owner fences.

use super::sink_contract::{Case, targets};
use crate::support::until::until;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use syncline::model::messages::{FileName, LinesSinkSpec, LinesTo, MessageFormat, MessageSpec};
use syncline::model::position::{Position, TxId};
use syncline::model::replicate::TableFilter;
use syncline::replicate::event::RowsKind;
use syncline::replicate::memory::Request;
use syncline::replicate::report::Report;
use syncline::replicate::sink::messages::{Around, MessageSink};
use syncline::replicate::sink::{Claim, Item, Mode, Sink as _};
use syncline::replicate::{Memory, connect};
use tokio_util::sync::CancellationToken;

/// What the scheduler keeps for the engine, with its fence.
#[derive(Clone, Default)]
struct Keeper(Arc<Mutex<(u64, BTreeMap<String, String>)>>);

impl Keeper {
    fn memory(&self, epoch: u64) -> Memory {
        let (memory, mut asked) = Memory::new();
        let keeper = self.clone();
        tokio::spawn(async move {
            while let Some(request) = asked.recv().await {
                let mut kept = keeper.0.lock().unwrap();
                match request {
                    Request::Load(reply) => drop(reply.send(Ok(kept.1.clone()))),
                    Request::Save(_, reply) if kept.0 > epoch => drop(reply.send(Err("taken over".into()))),
                    Request::Save(changes, reply) => {
                        kept.0 = epoch;
                        for (name, text) in changes {
                            match text {
                                Some(text) => drop(kept.1.insert(name, text)),
                                None => drop(kept.1.remove(&name)),
                            }
                        }
                        drop(reply.send(Ok(())));
                    }
                }
            }
        });
        memory
    }
}

async fn sink(case: &mut Case, dir: &Path, keeper: &Keeper, epoch: u64) -> MessageSink {
    let source = case.endpoint();
    let info = connect::inspect(&mut connect::open(&source, false).await.unwrap(), &source).await.unwrap();
    let messages = MessageSpec { format: MessageFormat::Debezium { schema: false }, exclude_columns: vec![], tombstones: false };
    let spec = LinesSinkSpec { to: LinesTo::File(FileName::parse("t.ndjson").unwrap()), messages };
    let around = Around {
        source,
        info,
        memory: keeper.memory(epoch),
        cancel: CancellationToken::new(),
        files_dir: Some(dir.to_owned()),
        outlet: None,
        report: Report::new().0,
        filter: TableFilter::default(),
    };
    MessageSink::lines(spec, around)
}

/// The ids in the file, with what happened to them.
fn written(dir: &Path) -> Vec<(String, i64)> {
    let text = std::fs::read_to_string(dir.join("t.ndjson")).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    let lines = text.lines().map(|l| serde_json::from_str::<Value>(l).unwrap());
    lines.map(|l| (l["value"]["op"].as_str().unwrap().to_owned(), l["key"]["id"].as_i64().unwrap())).collect()
}

fn c(id: i64) -> (String, i64) {
    ("c".to_owned(), id)
}

fn at(n: u64) -> Position {
    Position { gtid: None, file: "bin.000001".into(), offset: n * 10 + 10 }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_durable_is_repeated_and_nothing_is_there_twice() {
    for server in targets() {
        let mut case = Case::keyed(server, "filesink").await;
        let (dir, keeper) = (tempfile::tempdir().unwrap(), Keeper::default());
        let dir = dir.path();
        let mut first = sink(&mut case, dir, &keeper, 1).await;
        assert!(first.open(Claim::any(1)).await.unwrap().watermark.is_none());
        first.submit(case.insert(1, 7)).await.unwrap();
        assert_eq!(first.drain().await.unwrap(), at(1));
        assert_eq!((written(dir), first.durable().borrow().watermark.clone()), (vec![c(7)], Some(at(1))));
        // Accepted, then a crash before anything is kept of it: a torn line may be left of it.
        let kept = keeper.0.lock().unwrap().1.clone();
        first.submit(case.insert(2, 8)).await.unwrap();
        drop(first);
        // Its worker ends a moment later, and lets go of the file.
        let free = || std::fs::File::open(dir.join("t.ndjson")).is_ok_and(|file| file.try_lock().is_ok());
        until(Duration::from_secs(20), "the file is let go", async || free()).await;
        keeper.0.lock().unwrap().1 = kept;
        let mut text = std::fs::read_to_string(dir.join("t.ndjson")).unwrap();
        text.push_str("{\"table\":\"torn");
        std::fs::write(dir.join("t.ndjson"), text).unwrap();

        // A part of a transaction that is too large to hold is written, and nothing of it counts before its end.
        let mut second = sink(&mut case, dir, &keeper, 2).await;
        assert_eq!(second.open(Claim::any(2)).await.unwrap().watermark, Some(at(1)));
        second.submit(case.insert(2, 8)).await.unwrap();
        let part = |case: &Case, id: i32, end: Option<Position>| Item::TxPart {
            id: TxId { gtid: None, file: "bin.000001".into(), start_offset: 30 },
            rows: vec![(case.event(RowsKind::Insert, &[(id, "a")]), Mode::Exact)],
            end,
            source_time: 3,
        };
        second.submit(part(&case, 9, None)).await.unwrap();
        assert_eq!(second.drain().await.unwrap(), at(2), "a part moves nothing");
        assert_eq!(written(dir), [c(7), c(8), c(9)]);
        second.close().await;

        let mut third = sink(&mut case, dir, &keeper, 3).await;
        assert_eq!(third.open(Claim::any(3)).await.unwrap().watermark, Some(at(2)));
        assert_eq!(written(dir), [c(7), c(8)], "what came behind is cut off");
        for item in [part(&case, 9, None), part(&case, 10, Some(at(3)))] {
            third.submit(item).await.unwrap();
        }
        assert_eq!(third.drain().await.unwrap(), at(3));
        assert_eq!(written(dir), [c(7), c(8), c(9), c(10)]);

        // While one writes, another cannot open; and the fence holds where it could.
        let mut fourth = sink(&mut case, dir, &keeper, 4).await;
        assert_eq!(fourth.open(Claim::any(4)).await.unwrap_err().code, "file_in_use");
        keeper.0.lock().unwrap().0 = 4;
        third.submit(case.insert(5, 11)).await.unwrap();
        assert_eq!(third.drain().await.unwrap_err().code, "memory_failed");
        third.close().await;
        drop(third);
        assert_eq!(fourth.open(Claim::any(4)).await.unwrap().watermark, Some(at(3)));
        assert_eq!(written(dir), [c(7), c(8), c(9), c(10)]);
    }
}
