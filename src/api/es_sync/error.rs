//! Errors in the family's words: `{"success": false, "message": "…"}` with real statuses. A Chinese text, and the English
//! cause behind it where that says more.

use crate::scheduler;
use crate::wire::es_sync::reply::Message;
use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

pub(super) type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Error {
    pub(super) status: StatusCode,
    pub(super) message: String,
}

impl Error {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, message: message.into() }
    }
    /// A wrong field, and why.
    pub(super) fn field(field: &str, reason: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, format!("请求参数错误: {field}: {reason}"))
    }
    pub(super) fn no_name() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "任务名称不能为空")
    }
    pub(super) fn no_task() -> Self {
        Self::new(StatusCode::NOT_FOUND, "任务不存在")
    }
    pub(super) fn no_run() -> Self {
        Self::new(StatusCode::NOT_FOUND, "执行记录不存在")
    }
}

/// Returns the family's text for an error that knows nothing of families.
pub(in crate::api) fn words(status: StatusCode, cause: &str) -> String {
    let text = match status {
        StatusCode::UNAUTHORIZED => return "未授权".to_owned(),
        StatusCode::INTERNAL_SERVER_ERROR => return "服务器内部错误".to_owned(),
        StatusCode::FORBIDDEN => "权限不足",
        StatusCode::NOT_FOUND => "资源不存在",
        StatusCode::METHOD_NOT_ALLOWED => "请求方法不支持",
        StatusCode::CONFLICT => "操作冲突",
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => "服务暂不可用",
        _ => "请求参数错误",
    };
    format!("{text}: {cause}")
}

impl From<crate::api::Error> for Error {
    fn from(error: crate::api::Error) -> Self {
        let message = words(error.status, &error.in_one_line());
        Self { status: error.status, message }
    }
}

impl From<scheduler::Error> for Error {
    fn from(error: scheduler::Error) -> Self {
        use scheduler::Error as E;
        match error {
            E::NotFound(_) => Self::no_task(),
            E::Exists(_) => Self::new(StatusCode::BAD_REQUEST, "任务名称已存在"),
            E::BadCron(wrong) if wrong.hint.is_empty() => Self::field("cron_expression", wrong),
            E::BadCron(wrong) => Self::field("cron_expression", format!("{wrong}; {}", wrong.hint)),
            E::EndpointRefused(why) => Self::field("es_endpoint", why),
            E::Refused(refused) if refused.code == "task_running" => Self::new(StatusCode::CONFLICT, format!("任务正在运行: {refused}")),
            other => crate::api::Error::from(other).into(),
        }
    }
}

impl From<crate::store::Error> for Error {
    fn from(error: crate::store::Error) -> Self {
        match error {
            crate::store::Error::NotFound(_) => Self::no_run(),
            other => crate::api::Error::from(other).into(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        (self.status, Json(Message { success: false, message: self.message })).into_response()
    }
}
