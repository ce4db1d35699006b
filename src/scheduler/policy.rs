//! Which servers may be reached. Link-local and cloud metadata addresses are never reached; `[security] allow_endpoints` narrows
//! the rest. Names are resolved here and every address must pass, when a job or task is stored and again when it connects,
//! because a name can be pointed elsewhere in between.
//!
//! A name that does not resolve now, where networks of the list decide, can be stored ([`Policy::judge`]): nothing is wrong with it
//! that will not be seen when it is connected to. It is not connected to ([`Barred::Unresolved`]), since nobody can tell where it
//! would lead.

use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::{ReplicateSpec, SinkSpec};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

const RESOLVE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, Default)]
pub struct Policy {
    allow: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Host { host: String, port: Option<u16> },
    Suffix(String),
    Net(IpAddr, u8),
}

impl Policy {
    /// Reads `[security] allow_endpoints`; returns the first entry that cannot be read.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let allow = entries.iter().map(|e| Rule::parse(e).ok_or_else(|| e.clone())).collect::<Result<_, _>>()?;
        Ok(Self { allow })
    }

    /// Says why an endpoint may not be connected to. A name that does not resolve passes where names alone decide: connecting will
    /// say so.
    pub async fn check(&self, endpoint: &MysqlEndpoint) -> Result<(), Barred> {
        self.check_host(&endpoint.host, endpoint.port, &endpoint.address()).await
    }

    /// The same of a job's both ends, and of the replicas that it asks.
    pub async fn check_spec(&self, spec: &ReplicateSpec) -> Result<(), Barred> {
        for (host, port, shown) in endpoints(spec) {
            self.check_host(host, port, &shown).await?;
        }
        Ok(())
    }

    async fn check_host(&self, host: &str, port: u16, shown: &str) -> Result<(), Barred> {
        let (verdict, _) = self.resolved(host, port).await;
        match verdict {
            Verdict::Admitted => Ok(()),
            Verdict::Refused(why) => Err(Barred::Refused(refused(shown, why))),
            Verdict::Open => Err(Barred::Unresolved(format!(
                "{shown} is not connected to: its name does not resolve, and the networks of [security] allow_endpoints decide by address"
            ))),
        }
    }

    /// Says why an endpoint that is stored, and not connected to now, may never be.
    pub async fn judge(&self, host: &str, port: u16, shown: &str) -> Result<(), String> {
        self.admit(host, port, shown).await.map(drop)
    }

    /// The same of a job's ends and replicas.
    pub async fn judge_spec(&self, spec: &ReplicateSpec) -> Result<(), String> {
        for (host, port, shown) in endpoints(spec) {
            self.judge(host, port, &shown).await?;
        }
        Ok(())
    }

    /// Returns the addresses of a host that may be reached, for who connects to nothing else; none if its name does not resolve
    /// now. `shown` names the endpoint in a refusal.
    pub async fn admit(&self, host: &str, port: u16, shown: &str) -> Result<Vec<SocketAddr>, String> {
        let (verdict, addresses) = self.resolved(host, port).await;
        match verdict {
            Verdict::Admitted => {}
            Verdict::Open => tracing::warn!(endpoint = shown, "the name does not resolve now; whether it may be reached is seen later"),
            Verdict::Refused(why) => return Err(refused(shown, why)),
        }
        Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
    }

    async fn resolved(&self, host: &str, port: u16) -> (Verdict, Vec<IpAddr>) {
        let host = bare(host);
        let addresses: Vec<IpAddr> = match host.parse() {
            Ok(ip) => vec![ip],
            Err(_) => match tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((host, port))).await {
                Ok(Ok(found)) => found.map(|a| a.ip()).collect(),
                _ => Vec::new(),
            },
        };
        (self.verdict(host, port, &addresses), addresses)
    }

    /// Says why a host is refused whatever its name resolves to, without asking anybody; None: that depends.
    pub fn refuses(&self, host: &str, port: u16) -> Option<String> {
        let addresses = bare(host).parse::<IpAddr>().ok();
        match self.verdict(bare(host), port, addresses.as_slice()) {
            Verdict::Refused(why) => Some(refused(&format!("{host}:{port}"), why)),
            Verdict::Admitted | Verdict::Open => None,
        }
    }

    /// `addresses`: none where the name does not resolve, or nobody asked.
    fn verdict(&self, host: &str, port: u16, addresses: &[IpAddr]) -> Verdict {
        if addresses.iter().any(|ip| forbidden(*ip)) {
            return Verdict::Refused("link-local and metadata addresses are never reached");
        }
        if self.allow.is_empty() || self.allow.iter().any(|rule| rule.admits(host, port, addresses)) {
            return Verdict::Admitted;
        }
        if addresses.is_empty() && self.allow.iter().any(|rule| matches!(rule, Rule::Net(..))) {
            return Verdict::Open;
        }
        Verdict::Refused("[security] allow_endpoints does not name it")
    }
}

