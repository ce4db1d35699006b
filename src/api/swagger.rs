//! `/openapi.json` and the Swagger page at `/swagger/index.html`. The page's files are inside the binary: it works on
//! a machine without a network.

use super::error::{Error, Result};
use super::openapi::Op;
use super::route::{Permission, Route};
use axum::Extension;
use axum::extract::Path;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use utoipa_swagger_ui::{Config, serve};

const INDEX: &str = "/swagger/index.html";

/// The document is no secret: it says what this version can do, not what this daemon does.
pub(super) fn routes() -> Vec<Route> {
    let get = Method::GET;
    let public = Permission::Public;
    vec![
        Route::new(&get, "/openapi.json", public, document).doc(Op::new("Returns this document").text(
            200,
            "application/json",
            "OpenAPI 3.1.",
        )),
        Route::new(&get, "/swagger", public, index).doc(Op::new("Leads to the page").empty(303, "To the page.")),
        Route::new(&get, "/swagger/", public, index).doc(Op::new("Leads to the page").empty(303, "To the page.")),
        Route::new(&get, "/swagger/{*file}", public, file)
            .doc(Op::new("Returns a file of the Swagger page").text(200, "*/*", "The file.").about("The page is `/swagger/index.html`.")),
    ]
}

/// The document of one listener, as text.
#[derive(Debug, Clone)]
pub(super) struct Document(pub(super) Arc<str>);

async fn document(Extension(Document(text)): Extension<Document>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text.to_string())
}

async fn index() -> Redirect {
    Redirect::to(INDEX)
}

async fn file(Path(name): Path<String>) -> Result<Response> {
    let config = Config::from("/openapi.json").try_it_out_enabled(true).display_request_duration(true).validator_url("none");
    match serve(&name, Arc::new(config)) {
        Ok(Some(found)) => Ok(([(header::CONTENT_TYPE, found.content_type)], found.bytes.into_owned()).into_response()),
        Ok(None) => Err(Error::not_found("there is nothing at this path")),
        Err(e) => Err(Error::internal(&e)),
    }
}
