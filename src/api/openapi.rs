//! The OpenAPI document: made of what stands beside each route ([`Op`]) and of the wire types' own schemas.
//!
//! A [`Route`](super::route::Route) cannot be made without an `Op`, so no route is missing from the document, and the
//! document has no path that no router serves. Each listener's document holds the families which that listener serves.

use super::error::Shape;
use super::route::{Declared, Permission};
use crate::wire::native::error::ErrorBody;
use axum::http::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::path::{HttpMethod, OperationBuilder, Parameter, ParameterBuilder, ParameterIn, PathsBuilder};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ComponentsBuilder, ObjectBuilder, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, Response, ResponseBuilder, ResponsesBuilder, Schema,
};
use utoipa::{IntoParams, ToSchema};

const JSON: &str = "application/json";
const LINES: &str = "application/x-ndjson";
const PLAIN: &str = "text/plain";
const FORM: &str = "application/x-www-form-urlencoded";

type Schemas = Vec<(String, RefOr<Schema>)>;
/// Status, what it means, and the body with its type.
type Reply = (u16, &'static str, Option<(&'static str, Content)>);

/// What the document says of one route.
#[derive(Clone, Default)]
pub(super) struct Op {
    summary: &'static str,
    about: &'static str,
    parameters: Vec<Parameter>,
    bodies: Vec<(&'static str, Content)>,
    replies: Vec<Reply>,
    schemas: Schemas,
}

impl Op {
    /// The summary is one line, in the third person: "Lists jobs".
    pub(super) fn new(summary: &'static str) -> Self {
        Self { summary, ..Self::default() }
    }

    /// What the summary has no room for.
    pub(super) fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// Query parameters: the handler's own type.
    pub(super) fn query<T: IntoParams>(mut self) -> Self {
        self.parameters.extend(T::into_params(|| Some(ParameterIn::Query)));
        self
    }

    /// One text parameter of the query.
    pub(super) fn parameter(mut self, name: &'static str, about: &'static str, required: bool, example: &str) -> Self {
        self.parameters.push(parameter(name, ParameterIn::Query, about, required, Type::String, Some(example.into())));
        self
    }

    /// A JSON body.
    pub(super) fn body<T: ToSchema>(mut self, example: Value) -> Self {
        let content = self.content::<T>(Some(example));
        self.bodies.push((JSON, content));
        self
    }

