//! The shipping daemon as a process of its own: started on port 0 with a data folder of its own, killed with -9 and
//! started again on the same data as often as a test likes.
//!
//! It runs under a small shell that holds our pipe: when the pipe closes, because the test says so or because the test
//! process died, the shell sends the daemon SIGKILL.

use super::until::until_some;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use syncline::client::Client;

/// Standard input of a background job is /dev/null, hence descriptor 3. The exit code is the daemon's.
const GUARD: &str = r#"log=$1; shift; exec 3<&0 </dev/null >>"$log" 2>&1
"$@" 3<&- & pid=$!
echo $pid >"$log.pid"
( cat <&3 >/dev/null; kill -9 $pid 2>/dev/null ) & wait $pid"#;

pub(crate) struct Daemon {
    dir: tempfile::TempDir,
    arguments: Vec<String>,
    environment: Vec<(&'static str, OsString)>,
    child: Option<Child>,
    address: String,
}

impl Daemon {
    /// Starts a daemon and waits until it listens. `arguments` follow `syncline serve`.
    pub(crate) async fn start(arguments: &[&str]) -> Self {
        let arguments = arguments.iter().map(|a| (*a).to_owned()).collect();
        Self::launch(tempfile::tempdir().expect("a temporary folder"), arguments, Vec::new()).await
    }

    /// Starts one with these variables, also each time that it is started again.
    pub(crate) async fn with_environment(environment: Vec<(&'static str, OsString)>) -> Self {
        Self::launch(tempfile::tempdir().expect("a temporary folder"), Vec::new(), environment).await
    }

    /// Starts one with a configuration file of this text.
    pub(crate) async fn configured(text: &str) -> Self {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let config = dir.path().join("daemon.toml");
        std::fs::write(&config, text).expect("the folder is there");
        let arguments = vec!["--config".to_owned(), config.display().to_string()];
        Self::launch(dir, arguments, Vec::new()).await
    }

    async fn launch(dir: tempfile::TempDir, arguments: Vec<String>, environment: Vec<(&'static str, OsString)>) -> Self {
        let mut daemon = Self { dir, arguments, environment, child: None, address: String::new() };
        daemon.restart().await;
        daemon
    }

    /// Starts it again on the same data; it must not be running.
    pub(crate) async fn restart(&mut self) {
        assert!(self.child.is_none(), "the daemon runs already");
        let announced = self.data_dir().join("serve.addr");
        // A killed daemon leaves it behind.
        let _ = std::fs::remove_file(&announced);
        let child = Command::new("sh")
            .args(["-c", GUARD, "sh"])
            .arg(self.log_file())
            .args([env!("CARGO_BIN_EXE_syncline"), "serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(self.data_dir())
            .args(&self.arguments)
            .env("HOME", self.dir.path())
            .envs(self.environment.iter().cloned())
            .env_remove("SYNCLINE_SERVER")
            .env_remove("SYNCLINE_TOKEN")
            .stdin(Stdio::piped())
            .spawn()
            .expect("sh is here");
        let child = self.child.insert(child);
        let log = self.dir.path().join("log");
        self.address = until_some(Duration::from_secs(30), "the daemon listens", async || {
            if let Some(status) = child.try_wait().expect("a child of ours") {
                panic!("the daemon ended with {status}:\n{}", std::fs::read_to_string(&log).unwrap_or_default());
            }
            let text = std::fs::read_to_string(&announced).ok()?;
            text.lines().next().filter(|l| !l.is_empty()).map(str::to_owned)
        })
        .await;
    }

    /// Kills it as the power does, and waits until it is gone.
    pub(crate) fn kill9(&mut self) {
        let Some(mut child) = self.child.take() else { return };
        drop(child.stdin.take());
        let _ = child.wait();
    }

    /// Sends SIGTERM and returns how it ended.
    pub(crate) fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.ended()
    }

    /// Sends a signal, `TERM` or `INT`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.pid().to_string()]).status().expect("kill is here");
        assert!(sent.success(), "the daemon was there to be told");
    }

    /// Waits until it has ended by itself, and returns how.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let mut child = self.child.take().expect("the daemon runs");
        // `wait` would close the pipe first, which is the other way to end it.
        let pipe = child.stdin.take();
        let status = child.wait().expect("a child of ours");
        drop(pipe);
        status
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url(), None, Duration::from_secs(60)).expect("the address is well formed")
    }
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.dir.path().join("data")
    }
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap_or_default()
    }
    /// The most memory that the current process ever had resident, without the pages of files: those are mostly the code
    /// of a debug build, which the system takes back when it needs them.
    pub(crate) fn peak_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).expect("the daemon runs");
        let bytes = |field| {
            let line = status.lines().find_map(|l| l.strip_prefix(field)).expect("Linux says it");
            line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number") * 1024
        };
        bytes("VmHWM:") - bytes("RssFile:")
    }

    /// A folder that lives as long as the daemon; its state is below it.
    pub(crate) fn home(&self) -> &Path {
        self.dir.path()
    }
    pub(crate) fn pid(&self) -> u32 {
        let file = self.dir.path().join("log.pid");
        std::fs::read_to_string(file).ok().and_then(|t| t.trim().parse().ok()).expect("the shell wrote it")
    }
    fn log_file(&self) -> PathBuf {
        self.dir.path().join("log")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = self.log();
            let tail: Vec<&str> = log.lines().rev().take(40).collect();
            let _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("the daemon's last lines:\n{}\n", tail.into_iter().rev().collect::<Vec<_>>().join("\n")).as_bytes(),
            );
        }
        self.kill9();
    }
}

#[tokio::test]
async fn a_daemon_starts_dies_starts_again_and_stops_in_order() {
    let mut daemon = Daemon::start(&[]).await;
    let first = daemon.client().server_status().await.expect("it answers");
    assert!(daemon.peak_memory() > 1 << 20);
    daemon.kill9();
    assert!(daemon.client().server_status().await.is_err());
    daemon.restart().await;
    let second = daemon.client().server_status().await.expect("it answers again");
    assert_eq!(first.node_id, second.node_id);
    assert_ne!(first.pid, second.pid);
    assert_eq!(daemon.stop().code(), Some(0), "{}", daemon.log());
}
