//! The columns of the zoo, by family.

use super::{Column, Table};

fn column(name: &'static str, definition: &'static str, values: &[&str]) -> Column {
    let nullable = !definition.contains("NOT NULL");
    Column { name, definition, values: values.iter().map(|v| (*v).to_owned()).collect(), nullable }
}

fn table(name: &'static str, columns: Vec<Column>) -> Table {
    Table { name, columns, keyed: true, lenient: false }
}

/// What MariaDB and MySQL can both hold.
pub(crate) fn common() -> Vec<Table> {
    let mut text = text();
    text.extend(binary());
    vec![
        table("zoo_numbers", numbers()),
        table("zoo_time", temporal()),
        table("zoo_text", text),
        Table { lenient: true, ..table("zoo_odd", odd()) },
        Table { keyed: false, ..table("zoo_keyless", keyless()) },
        table("odd `name`; --x", odd_names()),
        table("таблица 表", vec![column("значение", "VARCHAR(20)", &["'a'", "'b'", "'😀'"])]),
    ]
}

fn numbers() -> Vec<Column> {
    vec![
        column("c_tiny", "TINYINT", &["127", "126", "-128", "-1", "0"]),
        column("c_tiny_u", "TINYINT UNSIGNED", &["255", "254", "0", "128"]),
        column("c_bool", "BOOL NOT NULL DEFAULT FALSE", &["1", "0"]),
        column("c_small", "SMALLINT", &["-32768", "-32767", "32767", "-1"]),
        column("c_small_u", "SMALLINT UNSIGNED", &["65535", "65534", "0"]),
        column("c_medium", "MEDIUMINT", &["-5", "-6", "-8388608", "8388607"]),
        column("c_medium_u", "MEDIUMINT UNSIGNED", &["16777215", "16777214", "8388608"]),
        column("c_int", "INT", &["-2147483648", "-2147483647", "2147483647", "0"]),
        column("c_int_u", "INT UNSIGNED", &["4294967295", "4294967294", "0"]),
        column("c_big", "BIGINT", &["-9223372036854775808", "-9223372036854775807", "9223372036854775807"]),
        column("c_big_u", "BIGINT UNSIGNED", &["18446744073709551615", "18446744073709551614", "9223372036854775808", "0"]),
        column("c_zerofill", "INT(8) ZEROFILL", &["42", "43", "4294967295"]),
        column(
            "c_decimal",
            "DECIMAL(65,30)",
            &[
                "12345678901234567890123456789012345.123456789012345678901234567890",
                "12345678901234567890123456789012345.123456789012345678901234567891",
                "-99999999999999999999999999999999999.999999999999999999999999999999",
                "0.000000000000000000000000000001",
                "0",
            ],
        ),
        column("c_decimal_int", "DECIMAL(10,0)", &["9999999999", "9999999998", "-9999999999"]),
        column("c_decimal_frac", "DECIMAL(5,5)", &["0.99999", "0.99998", "-0.00001"]),
        column("c_decimal_u", "DECIMAL(20,4) UNSIGNED", &["1.1000", "1.1001", "9999999999999999.9999"]),
        column("c_float", "FLOAT", &["1.1", "1.1000002", "-3.40282e38", "1.17549e-38", "16777217", "0", "1e-45", "123456.789"]),
        column("c_double", "DOUBLE", &["1.1", "1.1000000000000003", "-1.7976931348623157e308", "2.2250738585072014e-308", "1e20", "0.1"]),
        column("c_bit1", "BIT(1)", &["b'1'", "b'0'"]),
        column("c_bit9", "BIT(9)", &["b'100000000'", "b'100000001'", "b'0'"]),
        column("c_bit64", "BIT(64)", &["x'FFFFFFFFFFFFFFFF'", "x'FFFFFFFFFFFFFFFE'", "x'8000000000000000'", "0"]),
        column("c_year", "YEAR", &["2024", "2023", "'0000'", "1901", "2155"]),
        column("c_virtual", "BIGINT GENERATED ALWAYS AS (`c_int` + 1) VIRTUAL", &[]),
        column("c_stored", "BIGINT GENERATED ALWAYS AS (`c_small` * 2) STORED", &[]),
        column("c_invisible", "INT INVISIBLE", &["7", "8"]),
    ]
}

