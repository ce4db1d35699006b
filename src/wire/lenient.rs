//! Reads fields of dialects as their old clients write them: null is absent, numbers and booleans may be text.
//!
//! Its errors name what was expected and what kind of thing came, never the value: that could be a password.

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Unexpected, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// A JSON value that is neither list nor object.
enum Scalar {
    Null,
    Bool(bool),
    Int(i128),
    Float,
    Text(String),
}

impl Scalar {
    fn kind(&self) -> Unexpected<'static> {
        Unexpected::Other(match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "a number",
            Self::Float => "a fraction",
            Self::Text(_) => "a text",
        })
    }
}

struct ScalarVisitor(&'static str);

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Null)
    }
    fn visit_bool<E>(self, value: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(value))
    }
    fn visit_i64<E>(self, value: i64) -> Result<Scalar, E> {
        Ok(Scalar::Int(value.into()))
    }
    fn visit_u64<E>(self, value: u64) -> Result<Scalar, E> {
        Ok(Scalar::Int(value.into()))
    }
    fn visit_f64<E>(self, _value: f64) -> Result<Scalar, E> {
        Ok(Scalar::Float)
    }
    fn visit_str<E>(self, value: &str) -> Result<Scalar, E> {
        Ok(Scalar::Text(value.to_owned()))
    }
}

/// A text or null.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    const EXPECTED: &str = "a text";
    match deserializer.deserialize_any(ScalarVisitor(EXPECTED))? {
        Scalar::Null => Ok(None),
        Scalar::Text(text) => Ok(Some(text)),
        other => Err(D::Error::invalid_type(other.kind(), &EXPECTED)),
    }
}

/// A text, or a number that stands for its digits, or null.
pub(super) fn word<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    const EXPECTED: &str = "a text";
    match deserializer.deserialize_any(ScalarVisitor(EXPECTED))? {
        Scalar::Null => Ok(None),
        Scalar::Text(text) => Ok(Some(text)),
        Scalar::Int(number) => Ok(Some(number.to_string())),
        other => Err(D::Error::invalid_type(other.kind(), &EXPECTED)),
    }
}

/// true, false, 1, 0 (also as text) or null.
pub(super) fn flag<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<bool>, D::Error> {
    const EXPECTED: &str = "true or false";
    match deserializer.deserialize_any(ScalarVisitor(EXPECTED))? {
        Scalar::Null => Ok(None),
        Scalar::Bool(flag) => Ok(Some(flag)),
        Scalar::Int(0) => Ok(Some(false)),
        Scalar::Int(1) => Ok(Some(true)),
        Scalar::Text(text) if parse_flag(&text).is_some() => Ok(parse_flag(&text)),
        other => Err(D::Error::invalid_type(other.kind(), &EXPECTED)),
    }
}

/// Reads a boolean of a query or form.
pub(crate) fn parse_flag(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// A whole number (also as text) or null.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    const EXPECTED: &str = "a whole number";
    let scalar = deserializer.deserialize_any(ScalarVisitor(EXPECTED))?;
    let number = match &scalar {
        Scalar::Null => return Ok(None),
        Scalar::Int(number) => i64::try_from(*number).ok(),
        Scalar::Text(text) => text.trim().parse().ok(),
        Scalar::Bool(_) | Scalar::Float => None,
    };
    number.map(Some).ok_or_else(|| D::Error::invalid_type(scalar.kind(), &EXPECTED))
}

/// An object or null.
pub(super) fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    deserializer.deserialize_any(ObjectVisitor(PhantomData))
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Option<T>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_unit<E>(self) -> Result<Option<T>, E> {
        Ok(None)
    }
    fn visit_str<E: Error>(self, _value: &str) -> Result<Option<T>, E> {
        Err(E::invalid_type(Unexpected::Other("a text"), &self))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Option<T>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(Some)
    }
}

/// A list of objects or null.
pub(super) fn objects<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    deserializer
        .deserialize_any(ListVisitor { element: PhantomData::<Element<T>> })
        .map(|list| list.map(|l| l.into_iter().map(|e| e.0).collect()))
}

/// A list of texts or null.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    deserializer
        .deserialize_any(ListVisitor { element: PhantomData::<Word> })
        .map(|list| list.map(|l| l.into_iter().map(|w| w.0).collect()))
}

struct Element<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        object(deserializer)?.map(Self).ok_or_else(|| D::Error::invalid_type(Unexpected::Other("null"), &"an object"))
    }
}

struct Word(String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text(deserializer)?.map(Self).ok_or_else(|| D::Error::invalid_type(Unexpected::Other("null"), &"a text"))
    }
}

struct ListVisitor<T> {
    element: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for ListVisitor<T> {
    type Value = Option<Vec<T>>;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
    fn visit_str<E: Error>(self, _value: &str) -> Result<Self::Value, E> {
        Err(E::invalid_type(Unexpected::Other("a text"), &self))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut list = Vec::new();
        while let Some(element) = seq.next_element()? {
            list.push(element);
        }
        Ok(Some(list))
    }
}
