//! Deserialises a JSON value and says every field that is wrong, where and how: serde stops at the first error and has a
//! text for it, and an error is classified where it is made, not by its text.
//!
//! All at once: after an error the field gets a stand-in of the form that was asked for (or is taken out) and the value
//! is read again. What is wrong inside a stand-in is not told. Callers: the native extractors, and the CLI's job files.

use serde::de::{self, DeserializeOwned, IntoDeserializer as _, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::{Value, json};
use std::fmt;

/// Most errors told of one value.
const MOST: usize = 50;
/// Longest part of a word that is repeated in a message.
const SHOWN: usize = 40;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

/// Where a field stands; shown as `include[0].tables[1]`. Empty = the whole value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    pub path: Path,
    pub unknown_field: bool,
    /// An object stands where something simpler is wanted.
    pub is_object: bool,
    /// Fits behind the path and a colon.
    pub message: String,
    stand_in: Option<Box<Value>>,
}

/// Reads a value, or says all that is wrong with it.
pub fn from_value<T: DeserializeOwned>(value: &Value) -> Result<T, Vec<Wrong>> {
    read(value, false)
}

/// Reads the parameters of a query, where numbers and booleans stand as texts.
pub fn from_query<T: DeserializeOwned>(pairs: impl IntoIterator<Item = (String, String)>) -> Result<T, Vec<Wrong>> {
    read(&pairs.into_iter().map(|(name, text)| (name, Value::String(text))).collect(), true)
}

fn read<T: DeserializeOwned>(value: &Value, texts: bool) -> Result<T, Vec<Wrong>> {
    let mut next = match T::deserialize(At { value, texts }) {
        Ok(read) => return Ok(read),
        Err(wrong) => Some(wrong),
    };
    let mut value = value.clone();
    let mut found: Vec<Wrong> = Vec::new();
    for _ in 0..MOST {
        let Some(wrong) = next.take() else { break };
        if mend(&mut value, &wrong) {
            next = T::deserialize(At { value: &value, texts }).err();
        }
        if !found.iter().any(|known| wrong.path.is_at_or_below(&known.path)) {
            found.push(wrong);
        }
    }
    Err(found)
}

/// Puts the stand-in where the error was; false where nothing can be done.
fn mend(value: &mut Value, wrong: &Wrong) -> bool {
    let Some((last, parents)) = wrong.path.0.split_last() else { return wrong.stand_in.clone().map(|v| *value = *v).is_some() };
    let parent = parents.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::Index(index) => value.get_mut(index),
    });
    match (parent, last, &wrong.stand_in) {
        (Some(Value::Object(map)), Step::Key(key), None) if wrong.unknown_field => map.remove(key).is_some(),
        (Some(Value::Object(map)), Step::Key(key), Some(stand_in)) => {
            map.insert(key.clone(), (**stand_in).clone());
            true
        }
        (Some(Value::Array(list)), Step::Index(index), Some(stand_in)) => {
            list.get_mut(*index).map(|item| *item = (**stand_in).clone()).is_some()
        }
        _ => false,
    }
}

impl Path {
    fn is_at_or_below(&self, other: &Self) -> bool {
        self.0.starts_with(&other.0)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().enumerate().try_for_each(|(n, step)| match step {
            Step::Key(key) if n == 0 => f.write_str(key),
            Step::Key(key) => write!(f, ".{key}"),
            Step::Index(index) => write!(f, "[{index}]"),
        })
    }
}

impl Wrong {
    fn new(path: Vec<Step>, message: String) -> Self {
        Self { path: Path(path), unknown_field: false, is_object: false, message, stand_in: None }
    }
    fn under(mut self, parent: Step) -> Self {
        self.path.0.insert(0, parent);
        self
    }
    /// Says what would have done here, if the error is of this value itself.
    fn or(mut self, stand_in: impl FnOnce() -> Value) -> Self {
        if self.path.0.is_empty() && self.stand_in.is_none() {
            self.stand_in = Some(Box::new(stand_in()));
        }
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
        Self::new(Vec::new(), message.to_string())
    }
    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown field; there are {}", expected.join(", "));
        Self { unknown_field: true, ..Self::new(vec![Step::Key(field.to_owned())], message) }
    }
    fn missing_field(field: &'static str) -> Self {
        // Read again as null, it says what it should be.
        Self { stand_in: Some(Box::new(Value::Null)), ..Self::new(vec![Step::Key(field.to_owned())], "is missing".to_owned()) }
    }
    fn invalid_type(found: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("must be {expected}, not {}", form(found)))
    }
    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::custom(format!("must be {expected}"))
    }
    fn unknown_variant(word: &str, expected: &'static [&'static str]) -> Self {
        let shown: String = word.chars().take(SHOWN).collect();
        Self::custom(format!("{shown:?} is not one of {}", expected.join(", ")))
    }
}

