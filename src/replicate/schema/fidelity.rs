//! What arrives unchanged, what arrives as something else, and what is refused: per kind of value and per direction.
//!
//! [`super::translate`] and preflight both ask here, so that what is promised is what is done; [`markdown`] prints it
//! for the README.

use crate::replicate::connect::Flavor;
use crate::replicate::table::TypeClass;

/// What becomes of something on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    Identical,
    /// It arrives as something else that holds the same; the text says as what.
    Mapped(String),
    /// A job with it does not start; the text says why.
    Refused(String),
}

impl Fate {
    pub fn text(&self) -> &str {
        match self {
            Self::Identical => "identical",
            Self::Mapped(to) => to,
            Self::Refused(why) => why,
        }
    }
}

/// What is more than the class of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Special {
    CompressedColumn,
    SystemVersioning,
    FunctionalKey,
    UniqueFunctionalKey,
    UniqueHashKey,
    GeneratedPrimaryKey,
    PeriodKey,
    Srid,
    Sequence,
    ZeroDates,
    EnumIndexZero,
}

const CLASSES: [(TypeClass, &str); 24] = [
    (TypeClass::Int, "TINYINT … BIGINT, signed and unsigned"),
    (TypeClass::Decimal, "DECIMAL"),
    (TypeClass::Float, "FLOAT"),
    (TypeClass::Double, "DOUBLE"),
    (TypeClass::Bit, "BIT"),
    (TypeClass::Year, "YEAR"),
    (TypeClass::Date, "DATE"),
    (TypeClass::Time, "TIME"),
    (TypeClass::Datetime, "DATETIME"),
    (TypeClass::Timestamp, "TIMESTAMP"),
    (TypeClass::Char, "CHAR, VARCHAR"),
    (TypeClass::Text, "TINYTEXT … LONGTEXT (MariaDB's JSON too)"),
    (TypeClass::Binary, "BINARY"),
    (TypeClass::Varbinary, "VARBINARY"),
    (TypeClass::Blob, "TINYBLOB … LONGBLOB"),
    (TypeClass::Enum, "ENUM"),
    (TypeClass::Set, "SET"),
    (TypeClass::Json, "JSON of MySQL"),
    (TypeClass::Geometry, "GEOMETRY and its kinds"),
    (TypeClass::Uuid, "UUID of MariaDB"),
    (TypeClass::Inet4, "INET4 of MariaDB"),
    (TypeClass::Inet6, "INET6 of MariaDB"),
    (TypeClass::Vector, "VECTOR"),
    (TypeClass::Other, "types unknown to this release"),
];

const SPECIALS: [(Special, &str); 11] = [
    (Special::CompressedColumn, "COMPRESSED columns of MariaDB"),
    (Special::SystemVersioning, "system-versioned tables of MariaDB"),
    (Special::FunctionalKey, "functional keys of MySQL"),
    (Special::UniqueFunctionalKey, "unique functional keys of MySQL"),
    (Special::UniqueHashKey, "unique keys over whole TEXT or BLOB columns of MariaDB"),
    (Special::GeneratedPrimaryKey, "primary keys over generated columns of MySQL"),
    (Special::PeriodKey, "keys WITHOUT OVERLAPS of MariaDB"),
    (Special::Srid, "SRID of a geometry column of MySQL"),
    (Special::Sequence, "sequences of MariaDB"),
    (Special::ZeroDates, "zero and invalid dates"),
    (Special::EnumIndexZero, "ENUM's error value (number 0)"),
];

/// Says what becomes of a column's values.
pub fn class(class: TypeClass, from: Flavor, to: Flavor, to_version: (u16, u16, u16)) -> Fate {
    let since = |least: (u16, u16, u16), what: &str| {
        if to_version >= least { Fate::Identical } else { Fate::Refused(format!("{what} needs {}.{} at the target", least.0, least.1)) }
    };
    let raw = |what: &str| Fate::Refused(format!("{} has no {what}, and the log carries it in MariaDB's own bytes", to.title()));
    match (class, from == to, to) {
        (TypeClass::Json, false, Flavor::Mariadb) => Fate::Mapped("LONGTEXT with a check that it is valid JSON, as MariaDB has it".into()),
        (TypeClass::Uuid, true, _) => since((10, 7, 0), "UUID"),
        (TypeClass::Inet4, true, _) => since((10, 10, 0), "INET4"),
        (TypeClass::Inet6, true, _) => since((10, 5, 0), "INET6"),
        (TypeClass::Vector, true, Flavor::Mariadb) => since((11, 7, 0), "VECTOR"),
        (TypeClass::Vector, true, Flavor::Mysql) => since((9, 0, 0), "VECTOR"),
        (TypeClass::Uuid, false, _) => raw("UUID"),
        (TypeClass::Inet4, false, _) => raw("INET4"),
        (TypeClass::Inet6, false, _) => raw("INET6"),
        (TypeClass::Vector, false, _) => Fate::Refused("MySQL and MariaDB keep VECTOR differently, and this was not tried".into()),
        (TypeClass::Other, ..) => Fate::Refused("this type is not known here, so its values cannot be vouched for".into()),
        _ => Fate::Identical,
    }
}

