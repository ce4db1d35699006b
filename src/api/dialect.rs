//! What a client of a dialect sent, whatever it called it; each family wraps it in its own extractor and error shape.
//!
//! curl's `-d` says "form" about JSON, browsers send no body with GET, dtle's own UI sends multipart: so a body that
//! starts like JSON is that whatever its Content-Type, else form or multipart, and the query stands behind the body.
//! axum's own extractors answer in plain text and refuse most of this (design.md §11).

mod ignored;

pub(super) use ignored::{Ignored, list};

use super::error::{Error, Result};
use crate::wire::native::error::Code;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::marker::PhantomData;
use std::ops::Deref;

/// The request's parameters: body first, query behind it.
#[derive(Debug, Default)]
pub(super) struct Input {
    /// The body, when it is JSON: as text, for places in error messages, and read.
    json: Option<(String, Map<String, Value>)>,
    /// Form or multipart fields, then the query's.
    fields: Vec<(String, String)>,
    /// The body was a form.
    form: bool,
}

impl Input {
    pub(super) async fn read<S: Send + Sync>(request: Request, state: &S) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let mut input = Self { json: None, form: false, fields: form_urlencoded::parse(query.as_bytes()).into_owned().collect() };
        let body =
            Bytes::from_request(Request::from_parts(parts.clone(), body), state).await.map_err(|rejection| match rejection.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Error::new(StatusCode::PAYLOAD_TOO_LARGE, Code::PayloadTooLarge, "the body is too large"),
                _ => bad("the body could not be read to its end"),
            })?;
        if parts.headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding != "identity") {
            return Err(unsupported("a compressed body is not supported"));
        }
        let mut sent = Vec::new();
        let kind = kind(&parts.headers, &body)?;
        input.form = matches!(kind, Kind::Form | Kind::Multipart);
        match kind {
            Kind::Empty => {}
            Kind::Json => input.json = Some(read_object(utf8(&body)?, "the body")?),
            Kind::Form => sent = form_urlencoded::parse(utf8(&body)?.as_bytes()).into_owned().collect(),
            Kind::Multipart => sent = multipart(parts, body, state).await?,
        }
        sent.append(&mut input.fields);
        input.fields = sent;
        Ok(input)
    }
}

enum Kind {
    Empty,
    Json,
    Form,
    Multipart,
}

/// Says what a body is.
fn kind(headers: &HeaderMap, body: &[u8]) -> Result<Kind> {
    let said = headers.get(header::CONTENT_TYPE).and_then(|t| t.to_str().ok()).unwrap_or_default();
    let said = said.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body).trim_ascii_start();
    Ok(match said.as_str() {
        _ if body.is_empty() => Kind::Empty,
        // Also what is JSON and no object: as a form it would be a name that nobody knows, and say nothing.
        _ if body.starts_with(b"{") || body.starts_with(b"[") || body.starts_with(b"\"") => Kind::Json,
        "multipart/form-data" => Kind::Multipart,
        "application/json" | "text/json" => Kind::Json,
        "" | "application/x-www-form-urlencoded" | "text/plain" if !body.contains(&b'=') => {
            return Err(bad("the body is neither a JSON object nor a form (name=value)"));
        }
        "" | "application/x-www-form-urlencoded" | "text/plain" => Kind::Form,
        _ => {
            return Err(unsupported(&format!("the content type {said} is not supported; send JSON or a form")));
        }
    })
}

fn bad(message: impl Into<String>) -> Error {
    Error::bad_request(message)
}

/// Says that a parameter is not known, and which are.
pub(super) fn unknown(name: &str, known: &[&str]) -> Error {
    let there_are = if known.is_empty() { "there are none".to_owned() } else { format!("there are {}", known.join(", ")) };
    Error::new(StatusCode::BAD_REQUEST, Code::UnknownField, format!("{name}: unknown; {there_are}")).field(name)
}

fn unsupported(message: &str) -> Error {
    Error::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, Code::UnsupportedMediaType, message)
}

fn utf8(body: &[u8]) -> Result<&str> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    std::str::from_utf8(body).map_err(|e| bad(format!("the body is not UTF-8 at byte {}", e.valid_up_to())))
}

async fn multipart<S: Send + Sync>(parts: Parts, body: Bytes, state: &S) -> Result<Vec<(String, String)>> {
    let broken = |_| bad("the multipart body cannot be read");
    let request = Request::from_parts(parts, Body::from(body));
    let mut multipart = Multipart::from_request(request, state).await.map_err(|_| bad("the multipart body has no boundary"))?;
    let mut fields = Vec::new();
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.text().await.map_err(broken)?));
    }
    Ok(fields)
}

