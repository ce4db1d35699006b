//! Decisions by table, of one row.

use super::*;
use crate::model::replicate::TableName;
use crate::replicate::encode::Datum;
use crate::replicate::schema::read::class;
use crate::replicate::table::{Column, Generated};
use std::borrow::Cow;

fn column(name: &str, data_type: &str, collation: &str) -> Column {
    Column {
        column_type: data_type.into(),
        data_type: data_type.into(),
        nullable: true,
        charset: Some("utf8mb4".into()).filter(|_| !collation.is_empty()),
        collation: Some(collation.to_owned()).filter(|c| !c.is_empty()),
        members: if data_type == "enum" { vec![b"new".to_vec(), b"old".to_vec()] } else { vec![] },
        ..Column::plain(name, class(data_type))
    }
}

fn table() -> Table {
    let mut columns = vec![
        column("id", "int", ""),
        column("price", "decimal", ""),
        column("ci", "varchar", "utf8mb4_general_ci"),
        column("bin", "varchar", "utf8mb4_bin"),
        column("dt", "datetime", ""),
        column("ti", "time", ""),
        column("n", "int", ""),
        column("j", "json", ""),
        column("b", "varbinary", ""),
        column("e", "enum", "utf8mb4_unicode_ci"),
        column("f", "double", ""),
        column("odd", "varchar", "utf8mb4_0900_as_cs"),
        column("g", "int", ""),
        column("y", "year", ""),
    ];
    columns[12].generated = Generated::Stored;
    Table {
        name: TableName::new("d", "t"),
        columns,
        keys: vec![],
        engine: String::new(),
        rows_estimated: 0,
        data_bytes: 0,
        auto_increment: None,
        create: String::new(),
    }
}

fn row() -> Vec<Datum<'static>> {
    vec![
        Datum::Int(10),
        Datum::Decimal("12.50"),
        Datum::Text(Cow::Borrowed("Hello ")),
        Datum::Text(Cow::Borrowed("Hello")),
        Datum::Datetime("2024-02-29 12:00:00.500"),
        Datum::Time("-01:00:00"),
        Datum::Null,
        Datum::Json(Cow::Borrowed("{}")),
        Datum::Bytes(Cow::Borrowed(b"ab")),
        Datum::Enum(2),
        Datum::Double(0.5),
        Datum::Text(Cow::Borrowed("x")),
        Datum::Int(1),
        Datum::Year(2024),
    ]
}

