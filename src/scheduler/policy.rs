//! Which databases a job may reach. Link-local and cloud metadata addresses are never reached; `[security]
//! allow_endpoints` narrows the rest. Names are resolved here and every address must pass, when a job is stored and
//! again when it connects, because a name can be pointed elsewhere in between.

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

    /// Says why the endpoint may not be reached. A name that does not resolve passes: connecting will say so.
    pub async fn check(&self, endpoint: &MysqlEndpoint) -> Result<(), String> {
        self.check_host(&endpoint.host, endpoint.port, &endpoint.address()).await
    }

    /// The same of a job's both ends, and of the replicas that it asks.
    pub async fn check_spec(&self, spec: &ReplicateSpec) -> Result<(), String> {
        self.check(&spec.src.endpoint).await?;
        for replica in &spec.gates.replicas {
            self.check_host(&replica.host, replica.port, &replica.to_string()).await?;
        }
        match &spec.dest.sink {
            SinkSpec::Mysql(sink) => self.check(&sink.endpoint).await,
            SinkSpec::Lines(_) => Ok(()),
            SinkSpec::Kafka(sink) => {
                for broker in &sink.brokers {
                    self.check_host(&broker.host, broker.port, &broker.to_string()).await?;
                }
                Ok(())
            }
        }
    }

    async fn check_host(&self, host: &str, port: u16, shown: &str) -> Result<(), String> {
        self.admit(host, port, shown).await.map(drop)
    }

    /// Returns the addresses of a host that may be reached, for who connects to nothing else; none if its name does not
    /// resolve. `shown` names the endpoint in a refusal.
    pub async fn admit(&self, host: &str, port: u16, shown: &str) -> Result<Vec<SocketAddr>, String> {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let addresses: Vec<IpAddr> = match host.parse() {
            Ok(ip) => vec![ip],
            Err(_) => match tokio::time::timeout(RESOLVE_TIMEOUT, tokio::net::lookup_host((host, port))).await {
                Ok(Ok(found)) => found.map(|a| a.ip()).collect(),
                _ => Vec::new(),
            },
        };
        match self.verdict(host, port, &addresses) {
            Ok(()) => Ok(addresses.into_iter().map(|ip| SocketAddr::new(ip, port)).collect()),
            Err(why) => Err(format!("{shown} is refused: {why}")),
        }
    }

    /// Says why a host is refused whatever its name resolves to, without asking anybody; None: that depends.
    pub fn refuses(&self, host: &str, port: u16) -> Option<String> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let verdict = match bare.parse::<IpAddr>() {
            Ok(ip) => self.verdict(bare, port, &[ip]),
            Err(_) if self.allow.iter().any(|rule| matches!(rule, Rule::Net(..))) => Ok(()),
            Err(_) => self.verdict(bare, port, &[]),
        };
        verdict.err().map(|why| format!("{host}:{port} is refused: {why}"))
    }

    fn verdict(&self, host: &str, port: u16, addresses: &[IpAddr]) -> Result<(), &'static str> {
        if addresses.iter().any(|ip| forbidden(*ip)) {
            return Err("link-local and metadata addresses are never reached");
        }
        if self.allow.is_empty() || self.allow.iter().any(|rule| rule.admits(host, port, addresses)) {
            return Ok(());
        }
        Err("[security] allow_endpoints does not name it")
    }
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
        let policy = Policy::parse(&allow.iter().map(|a| (*a).to_owned()).collect::<Vec<_>>()).unwrap();
        let endpoint =
            MysqlEndpoint { host: host.into(), port, user: "u".into(), password: Secret::new(""), tls: TlsMode::Disabled, tls_ca: None };
        policy.check(&endpoint).await.is_ok()
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