fn temporal() -> Vec<Column> {
    let mut columns = vec![
        column(
            "d",
            "DATE",
            &["'2024-02-29'", "'2024-02-28'", "'0000-00-00'", "'0001-01-01'", "'9999-12-31'", "'2021-00-00'", "'2023-02-31'"],
        ),
        column(
            "dt",
            "DATETIME",
            &["'2024-02-29 23:59:59'", "'2024-02-29 23:59:58'", "'0000-00-00 00:00:00'", "'9999-12-31 23:59:59'", "'2023-02-31 00:00:01'"],
        ),
        column(
            "ts",
            "TIMESTAMP NULL",
            &["'1970-01-01 00:00:01'", "'1970-01-01 00:00:02'", "'2038-01-19 03:14:07'", "'0000-00-00 00:00:00'"],
        ),
        column("ti", "TIME", &["'-838:59:59'", "'-838:59:58'", "'838:59:59'", "'00:00:00'", "'-00:00:01'", "'25:10:11'"]),
    ];
    let fractions = [
        ("dt1", "DATETIME(1)", "ts1", "TIMESTAMP(1) NULL", "ti1", "TIME(1)"),
        ("dt2", "DATETIME(2)", "ts2", "TIMESTAMP(2) NULL", "ti2", "TIME(2)"),
        ("dt3", "DATETIME(3)", "ts3", "TIMESTAMP(3) NULL", "ti3", "TIME(3)"),
        ("dt4", "DATETIME(4)", "ts4", "TIMESTAMP(4) NULL", "ti4", "TIME(4)"),
        ("dt5", "DATETIME(5)", "ts5", "TIMESTAMP(5) NULL", "ti5", "TIME(5)"),
        ("dt6", "DATETIME(6)", "ts6", "TIMESTAMP(6) NULL", "ti6", "TIME(6)"),
    ];
    for (i, (dt, dt_type, ts, ts_type, ti, ti_type)) in fractions.into_iter().enumerate() {
        let digits = i + 1;
        let (high, low) = (&"987654"[..digits], format!("{}{}", "0".repeat(digits - 1), 1));
        let nines = "9".repeat(digits);
        let values = |texts: &[String]| texts.iter().map(|t| format!("'{t}'")).collect::<Vec<_>>();
        let of = |name, definition, texts: &[String]| Column { name, definition, values: values(texts), nullable: true };
        columns.push(of(
            dt,
            dt_type,
            &[
                format!("2024-02-29 12:34:56.{high}"),
                format!("2024-02-29 12:34:56.{low}"),
                format!("9999-12-31 23:59:59.{nines}"),
                "0000-00-00".into(),
            ],
        ));
        columns.push(of(
            ts,
            ts_type,
            &[
                format!("2024-02-29 12:34:56.{high}"),
                format!("2024-02-29 12:34:56.{low}"),
                format!("2038-01-19 03:14:07.{nines}"),
                "0000-00-00".into(),
            ],
        ));
        columns.push(of(
            ti,
            ti_type,
            &[
                format!("-12:34:56.{high}"),
                format!("-12:34:56.{low}"),
                format!("-00:00:00.{low}"),
                format!("838:59:58.{nines}"),
                format!("-838:59:58.{nines}"),
                "00:00:00".into(),
            ],
        ));
    }
    columns
}