fn keep(text: &str) -> bool {
    Filter::parse(text).and_then(|f| f.check(&table())).and_then(|c| c.keep(&row())).unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn code(text: &str) -> (&'static str, String) {
    let error = Filter::parse(text).and_then(|f| f.check(&table())).expect_err(text);
    (error.code, error.to_string())
}

#[test]
fn rows_are_kept_by_three_valued_logic() {
    for text in [
        "",
        "id = 10",
        "ID<>9 and id != 11",
        "id % 6 = 4",
        "`id` in (1, 10, NULL)",
        "id between 10 and 10",
        "id not between 11 and 20",
        "NOT (id < 10 OR id > 10)",
        "-id = -10 and +id = 10 and id - -1 = 11",
        "id + 2 * 3 = 16 and (id + 2) * 3 = 36",
        "id / 4 = 2.5 and id / 1000 = 0.01 and price / 100 = 0.125 and f / 3 > 0.16",
        "price = 12.5 and price > 12.49 and price * 2 = 25",
        "price % 5 = 2.5 and -7 % 3 = -1",
        "n is null and id is not null",
        "n <=> null and not (id <=> null)",
        "n = 1 or id = 10",
        "id = 10 or n = 1",
        "n % 0 is null and id % 0 is null and f / 0 is null",
        "id and y",
        "y = 2024 and y > 1999 and 2025 > y and y is not null",
        "TRUE and not false",
        "ci = 'hello'",
        "ci = 'HELLO   ' and ci <> 'hellp' and ci < 'i'",
        "ci like 'hel%' and ci like '%L_ ' and ci not like 'hello'",
        "bin = 'Hello ' and bin <> 'hello' and binary ci = 'Hello '",
        "bin like 'H%o' and bin not like 'h%' and 'a%b' like 'a\\%b'",
        "dt > '2024-02-29' and dt < '2024-03-01' and dt = '2024-02-29 12:00:00.5'",
        "dt between '2024-01-01 00:00:00' and '2024-12-31'",
        "ti < '00:00:00' and ti = '-01:00:00.0'",
        "b = 'ab' and b > 'aa'",
        "e = 'OLD' and e in ('x', 'old')",
        "f < 1 and f = 0.5 and f + 1 = 1.5",
        "j is not null",
        "select id, ci from t where id = 10 -- why not",
        "select * from `d`.`t`",
        "id = 10 && (id = 1 || id = 10)",
        "99999999999999999999999999999999999999 > 0.00000000001",
    ] {
        assert!(keep(text), "{text}");
    }
    for text in
        ["id = 9", "n = n", "n <> 1", "not (n = 1)", "n", "null", "id in (1, n)", "id not in (1, n)", "n = 1 and id = 10", "bin = 'HELLO'"]
    {
        assert!(!keep(text), "{text}");
    }
}

#[test]
fn bad_filters_name_their_place() {
    for (text, expected, at) in [
        ("id =", "filter_syntax", 5),
        ("id = 1 and", "filter_syntax", 11),
        ("id = 1 id", "filter_syntax", 8),
        ("id = 'a", "filter_syntax", 6),
        ("(id = 1", "filter_syntax", 8),
        ("id == 1", "filter_syntax", 5),
        ("id not 1", "filter_syntax", 8),
        ("id = 1e5", "filter_syntax", 6),
        ("id in ()", "filter_syntax", 8),
        ("id = 1; drop table t", "filter_syntax", 7),
        ("dt < NOW()", "filter_function", 6),
        ("id < rand ()", "filter_function", 6),
        ("dt < current_timestamp", "filter_function", 6),
        ("id = 1 or nosuch = 2", "filter_column", 11),
        ("select nosuch from t", "filter_column", 8),
        ("g = 1", "filter_column", 1),
        ("id = 'a'", "filter_class", 6),
        ("ci = 1", "filter_class", 6),
        ("ci = 'é'", "filter_class", 6),
        ("ci = bin", "filter_class", 6),
        ("e < 'a'", "filter_class", 5),
        ("odd = 'x'", "filter_class", 7),
        ("dt > '2024'", "filter_class", 6),
        ("ti > '1:2'", "filter_class", 6),
        ("j = '{}'", "filter_class", 5),
        ("id / 3 = 1", "filter_class", 6),
        ("id / n = 1", "filter_class", 6),
        ("dt > '2024-02-30'", "filter_class", 6),
        ("dt > '0000-00-00'", "filter_class", 6),
        ("dt > '2024-02-29 24:00:00'", "filter_class", 6),
        ("ti > '12:60:00'", "filter_class", 6),
        ("ti > '900:00:00'", "filter_class", 6),
        ("y > 24", "filter_class", 5),
        ("y + 1 > 2000", "filter_class", 1),
        ("binary id = 1", "filter_class", 1),
        ("binary ci like 'a_'", "filter_class", 1),
        ("id like '1%'", "filter_class", 1),
        ("ci + 1 = 2", "filter_class", 1),
        ("ci", "filter_class", 1),
        ("'é' = 1", "filter_class", 7),
    ] {
        let (code, message) = code(text);
        assert_eq!(code, expected, "{text}: {message}");
        assert!(message.contains(&format!("at character {at}:")), "{text}: {message}");
    }
    assert!(code("dt < NOW()").1.contains("NOW"));
    assert!(Filter::parse(&format!("{}id", "(".repeat(5000))).is_err() && Filter::parse(&"NOT ".repeat(5000)).is_err());
    // What is just not too long is decided within a small stack.
    assert!(!keep(&vec!["id = 1"; 5000].join(" or ")));
    assert!(keep(&format!("id in ({}10)", "1, ".repeat(20_000))));
    assert!(keep(&format!("{}id = 10{}", "(".repeat(39), ")".repeat(39))));
    assert_eq!(code(&format!("id = 1{}", " + 1".repeat(41))).0, "filter_syntax");
}

#[test]
fn what_only_the_server_can_compare_stops_the_job() {
    let with = |text: &str, value: &'static str| {
        let mut row = row();
        row[2] = Datum::Text(Cow::Borrowed(value));
        Filter::parse(text).unwrap().check(&table()).unwrap().keep(&row)
    };
    assert_eq!(with("ci = 'e'", "é").unwrap_err().code, "filter_undecided");
    assert_eq!(with("ci like 'e'", "é").unwrap_err().code, "filter_undecided");
    assert!(!with("ci = 'e'", "中文").unwrap() && with("ci <> 'e'", "привет").unwrap());
    assert!(!with("ci = 'eu'", "Zürich").unwrap() && with("ci <> 'e'", "ée").unwrap_err().code == "filter_undecided");
    assert!(with("ci <> 'e'", "éE e").unwrap(), "an e more");
    assert!(with("ci like 'a%'", "a中é").unwrap());
    assert!(!with("binary ci = 'e'", "é").unwrap());
    assert_eq!(with("ci < 'e'", "中").unwrap_err().code, "filter_undecided");
}

#[test]
fn a_projection_names_what_it_leaves_out() {
    let filter = Filter::parse("select ID, ci from t").unwrap();
    assert_eq!(filter.excluded(&table()).len(), 12);
    assert!(!filter.excluded(&table()).contains(&"id".to_owned()));
    assert!(Filter::parse("id = 1").unwrap().excluded(&table()).is_empty());
}
