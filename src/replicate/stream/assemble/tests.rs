use super::*;
use crate::replicate::Error;
use proptest::prelude::*;

fn assembler(start: &Start) -> Assembler {
    let from = Position { gtid: None, file: start.file.clone(), offset: start.offset };
    Assembler::new(TableFilter { include: vec![], ignore: vec![], shadows: false }, None, watch::channel(Live::default()).1, from, start)
}

fn header(kind: u8, size: u32, end: u32) -> Header {
    Header { time: 1, kind, server: 1, size, end, flags: 0 }
}

#[test]
fn offsets_run_on_past_4_gib() {
    let mut a = assembler(&Start { file: "b.000001".into(), offset: (1 << 32) - 100, skip: false });
    for (size, end, begin) in [(40, u32::MAX - 59, (1 << 32) - 100), (80, 20, (1 << 32) - 60), (500, 520, (1 << 32) + 20)] {
        assert_eq!(a.locate(&header(kind::QUERY, size, end)), begin);
    }
    assert_eq!(a.offset, (1 << 32) + 520);
}

#[test]
fn a_place_past_4_gib_is_reached_by_passing_over_what_is_before() {
    let mut a = assembler(&Start { file: "b.000001".into(), offset: (1 << 32) + 50, skip: true });
    let mut feed = |size, end| {
        a.feed(Record { header: header(kind::ANONYMOUS_GTID, size, end), body: Bytes::new() })?;
        let tx = a.tx.take();
        Ok::<_, Error>(tx.map(|tx| tx.id.start_offset))
    };
    assert_eq!(feed(1 << 31, (1 << 31) + 4).unwrap(), None);
    assert_eq!(feed((1 << 31) - 4, 0xffff_ffff).unwrap(), None);
    assert_eq!(feed(51, 50).unwrap(), None);
    assert_eq!(feed(60, 110).unwrap(), Some((1 << 32) + 50));
}

proptest! {
    #[test]
    fn no_events_make_it_panic(events in proptest::collection::vec((any::<u8>(), any::<u32>(), any::<u16>(), proptest::collection::vec(any::<u8>(), 0..60)), 0..12)) {
        let mut a = assembler(&Start { file: "b.000001".into(), offset: 4, skip: false });
        for (kind, end, flags, body) in events {
            let kind = if kind < 200 { kind % 43 } else { kind % 11 + 160 };
            let _ = a.feed(Record { header: Header { flags, ..header(kind, 19, end) }, body: body.into() });
            while a.pop().is_some() {}
        }
    }
}