    /// Text parameters that a dialect takes as a form, in the query or as a JSON object.
    pub(super) fn form(mut self, fields: &[(&'static str, &'static str, &'static str)]) -> Self {
        let mut object = ObjectBuilder::new();
        let mut example = serde_json::Map::new();
        for (name, about, value) in fields {
            let text = ObjectBuilder::new().schema_type(Type::String).description(Some(*about));
            object = object.property(*name, text).required(*name);
            example.insert((*name).to_owned(), (*value).into());
        }
        let object = object.build();
        for kind in [FORM, JSON] {
            let content =
                ContentBuilder::new().schema(Some(Schema::Object(object.clone()))).example(Some(Value::Object(example.clone()))).build();
            self.bodies.push((kind, content));
        }
        self
    }

    /// A JSON reply.
    pub(super) fn reply<T: ToSchema>(mut self, status: u16, about: &'static str) -> Self {
        let content = self.content::<T>(None);
        self.replies.push((status, about, Some((JSON, content))));
        self
    }

    /// A reply that goes on: a JSON document a line.
    pub(super) fn lines<T: ToSchema>(mut self, status: u16, about: &'static str) -> Self {
        let content = self.content::<T>(None);
        self.replies.push((status, about, Some((LINES, content))));
        self
    }

    /// A reply without a body.
    pub(super) fn empty(mut self, status: u16, about: &'static str) -> Self {
        self.replies.push((status, about, None));
        self
    }

    /// A reply that is not JSON.
    pub(super) fn text(mut self, status: u16, kind: &'static str, about: &'static str) -> Self {
        let content = ContentBuilder::new().schema(Some(Schema::Object(ObjectBuilder::new().schema_type(Type::String).build()))).build();
        self.replies.push((status, about, Some((kind, content))));
        self
    }

    fn content<T: ToSchema>(&mut self, example: Option<Value>) -> Content {
        T::schemas(&mut self.schemas);
        let name = T::name().into_owned();
        // Types of the language (lists, texts) have no name of their own worth a component.
        let schema = match T::schema() {
            RefOr::T(Schema::Object(object)) if object.properties.is_empty() => RefOr::T(Schema::Object(object)),
            RefOr::T(list @ Schema::Array(_)) => RefOr::T(list),
            other => {
                self.schemas.push((name.clone(), other));
                Ref::from_schema_name(name).into()
            }
        };
        ContentBuilder::new().schema(Some(schema)).example(example).build()
    }
}

fn parameter(name: &str, at: ParameterIn, about: &str, required: bool, kind: Type, example: Option<Value>) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(at)
        .description(Some(about))
        .required(if required { Required::True } else { Required::False })
        .schema(Some(ObjectBuilder::new().schema_type(kind)))
        .example(example)
        .build()
}

/// A family in the document.
struct Chapter {
    tag: &'static str,
    about: &'static str,
}

fn chapter(path: &str) -> Chapter {
    let (tag, about) = match Shape::of(path) {
        Shape::Dtle2 => ("dtle 2.x", "The older dtle HTTP API; its errors are plain text."),
        Shape::Dtle3 => ("dtle 3.x", "The dtle 3.x HTTP API."),
        Shape::Dts => ("dts", "The dts task API: row changes into Kafka. Every reply is an envelope, errors too."),
        Shape::Dms => ("dms", "The market-data API: bars, their tasks, backups and slaves."),
        Shape::EsSync => ("es-sync", "The es-sync API: host metrics out of Elasticsearch into a CMDB."),
        Shape::Native if path.starts_with("/api/v1/") => ("native", "Syncline's own API, which the command line speaks."),
        Shape::Native => ("server", "Liveness, metrics and this document."),
    };
    Chapter { tag, about }
}

/// Errors that every route of a family can give, with the family's body.
fn failures(shape: Shape, schemas: &mut Schemas) -> (&'static str, Content) {
    match shape {
        Shape::Native => {
            ErrorBody::schemas(schemas);
            schemas.push((ErrorBody::name().into_owned(), <ErrorBody as utoipa::PartialSchema>::schema()));
            let example = json!({
                "code": "bad_request",
                "message": "source.port: expected a whole number from 0 to 65535",
                "field": "source.port",
            });
            let schema = Ref::from_schema_name(ErrorBody::name().into_owned());
            (JSON, ContentBuilder::new().schema(Some(schema)).example(Some(example)).build())
        }
        Shape::Dtle2 => {
            let text = Schema::Object(ObjectBuilder::new().schema_type(Type::String).build());
            (PLAIN, ContentBuilder::new().schema(Some(text)).example(Some(json!("job not found"))).build())
        }
        Shape::Dtle3 => {
            use crate::wire::dtle3::reply::Message;
            schemas.push((Message::name().into_owned(), <Message as utoipa::PartialSchema>::schema()));
            let schema = Ref::from_schema_name(Message::name().into_owned());
            (JSON, ContentBuilder::new().schema(Some(schema)).example(Some(json!({ "message": "job a-sync does not exist" }))).build())
        }
        Shape::Dms => {
            use crate::wire::dms::Failure;
            schemas.push((Failure::name().into_owned(), <Failure as utoipa::PartialSchema>::schema()));
            let example = json!({ "detail": "there are no bars of US.AAPL 1d" });
            (JSON, ContentBuilder::new().schema(Some(Ref::from_schema_name(Failure::name().into_owned()))).example(Some(example)).build())
        }
        Shape::EsSync => {
            use crate::wire::es_sync::reply::Message;
            schemas.push((Message::name().into_owned(), <Message as utoipa::PartialSchema>::schema()));
            let schema = Ref::from_schema_name(Message::name().into_owned());
            let example = json!({ "success": false, "message": "任务不存在" });
            (JSON, ContentBuilder::new().schema(Some(schema)).example(Some(example)).build())
        }
        Shape::Dts => {
            use crate::wire::dts::reply::{Envelope, Nothing};
            type Failure = Envelope<Nothing>;
            Failure::schemas(schemas);
            schemas.push((Failure::name().into_owned(), <Failure as utoipa::PartialSchema>::schema()));
            let example = json!({ "code": -404, "message": "task 7 does not exist", "ttl": 1, "data": {} });
            (JSON, ContentBuilder::new().schema(Some(Ref::from_schema_name(Failure::name().into_owned()))).example(Some(example)).build())
        }
    }
}

/// What can go wrong with any request of a family.
const FAILURES: [(u16, &str); 10] = [
    (400, "The request is wrong; the text names the field."),
    (401, "The credentials are missing or wrong."),
    (403, "The token's role does not allow it."),
    (404, "There is no such thing."),
    (409, "It contradicts what is there, or its state."),
    (413, "The body is larger than `[limits] body_bytes`."),
    (415, "The body's type is not supported."),
    (500, "Our own error; the daemon's log says more under the request's id."),
    (503, "The daemon is busy or about to stop."),
    (504, "No answer in time; what was begun goes on."),
];

/// Returns the document of these routes.
pub(super) fn document(routes: &[(Declared, Op)]) -> OpenApi {
    let mut schemas: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    let mut paths = PathsBuilder::new();
    let mut tags = Vec::new();
    for (route, op) in routes {
        let chapter = chapter(&route.path);
        if !tags.iter().any(|(tag, _)| *tag == chapter.tag) {
            tags.push((chapter.tag, chapter.about));
        }
        let mut used = op.schemas.clone();
        let operation = operation(route, op, chapter.tag, &mut used);
        schemas.extend(used);
        let item = utoipa::openapi::PathItem::new(method(&route.method), operation);
        paths = paths.path(plain(&route.path), item);
    }
    let components = schemas
        .into_iter()
        .fold(ComponentsBuilder::new(), |components, (name, schema)| components.schema(name, schema))
        .security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)))
        .security_scheme("basic", SecurityScheme::Http(Http::new(HttpAuthScheme::Basic)));
    OpenApiBuilder::new()
        .info(
            InfoBuilder::new()
                .title("Syncline")
                .version(env!("CARGO_PKG_VERSION"))
                .description(Some(env!("CARGO_PKG_DESCRIPTION")))
                .license(Some(LicenseBuilder::new().name("Apache-2.0 OR MIT").build())),
        )
        .tags(Some(tags.into_iter().map(|(tag, about)| TagBuilder::new().name(tag).description(Some(about)).build())))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

