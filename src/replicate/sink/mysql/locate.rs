//! How a changed row is found at the target: by its key, by every value where it has none, or by both.

use super::literal;
use super::statement::{Change, Image, large, value, variable};
use super::targets::{Slot, Target};
use crate::model::replicate::quote;
use crate::replicate::event::RowsKind;
use crate::replicate::stream::Value;
use crate::replicate::table::TypeClass;

/// ` WHERE …` for exactly one row.
pub(super) fn find(sql: &mut Vec<u8>, target: &Target, before: &[Value<'_>]) {
    sql.extend_from_slice(b" WHERE ");
    if !target.key.is_empty() {
        row_as_it_was(sql, target, before);
        return;
    }
    for (i, slot) in target.written.iter().enumerate() {
        if i > 0 {
            sql.extend_from_slice(b" AND ");
        }
        same(sql, target, *slot, before, Image::Before);
    }
    sql.extend_from_slice(b" LIMIT 1");
}

/// `((a=1 AND b=2) AND c <=> 3)`, or the key alone where rows are not compared.
pub(super) fn row_as_it_was(sql: &mut Vec<u8>, target: &Target, before: &[Value<'_>]) {
    if target.compared.is_empty() {
        return key(sql, target, before);
    }
    sql.push(b'(');
    key(sql, target, before);
    for slot in &target.compared {
        sql.extend_from_slice(b" AND ");
        same(sql, target, *slot, before, Image::Before);
    }
    sql.push(b')');
}

/// The condition that a column has the image's value.
fn same(sql: &mut Vec<u8>, target: &Target, slot: Slot, row: &[Value<'_>], image: Image) {
    let value = value(row, slot);
    // Two servers write one document in two ways where one of them keeps it as text.
    if matches!(value, Value::Json(_)) && target.column(slot).class != TypeClass::Json && !target.key.is_empty() {
        sql.extend_from_slice(b"TRUE");
        return;
    }
    let variable = large(value).map(|_| variable(image, slot.ordinal));
    literal::same(sql, target.column(slot), value, variable.as_deref());
}

/// Asks which compared columns of the row with the image's key have other values: one row of 0 and 1, none where it is missing.
/// The row is held until the transaction ends, and is not an older version of it.
pub(super) fn ask(target: &Target, row: &[Value<'_>], image: Image) -> Vec<u8> {
    let mut sql = b"SELECT CONCAT(".to_vec();
    for (i, slot) in target.compared.iter().enumerate() {
        sql.extend_from_slice(if i > 0 { b"," } else { b"" });
        same(&mut sql, target, *slot, row, image);
    }
    sql.extend_from_slice(format!(") FROM {} WHERE ", target.quoted).as_bytes());
    key(&mut sql, target, row);
    sql.extend_from_slice(b" FOR UPDATE");
    sql
}

/// Asks for the keys of the rows that a REPLACE of this change's new image takes out besides its own, by one unique key each.
pub(super) fn others(target: &Target, change: &Change<'_>) -> Vec<Vec<u8>> {
    let Change { kind, before, after, .. } = *change;
    if kind == RowsKind::Delete || target.key.is_empty() {
        return Vec::new();
    }
    let own = if kind == RowsKind::Insert { after } else { before };
    let names: Vec<String> = target.key.iter().map(|slot| quote(&target.column(*slot).name)).collect();
    let asked = target.table.keys.iter().filter(|k| k.unique && k.usable).filter_map(|unique| {
        let mut sql = format!("SELECT {} FROM {} WHERE NOT ", names.join(","), target.quoted).into_bytes();
        key(&mut sql, target, own);
        for (&column, prefix) in unique.columns.iter().zip(&unique.prefix) {
            // A column that the log does not have gets its default, which nobody knows here; NULLs are in nobody's way.
            let slot = *target.written.iter().find(|slot| slot.column == column)?;
            let value = Some(value(after, slot)).filter(|v| **v != Value::Null && large(v).is_none())?;
            sql.extend_from_slice(b" AND ");
            literal::in_key(&mut sql, target.column(slot), value, *prefix);
        }
        sql.extend_from_slice(b" FOR UPDATE");
        Some(sql)
    });
    asked.collect()
}

/// Whether both images have the same key.
pub(super) fn same_key(target: &Target, before: &[Value<'_>], after: &[Value<'_>]) -> bool {
    target.key.iter().all(|slot| value(before, *slot) == value(after, *slot))
}

/// `(a=1 AND b=2)`.
pub(super) fn key(sql: &mut Vec<u8>, target: &Target, before: &[Value<'_>]) {
    for (i, slot) in target.key.iter().enumerate() {
        sql.extend_from_slice(if i > 0 { b" AND " } else { b"(" });
        literal::key(sql, target.column(*slot), value(before, *slot));
    }
    sql.push(b')');
}
