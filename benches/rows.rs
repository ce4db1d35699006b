//! Micro-benchmarks of what is done with every row: decoding it from the log, filtering it, and encoding it as a message in
//! each format, from the log's image and from the copy's. Elements are rows, bytes those of the messages.
//!
//!     cargo bench [-- encode/debezium]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::sync::Arc;
use syncline::model::kafka::PartitionBy;
use syncline::model::messages::MessageFormat;
use syncline::model::replicate::TableName;
use syncline::replicate::encode::{Change, Message, Options, Origin, Snapshot, TableEncoder};
use syncline::replicate::event::{MapColumn, RowsEvent, RowsKind, TableMap};
use syncline::replicate::filter::Filter;
use syncline::replicate::schema::read::class;
use syncline::replicate::sink::RowBlock;
use syncline::replicate::stream::RowReader;
use syncline::replicate::table::{Column, Generated, Key, Table};

const ROWS: usize = 500;

/// Name, type, type code and metadata in the log.
const COLUMNS: [(&str, &str, u8, u16); 10] = [
    ("id", "bigint unsigned", 8, 0),
    ("customer", "int", 3, 0),
    ("name", "varchar(100)", 15, 400),
    ("price", "decimal(12,2)", 246, 0x0c02),
    ("created", "datetime(3)", 18, 3),
    ("updated", "timestamp(6)", 17, 6),
    ("active", "tinyint(1)", 1, 0),
    ("score", "double", 5, 8),
    ("state", "enum('new','paid','sent')", 254, 0xf701),
    ("note", "text", 252, 2),
];

const NOTE: &str = "sixty characters of a note with \"quotes\" and a line's end\n …";

fn table() -> Arc<Table> {
    let column = |&(name, column_type, ..): &(&str, &str, u8, u16)| {
        let data_type = column_type.split(['(', ' ']).next().unwrap_or_default().to_owned();
        Column {
            name: name.into(),
            class: class(&data_type),
            column_type: column_type.into(),
            unsigned: column_type.contains("unsigned"),
            nullable: name != "id",
            charset: Some("utf8mb4".into()),
            collation: Some("utf8mb4_bin".into()),
            length: None,
            fraction: if name == "created" { 3 } else { 6 },
            generated: Generated::No,
            invisible: false,
            auto_increment: false,
            members: if data_type == "enum" { vec![b"new".to_vec(), b"paid".to_vec(), b"sent".to_vec()] } else { vec![] },
            data_type,
        }
    };
    let key = Key { name: "PRIMARY".into(), primary: true, unique: true, columns: vec![0], prefix: vec![None], usable: true };
    Arc::new(Table {
        name: TableName::new("shop", "orders"),
        columns: COLUMNS.iter().map(column).collect(),
        keys: vec![key],
        engine: "InnoDB".into(),
        rows_estimated: 0,
        data_bytes: 0,
        auto_increment: None,
        create: String::new(),
    })
}

/// The rows as the log has them.
fn logged() -> RowsEvent {
    let mut rows = Vec::new();
    for i in 0..ROWS {
        let (id, name) = (i as u64 + 1_000_000, format!("customer number {i}"));
        rows.extend([0, 0]);
        rows.extend(id.to_le_bytes());
        rows.extend((i as i32).to_le_bytes());
        rows.extend((name.len() as u16).to_le_bytes());
        rows.extend(name.as_bytes());
        // 1234567890.12 in groups of nine digits; the first bit is the sign.
        rows.extend([0x81, 0x0d, 0xfb, 0x38, 0xd2, 12]);
        // 2024-02-29 01:02:03.456, and the same as a TIMESTAMP.
        let packed = 0x80_0000_0000_u64 + ((((2024 * 13 + 2) << 5 | 29) << 17) | (1 << 12 | 2 << 6 | 3));
        rows.extend(&packed.to_be_bytes()[3..]);
        rows.extend(4560_u16.to_be_bytes());
        rows.extend(1_709_168_523_u32.to_be_bytes());
        rows.extend(&456_000_u32.to_be_bytes()[1..]);
        rows.push(1);
        rows.extend(1.25_f64.to_le_bytes());
        rows.push(2);
        rows.extend((NOTE.len() as u16).to_le_bytes());
        rows.extend(NOTE.as_bytes());
    }
    let column = |&(name, _, type_code, meta): &(&str, &str, u8, u16)| MapColumn {
        type_code,
        meta,
        name: Some(name.into()),
        ..MapColumn::default()
    };
    let map = TableMap { table: TableName::new("shop", "orders"), columns: COLUMNS.iter().map(column).collect(), primary: None };
    RowsEvent { kind: RowsKind::Insert, map: Arc::new(map), rows: rows.into(), json_parts: false, foreign_keys_off: false }
}

/// The same rows as the copy reads them.
fn copied() -> RowBlock {
    let mut block = RowBlock { columns: COLUMNS.len(), ..RowBlock::default() };
    for i in 0..ROWS {
        let (id, customer, name) = ((i + 1_000_000).to_string(), i.to_string(), format!("customer number {i}"));
        let (created, updated) = ("2024-02-29 01:02:03.456", "2024-02-29 01:02:03.456000");
        for value in [&id, &customer, &name, "1234567890.12", created, updated, "1", "1.25", "2", NOTE] {
            block.push(Some(value.as_bytes()));
        }
    }
    block
}

