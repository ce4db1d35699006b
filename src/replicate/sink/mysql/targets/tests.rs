use super::super::touch::Touched;
use super::*;
use crate::model::replicate::{Mapping, SchemaRule, TableMatch};
use crate::replicate::stream::Value;
use crate::replicate::table::Key;

const INT: u8 = 3;
const LONGLONG: u8 = 8;

/// `s.all`, with the key `id`.
fn at_target() -> Table {
    let column = |name: &str| Column {
        column_type: "int".into(),
        data_type: "int".into(),
        nullable: name != "id",
        ..Column::plain(name, TypeClass::Int)
    };
    let key = Key { name: "PRIMARY".into(), primary: true, unique: true, columns: vec![0], prefix: vec![None], usable: true };
    Table {
        name: TableName::new("s", "all"),
        columns: ["id", "n"].map(column).to_vec(),
        keys: vec![key],
        engine: "InnoDB".into(),
        rows_estimated: 0,
        data_bytes: 0,
        auto_increment: None,
        create: String::new(),
    }
}

fn map(table: &str, columns: &[(&str, u8)]) -> TableMap {
    let column = |&(name, type_code): &(&str, u8)| MapColumn { type_code, name: Some(name.to_owned()), ..MapColumn::default() };
    TableMap { table: TableName::new("s", table), columns: columns.iter().map(column).collect(), primary: None }
}

fn target(map: &TableMap, pairs: &[(&str, &str)], filter: &str) -> Target {
    made(map, pairs, filter).unwrap()
}

fn made(map: &TableMap, pairs: &[(&str, &str)], filter: &str) -> Result<Target> {
    let pairs: Vec<_> = pairs.iter().map(|(from, to)| MappedColumn { from: (*from).into(), to: (*to).into() }).collect();
    let to = Mapping { schema: None, table: Some("all".into()), columns: pairs.clone() };
    let filter = (!filter.is_empty()).then(|| filter.to_owned());
    let rule = SchemaRule { to, filter, ..SchemaRule::new("s", [TableMatch::from(map.table.table.as_str())]) };
    let filters = RowFilters::new(&TableFilter { include: vec![rule], ignore: vec![], shadows: false }).unwrap();
    Target::new(at_target(), map, &pairs, None, &filters, None)
}

fn touched(target: &Target, row: &[i64]) -> Touched {
    let row: Vec<_> = row.iter().map(|n| Value::Int(*n)).collect();
    let mut touched = Touched::default();
    target.keys.touch_table(&mut touched);
    target.keys.touch(&row, &mut touched);
    touched
}

#[test]
fn columns_are_found_by_name_and_the_target_may_have_more() {
    let columns = |columns: &[(&str, u8)]| ordinals(&at_target(), &map("s1", columns)).map_err(|e| e.message);
    assert_eq!(columns(&[("n", INT), ("ID", INT)]), Ok(vec![Some(1), Some(0)]));
    assert_eq!(columns(&[("id", INT)]), Ok(vec![Some(0), None]), "the other end has not got it yet");
    assert!(columns(&[("id", INT), ("n", INT), ("more", INT)]).unwrap_err().ends_with("the target has no column more"));
    let nameless = |n: usize| TableMap { columns: vec![MapColumn::default(); n], ..map("s1", &[]) };
    assert_eq!(ordinals(&at_target(), &nameless(2)).unwrap(), [Some(0), Some(1)]);
    assert_eq!(ordinals(&at_target(), &nameless(1)).unwrap_err().code, "columns_differ");
}

#[test]
fn a_filter_on_a_column_that_the_log_has_not_got_stops_the_job() {
    let without = map("s1", &[("id", INT)]);
    assert!(made(&without, &[], "id > 1").is_ok(), "what it does not look at may be missing");
    let error = made(&without, &[], "id > 1 and n > 1").unwrap_err();
    assert_eq!(error.code, "columns_differ");
    assert!(error.message.contains("column n"), "{error}");
}

#[test]
fn rows_of_merged_tables_meet_in_the_targets_key() {
    let (plain, swapped) = (map("s1", &[("id", INT), ("n", INT)]), map("s2", &[("n", INT), ("other", INT), ("nr", INT)]));
    let one = target(&plain, &[], "n > 1");
    let two = target(&swapped, &[("nr", "id"), ("n", "n")], "");
    assert_eq!(touched(&one, &[7, 1]), touched(&two, &[5, 5, 7]), "the same row at the target");
    assert_ne!(touched(&one, &[7, 1]).keys, touched(&two, &[7, 7, 8]).keys);
    assert!(!one.keys.is_blind() && !two.keys.is_blind());
    assert!(!one.differs(&plain, &two, &swapped) && !two.differs(&swapped, &one, &plain));
}

#[test]
fn merged_tables_whose_keys_are_logged_in_other_forms_are_not_told_apart() {
    let (narrow, wide) = (map("s1", &[("id", INT), ("n", INT)]), map("s2", &[("id", LONGLONG), ("n", INT)]));
    let (one, two) = (target(&narrow, &[], ""), target(&wide, &[], ""));
    assert!(one.differs(&narrow, &two, &wide));
    let elsewhere = Target { table: Table { name: TableName::new("s", "own"), ..at_target() }, ..two };
    assert!(!one.differs(&narrow, &elsewhere, &wide));
}

#[test]
fn a_key_of_which_a_column_is_not_mapped_is_not_followed() {
    let map = map("s1", &[("id", INT), ("n", INT)]);
    let touched = touched(&target(&map, &[("n", "n")], ""), &[1, 1]);
    assert!(touched.keys.is_empty() && touched.tables.iter().all(|(_, whole)| *whole), "{touched:?}");
}