/// The code under which a column's class is reported.
pub(super) fn class_code(class: TypeClass) -> &'static str {
    match class {
        TypeClass::Json => "json_mapped",
        TypeClass::Vector => "vector_not_portable",
        _ => "type_not_portable",
    }
}

/// Says what becomes of a special.
pub fn special(special: Special, from: Flavor, to: Flavor) -> Fate {
    let crosses = from != to;
    match special {
        Special::CompressedColumn if crosses => Fate::Mapped("stored uncompressed, the values are the same".into()),
        Special::SystemVersioning => Fate::Refused("row history is kept by each server for itself and would not be the source's".into()),
        Special::FunctionalKey if crosses => Fate::Mapped("without this index: MariaDB has none over expressions".into()),
        Special::UniqueFunctionalKey if crosses => Fate::Refused("MariaDB has no unique keys over expressions".into()),
        Special::UniqueHashKey if crosses => Fate::Refused("MySQL has no unique keys over whole TEXT or BLOB columns".into()),
        Special::GeneratedPrimaryKey if crosses => Fate::Refused("MariaDB has no primary keys over generated columns".into()),
        Special::PeriodKey if crosses => Fate::Refused("MySQL has no keys over periods".into()),
        Special::PeriodKey => {
            Fate::Refused("MariaDB takes no statement into such a table that inserts a row or overwrites it (error 1235)".into())
        }
        Special::Srid if crosses => Fate::Mapped("a column of any SRID; each value keeps its own".into()),
        Special::Sequence => Fate::Mapped("not moved; counted in a note".into()),
        _ => Fate::Identical,
    }
}

impl Flavor {
    fn title(self) -> &'static str {
        match self {
            Self::Mysql => "MySQL",
            Self::Mariadb => "MariaDB",
        }
    }
}

/// Renders the whole table for the README, for the newest servers that were tried.
pub fn markdown() -> String {
    use Flavor::{Mariadb, Mysql};
    let directions = [(Mariadb, Mariadb), (Mysql, Mysql), (Mariadb, Mysql), (Mysql, Mariadb)];
    let mut out = String::from("| what |");
    for (from, to) in directions {
        out.push_str(&format!(" {} → {} |", from.title(), to.title()));
    }
    out.push_str("\n|---|---|---|---|---|\n");
    let cell = |fate: Fate| match fate {
        Fate::Identical => " identical |".to_owned(),
        Fate::Mapped(to) => format!(" mapped: {to} |"),
        Fate::Refused(why) => format!(" refused: {why} |"),
    };
    let mut line = |label: &str, owner: Option<Flavor>, fate: &dyn Fn(Flavor, Flavor) -> Fate| {
        out.push_str(&format!("| {label} |"));
        for (from, to) in directions {
            // What a flavour does not have cannot come from it.
            out.push_str(&if owner.is_some_and(|o| o != from) { " – |".to_owned() } else { cell(fate(from, to)) });
        }
        out.push('\n');
    };
    let owner = |label: &str| {
        if label.contains("of MariaDB") {
            Some(Mariadb)
        } else if label.contains("of MySQL") {
            Some(Mysql)
        } else {
            None
        }
    };
    for (kind, label) in CLASSES {
        line(label, owner(label), &|from, to| class(kind, from, to, (99, 0, 0)));
    }
    for (kind, label) in SPECIALS {
        line(label, owner(label), &|from, to| special(kind, from, to));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_a_line() {
        let text = markdown();
        assert_eq!(text.lines().count(), 2 + CLASSES.len() + SPECIALS.len());
        assert!(text.contains("| UUID of MariaDB | identical | – | refused:"), "{text}");
        assert!(text.contains("| JSON of MySQL | – | identical | – | mapped: LONGTEXT"), "{text}");
    }
}