/// Reads one JSON object; the error says where it stops being one.
fn read_object(text: &str, what: &str) -> Result<(String, Map<String, Value>)> {
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok((text.to_owned(), object)),
        Ok(_) => Err(bad(format!("{what} is not a JSON object"))),
        // serde_json's syntax errors carry line and column and nothing of the text.
        Err(e) => Err(bad(format!("{what} is not valid JSON: {e}"))),
    }
}

/// The same of one family, whose refusals have a shape of their own; one without `FORMS` takes bodies of JSON only.
pub(super) struct InputOf<E, const FORMS: bool = true>(Input, PhantomData<fn() -> E>);

impl<E, const FORMS: bool> Deref for InputOf<E, FORMS> {
    type Target = Input;
    fn deref(&self) -> &Input {
        &self.0
    }
}

impl<S: Send + Sync, E: From<Error> + IntoResponse, const FORMS: bool> FromRequest<S> for InputOf<E, FORMS> {
    type Rejection = E;
    async fn from_request(request: Request, state: &S) -> std::result::Result<Self, E> {
        let input = Input::read(request, state).await?;
        Ok(Self(if FORMS { input } else { input.no_form()? }, PhantomData))
    }
}

/// A value and the names of the fields that nobody knows.
#[derive(Debug)]
pub(super) struct Read<T> {
    pub(super) value: T,
    pub(super) ignored: Ignored,
}

impl Input {
    /// Refuses a form, for families whose bodies are JSON.
    fn no_form(self) -> Result<Self> {
        if self.form { Err(unsupported("a form is not supported; send JSON, with Content-Type: application/json")) } else { Ok(self) }
    }

    /// Returns one parameter. Numbers and booleans of a JSON body count as their text; null and "" are absent.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>> {
        let text = match self.json.as_ref().and_then(|(_, object)| object.get(name)) {
            Some(Value::Object(_) | Value::Array(_)) => return Err(bad(format!("{name}: expected a text"))),
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Null) | None => self.fields.iter().find(|(n, _)| n == name).map(|(_, text)| text.clone()),
            Some(other) => Some(other.to_string()),
        };
        Ok(text.filter(|t| !t.is_empty()))
    }

    pub(super) fn required(&self, name: &str) -> Result<String> {
        self.text(name)?.ok_or_else(|| bad(format!("{name}: required")))
    }

    /// Returns parameters that must all be there; what is missing is named in one go.
    pub(super) fn all_of<const N: usize>(&self, names: [&str; N]) -> Result<[String; N]> {
        let values = names.iter().map(|name| self.text(name)).collect::<Result<Vec<_>>>()?;
        let missing: Vec<&str> = names.iter().zip(&values).filter(|(_, v)| v.is_none()).map(|(name, _)| *name).collect();
        let values: Vec<String> = values.into_iter().flatten().collect();
        values.try_into().map_err(|_| bad(format!("{}: required", missing.join(", "))))
    }

    /// Returns a boolean: true, false, 1 or 0.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        crate::wire::lenient::parse_flag(&text).map(Some).ok_or_else(|| bad(format!("{name}: expected true or false")))
    }

    /// Refuses names that are none of `known`: for calls that no contract has, and so no old client.
    pub(super) fn only(&self, known: &[&str]) -> Result<()> {
        self.ignored(known).0.first().map_or(Ok(()), |name| Err(unknown(name, known)))
    }

    /// Returns the names that are none of `known`.
    pub(super) fn ignored(&self, known: &[&str]) -> Ignored {
        let sent = self.json.iter().flat_map(|(_, object)| object.keys()).chain(self.fields.iter().map(|(name, _)| name));
        Ignored(sent.filter(|name| !known.contains(&name.as_str())).cloned().collect())
    }

    /// Returns the names of what stands beside a JSON body, in the query.
    pub(super) fn beside(&self) -> impl Iterator<Item = &str> {
        self.fields.iter().filter(|_| self.json.is_some()).map(|(name, _)| name.as_str())
    }

    /// Returns the JSON body, or what stands in it under `wrapper`, as it came.
    pub(super) fn object(&self, wrapper: &str) -> Option<&Map<String, Value>> {
        let (_, object) = self.json.as_ref()?;
        Some(object.get(wrapper).and_then(Value::as_object).unwrap_or(object))
    }

    /// Reads the body, which is a JSON object; nothing at all is an empty one.
    pub(super) fn body<T: DeserializeOwned>(&self) -> Result<Read<T>> {
        match &self.json {
            Some((text, _)) => typed(&mut serde_json::Deserializer::from_str(text), ""),
            None if self.fields.is_empty() => typed(&mut serde_json::Deserializer::from_str("{}"), ""),
            None => Err(bad("the body is not a JSON object")),
        }
    }

    /// Reads a config object: the body itself, or what stands in it (or in a form or the query) under one of `wrappers`.
    pub(super) fn config<T: DeserializeOwned>(&self, wrappers: &[&str]) -> Result<Read<T>> {
        let inside = |object: &Map<String, Value>| wrappers.iter().find(|w| object.get(**w).is_some_and(Value::is_object)).copied();
        if let Some((text, object)) = &self.json {
            let Some(wrapper) = inside(object) else { return typed(&mut serde_json::Deserializer::from_str(text), "") };
            let mut read = typed(object[wrapper].clone(), wrapper)?;
            read.ignored.0.extend(self.ignored(&[wrapper]).0);
            return Ok(read);
        }
        for wrapper in wrappers {
            if let Some(text) = self.text(wrapper)? {
                let (text, object) = read_object(&text, wrapper)?;
                let Some(inner) = inside(&object) else {
                    let mut read = typed(&mut serde_json::Deserializer::from_str(&text), wrapper)?;
                    read.ignored.0.extend(self.ignored(&[wrapper]).0);
                    return Ok(read);
                };
                return typed(object[inner].clone(), inner);
            }
        }
        let under = if wrappers.is_empty() { String::new() } else { format!(", or one under {}", wrappers.join(" or ")) };
        Err(bad(format!("the body is empty; expected an object{under}")))
    }
}