/// The form of a value, never the value itself: it could be a password in the wrong place.
fn form(found: Unexpected<'_>) -> &'static str {
    match found {
        Unexpected::Bool(_) => "true or false",
        Unexpected::Unsigned(_) | Unexpected::Signed(_) => "a whole number",
        Unexpected::Float(_) => "a number with a fraction",
        Unexpected::Str(_) | Unexpected::Char(_) => "a text",
        Unexpected::Unit | Unexpected::Option => "null",
        Unexpected::Seq => "a list",
        Unexpected::Map => "an object",
        _ => "something else",
    }
}

#[derive(Clone, Copy)]
struct At<'a> {
    value: &'a Value,
    /// Texts are read as what is wanted.
    texts: bool,
}

impl At<'_> {
    fn not(&self, expected: &str) -> Wrong {
        let found = match self.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(b) => Unexpected::Bool(*b),
            Value::Number(n) => n.as_u64().map_or_else(|| Unexpected::Float(n.as_f64().unwrap_or(f64::NAN)), Unexpected::Unsigned),
            Value::String(_) => Unexpected::Str(""),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        let quotes =
            if expected == "a text" && matches!(self.value, Value::Number(_) | Value::Bool(_)) { " (put it in quotes)" } else { "" };
        let message = format!("must be {expected}, not {}{quotes}", form(found));
        Wrong { is_object: self.value.is_object(), ..Wrong::new(Vec::new(), message) }
    }

    fn whole<'de, V: Visitor<'de>>(self, visitor: V, most: u64) -> Result<V::Value, Wrong> {
        let range = if most == u64::MAX { "a whole number from 0".to_owned() } else { format!("a whole number from 0 to {most}") };
        let read = match self.value {
            Value::Number(n) => match n.as_u64().filter(|n| *n <= most) {
                Some(n) => visitor.visit_u64(n),
                None => Err(de::Error::custom(format!("must be {range}"))),
            },
            Value::String(text) if self.texts => match text.parse::<u64>().ok().filter(|n| *n <= most) {
                Some(n) => visitor.visit_u64(n),
                None => Err(de::Error::custom(format!("must be {range}"))),
            },
            // What no field has is no help to whoever wrote something else.
            _ if most >= u64::from(u32::MAX) => Err(self.not("a whole number")),
            _ => Err(self.not(&range)),
        };
        read.map_err(|e: Wrong| e.or(|| json!(1)))
    }
}

impl<'de> de::Deserializer<'de> for At<'_> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::Number(n) => match (n.as_u64(), n.as_i64(), n.as_f64()) {
                (Some(n), ..) => visitor.visit_u64(n),
                (_, Some(n), _) => visitor.visit_i64(n),
                (.., n) => visitor.visit_f64(n.unwrap_or(f64::NAN)),
            },
            Value::String(s) => visitor.visit_str(s),
            Value::Array(list) => visitor.visit_seq(Items { list, next: 0, texts: self.texts }),
            Value::Object(map) => visitor.visit_map(Members { rest: map.iter(), current: None, texts: self.texts }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, words: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        let read = match self.value {
            Value::String(s) => visitor.visit_enum(s.as_str().into_deserializer()),
            _ => Err(self.not(&format!("one of {}", words.join(", ")))),
        };
        read.map_err(|e: Wrong| e.or(|| json!(words.first())))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let read = match self.value {
            Value::String(s) => visitor.visit_str(s),
            _ => Err(self.not("a text")),
        };
        read.map_err(|e: Wrong| e.or(|| json!("x")))
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Wrong> {
        let read = match self.value {
            Value::Object(_) => self.deserialize_any(visitor),
            _ => Err(self.not("an object")),
        };
        read.map_err(|e| e.or(|| json!({})))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let read = match self.value {
            Value::Array(_) => self.deserialize_any(visitor),
            _ => Err(self.not("a list")),
        };
        read.map_err(|e| e.or(|| json!([])))
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let read = match self.value {
            Value::Bool(b) => visitor.visit_bool(*b),
            Value::String(text) if self.texts && (text == "true" || text == "false") => visitor.visit_bool(text == "true"),
            _ => Err(self.not("true or false")),
        };
        read.map_err(|e: Wrong| e.or(|| json!(false)))
    }
    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.whole(visitor, u64::MAX)
    }
    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.whole(visitor, u32::MAX.into())
    }
    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        self.whole(visitor, u16::MAX.into())
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u128 f32 f64 char str bytes byte_buf unit unit_struct tuple tuple_struct map identifier ignored_any
    }
}

struct Items<'a> {
    list: &'a [Value],
    next: usize,
    texts: bool,
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Wrong;
    fn next_element_seed<T: de::DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Wrong> {
        let Some(value) = self.list.get(self.next) else { return Ok(None) };
        let index = self.next;
        self.next += 1;
        seed.deserialize(At { value, texts: self.texts }).map(Some).map_err(|e| e.under(Step::Index(index)))
    }
}

struct Members<'a> {
    rest: serde_json::map::Iter<'a>,
    current: Option<(&'a str, &'a Value)>,
    texts: bool,
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
        seed.deserialize(At { value, texts: self.texts }).map_err(|e| e.under(Step::Key(key.to_owned())))
    }
}

#[cfg(test)]
mod tests;
