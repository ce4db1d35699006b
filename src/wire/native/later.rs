//! What people ask for and this release does not have: refused by name, with what to do instead, rather than as an
//! unknown field or word. Asked by the native extractors and by the CLI's job files about what
//! [`strict`](crate::wire::strict) found wrong; a feature that arrives loses its line here.

use super::error::{Code, Detail};
use crate::wire::strict::{Step, Wrong};

struct Later {
    /// Names under which it is asked for.
    fields: &'static [&'static str],
    what: &'static str,
    instead: &'static str,
}

const LATER: [Later; 6] = [
    Later {
        fields: &["where", "filter", "row_filter", "filters"],
        what: "row filters that are given like this are",
        instead: "a rule has its row filter: include = [{ schema = \"shop\", tables = [\"orders\"], where = \"id > 5\" }]",
    },
    Later {
        fields: &["rename", "renames", "schema_rename", "table_rename", "target_schema", "target_table", "rename_to"],
        what: "names at the target that are given like this are",
        instead: "a rule has to_schema and to_table: include = [{ schema = \"shop\", tables = [\"orders\"], to_schema = \"archive\" }]",
    },
    Later {
        fields: &["column_map", "column_maps", "column_map_from", "column_map_to", "column_rename", "column_mapping"],
        what: "column maps that are given like this are",
        instead: "a rule has columns and to_columns: include = [{ schema = \"shop\", tables = [\"users\"], columns = [\"id\", \"mail\"] }]",
    },
    Later {
        fields: &["regex", "regexp", "pattern", "schema_regex", "schemas_regex", "table_regex", "tables_regex"],
        what: "regular expressions for schemas and fields that are named like this are",
        instead: r#"name the schemas; a table may be a regular expression between slashes: tables = ["/shard_\\d+/"]"#,
    },
    Later {
        fields: &["kafka", "topic", "brokers", "bootstrap_servers", "sink", "driver"],
        what: "targets that are named like this are",
        instead: "target is a MySQL or MariaDB server; a subscription has a table kafka instead: brokers = [\"host:9092\"], topic = \"name\"",
    },
    Later {
        fields: &["throttle", "rate_limit", "rows_per_s", "bytes_per_s", "rows_per_second", "bytes_per_second", "burst_rows", "max_bytes"],
        what: "limits that are named or placed like this are",
        instead: "a job has max_rows_per_second, burst_rows and max_bytes_per_second, beside its source",
    },
];

const NAMES: &Later = &LATER[3];
const SINKS: &Later = &LATER[4];
const LIMITS: &Later = &LATER[5];

impl Later {
    fn detail(&self, field: String) -> Detail {
        let Self { fields: _, what, instead } = self;
        Detail {
            code: Code::NotSupported.word(),
            message: format!("{what} not supported in this release"),
            hint: (*instead).to_owned(),
            field: Some(field),
            object: String::new(),
        }
    }
}

/// Classifies what is wrong with a body.
pub fn judge(wrong: &Wrong) -> Detail {
    let field = wrong.path.to_string();
    let last = match wrong.path.0.last() {
        Some(Step::Key(key)) => key.as_str(),
        _ => "",
    };
    // These tables have words of their own, and their errors list them.
    let own = matches!(wrong.path.0.first(), Some(Step::Key(first)) if ["kafka", "lines", "hosts", "limits"].contains(&first.as_str()));
    let later = LATER.iter().find(|later| (!own || later.fields == LIMITS.fields) && wrong.unknown_field && later.fields.contains(&last));
    if let Some(later) = later {
        return later.detail(field);
    }
    // Of an endpoint: at the top it is another word too many.
    if last == "kind" && wrong.unknown_field && wrong.path.0.len() > 1 {
        return SINKS.detail(field);
    }
    // `tables = [{ table = "orders", where = "…" }]`
    if let [.., Step::Key(tables), Step::Index(_)] = wrong.path.0.as_slice()
        && tables == "tables"
        && wrong.is_object
    {
        let message = "settings of single tables (rename, column_map) are not supported in this release".to_owned();
        let hint = "write the table's name as a text; for a row filter, give the table a rule of its own with where".to_owned();
        return Detail { code: Code::NotSupported.word(), message, hint, field: Some(field), object: String::new() };
    }
    let code = if wrong.unknown_field { Code::UnknownField } else { Code::BadRequest };
    let field = Some(field).filter(|f| !f.is_empty());
    Detail { code: code.word(), message: wrong.message.clone(), hint: String::new(), field, object: String::new() }
}

/// Refuses a schema's name that is meant as a pattern: names are taken literally, and a pattern that silently matches
/// nothing would be worse.
pub fn schema(name: &str, field: &str) -> Option<Detail> {
    (slashes(name) || meant(name)).then(|| NAMES.detail(field.to_owned()))
}

/// Refuses a table's name that is meant as a pattern and is not written as one.
pub fn table(name: &str, field: &str) -> Option<Detail> {
    let message = "this reads like a pattern, and is not between slashes";
    let hint = r"write a regular expression as /shard_\d+/; it must match the whole name";
    (!slashes(name) && meant(name)).then(|| Detail {
        code: Code::BadRequest.word(),
        message: message.to_owned(),
        hint: hint.to_owned(),
        field: Some(field.to_owned()),
        object: String::new(),
    })
}

fn slashes(name: &str) -> bool {
    name.len() > 1 && name.starts_with('/') && name.ends_with('/')
}

fn meant(name: &str) -> bool {
    name.starts_with('~') || name.contains('*') || (name.starts_with('^') && name.ends_with('$'))
}
