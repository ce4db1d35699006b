//! The zoo itself loads at every server, or nothing that is proved with it means anything.

use crate::support::{servers, sql, zoo};

#[tokio::test]
async fn the_zoo_loads_at_each_server() {
    for (from, to) in servers::directions() {
        let schema = sql::scratch("zoo", &[from, to]).await;
        let tables = zoo::tables_for(from, to);
        for server in [from, to] {
            zoo::load(server, &schema, &tables).await;
            let mut conn = sql::connect(server).await;
            for table in &tables {
                let expected = table.row_count() as u64 * if table.keyed { 1 } else { 2 };
                assert_eq!(sql::count(&mut conn, &table.quoted(&schema)).await, expected, "{} at {}", table.name, server.dir.display());
            }
            let enums = sql::one(&mut conn, &format!("SELECT COUNT(*) FROM `{schema}`.`zoo_odd` WHERE `c_enum` = 0")).await;
            assert_eq!(enums.as_deref(), Some("1"), "one ENUM of index 0");
        }
    }
}
