//! What the configuration says, put together with what a task says.

use super::{Error, Result};
use crate::model::hosts::{EsStyle, HostMetricsSpec, HostSelection, QueryRange};
use crate::secret::Secret;
use reqwest::Url;
use std::time::Duration;

/// `[hosts]` of the configuration, files already read.
#[derive(Debug, Clone)]
pub struct Settings {
    pub endpoint: Option<String>,
    pub style: EsStyle,
    pub index_pattern: Option<String>,
    /// The group of a full sync that names none.
    pub group: String,
    pub fields: Fields,
    /// Sent to `endpoint`'s own server only, never to one that a request names.
    pub credentials: Credentials,
    /// PEM: authorities that are trusted besides the usual ones.
    pub ca: Option<Vec<u8>>,
    pub limits: Limits,
}

/// Paths of the fields in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    pub time: String,
    pub ip: String,
    pub name: String,
    pub group: String,
    pub cpu: MetricField,
    pub memory: MetricField,
    pub disk: MetricField,
}

/// A number has one path; an object such as `{value_max, value_avg}` has one for each figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricField {
    pub max: String,
    pub avg: String,
}

impl MetricField {
    /// Returns the field of a plain number.
    pub fn number(path: impl Into<String>) -> Self {
        let path = path.into();
        Self { max: path.clone(), avg: path }
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self {
            time: "@timestamp".into(),
            ip: "hostIp".into(),
            name: "hostName.keyword".into(),
            group: "group.keyword".into(),
            cpu: MetricField::number("cpu"),
            memory: MetricField::number("available_memory"),
            disk: MetricField::number("total_disk_space_all"),
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    #[default]
    None,
    Basic {
        user: String,
        password: Secret,
    },
    ApiKey(Secret),
    Bearer(Secret),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Hosts per request; 1 = one request for each host.
    pub batch: usize,
    /// Requests under way at a time, per run.
    pub in_flight: usize,
    /// Longest time that one request may take, its answer read to the end.
    pub request: Duration,
    /// Largest answer.
    pub response_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { batch: 500, in_flight: 10, request: Duration::from_secs(30), response_bytes: 32 << 20 }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            endpoint: None,
            style: EsStyle::Search,
            index_pattern: None,
            group: "DB组".into(),
            fields: Fields::default(),
            credentials: Credentials::None,
            ca: None,
            limits: Limits::default(),
        }
    }
}

/// Where and how to ask: settings and task together.
#[derive(Debug, Clone)]
pub struct Source {
    pub(super) url: Url,
    pub(super) style: EsStyle,
    pub(super) index: String,
    pub(super) fields: Fields,
    pub(super) credentials: Credentials,
    pub(super) ca: Option<Vec<u8>>,
    pub(super) limits: Limits,
}

impl Source {
    /// Returns host and port, for the policy of endpoints.
    pub fn server(&self) -> (&str, u16) {
        (self.url.host_str().unwrap_or_default(), self.url.port_or_known_default().unwrap_or_default())
    }
    pub fn url(&self) -> &str {
        self.url.as_str()
    }
    pub fn index(&self) -> &str {
        &self.index
    }
    pub fn style(&self) -> EsStyle {
        self.style
    }
}

/// What a run does, with nothing left to the defaults.
#[derive(Debug, Clone)]
pub struct Plan {
    pub source: Source,
    pub range: QueryRange,
    pub selection: HostSelection,
    /// The group of a full sync.
    pub(super) group: String,
}

impl Settings {
    /// Puts a task's spec on top of the settings. Config error where neither names an endpoint or a pattern.
    pub fn plan(&self, spec: &HostMetricsSpec) -> Result<Plan> {
        let HostMetricsSpec { endpoint, style, index_pattern, range, selection } = spec;
        let source = self.source(endpoint.as_deref(), *style, index_pattern.as_deref())?;
        let group = match selection {
            HostSelection::FullSync { group: Some(group) } if !group.is_empty() => group.clone(),
            _ => self.group.clone(),
        };
        Ok(Plan { source, range: *range, selection: selection.clone(), group })
    }

