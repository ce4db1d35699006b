//! Deserialises a JSON value and says which field is wrong and how: serde_json has one error type with a text, and an
//! error is classified where it is made, not by its text.

use serde::de::{self, DeserializeOwned, IntoDeserializer as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::Value;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Dotted path of the field; empty = the whole body.
    pub(super) field: String,
    pub(super) unknown_field: bool,
    pub(super) message: String,
}

pub(super) fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Wrong> {
    T::deserialize(At(value))
}

impl Wrong {
    fn under(mut self, parent: &str) -> Self {
        self.field = match self.field.as_str() {
            "" => parent.to_owned(),
            rest if rest.starts_with('[') => format!("{parent}{rest}"),
            rest => format!("{parent}.{rest}"),
        };
        self
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}
impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<M: fmt::Display>(message: M) -> Self {
        Self { field: String::new(), unknown_field: false, message: message.to_string() }
    }
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown field {field:?}; there are {}", expected.join(", "));
        Self { field: field.to_owned(), unknown_field: true, message }
    }
    fn missing_field(field: &'static str) -> Self {
        Self { field: field.to_owned(), unknown_field: false, message: format!("field {field:?} is missing") }
    }
}

struct At<'a>(&'a Value);

impl At<'_> {
    fn unexpected(&self) -> Unexpected<'_> {
        match self.0 {
            Value::Null => Unexpected::Unit,
            Value::Bool(b) => Unexpected::Bool(*b),
            Value::Number(n) => n.as_i64().map_or_else(|| Unexpected::Float(n.as_f64().unwrap_or(f64::NAN)), Unexpected::Signed),
            // The text could be a password in the wrong place: it is not repeated.
            Value::String(_) => Unexpected::Other("a text"),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        }
    }
}

impl<'de> de::Deserializer<'de> for At<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Number(n) => match (n.as_u64(), n.as_i64(), n.as_f64()) {
                (Some(n), ..) => visitor.visit_u64(n),
                (_, Some(n), _) => visitor.visit_i64(n),
                (.., n) => visitor.visit_f64(n.unwrap_or(f64::NAN)),
            },
            Value::String(s) => visitor.visit_str(s),
            Value::Array(list) => visitor.visit_seq(Items { list, next: 0 }),
            Value::Object(map) => visitor.visit_map(Members { rest: map.iter(), current: None }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::String(s) => visitor.visit_enum(s.as_str().into_deserializer()),
            _ => Err(de::Error::invalid_type(self.unexpected(), &"a text")),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::String(s) => visitor.visit_str(s),
            _ => Err(de::Error::invalid_type(self.unexpected(), &"a text")),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Object(_) => self.deserialize_any(visitor),
            _ => Err(de::Error::invalid_type(self.unexpected(), &"an object")),
        }
    }

    // Numbers and booleans through a text would be repeated by serde's own message.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Bool(b) => visitor.visit_bool(*b),
            _ => Err(de::Error::invalid_type(self.unexpected(), &"true or false")),
        }
    }
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.number(visitor)
    }
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.number(visitor)
    }
    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.number(visitor)
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 f64 char str bytes byte_buf unit unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl At<'_> {
    fn number<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Number(_) => de::Deserializer::deserialize_any(self, visitor),
            _ => Err(de::Error::invalid_type(self.unexpected(), &"a whole number")),
        }
    }
}

struct Items<'a> {
    list: &'a [Value],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Wrong;
    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(value) = self.list.get(self.next) else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        seed.deserialize(At(value)).map(Some).map_err(|e| e.under(&format!("[{index}]")))
    }
}

struct Members<'a> {
    rest: serde_json::map::Iter<'a>,
    current: Option<(&'a str, &'a Value)>,
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Wrong;
    fn next_key_seed<K: de::DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Wrong> {
        let Some((key, value)) = self.rest.next() else { return Ok(None) };
        self.current = Some((key, value));
        seed.deserialize(key.as_str().into_deserializer()).map(Some)
    }
    fn next_value_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Wrong> {
        let (key, value) = self.current.take().ok_or_else(|| de::Error::custom("a value without a key"))?;
        seed.deserialize(At(value)).map_err(|e| e.under(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::native::jobs::JobCreate;
    use serde_json::json;

    fn wrong(change: impl FnOnce(&mut Value)) -> Wrong {
        let mut body = json!({"name": "a", "kind": "sync", "include": [{"schema": "s"}],
            "source": {"host": "h", "user": "u"}, "target": {"host": "h", "port": 3307, "user": "u"}});
        from_value::<JobCreate>(&body).unwrap();
        change(&mut body);
        from_value::<JobCreate>(&body).unwrap_err()
    }

    #[test]
    fn the_wrong_field_is_named() {
        let unknown = wrong(|b| b["source"]["hots"] = json!("x"));
        assert_eq!((unknown.field.as_str(), unknown.unknown_field), ("source.hots", true));
        assert_eq!(wrong(|b| b["target"]["port"] = json!("3306")).field, "target.port");
        assert_eq!(wrong(|b| b["target"]["port"] = json!(70000)).field, "target.port");
        assert_eq!(wrong(|b| b["include"][0]["tables"] = json!([1])).field, "include[0].tables[0]");
        assert_eq!(wrong(|b| b["kind"] = json!("copy")).field, "kind");
        assert_eq!(wrong(|b| drop(b.as_object_mut().unwrap().remove("name"))).field, "name");
        assert_eq!(wrong(|b| b["name"] = Value::Null).field, "name");
        let hidden = wrong(|b| b["source"]["port"] = json!("hunter2"));
        assert!(!hidden.message.contains("hunter2"), "{hidden}");
    }
}
