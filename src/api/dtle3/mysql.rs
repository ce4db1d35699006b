//! A look at a server before there is a job. Parameters may come in the query, as a form or as JSON.

use super::error::{Error, Result};
use super::extract::{Ignored, Input};
use super::password::{self, Passwords};
use crate::api::App;
use crate::model::endpoint::{MysqlEndpoint, TlsMode};
use crate::model::replicate::TableName;
use crate::wire::dtle3::{mysql as wire, reply};
use axum::Json;
use axum::extract::State;

const SERVER: [&str; 4] = ["mysql_host", "mysql_port", "mysql_user", "mysql_password"];
/// Names are read as UTF-8 whatever the session's character set is, so any that the server knows gives the same answer.
const OPTIONS: [&str; 2] = ["mysql_character_set", "is_mysql_password_encrypted"];
const TABLE: [&str; 2] = ["mysql_schema", "mysql_table"];

pub(super) async fn schemas(State(app): State<App>, input: Input) -> Result<(Ignored, Json<wire::SchemaList>)> {
    let endpoint = endpoint(&app, &input, input.all_of(SERVER)?).await?;
    let found = app.scheduler.schemas(&endpoint).await?;
    let table = |name: String| wire::Table { table_name: name };
    let schemas = found
        .into_iter()
        .map(|schema| {
            let tables: Vec<wire::Table> = schema.tables.into_iter().map(table).collect();
            wire::Schema { schema_name: schema.name, tables_of_sample: tables.clone(), tables }
        })
        .collect();
    Ok((known(&input, &[]), Json(wire::SchemaList { schemas, message: reply::OK.to_owned() })))
}

pub(super) async fn columns(State(app): State<App>, input: Input) -> Result<(Ignored, Json<wire::ColumnList>)> {
    let [host, port, user, password, schema, table] =
        input.all_of(["mysql_host", "mysql_port", "mysql_user", "mysql_password", "mysql_schema", "mysql_table"])?;
    let endpoint = endpoint(&app, &input, [host, port, user, password]).await?;
    let columns = app.scheduler.columns(&endpoint, &TableName::new(schema, table)).await?;
    let columns = columns.into_iter().map(|c| c.name).collect();
    Ok((known(&input, &TABLE), Json(wire::ColumnList { columns, message: reply::OK.to_owned() })))
}

pub(super) async fn instance_connection(State(app): State<App>, input: Input) -> Result<(Ignored, Json<reply::Message>)> {
    let endpoint = endpoint(&app, &input, input.all_of(SERVER)?).await?;
    app.scheduler.ping(&endpoint).await?;
    Ok((known(&input, &[]), Json(reply::Message { message: reply::OK.to_owned() })))
}

async fn endpoint(app: &App, input: &Input, [host, port, user, password]: [String; 4]) -> Result<MysqlEndpoint> {
    let port = port.trim().parse().ok().filter(|p| *p != 0);
    let port = port.ok_or_else(|| Error::field("mysql_port", "expected a port from 1 to 65535"))?;
    let passwords = if input.flag("is_mysql_password_encrypted")?.unwrap_or(false) {
        Passwords::Encrypted(password::key(app.config.security.rsa_private_key_file.as_deref()).await?)
    } else {
        Passwords::Clear
    };
    let password = passwords.read("mysql_password", Some(&password), None)?;
    Ok(MysqlEndpoint { host, port, user, password, tls: TlsMode::Preferred, tls_ca: None })
}

fn known(input: &Input, more: &[&str]) -> Ignored {
    input.ignored(&[&SERVER[..], &OPTIONS[..], more].concat())
}
