//! The daemon: store, scheduler, listeners, and an orderly end.
//!
//! `command` is what `syncline serve` calls; [`run`] takes its listeners and its token from outside, so that tests
//! start the real thing. Order of the end: stop accepting → cancel jobs → await runs (deadline) → save → close the store.

mod hosts;
mod market;

use crate::api::{self, App, Parts};
use crate::config::{Complaints, Config, Family, Listener};
use crate::scheduler::tasks::{self, HostWork};
use crate::scheduler::{self, Limits, Settings, policy::Policy};
use crate::store::Store;
use crate::telemetry::Telemetry;
use crate::{cluster, shutdown};
use anyhow::{Context as _, anyhow, bail};
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// A listener that is bound, and what it serves.
pub struct Bound {
    pub listener: TcpListener,
    pub serves: Listener,
}

/// Runs the daemon until a signal ends it. The caller prints the error and chooses the exit code.
pub async fn command(config: Config) -> anyhow::Result<()> {
    let telemetry = Telemetry::install(&config.log).map_err(|e| anyhow!(e))?;
    let bound = bind(&config).await?;
    let cancel = CancellationToken::new();
    let mut signals = JoinSet::new();
    signals.spawn(shutdown::watch(cancel.clone()));
    run(config, telemetry, bound, cancel).await
}

/// Says everything that keeps a daemon with these settings from starting, as far as it can be told without starting it:
/// what `syncline config check` and `syncline serve` both ask.
pub fn judge(config: &Config) -> Result<(), Complaints> {
    let mut complaints = Vec::new();
    if config.listeners.is_empty() {
        complaints.push("there is no listener: set server.listen or add [[listeners]]".to_owned());
    }
    for (number, Listener { address, families: _ }) in config.listeners.iter().enumerate() {
        match address.to_socket_addrs() {
            Ok(mut found) => complaints.extend(found.find_map(|a| exposed(config, address, a.ip()))),
            Err(e) => complaints.push(format!("cannot listen on {address}: {e}")),
        }
        if !address.ends_with(":0") && config.listeners[..number].iter().any(|other| other.address == *address) {
            complaints.push(format!("{address} is there twice among server.listen and [[listeners]]"));
        }
    }
    let policy = policy(config);
    complaints.extend(policy.as_ref().err().cloned());
    complaints.extend(scheduler::cron::zone(&config.tasks.time_zone).err().map(|e| format!("tasks.time_zone: {e}")));
    complaints.extend(hosts::judge(config));
    complaints.extend(market::judge(config, policy.as_ref().ok()));
    if complaints.is_empty() { Ok(()) } else { Err(Complaints(complaints)) }
}

/// What is wrong with market data alone, where other settings could not be read.
pub fn judge_market(config: &Config) -> Vec<String> {
    market::judge(config, policy(config).ok().as_ref())
}

/// Beyond loopback only with tokens, or if the configuration says so in words.
fn exposed(config: &Config, address: &str, ip: IpAddr) -> Option<String> {
    let closed = ip.to_canonical().is_loopback() || !config.tokens.is_empty() || config.security.allow_anonymous_network;
    (!closed).then(|| {
        format!(
            "{address} is not loopback and no [auth] tokens are configured: anybody on the network could steer this daemon; \
             add tokens, or set security.allow_anonymous_network = true"
        )
    })
}

fn policy(config: &Config) -> Result<Policy, String> {
    Policy::parse(&config.security.allow_endpoints)
        .map_err(|entry| format!("security.allow_endpoints: {entry:?} is not host, host:port, *.suffix or CIDR"))
}

/// Binds every listener, or says which one cannot be.
pub async fn bind(config: &Config) -> anyhow::Result<Vec<Bound>> {
    let mut bound = Vec::new();
    for Listener { address, families } in &config.listeners {
        let listener = TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))?;
        let actual = listener.local_addr().with_context(|| format!("cannot listen on {address}"))?;
        // A name may have come to mean another address since it was judged.
        if let Some(problem) = exposed(config, address, actual.ip()) {
            bail!(problem);
        }
        bound.push(Bound { listener, serves: Listener { address: actual.to_string(), families: families.clone() } });
    }
    Ok(bound)
}