fn operation(route: &Declared, op: &Op, tag: &str, schemas: &mut Schemas) -> utoipa::openapi::path::Operation {
    let Op { summary, about, parameters, bodies, replies, schemas: _ } = op.clone();
    let in_path = route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).map(|name| {
        let name = name.trim_start_matches('*');
        let (about, kind) = path_parameter(name);
        parameter(name, ParameterIn::Path, about, true, kind, None)
    });
    let mut built = OperationBuilder::new()
        .tag(tag)
        .operation_id(Some(operation_id(route)))
        .summary(Some(summary))
        .description(Some(about).filter(|a| !a.is_empty()))
        .parameters(Some(in_path.chain(parameters)));
    if !bodies.is_empty() {
        let body = bodies.into_iter().fold(RequestBodyBuilder::new(), |body, (kind, content)| body.content(kind, content));
        built = built.request_body(Some(body.build()));
    }
    let mut responses = ResponsesBuilder::new();
    let response = |about: &str, content: Option<(&'static str, Content)>| -> Response {
        let builder = ResponseBuilder::new().description(about);
        match content {
            Some((kind, content)) => builder.content(kind, content).build(),
            None => builder.build(),
        }
    };
    let told: Vec<u16> = replies.iter().map(|(status, ..)| *status).collect();
    for (status, about, content) in replies {
        responses = responses.response(status.to_string(), response(about, content));
    }
    let (kind, failure) = failures(Shape::of(&route.path), schemas);
    for (status, about) in FAILURES.iter().filter(|(status, _)| !told.contains(status)) {
        responses = responses.response(status.to_string(), response(about, Some((kind, failure.clone()))));
    }
    built = built.responses(responses.build());
    let role = match route.permission {
        Permission::Public => return built.build(),
        Permission::Role(role) => role.as_str(),
    };
    // Either form of the credentials; none where the daemon has no tokens.
    let schemes: &[&str] = match Shape::of(&route.path) {
        Shape::Dts => &["basic"],
        shape if super::auth::takes_basic(shape) => &["bearer", "basic"],
        _ => &["bearer"],
    };
    for scheme in schemes {
        built = built.security(SecurityRequirement::new::<_, [String; 0], String>(*scheme, []));
    }
    built = built.security(SecurityRequirement::default());
    built.extensions(Some(ExtensionsBuilder::new().add("x-syncline-role", role).build())).build()
}

fn path_parameter(name: &str) -> (&'static str, Type) {
    match name {
        "id" => ("The id; where the native API asks for a job, its number or unambiguous name too.", Type::String),
        "symbol" => ("A symbol in any spelling; a slash in it as %2F.", Type::String),
        "target" => ("A backup's or slave's name; at a slave `master`.", Type::String),
        "task_name" => ("A task's name.", Type::String),
        "slave_name" => ("A slave's name.", Type::String),
        "number" => ("The number.", Type::Integer),
        "file" => ("A file of the page.", Type::String),
        "host" => ("The id, or the address.", Type::String),
        "type" => ("`migration`, `sync` or `subscription`.", Type::String),
        _ => ("", Type::String),
    }
}

fn method(method: &Method) -> HttpMethod {
    match *method {
        Method::POST => HttpMethod::Post,
        Method::PUT => HttpMethod::Put,
        Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

/// A wildcard is a plain parameter in a document.
fn plain(path: &str) -> String {
    path.replace("{*", "{")
}

/// `get_api_v1_jobs_id`: stable, since generated clients name their functions by it.
fn operation_id(route: &Declared) -> String {
    let words = route.path.split(['/', '{', '}', '*', '.', '-']).filter(|w| !w.is_empty());
    let words = words.chain(Some("slash").filter(|_| route.path.ends_with('/')));
    std::iter::once(route.method.as_str().to_ascii_lowercase()).chain(words.map(str::to_owned)).collect::<Vec<_>>().join("_")
}

#[cfg(test)]
mod tests;