    /// The same of where to ask alone.
    pub fn source(&self, endpoint: Option<&str>, style: Option<EsStyle>, index_pattern: Option<&str>) -> Result<Source> {
        let given = |text: Option<&str>| text.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        let own = given(self.endpoint.as_deref());
        let missing = |what: &str, key: &str| {
            Error::config("es_not_configured", format!("no Elasticsearch {what} is given, and [hosts] {key} is not set"))
                .hint(format!("set [hosts] {key}, or name one in the task"))
        };
        let url = parse_endpoint(&given(endpoint).or_else(|| own.clone()).ok_or_else(|| missing("endpoint", "endpoint"))?)?;
        let index = given(index_pattern)
            .or_else(|| given(self.index_pattern.as_deref()))
            .ok_or_else(|| missing("index pattern", "index_pattern"))?;
        check_index_pattern(&index)?;
        let at_home = own.and_then(|own| parse_endpoint(&own).ok()).is_some_and(|own| own.origin() == url.origin());
        Ok(Source {
            url,
            style: style.unwrap_or(self.style),
            index,
            fields: self.fields.clone(),
            credentials: if at_home { self.credentials.clone() } else { Credentials::None },
            ca: self.ca.clone(),
            limits: self.limits,
        })
    }
}

/// Reads an endpoint: http or https, a host, no credentials.
pub fn parse_endpoint(text: &str) -> Result<Url> {
    // What may hold a password or a key is not repeated.
    let shown = if text.contains(['@', '?']) { "what is given".to_owned() } else { format!("{text:?}") };
    let wrong = |why: &str| Error::config("bad_endpoint", format!("{shown} is no Elasticsearch endpoint: {why}"));
    let url = Url::parse(text.trim()).map_err(|e| wrong(&e.to_string()))?;
    if !["http", "https"].contains(&url.scheme()) {
        return Err(wrong("it must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        // The text is not repeated: it holds a password.
        return Err(Error::config("bad_endpoint", "the Elasticsearch endpoint carries credentials")
            .hint("set [hosts] user and password_file, api_key_file or bearer_file instead"));
    }
    if url.query().is_some() {
        // Keys of proxies stand there.
        return Err(Error::config("bad_endpoint", "the Elasticsearch endpoint has a query string (?…)").hint(
            "leave it away; set [hosts] user and password_file, api_key_file or bearer_file where the server wants to know who asks",
        ));
    }
    if url.fragment().is_some() {
        return Err(wrong("it has a fragment (#…)"));
    }
    Ok(url)
}

/// Index names, patterns and lists, `cluster:` in front of each where another cluster is meant.
pub fn check_index_pattern(text: &str) -> Result<()> {
    let bad =
        text.len() > 2000 || text.split(',').any(|part| part.trim().is_empty() || part.starts_with('_')) || text.contains(char::is_control);
    if bad {
        return Err(Error::config("bad_index_pattern", format!("{text:?} is no index pattern")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            endpoint: Some("https://es.invalid:9200".into()),
            index_pattern: Some("c1:idx-*".into()),
            credentials: Credentials::ApiKey(Secret::new("k")),
            ..Settings::default()
        }
    }

    #[test]
    fn a_task_that_says_nothing_follows_the_settings() {
        let source = settings().source(None, None, Some("")).unwrap();
        assert_eq!((source.server(), source.index(), source.style()), (("es.invalid", 9200), "c1:idx-*", EsStyle::Search));
        assert_eq!(source.credentials, Credentials::ApiKey(Secret::new("k")));
        for (settings, key) in [
            (Settings { endpoint: None, ..settings() }, "[hosts] endpoint"),
            (Settings { index_pattern: Some(" ".into()), ..settings() }, "[hosts] index_pattern"),
        ] {
            let error = settings.source(None, None, None).unwrap_err();
            assert!(error.message.contains(key) && error.code == "es_not_configured", "{error}");
        }
    }

    #[test]
    fn credentials_go_to_the_configured_server_only() {
        let source = |endpoint| settings().source(Some(endpoint), Some(EsStyle::Proxy), None).unwrap().credentials;
        assert_ne!(source("https://es.invalid:9200/platform/query/es"), Credentials::None);
        for other in ["http://es.invalid:9200", "https://es.invalid:9201", "https://es.invalid.evil:9200", "https://other.invalid:9200"] {
            assert_eq!(source(other), Credentials::None, "{other}");
        }
    }

    #[test]
    fn endpoints_that_cannot_be_are_refused_without_showing_a_password() {
        for bad in ["", "es:9200", "ftp://es", "http://", "http://es/#x"] {
            assert_eq!(parse_endpoint(bad).unwrap_err().code, "bad_endpoint", "{bad}");
        }
        for secret in ["http://me:hunter2@es:9200", "http://es:9200/?api_key=hunter2", "es?key=hunter2", "ftp://me:hunter2@es"] {
            let error = parse_endpoint(secret).unwrap_err();
            assert!(error.code == "bad_endpoint" && !error.message.contains("hunter2"), "{error}");
        }
        for bad in ["a,,b", "_all", "a\nb"] {
            assert!(check_index_pattern(bad).is_err(), "{bad}");
        }
        assert!(check_index_pattern("cluster*:data-zabbix-host-monitor-*,local-*,-not-*").is_ok());
    }
}
