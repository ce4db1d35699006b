//! Errors of the API, and the one place that gives them each family's shape.

use crate::config::Family;
use crate::model::finding::{Finding, Side};
use crate::scheduler;
use crate::store;
use crate::wire::dts::reply::Envelope;
use crate::wire::native::error::{Code, Detail, ErrorBody};
use axum::Json;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::sync::Arc;

/// The form of a family's error bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// `ErrorBody`
    Native,
    /// A plain text.
    Dtle2,
    /// `{"message": "…"}`
    Dtle3,
    /// kratos' envelope.
    Dts,
    /// `{"detail": "…"}`
    Dms,
    /// `{"success": false, "message": "…"}`
    EsSync,
}

impl Shape {
    fn of_family(family: Family) -> Self {
        match family {
            Family::Native => Self::Native,
            Family::Dtle2 => Self::Dtle2,
            Family::Dtle3 => Self::Dtle3,
            Family::Dms => Self::Dms,
            Family::EsSync => Self::EsSync,
            Family::Dts => Self::Dts,
        }
    }

    /// Picks the shape of a path by its prefix.
    pub(super) fn of(path: &str) -> Self {
        let under = |prefix: &str| path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if under("/v2") {
            Self::Dtle3
        } else if under("/v1/dispatch") || under("/v1/task") {
            Self::Dts
        } else if under("/api/dms") {
            Self::Dms
        } else if under(super::es_sync::PREFIX) {
            Self::EsSync
        } else if under("/v1") {
            Self::Dtle2
        } else {
            Self::Native
        }
    }
}

/// Whose form the answers of a listener have: what no family has a route for is answered in the form of those that it
/// serves.
#[derive(Debug, Clone)]
pub(super) struct Shapes(Arc<Served>);

#[derive(Debug)]
struct Served {
    families: Vec<Family>,
    /// What every listener serves.
    common: Vec<String>,
}

impl Shapes {
    pub(super) fn new(families: &[Family], common: Vec<String>) -> Self {
        Self(Arc::new(Served { families: families.to_vec(), common }))
    }

    pub(super) fn of(&self, path: &str) -> Shape {
        let Served { families, common } = self.0.as_ref();
        let first = |path: &str| path.split('/').nth(1).map(str::to_owned);
        if common.iter().any(|common| first(common) == first(path)) {
            return Shape::Native;
        }
        let by_path = Shape::of(path);
        let serves = |shape: Shape| families.iter().any(|f| Shape::of_family(*f) == shape);
        match (by_path, families.as_slice()) {
            // Two families share /v1.
            (Shape::Dtle2, _) if !serves(Shape::Dtle2) && serves(Shape::Dts) => Shape::Dts,
            (Shape::Native, [only]) => Shape::of_family(*only),
            (_, [only]) if !serves(by_path) => Shape::of_family(*only),
            _ => by_path,
        }
    }