fn text() -> Vec<Column> {
    // Quotes, backslash, NUL, newline, carriage return, tab, Ctrl-Z, per cent: what escaping gets wrong.
    const NASTY: &str = r"_utf8mb4 x'27225C000A0D091A255F60'";
    vec![
        column("c_char", "CHAR(10)", &["'abc'", "'abd'", "'trail   '", "''", "' lead'", "'😀é漢'", r"'\\N'"]),
        column("c_varchar", "VARCHAR(100)", &["'a '", "'a'", "''", "'NULL'", r"'\\N'", "'😀😀'", NASTY]),
        column("c_general_ci", "VARCHAR(50) COLLATE utf8mb4_general_ci", &["'Ä'", "'a'", "'ß'"]),
        column("c_utf8mb3", "VARCHAR(50) CHARACTER SET utf8mb3", &["'漢'", "'字'", "'é '"]),
        column(
            "c_latin1",
            "VARCHAR(50) CHARACTER SET latin1",
            &["_latin1 x'E9'", "_latin1 x'E8'", "_latin1 x'80FF20'", "_latin1 x'27225C00'"],
        ),
        column("c_gbk", "VARCHAR(50) CHARACTER SET gbk", &["_gbk x'C4E3'", "_gbk x'C4E4'", "_gbk x'BF5C'", "_gbk x'8140'"]),
        column("c_ascii", "CHAR(5) CHARACTER SET ascii", &["'x'", "'y'", "'a b'"]),
        column("c_utf16", "VARCHAR(20) CHARACTER SET utf16", &["'é'", "'è'", "'😀'"]),
        column("c_tinytext", "TINYTEXT", &["'t'", "'u'", "''", "REPEAT('é', 127)"]),
        column("c_text", "TEXT", &["REPEAT('x', 40000)", "CONCAT(REPEAT('x', 39999), 'y')", "''", NASTY]),
        column("c_mediumtext", "MEDIUMTEXT", &["CONCAT(REPEAT('m', 70000), '1')", "CONCAT(REPEAT('m', 70000), '2')", "'\\t\\n'"]),
        column("c_longtext", "LONGTEXT", &["CONCAT(REPEAT('😀', 50000), '1')", "CONCAT(REPEAT('😀', 50000), '2')", "'\\\\'"]),
    ]
}

fn binary() -> Vec<Column> {
    vec![
        column("c_binary", "BINARY(8)", &["x'0102030000000000'", "x'0102030000000001'", "x'00'", "x'FFFFFFFFFFFFFFFF'", "x'2020'"]),
        column("c_varbinary", "VARBINARY(50)", &["x'00FF'", "x'00FE'", "x'FF00'", "''", "x'5C4E'", "x'0A0D09271A22'"]),
        column("c_tinyblob", "TINYBLOB", &["x'00'", "x'01'", "''"]),
        column("c_blob", "BLOB", &["REPEAT(x'FF', 65535)", "CONCAT(REPEAT(x'FF', 65534), x'00')", "x''"]),
        column("c_mediumblob", "MEDIUMBLOB", &["CONCAT(REPEAT(x'00', 70000), x'00')", "CONCAT(REPEAT(x'00', 70000), x'01')"]),
        column("c_longblob", "LONGBLOB", &["CONCAT(REPEAT(x'27', 300000), x'00')", "CONCAT(REPEAT(x'27', 300000), x'5C')", "''"]),
    ]
}

fn odd() -> Vec<Column> {
    vec![
        // 'nosuch' becomes index 0, whose text is '' like that of the fourth member.
        column("c_enum", r"ENUM('a','b,c','d''e','','é\\f','g`h')", &["'a'", "'b,c'", "'nosuch'", "''", "'d''e'", r"'é\\f'", "'g`h'"]),
        column("c_enum_latin1", "ENUM('\u{e9}','\u{e8}') CHARACTER SET latin1 COLLATE latin1_bin", &["1", "2"]),
        column("c_set", "SET('a','b c','d''e','f')", &["'a,f'", "'a'", "''", "'a,b c,d''e,f'"]),
        column(
            "c_set64",
            "SET('0','1','2','3','4','5','6','7','8','9','a','b','c','d','e','f','g','h','i','j','k','l','m','n','o','p','q','r','s','t','u','v','w','x','y','z','10','11','12','13','14','15','16','17','18','19','1a','1b','1c','1d','1e','1f','1g','1h','1i','1j','1k','1l','1m','1n','1o','1p','1q','1r')",
            &["'0,1r'", "'1r'", "'0'", "''"],
        ),
        column(
            "c_json",
            "JSON",
            &[
                r#"'{"a":1,"b":[true,null,"x"]}'"#,
                r#"'{"a":2,"b":[true,null,"x"]}'"#,
                r#"'{"z":"😀\\u00e9","a":{"k":-1.5e10,"big":18446744073709551615}}'"#,
                "'[]'",
                r#"'"text"'"#,
                "'null'",
                "'0.1'",
            ],
        ),
        column("c_point", "POINT", &["ST_GeomFromText('POINT(1 2)')", "ST_GeomFromText('POINT(1 3)')"]),
        column("c_geometry", "GEOMETRY", &["ST_GeomFromText('LINESTRING(0 0,1 1)')", "ST_GeomFromText('LINESTRING(0 0,1 2)')"]),
        column("c_line", "LINESTRING", &["ST_GeomFromText('LINESTRING(0 0,1 1,2 2)')", "ST_GeomFromText('LINESTRING(0 0,1 1,2 3)')"]),
        column("c_polygon", "POLYGON", &["ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')", "ST_GeomFromText('POLYGON((0 0,1 0,1 2,0 0))')"]),
        column("c_multipoint", "MULTIPOINT", &["ST_GeomFromText('MULTIPOINT(0 0,1 1)')", "ST_GeomFromText('MULTIPOINT(0 0,1 2)')"]),
        column(
            "c_collection",
            "GEOMETRYCOLLECTION",
            &["ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1))')", "ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 2))')"],
        ),
    ]
}

