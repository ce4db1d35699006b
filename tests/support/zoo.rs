//! The type zoo: every column type with its limits and its odd values, as tables that tests create, copy, stream and
//! compare. `common` holds what both flavours can store; `mariadb` and `mysql` what only one of them has.
//!
//! A column's values are SQL expressions; row `i` of a table takes value `i mod len` of each column, row ids start at 1.
//! The first two values of a column differ as little as the type allows: tests that change one byte swap them.

pub(crate) mod columns;

use super::servers::Server;
use super::sql;
use mysql_async::Conn;
use syncline::model::replicate::quote;

#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// Type and attributes, as in CREATE TABLE.
    pub(crate) definition: &'static str,
    /// Empty for a generated column.
    pub(crate) values: Vec<String>,
    /// May hold NULL.
    pub(crate) nullable: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
    /// With `id INT PRIMARY KEY`; else keyless, with every row twice.
    pub(crate) keyed: bool,
    /// Needs a session without strict mode, to store what strict mode refuses (ENUM index 0).
    pub(crate) lenient: bool,
}

impl Table {
    pub(crate) fn create(&self, schema: &str) -> String {
        let mut parts = vec![];
        if self.keyed {
            parts.push("`id` INT NOT NULL PRIMARY KEY".to_owned());
        }
        parts.extend(self.columns.iter().map(|c| format!("{} {}", quote(c.name), c.definition)));
        format!(
            "CREATE TABLE {} (\n  {}\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
            self.quoted(schema),
            parts.join(",\n  ")
        )
    }
    pub(crate) fn quoted(&self, schema: &str) -> String {
        format!("{}.{}", quote(schema), quote(self.name))
    }
    /// Rows needed to show every value of every column.
    pub(crate) fn row_count(&self) -> usize {
        self.columns.iter().map(|c| c.values.len()).max().unwrap_or(0) + 1
    }
    /// One INSERT per row; the last row is all NULL where columns allow it.
    pub(crate) fn inserts(&self, schema: &str, first_id: usize) -> Vec<String> {
        let stored: Vec<&Column> = self.columns.iter().filter(|c| !c.values.is_empty()).collect();
        let names: Vec<String> = stored.iter().map(|c| quote(c.name)).collect();
        let last = self.row_count() - 1;
        let mut out = vec![];
        for row in 0..=last {
            let value = |c: &&Column| if row == last && c.nullable { "NULL".to_owned() } else { c.values[row % c.values.len()].clone() };
            let values: Vec<String> = stored.iter().map(value).collect();
            let (id, id_value) = if self.keyed { ("`id`, ", format!("{}, ", first_id + row)) } else { ("", String::new()) };
            let one = format!("INSERT INTO {} ({id}{}) VALUES ({id_value}{})", self.quoted(schema), names.join(", "), values.join(", "));
            out.push(one.clone());
            if !self.keyed {
                out.push(one);
            }
        }
        out
    }
    pub(crate) async fn insert(&self, conn: &mut Conn, schema: &str, first_id: usize) {
        if self.lenient {
            sql::exec(conn, "SET @strict = @@sql_mode, sql_mode='ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO'").await;
        }
        sql::exec_all(conn, self.inserts(schema, first_id)).await;
        if self.lenient {
            sql::exec(conn, "SET sql_mode = @strict").await;
        }
    }
}

/// Which part of the zoo a direction can carry.
pub(crate) fn tables_for(from: &Server, to: &Server) -> Vec<Table> {
    let mut tables = columns::common();
    match (from.is_mysql(), to.is_mysql()) {
        (true, true) => tables.extend(columns::mysql()),
        (false, false) => tables.extend(columns::mariadb()),
        _ => {}
    }
    tables
}

/// Creates and fills the tables at one server.
pub(crate) async fn load(server: &Server, schema: &str, tables: &[Table]) {
    let mut conn = sql::connect(server).await;
    for table in tables {
        sql::exec(&mut conn, &table.create(schema)).await;
        table.insert(&mut conn, schema, 1).await;
    }
}