/// Reads the type; an error carries the field's full name, and its place when the text is at hand.
fn typed<'de, T: DeserializeOwned, D: serde::Deserializer<'de>>(from: D, prefix: &str) -> Result<Read<T>>
where
    D::Error: std::fmt::Display,
{
    let mut track = serde_path_to_error::Track::new();
    let mut names = Vec::new();
    let read = serde_ignored::deserialize(serde_path_to_error::Deserializer::new(from, &mut track), |path| {
        let mut name = prefix.to_owned();
        append(&path, &mut name);
        names.push(name);
    });
    match read {
        Ok(value) => Ok(Read { value, ignored: Ignored(names) }),
        Err(e) => {
            let path = track.path().to_string();
            let dot = if prefix.is_empty() || path.starts_with('[') { "" } else { "." };
            let path = if path == "." { String::new() } else { format!("{dot}{path}") };
            // What is wrong with all of it has no place of its own.
            let place = format!("{prefix}{path}");
            Err(bad(if place.is_empty() { e.to_string() } else { format!("{place}: {e}") }))
        }
    }
}

/// Writes a path as the errors do: `src_task.replicate_do_db[0].x`.
fn append(path: &serde_ignored::Path<'_>, name: &mut String) {
    use serde_ignored::Path as P;
    match path {
        P::Root => {}
        P::Seq { parent, index } => {
            append(parent, name);
            name.push_str(&format!("[{index}]"));
        }
        P::Map { parent, key } => {
            append(parent, name);
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(key);
        }
        P::Some { parent } | P::NewtypeStruct { parent } | P::NewtypeVariant { parent } => append(parent, name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::dtle3::request::JobConfig;

    async fn input(method: &str, uri: &str, content_type: Option<&str>, body: &str) -> Result<Input> {
        let mut request = Request::builder().method(method).uri(uri);
        if let Some(content_type) = content_type {
            request = request.header(header::CONTENT_TYPE, content_type);
        }
        Input::read(request.body(Body::from(body.to_owned())).unwrap(), &()).await
    }

    const FORM: Option<&str> = Some("application/x-www-form-urlencoded");

    #[tokio::test]
    async fn a_parameter_comes_from_json_form_multipart_or_query_body_first() {
        let multipart = "--x\r\nContent-Disposition: form-data; name=\"job_id\"\r\n\r\nm\r\n--x--\r\n";
        for (uri, content_type, body, expected) in [
            ("/p?job_id=q", None, "", Some("q")),
            ("/p?job_id=q", FORM, "job_id=f%20g", Some("f g")),
            ("/p?job_id=q", FORM, "other=1", Some("q")),
            ("/p?job_id=q", FORM, r#" {"job_id":"j"}"#, Some("j")),
            ("/p?job_id=q", Some("text/xml"), "\u{feff}{\"job_id\":\"作业\"}", Some("作业")),
            ("/p?job_id=q", FORM, r#"{"job_id":null}"#, Some("q")),
            ("/p", Some("application/json"), r#"{"job_id":7}"#, Some("7")),
            ("/p", None, "job_id=plain", Some("plain")),
            ("/p", Some("multipart/form-data; boundary=x"), multipart, Some("m")),
            ("/p", None, "", None),
            ("/p?job_id=", None, "{}", None),
        ] {
            let read = input("POST", uri, content_type, body).await.unwrap().text("job_id").unwrap();
            assert_eq!(read.as_deref(), expected, "{uri} {content_type:?} {body}");
        }
    }

    #[tokio::test]
    async fn bodies_that_cannot_be_read_say_where() {
        for (content_type, body, status, message) in [
            (FORM, "{\"job_id\": }", 400, "the body is not valid JSON: expected value at line 1 column 12"),
            (Some("application/json"), "[1]", 400, "the body is not a JSON object"),
            (Some("application/json"), "nonsense", 400, "the body is not valid JSON: expected ident at line 1 column 2"),
            (FORM, "[1", 400, "the body is not valid JSON: EOF while parsing a list at line 1 column 2"),
            (FORM, "[\"a=b\"]", 400, "the body is not a JSON object"),
            (None, " \"AAPL\"", 400, "the body is not a JSON object"),
            (FORM, "hello", 400, "the body is neither a JSON object nor a form (name=value)"),
            (Some("text/xml"), "<a/>", 415, "the content type text/xml is not supported; send JSON or a form"),
            (Some("multipart/form-data"), "--x", 400, "the multipart body has no boundary"),
        ] {
            let error = input("POST", "/p", content_type, body).await.unwrap_err();
            assert_eq!((error.status.as_u16(), error.message.as_str()), (status, message));
        }
    }

    #[tokio::test]
    async fn a_config_is_bare_wrapped_or_a_parameter() {
        let bare = r#"{"job_name":"a","x":1,"src_task":{"replicate_do_db":[{"table_schema":"s","y":2}]}}"#;
        let wrapped = format!(r#"{{"migration_job_config":{bare},"z":0}}"#);
        let query = format!("/p?job_config={}", form_urlencoded::byte_serialize(bare.as_bytes()).collect::<String>());
        let names = ["migration_job_config", "job_config"];
        for (uri, body, ignored) in [
            ("/p", bare, vec!["x", "src_task.replicate_do_db[0].y"]),
            ("/p", wrapped.as_str(), vec!["migration_job_config.x", "migration_job_config.src_task.replicate_do_db[0].y", "z"]),
            (query.as_str(), "", vec!["job_config.x", "job_config.src_task.replicate_do_db[0].y"]),
        ] {
            let read: Read<JobConfig> = input("GET", uri, None, body).await.unwrap().config(&names).unwrap();
            assert_eq!(read.value.job_name.as_deref(), Some("a"));
            assert_eq!(read.ignored.0, ignored);
        }
        assert!(input("POST", "/p", None, "").await.unwrap().config::<JobConfig>(&names).is_err());
    }

    #[tokio::test]
    async fn a_wrong_type_is_named_with_its_place_and_without_its_value() {
        for (body, message) in [
            (
                "{\"src_task\":{\n\"chunk_size\":\"many\"}}",
                "src_task.chunk_size: invalid type: a text, expected a whole number at line 2 column 20",
            ),
            ("{\"failover\":2}", "failover: invalid type: a number, expected true or false at line 1 column 14"),
            ("{\"src_task\":\"hunter2\"}", "src_task: invalid type: a text, expected an object at line 1 column 21"),
            (
                "{\"sync_job_config\":{\"src_task\":{\"replicate_do_db\":[{\"tables\":{}}]}}}",
                "sync_job_config.src_task.replicate_do_db[0].tables: invalid type: map, expected a list",
            ),
            (
                "{\"dest_task\":{\"mysql_connection_config\":{\"mysql_password\":123}}}",
                "dest_task.mysql_connection_config.mysql_password: invalid type: a number, expected a text at line 1 column 62",
            ),
        ] {
            let error = input("POST", "/p", FORM, body).await.unwrap().config::<JobConfig>(&["sync_job_config"]).unwrap_err();
            assert_eq!(error.message, message);
        }
    }

    #[tokio::test]
    async fn booleans_and_numbers_may_be_text() {
        let body = r#"{"failover":"0","is_mysql_password_encrypted":1,"src_task":{"chunk_size":"2000","group_max_size":null}}"#;
        let config = input("POST", "/p", FORM, body).await.unwrap().config::<JobConfig>(&[]).unwrap().value;
        assert_eq!((config.failover, config.is_mysql_password_encrypted), (Some(false), Some(true)));
        let src = config.src_task.unwrap();
        assert_eq!((src.chunk_size, src.group_max_size), (Some(2000), None));
    }
}
