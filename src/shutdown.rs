//! Signals: the first SIGTERM or Ctrl-C asks for an orderly end, the second ends the process at once, with the
//! code that shells give a process which that signal ended: 130 or 143.

use tokio_util::sync::CancellationToken;

/// Cancels the token on the first signal and exits on the second. Ends when the token is cancelled by others, too, but
/// goes on watching for the impatient second signal until it is dropped.
pub async fn watch(cancel: CancellationToken) {
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(e) => {
            tracing::warn!(error = %e, "signals cannot be watched; only a kill ends this daemon");
            return std::future::pending().await;
        }
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        name = signals.next() => {
            tracing::info!(signal = name, "stopping; a second signal ends at once");
            cancel.cancel();
        }
    }
    let name = signals.next().await;
    tracing::warn!(signal = name, "ending at once");
    exit_now(if name == "SIGTERM" { 143 } else { 130 });
}

#[expect(clippy::exit, reason = "the second signal means: now, whatever is under way; kill -9 would be as safe")]
fn exit_now(code: i32) -> ! {
    std::process::exit(code)
}

#[cfg(unix)]
struct Signals {
    term: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { term: signal(SignalKind::terminate())?, int: signal(SignalKind::interrupt())? })
    }
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.int.recv() => "SIGINT",
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }
    async fn next(&mut self) -> &'static str {
        // Without a console there is no Ctrl-C to wait for.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        "Ctrl-C"
    }
}