fn keyless() -> Vec<Column> {
    vec![
        column("a", "INT", &["1", "2", "1"]),
        column("b", "VARCHAR(30)", &["'x'", "'x '", "'😀'", "''"]),
        column("f", "FLOAT", &["1.1", "1.1000002"]),
        column("v", "VARBINARY(20)", &["x'00'", "x'0000'"]),
    ]
}

fn odd_names() -> Vec<Column> {
    vec![
        column("select", "INT NOT NULL DEFAULT 0", &["1", "2"]),
        column("with space", "VARCHAR(10)", &["'a'", "'b'"]),
        column("back`tick", "VARCHAR(10)", &["'a'", "'b'"]),
        column("quote'\"", "VARCHAR(10)", &["'a'", "'b'"]),
        column("列", "VARCHAR(10)", &["'a'", "'b'"]),
    ]
}

/// What only MariaDB 10.11 has.
pub(crate) fn mariadb() -> Vec<Table> {
    vec![
        table(
            "only_mariadb",
            vec![
                column("u", "UUID", &["'123e4567-e89b-12d3-a456-426655440000'", "'123e4567-e89b-12d3-a456-426655440001'"]),
                column("i4", "INET4", &["'10.0.0.1'", "'10.0.0.2'", "'255.255.255.255'"]),
                column("i6", "INET6", &["'2001:db8::ff00:42:8329'", "'2001:db8::ff00:42:832a'", "'::'"]),
                column("tc", "TEXT COMPRESSED", &["REPEAT('c', 5000)", "CONCAT(REPEAT('c', 4999), 'd')", "'short'"]),
                column("vc", "VARCHAR(1000) COMPRESSED", &["REPEAT('v', 900)", "CONCAT(REPEAT('v', 899), 'w')", "''"]),
                column("t_max", "TIME(6)", &["'838:59:59.999999'", "'838:59:59.999998'", "'-838:59:59.999999'"]),
                column("c_json", "JSON", &[r#"'{"b": 1,  "a": 2}'"#, r#"'{"b": 1,  "a": 3}'"#]),
                column("c_srid", "POINT", &["ST_GeomFromText('POINT(1 2)', 4326)", "ST_GeomFromText('POINT(1 2)', 0)"]),
            ],
        ),
        table("only_mariadb_uca", vec![column("c", "VARCHAR(50) COLLATE utf8mb4_uca1400_ai_ci", &["'é'", "'e'", "'E '"])]),
    ]
}

/// What only MySQL 9 has.
pub(crate) fn mysql() -> Vec<Table> {
    vec![table(
        "only_mysql",
        vec![
            column("c_0900", "VARCHAR(50) COLLATE utf8mb4_0900_ai_ci", &["'é'", "'e'", "'e '"]),
            column("vec", "VECTOR(3)", &["STRING_TO_VECTOR('[1,2,3]')", "STRING_TO_VECTOR('[1,2,3.5]')"]),
            column("c_srid", "POINT SRID 4326", &["ST_GeomFromText('POINT(1 2)', 4326)", "ST_GeomFromText('POINT(1 3)', 4326)"]),
            column(
                "c_json",
                "JSON",
                &[
                    r#"'{"b": 1, "a": 2}'"#,
                    r#"'{"b": 1, "a": 3}'"#,
                    "CAST(CAST('1.10' AS DECIMAL(10,2)) AS JSON)",
                    "CAST(CAST('2024-01-01 00:00:00.5' AS DATETIME(6)) AS JSON)",
                    "CAST(x'00FF' AS JSON)",
                ],
            ),
        ],
    )]
}