/// Runs the daemon on these listeners until the token is cancelled.
pub async fn run(config: Config, telemetry: Telemetry, bound: Vec<Bound>, cancel: CancellationToken) -> anyhow::Result<()> {
    // Whoever was first; all of the process uses this one.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let started = jiff::Timestamp::now();
    let config = Arc::new(config);
    let dir = config.server.data_dir.clone();
    let store = tokio::task::spawn_blocking(move || Store::open(&dir)).await??;
    let (handle, event_loop) = scheduler::start(store.clone(), settings(&config)?).await?;
    let hosts = host_work(&config).await?;
    let policy = policy(&config).map_err(|e| anyhow!(e))?;
    let targets = store.read(crate::store::targets::all).await?;
    let desk = market::desk(&config, targets, &policy, dms_port(&bound)).map_err(Complaints)?;
    let (tasks, task_loop) = tasks::start(store.clone(), task_settings(&config), hosts.clone(), desk.clone(), policy.clone()).await?;
    market::settle_tasks(&config, &tasks, &desk, &policy).await.map_err(Complaints)?;

    let itself = market::itself(started, &tasks);
    let market_data = tokio::spawn(desk.clone().run(config.server.data_dir.clone(), itself, cancel.clone()));

    let warnings = warnings(&config, &bound);
    warnings.iter().for_each(|w| tracing::warn!("{w}"));
    if !config.tokens.is_empty() && config.dts_users.is_empty() {
        tracing::info!("there are [auth] tokens and no [dts] users: the dts API answers 401 to everybody");
    }
    let addresses: Vec<String> = bound.iter().map(|b| b.serves.address.clone()).collect();
    let first = addresses.first().cloned().unwrap_or_default();
    let server = &config.server;
    let app = App::new(Parts {
        scheduler: handle.clone(),
        tasks: tasks.clone(),
        hosts,
        store: store.clone(),
        telemetry,
        dms: desk.clone(),
        node: cluster::this_node(store.node_id(), &server.node_name, &server.region, &server.datacenter, &first, started),
        started,
        listeners: bound.iter().map(|b| b.serves.clone()).collect(),
        warnings,
        slots: Semaphore::new(config.limits.concurrent_requests as usize),
        stopping: cancel.clone(),
        config: Arc::clone(&config),
    });

    let mut servers = JoinSet::new();
    for Bound { listener, serves } in bound {
        servers.spawn(api::listen(listener, api::router(&app, &serves.families), cancel.clone()));
    }
    let announced = announce(&config.server.data_dir, &addresses);
    announced.context("cannot write serve.addr into the data directory")?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), data_dir = %config.server.data_dir.display(), "listening on {}", addresses.join(", "));

    cancel.cancelled().await;
    let deadline = tokio::time::Instant::now() + Duration::from_secs(config.server.shutdown_seconds);
    // Requests in flight and running jobs end side by side; what is left at the deadline is dropped: everything that
    // was durable is recorded, the rest is asked for again at the next start.
    let drained = async {
        tokio::join!(handle.shutdown(), tasks.shutdown());
        // The loops' tasks end right after they have answered.
        let _ = tokio::join!(event_loop, task_loop, market_data);
        while servers.join_next().await.is_some() {}
    };
    if tokio::time::timeout_at(deadline, drained).await.is_err() {
        tracing::warn!(seconds = config.server.shutdown_seconds, "not everything ended in time; going without");
    }
    // Only a hint for scripts; a stale one is overwritten by the next start.
    let _ = std::fs::remove_file(config.server.data_dir.join("serve.addr"));
    store.close().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Where others find dms: the listener that is for it alone, else the first that serves it.
fn dms_port(bound: &[Bound]) -> Option<u16> {
    let alone = bound.iter().find(|b| b.serves.families == [Family::Dms]);
    let serving = alone.or_else(|| bound.iter().find(|b| b.serves.families.contains(&Family::Dms)))?;
    serving.listener.local_addr().ok().map(|address| address.port())
}

fn settings(config: &Config) -> anyhow::Result<Settings> {
    let policy = policy(config).map_err(|e| anyhow!(e))?;
    let replication = &config.replication;
    Ok(Settings {
        limits: Limits {
            memory_bytes: replication.memory_bytes,
            spool_bytes: replication.spool_bytes,
            lag_seconds: replication.lag_seconds,
            stall_seconds: replication.stall_seconds,
            copy_workers: replication.copy_workers,
            apply_workers: replication.apply_workers,
        },
        files_dir: config.files_dir.clone(),
        spool_root: config.server.data_dir.join("spool"),
        policy,
        keep_runs: config.history.keep_runs,
        keep_days: config.history.keep_days,
    })
}

fn task_settings(config: &Config) -> tasks::Settings {
    let crate::config::Tasks { time_zone, grace_seconds, deadline_seconds, concurrent_runs } = &config.tasks;
    let seconds = |n: u64| jiff::SignedDuration::from_secs(i64::try_from(n).unwrap_or(i64::MAX));
    tasks::Settings {
        zone: time_zone.clone(),
        grace: seconds(*grace_seconds),
        deadline: seconds(*deadline_seconds),
        concurrent: *concurrent_runs as usize,
        keep_runs: config.history.keep_runs,
    }
}

/// What host metrics are worked on with.
async fn host_work(config: &Arc<Config>) -> anyhow::Result<HostWork> {
    let settings = hosts::settings(config).map_err(Complaints)?;
    let config = Arc::clone(config);
    let inventory = tokio::task::spawn_blocking(move || hosts::inventory(&config)).await?.map_err(|e| anyhow!(e))?;
    Ok(HostWork { settings, inventory })
}

fn warnings(config: &Config, bound: &[Bound]) -> Vec<String> {
    let open = |b: &&Bound| b.listener.local_addr().is_ok_and(|a| !a.ip().to_canonical().is_loopback());
    if !config.tokens.is_empty() {
        // One who makes a listener for this family alone means to have callers there.
        let closed = |b: &&Bound| config.dts_users.is_empty() && b.serves.families == [Family::Dts];
        let closed = bound.iter().filter(closed);
        return closed
            .map(|b| format!("{} answers 401 to everybody: it serves dts, and there are no [dts] users", b.serves.address))
            .collect();
    }
    let open = bound.iter().filter(open);
    open.map(|b| format!("{} is reachable from the network without authentication (security.allow_anonymous_network)", b.serves.address))
        .collect()
}

/// Leaves the bound addresses in `serve.addr`, one a line, the main listener first: scripts that use port 0 read them.
fn announce(data_dir: &Path, addresses: &[String]) -> std::io::Result<()> {
    let temporary = data_dir.join("serve.addr.new");
    std::fs::write(&temporary, addresses.join("\n") + "\n")?;
    std::fs::rename(temporary, data_dir.join("serve.addr"))
}