/// Why something is not connected to, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    #[error("{0}")]
    Refused(String),
    /// That may pass.
    #[error("{0}")]
    Unresolved(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Admitted,
    Refused(&'static str),
    /// Its addresses would tell.
    Open,
}

fn refused(shown: &str, why: &str) -> String {
    format!("{shown} is refused: {why}")
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// Host and port of each server that a job connects to, and how it is shown.
fn endpoints(spec: &ReplicateSpec) -> Vec<(&str, u16, String)> {
    fn of(endpoint: &MysqlEndpoint) -> (&str, u16, String) {
        (&endpoint.host, endpoint.port, endpoint.address())
    }
    let mut all = vec![of(&spec.src.endpoint)];
    all.extend(spec.gates.replicas.iter().map(|replica| (replica.host.as_str(), replica.port, replica.to_string())));
    match &spec.dest.sink {
        SinkSpec::Mysql(sink) => all.push(of(&sink.endpoint)),
        SinkSpec::Kafka(sink) => all.extend(sink.brokers.iter().map(|broker| (broker.host.as_str(), broker.port, broker.to_string()))),
        SinkSpec::Lines(_) => {}
    }
    all
}

fn forbidden(ip: IpAddr) -> bool {
    // Alibaba's metadata service is not link-local; AWS has one in unique-local IPv6.
    const ALIBABA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
    const AWS_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match ip.to_canonical() {
        IpAddr::V4(v4) => v4.is_link_local() || v4 == ALIBABA,
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6 == AWS_V6,
    }
}

impl Rule {
    fn parse(text: &str) -> Option<Self> {
        if let Some((net, bits)) = text.split_once('/') {
            let (net, bits): (IpAddr, u8) = (net.parse().ok()?, bits.parse().ok()?);
            return (bits <= if net.is_ipv4() { 32 } else { 128 }).then_some(Self::Net(net, bits));
        }
        if let Some(suffix) = text.strip_prefix("*.") {
            return (!suffix.is_empty()).then(|| Self::Suffix(format!(".{}", suffix.to_ascii_lowercase())));
        }
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Some(Self::Net(ip, if ip.is_ipv4() { 32 } else { 128 }));
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (text, None),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        (!host.is_empty()).then_some(Self::Host { host, port })
    }

    fn admits(&self, host: &str, port: u16, addresses: &[IpAddr]) -> bool {
        match self {
            Self::Host { host: name, port: only } => name.eq_ignore_ascii_case(host) && only.is_none_or(|p| p == port),
            Self::Suffix(suffix) => host.to_ascii_lowercase().ends_with(suffix.as_str()),
            Self::Net(net, bits) => !addresses.is_empty() && addresses.iter().all(|ip| within(*ip, *net, *bits)),
        }
    }
}

fn within(ip: IpAddr, net: IpAddr, bits: u8) -> bool {
    match (ip.to_canonical(), net) {
        (IpAddr::V4(ip), IpAddr::V4(net)) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
            ip.to_bits() & mask == net.to_bits() & mask
        }
        (IpAddr::V6(ip), IpAddr::V6(net)) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(bits)).unwrap_or(0);
            ip.to_bits() & mask == net.to_bits() & mask
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::endpoint::TlsMode;
    use crate::secret::Secret;

    async fn passes(allow: &[&str], host: &str, port: u16) -> bool {
        let policy = policy(allow);
        let endpoint =
            MysqlEndpoint { host: host.into(), port, user: "u".into(), password: Secret::new(""), tls: TlsMode::Disabled, tls_ca: None };
        policy.check(&endpoint).await.is_ok()
    }

    fn policy(allow: &[&str]) -> Policy {
        Policy::parse(&allow.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    /// DNS that is away is no reason to refuse what is stored, and none to connect to whatever the name means next.
    #[tokio::test]
    async fn a_name_that_does_not_resolve_is_stored_and_not_connected_to_where_networks_decide() {
        for (allow, stored, connected) in [
            (vec![], true, true),
            (vec!["db.invalid"], true, true),
            (vec!["10.0.0.0/8", "db.invalid"], true, true),
            (vec!["10.0.0.0/8"], true, false),
            (vec!["other.invalid"], false, false),
        ] {
            let policy = policy(&allow);
            assert_eq!(policy.judge("db.invalid", 1, "x").await.is_ok(), stored, "{allow:?}");
            assert_eq!(policy.refuses("db.invalid", 1).is_none(), stored, "{allow:?}");
            assert_eq!(passes(&allow, "db.invalid", 1).await, connected, "{allow:?}");
            // Who connects to these addresses alone connects to nothing.
            assert_eq!(policy.admit("db.invalid", 1, "x").await.ok(), stored.then(Vec::new), "{allow:?}");
        }
        let narrow = policy(&["10.0.0.0/8"]);
        assert!(matches!(narrow.check_host("db.invalid", 1, "x").await, Err(Barred::Unresolved(_))));
        // One that does resolve is judged by where it leads.
        assert!(matches!(narrow.check_host("localhost", 1, "x").await, Err(Barred::Refused(_))));
        assert_eq!(narrow.judge("localhost", 1, "x").await.unwrap_err(), "x is refused: [security] allow_endpoints does not name it");
    }

    #[tokio::test]
    async fn metadata_is_never_reached_and_the_list_narrows() {
        for bad in ["169.254.169.254", "fe80::1", "[fe80::1]", "::ffff:169.254.169.254", "100.100.100.200", "fd00:ec2::254"] {
            assert!(!passes(&[], bad, 3306).await, "{bad}");
            assert!(!passes(&["0.0.0.0/0", "::/0"], bad, 3306).await, "{bad}");
        }
        assert!(passes(&[], "10.1.2.3", 3306).await);
        assert!(passes(&["10.0.0.0/8"], "10.1.2.3", 3306).await && !passes(&["10.0.0.0/8"], "11.1.2.3", 3306).await);
        assert!(passes(&["10.1.2.3"], "10.1.2.3", 1).await && !passes(&["10.1.2.3"], "10.1.2.4", 1).await);
        assert!(passes(&["db.invalid:3306"], "db.invalid", 3306).await && !passes(&["db.invalid:3306"], "db.invalid", 3307).await);
        assert!(passes(&["*.prod.invalid"], "a.prod.invalid", 1).await && !passes(&["*.prod.invalid"], "prod.invalid", 1).await);
        assert!(Policy::parse(&["10.0.0.0/99".into()]).is_err());
    }
}
