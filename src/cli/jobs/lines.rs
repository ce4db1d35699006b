//! Where in a job file a field stands: TOML's parser and YAML's tell the places of what they read (JSON is read as the
//! YAML that it is). Called only for a file in which something is wrong.

use super::file::Syntax;
use crate::wire::strict::{Path, Step};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use std::fmt;
use toml::de::{DeTable, DeValue};

/// Returns the line of a field, of what it is missing in, or None where that is the whole file.
pub(super) fn line(text: &str, syntax: Syntax, path: &Path) -> Option<u64> {
    match syntax {
        Syntax::Toml => in_toml(text, &path.0),
        Syntax::Yaml | Syntax::Json => in_yaml(text, &path.0),
    }
}

fn in_toml(text: &str, path: &[Step]) -> Option<u64> {
    let root = DeTable::parse(text).ok()?;
    let mut table = Some(root.get_ref());
    let mut value: Option<&DeValue<'_>> = None;
    let mut at = None;
    for step in path {
        let found = match step {
            Step::Key(key) => table.and_then(|t| t.iter().find(|(k, _)| k.get_ref() == key)).map(|(k, v)| (k.span().start, v)),
            Step::Index(index) => value.and_then(DeValue::as_array).and_then(|a| a.get(*index)).map(|v| (v.span().start, v)),
        };
        let Some((start, next)) = found else { break };
        at = Some(start);
        value = Some(next.get_ref());
        table = value.and_then(DeValue::as_table);
    }
    at.map(|start| text[..start.min(text.len())].matches('\n').count() as u64 + 1)
}

fn in_yaml(text: &str, path: &[Step]) -> Option<u64> {
    let root: Spanned<Tree> = serde_saphyr::from_str(text).ok()?;
    let mut here = &root;
    let mut found = false;
    for step in path {
        let next = match (step, &here.value) {
            (Step::Key(key), Tree::Map(members)) => members.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            (Step::Index(index), Tree::List(items)) => items.get(*index),
            _ => None,
        };
        let Some(next) = next else { break };
        found = true;
        here = next;
    }
    found.then(|| here.referenced.line()).filter(|line| *line > 0)
}

/// A document's shape; its scalars do not matter.
enum Tree {
    Scalar,
    List(Vec<Spanned<Tree>>),
    Map(Vec<(String, Spanned<Tree>)>),
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Shape;
        impl<'de> Visitor<'de> for Shape {
            type Value = Tree;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
            fn visit_str<E>(self, _: &str) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
            fn visit_none<E>(self) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
            fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Tree, D::Error> {
                inner.deserialize_any(self)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Tree::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    members.push((key, map.next_value()?));
                }
                Ok(Tree::Map(members))
            }
            fn visit_enum<A: serde::de::EnumAccess<'de>>(self, data: A) -> Result<Tree, A::Error> {
                data.variant::<IgnoredAny>().map(|_| Tree::Scalar)
            }
        }
        deserializer.deserialize_any(Shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_in_every_syntax() {
        let toml = "name = \"a\"\n[source]\nhost = \"h\"\nprot = 1\n[[include]]\nschema = \"s\"\n[[include]]\nschema = \"t\"\ntables = [\n  \"x\",\n  7,\n]\n";
        let yaml = "name: a\nsource:\n  host: h\n  prot: 1\ninclude:\n  - schema: s\n  - schema: t\n    tables:\n      - x\n      - 7\n";
        let json = "{\"name\": \"a\",\n \"source\": {\n  \"host\": \"h\",\n  \"prot\": 1},\n \"include\": [{\"schema\": \"s\"},\n  {\"schema\": \"t\", \"tables\": [\n\"x\",\n7]}]}";
        let key = |k: &str| Step::Key(k.to_owned());
        let tables = [key("include"), Step::Index(1), key("tables"), Step::Index(1)];
        for (path, lines) in [
            (vec![key("source"), key("prot")], [Some(4), Some(4), Some(4)]),
            (tables.to_vec(), [Some(11), Some(10), Some(8)]),
            (vec![key("source"), key("user")], [Some(2), Some(3), Some(2)]),
            (vec![key("target")], [None, None, None]),
        ] {
            let path = Path(path);
            let found = [(toml, Syntax::Toml), (yaml, Syntax::Yaml), (json, Syntax::Json)].map(|(text, syntax)| line(text, syntax, &path));
            assert_eq!(found, lines, "{path}");
        }
    }
}