    pub(super) fn not_found(&self, uri: &Uri) -> Response {
        unknown_path().render(self.of(uri.path()))
    }
    pub(super) fn method_not_allowed(&self, uri: &Uri) -> Response {
        wrong_method().render(self.of(uri.path()))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub status: StatusCode,
    pub code: Code,
    /// The more precise code, which `syncline explain` knows; empty: there is none.
    pub reason: &'static str,
    pub message: String,
    pub hint: String,
    /// The field of the request that is wrong, where one is.
    pub field: Option<String>,
    /// Each thing that is wrong, where there are several or could be.
    pub details: Vec<Detail>,
}

pub(super) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        Self { status, code, reason: "", message: message.into(), hint: String::new(), field: None, details: Vec::new() }
    }
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, Code::BadRequest, message)
    }
    /// An error of all these; None if there are none.
    pub(super) fn of(mut details: Vec<Detail>, what: &str) -> Option<Self> {
        let code = |d: &Detail| if d.code == Code::NotSupported.word() { Code::NotSupported } else { Code::BadRequest };
        if details.len() < 2 {
            let Detail { code: word, field, object: _, message, hint } = details.pop()?;
            let known = [Code::NotSupported, Code::UnknownField].into_iter().find(|c| c.word() == word);
            let at = field.clone().unwrap_or_else(|| what.to_owned());
            let error = Self::new(StatusCode::BAD_REQUEST, known.unwrap_or(Code::BadRequest), format!("{at}: {message}"));
            return Some(error.hint(hint).field(field.unwrap_or_default()));
        }
        let first = code(&details[0]);
        let common = if details.iter().all(|d| code(d) == first) { first } else { Code::BadRequest };
        let message = format!("{} things in {what} are wrong", details.len());
        Some(Self { details, ..Self::new(StatusCode::BAD_REQUEST, common, message) })
    }
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, Code::NotFound, message)
    }
    /// An error of ours: its text is logged, not sent.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Internal, "internal error")
            .hint("the daemon's log says more under the request's id")
    }
    /// Nothing can be recorded.
    pub fn disk_full() -> Self {
        Self::new(StatusCode::INSUFFICIENT_STORAGE, Code::DiskFull, "the disk of the daemon's data directory is full: nothing was changed")
            .hint("make room there and ask again")
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
    pub fn field(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into()).filter(|f| !f.is_empty());
        self
    }

    /// Returns all of it as one text, for families that have nothing else.
    pub(super) fn in_one_line(&self) -> String {
        let mut text = self.message.clone();
        let mut hints: Vec<&str> = Vec::new();
        for (n, Detail { code, field, object, message, hint }) in self.details.iter().enumerate() {
            let at = field.as_deref().unwrap_or(object);
            text += &format!("{} {at} [{code}] {message}", if n == 0 { ":" } else { ";" });
            hints.push(hint);
        }
        hints.push(&self.hint);
        let mut told: Vec<&str> = Vec::new();
        for hint in hints {
            if !hint.is_empty() && !told.contains(&hint) {
                told.push(hint);
                text += &format!("; {hint}");
            }
        }
        text
    }

    /// What the native API says of it.
    pub(super) fn body(self) -> ErrorBody {
        let Self { status: _, code, reason, message, hint, field, details } = self;
        ErrorBody { code, reason: reason.to_owned(), message, hint, field, details }
    }

    /// Puts the error into a family's shape.
    pub fn render(self, shape: Shape) -> Response {
        let status = self.status;
        let mut response = match shape {
            Shape::Native => (status, Json(self.body())).into_response(),
            Shape::Dtle2 => (status, self.in_one_line()).into_response(),
            Shape::EsSync => {
                let message = super::es_sync::words(status, &self.in_one_line());
                (status, Json(json!({ "success": false, "message": message }))).into_response()
            }
            Shape::Dtle3 => (status, Json(json!({ "message": self.in_one_line() }))).into_response(),
            Shape::Dms => (status, Json(json!({ "detail": self.in_one_line() }))).into_response(),
            Shape::Dts => (status, Json(Envelope::error(status.as_u16(), self.in_one_line()))).into_response(),
        };
        if status == StatusCode::UNAUTHORIZED {
            let scheme = if shape == Shape::Dts { "Basic realm=\"syncline\", charset=\"UTF-8\"" } else { "Bearer realm=\"syncline\"" };
            response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static(scheme));
        }
        response
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.render(Shape::Native)
    }
}

impl From<crate::bars::Error> for Error {
    fn from(error: crate::bars::Error) -> Self {
        use crate::bars::{self, Kind};
        const MOVE_AWAY: &str = "the daemon's log says more; a slave is given everything again if the file is moved away";
        let (text, hint) = (error.message.clone(), error.hint);
        let made = match (error.kind, error.code) {
            // Ours, and no secret: what is damaged has a way out.
            (_, bars::store::Damage::CODE) => {
                tracing::error!(%error, "a request failed");
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, Code::Damaged, text)
            }
            // Not the caller's credentials: ours, at another server.
            (_, "bars_backup_denied" | "bars_peer_denied" | "bars_provider_denied") => {
                Self::new(StatusCode::BAD_GATEWAY, Code::AccessDenied, text)
            }
            // As the contract has it: 503 whoever asks, and each its own word.
            (_, "bars_not_ready") => Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::ShuttingDown, text),
            (_, "bars_disabled") => Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Disabled, text)
                .hint("[dms] enabled = true and a restart of the daemon switch it on"),
            (_, "bars_store_damaged") => Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Damaged, text).hint(MOVE_AWAY),
            (_, "bars_store_unusable" | "bars_store_newer") => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Internal, text).hint(MOVE_AWAY)
            }
            // Nor is it our defect what another server says.
            (_, "bars_peer_foreign" | "bars_peer_refused" | "bars_peer_unreadable") => {
                Self::new(StatusCode::BAD_GATEWAY, Code::Unreachable, text)
            }
            (_, "bars_target_disabled") => Self::new(StatusCode::CONFLICT, Code::WrongState, text),
            (_, "bars_target_itself" | "bars_target_twice") => Self::new(StatusCode::CONFLICT, Code::AlreadyExists, text),
            _ => match error.kind {
                Kind::NotFound => Self::not_found(text),
                Kind::Config => Self::bad_request(text),
                Kind::Transient => Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::Unreachable, text),
                Kind::Permanent => Self::internal(&error),
            },
        };
        let made = Self { reason: error.code, ..made };
        if hint.is_empty() { made } else { made.hint(hint) }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound(_) => Self::not_found(error.to_string()),
            store::Error::Conflict(text) => Self::new(StatusCode::CONFLICT, Code::Conflict, text),
            full if full.is_disk_full() => Self::disk_full(),
            io @ store::Error::Io { .. } => Self::internal(&io),
        }
    }
}

/// How the native family names the row filter of a rule.
pub(super) fn row_filter_field(rule: usize) -> String {
    format!("include[{rule}].where")
}