fn encoder(format: MessageFormat) -> TableEncoder {
    let options = Options {
        format,
        partition_by: PartitionBy::PrimaryKey,
        exclude_columns: vec![],
        tombstones: true,
        server_name: "bench".into(),
        connector: "mysql",
    };
    TableEncoder::new(table(), &options).expect("the table can be encoded")
}

const ORIGIN: Origin<'static> = Origin {
    server_id: 1,
    gtid: Some("3e11fa47-71ca-11e1-9e33-c80aa9429562:23"),
    file: "bin.000003",
    offset: 154,
    row: 0,
    last_row: false,
    snapshot: Snapshot::No,
    source_ms: 1_709_168_523_000,
    now_us: 1_709_168_523_456_789,
    thread: None,
    xid: None,
    transaction: None,
};

fn encode_log(encoder: &TableEncoder, event: &RowsEvent, take: &mut dyn FnMut(&[Message])) {
    let (mut reader, mut before, mut after, mut out) = (RowReader::new(event, encoder.unsigned()), vec![], vec![], vec![]);
    while reader.next(&mut before, &mut after).expect("a whole row") {
        let row = encoder.from_log(&after).expect("the types fit");
        out.clear();
        encoder.encode(&Change::Insert(&row), &ORIGIN, &mut out).expect("the columns fit");
        take(&out);
    }
}

fn encode_copy(encoder: &TableEncoder, block: &RowBlock, take: &mut dyn FnMut(&[Message])) {
    let columns: Vec<usize> = (0..COLUMNS.len()).collect();
    let mut out = vec![];
    for row in 0..block.rows() {
        let row = encoder.from_copy(block, row, &columns).expect("the types fit");
        out.clear();
        encoder.encode(&Change::Insert(&row), &ORIGIN, &mut out).expect("the columns fit");
        take(&out);
    }
}

fn encode(c: &mut Criterion) {
    let (event, block) = (logged(), copied());
    let formats = [
        ("debezium-schema", MessageFormat::Debezium { schema: true }),
        ("debezium", MessageFormat::Debezium { schema: false }),
        ("canal", MessageFormat::Canal),
        ("flat", MessageFormat::Flat),
        ("maxwell", MessageFormat::Maxwell),
    ];
    for (name, format) in formats {
        let encoder = encoder(format);
        let (mut from_log, mut from_copy) = (Vec::new(), Vec::new());
        encode_log(&encoder, &event, &mut |m| from_log.extend_from_slice(m));
        encode_copy(&encoder, &block, &mut |m| from_copy.extend_from_slice(m));
        assert_eq!(from_log, from_copy, "both sides have the same rows");
        let bytes = from_log.iter().flat_map(|m| [&m.key, &m.value]).flatten().map(Vec::len).sum::<usize>() as u64;
        let mut group = c.benchmark_group(format!("encode/{name}"));
        group.throughput(Throughput::ElementsAndBytes { elements: ROWS as u64, bytes });
        group.bench_function("log", |b| b.iter(|| encode_log(&encoder, &event, &mut |m| _ = black_box(m))));
        group.bench_function("copy", |b| b.iter(|| encode_copy(&encoder, &block, &mut |m| _ = black_box(m))));
        group.finish();
    }
}

fn decode(c: &mut Criterion) {
    let (event, encoder) = (logged(), encoder(MessageFormat::Flat));
    let mut group = c.benchmark_group("decode");
    group.throughput(Throughput::ElementsAndBytes { elements: ROWS as u64, bytes: event.rows.len() as u64 });
    group.bench_function("log", |b| {
        b.iter(|| {
            let (mut reader, mut before, mut after) = (RowReader::new(&event, encoder.unsigned()), vec![], vec![]);
            while reader.next(&mut before, &mut after).expect("a whole row") {
                black_box(&after);
            }
        });
    });
    group.finish();
}

fn filter(c: &mut Criterion) {
    let (block, encoder) = (copied(), encoder(MessageFormat::Flat));
    let columns: Vec<usize> = (0..COLUMNS.len()).collect();
    let rows: Vec<_> = (0..ROWS).map(|row| encoder.from_copy(&block, row, &columns).expect("the types fit")).collect();
    let mut group = c.benchmark_group("filter");
    group.throughput(Throughput::Elements(ROWS as u64));
    let filters = [
        ("integers", "customer >= 100 AND customer < 400 AND id % 2 = 0"),
        ("text", "name LIKE 'customer%7' OR state IN ('new', 'paid')"),
        ("times", "created BETWEEN '2024-01-01' AND '2024-12-31' AND price > 100.5"),
    ];
    for (name, text) in filters {
        let condition = Filter::parse(text).and_then(|f| f.check(&table())).unwrap_or_else(|e| panic!("{text}: {e}"));
        group.bench_function(name, |b| {
            b.iter(|| rows.iter().filter(|row| condition.keep(row).expect("it can be decided")).count());
        });
    }
    group.finish();
}

criterion_group!(benches, encode, decode, filter);
criterion_main!(benches);
