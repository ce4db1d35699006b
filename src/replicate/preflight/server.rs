//! One server as preflight sees it: who it is, its variables, what our account may do there. All later checks read from
//! here, so that a check is a function of values.

use super::grants::Account;
use super::privileges::Grants;
use crate::model::endpoint::MysqlEndpoint;
use crate::replicate::connect::{self, Conn, ServerInfo};
use crate::replicate::schema::dialect::Dialect;
use crate::replicate::schema::read::{ask, text};
use crate::replicate::{Error, Result};
use std::collections::HashMap;

pub(super) struct Server {
    pub(super) conn: Conn,
    pub(super) info: ServerInfo,
    pub(super) variables: Variables,
    pub(super) grants: Grants,
    pub(super) account: Account,
    pub(super) dialect: Dialect,
}

/// The global variables, by lower-case name.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables(pub(super) HashMap<String, String>);

impl Variables {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
    /// Says whether a switch is there and on.
    pub(super) fn on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.eq_ignore_ascii_case("ON") || v == "1" || v.eq_ignore_ascii_case("YES"))
    }
    /// Says whether a switch is there and off.
    pub(super) fn off(&self, name: &str) -> bool {
        self.get(name).is_some_and(|v| v.eq_ignore_ascii_case("OFF") || v == "0" || v.eq_ignore_ascii_case("NO"))
    }
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.parse().ok()
    }
}

impl Server {
    pub(super) async fn ask(endpoint: &MysqlEndpoint) -> Result<Self> {
        let mut conn = connect::faithful(endpoint, false).await?;
        let info = connect::inspect(&mut conn, endpoint).await?;
        let rows = ask(&mut conn, "SHOW GLOBAL VARIABLES", "read the variables").await?;
        let variables = Variables(rows.iter().map(|r| (text(r, 0).to_ascii_lowercase(), text(r, 1))).collect());
        let grants = Grants::read(&mut conn, &info, variables.on("partial_revokes")).await?;
        let user = ask(&mut conn, "SELECT CURRENT_USER()", "ask for the account's name").await?;
        let user = user.first().ok_or_else(|| Error::permanent("mysql_server", "no answer to CURRENT_USER()"))?;
        let account = Account::of_current_user(&text(user, 0));
        let dialect = Dialect::read(&mut conn, &info).await?;
        Ok(Self { conn, info, variables, grants, account, dialect })
    }
    /// Schema names in GRANT are taken literally.
    pub(super) fn literal(&self) -> bool {
        self.variables.on("partial_revokes")
    }
    /// A hint for a missing privilege: the statement, and what else it could be.
    pub(super) fn grant_hint(&self, privilege: &str, object: &str) -> String {
        let roles =
            if self.grants.roles.is_empty() { String::new() } else { " (or make its roles default roles: SET DEFAULT ROLE)".into() };
        format!("GRANT {privilege} ON {object} TO {};{roles}", self.account.0)
    }
}