impl From<scheduler::Error> for Error {
    fn from(error: scheduler::Error) -> Self {
        Self::of_job(error, &row_filter_field)
    }
}

impl Error {
    /// What is wrong with a job, its rules' row filters named as the family does that it was sent in.
    pub(super) fn of_job(error: scheduler::Error, row_filter: &dyn Fn(usize) -> String) -> Self {
        use scheduler::Error as E;
        let (text, unreachable) = (error.to_string(), error.is_unreachable());
        match error {
            E::NotFound(_) => Self::not_found(text),
            E::Exists(_) => Self::new(StatusCode::CONFLICT, Code::AlreadyExists, text),
            E::Refused(refused) => Self::new(StatusCode::CONFLICT, Code::WrongState, text).hint(refused.hint),
            E::Invalid(_) => Self::bad_request(text),
            E::BadField { field, .. } => Self::bad_request(text).field(field),
            E::BadTarget(wrong) => Self::bad_request(text).field(wrong.field),
            E::RowFilter { rule, cause } => {
                let field = row_filter(rule);
                Self::bad_request(format!("{field}: {cause}")).field(field)
            }
            E::Preflight(report) => {
                let details = report.errors().cloned().map(|f| detail(f, row_filter)).collect();
                Self { details, ..Self::new(StatusCode::BAD_REQUEST, Code::PreflightFailed, text) }
            }
            E::EndpointRefused(_) => Self::new(StatusCode::BAD_REQUEST, Code::EndpointRefused, text),
            E::Stopping => Self::new(StatusCode::SERVICE_UNAVAILABLE, Code::ShuttingDown, text),
            E::Store(inner) => inner.into(),
            E::BadCron(wrong) => Self::bad_request(text).hint(wrong.hint).field(wrong.part.field()),
            E::Hosts(inner) => {
                use crate::hosts::Kind as K;
                let (status, code) = match inner.kind {
                    K::NotFound => (StatusCode::NOT_FOUND, Code::NotFound),
                    K::Conflict => (StatusCode::CONFLICT, Code::AlreadyExists),
                    K::Transient => (StatusCode::BAD_REQUEST, Code::Unreachable),
                    K::Permanent | K::Config => (StatusCode::BAD_REQUEST, Code::BadRequest),
                };
                Self::new(status, code, text).hint(inner.hint)
            }
            E::Bars(inner) => inner.into(),
            E::Engine(inner) => {
                let code = if unreachable { Code::Unreachable } else { Code::BadRequest };
                Self::new(StatusCode::BAD_REQUEST, code, text).hint(inner.hint)
            }
        }
    }
}

fn detail(finding: Finding, row_filter: &dyn Fn(usize) -> String) -> Detail {
    let Finding { code, severity: _, side, check: _, object, rule, message, hint } = finding;
    let side = match side {
        Side::Src => "source",
        Side::Dest => "target",
    };
    let object = if object.is_empty() { side.to_owned() } else { format!("{side} {object}") };
    Detail { code: code.to_owned(), field: rule.map(row_filter), object, message, hint }
}

fn unknown_path() -> Error {
    Error::not_found("there is nothing at this path")
}

fn wrong_method() -> Error {
    Error::new(StatusCode::METHOD_NOT_ALLOWED, Code::MethodNotAllowed, "this path does not answer this method")
}

pub(super) async fn native_not_found() -> Response {
    unknown_path().render(Shape::Native)
}
pub(super) async fn native_method_not_allowed() -> Response {
    wrong_method().render(Shape::Native)
}
/// Picks the shape for a path below `/v1`, where there are two families; routers that are nested see only what is below.
fn under_v1(uri: &Uri) -> Shape {
    Shape::of(&format!("/v1{}", uri.path()))
}
pub(super) async fn dtle2_not_found(uri: Uri) -> Response {
    unknown_path().render(under_v1(&uri))
}
pub(super) async fn dtle2_method_not_allowed(uri: Uri) -> Response {
    wrong_method().render(under_v1(&uri))
}
pub(super) async fn dtle3_not_found() -> Response {
    unknown_path().render(Shape::Dtle3)
}
pub(super) async fn dtle3_method_not_allowed() -> Response {
    wrong_method().render(Shape::Dtle3)
}
pub(super) async fn dts_not_found() -> Response {
    unknown_path().render(Shape::Dts)
}
pub(super) async fn dts_method_not_allowed() -> Response {
    wrong_method().render(Shape::Dts)
}
pub(super) async fn dms_not_found() -> Response {
    unknown_path().render(Shape::Dms)
}
pub(super) async fn dms_method_not_allowed() -> Response {
    wrong_method().render(Shape::Dms)
}
pub(super) async fn es_sync_not_found() -> Response {
    unknown_path().render(Shape::EsSync)
}
pub(super) async fn es_sync_method_not_allowed() -> Response {
    wrong_method().render(Shape::EsSync)
}
