//! Real servers for the tests: private instances made by `scripts/services run`, started at first use, shared by the
//! whole test binary, and gone with it however it ends (the script holds our pipe and kills its server at end of file).
//!
//! A server that cannot be had here makes its tests skip, loudly: `SKIPPED: …` with a running count on stderr.
//! `SYNCLINE_TEST_REQUIRE=1` turns a skip into a failure.

use super::until::until;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use syncline::model::endpoint::{MysqlEndpoint, TlsMode};
use syncline::replicate::connect::Flavor;
use syncline::secret::Secret;

/// The account that `scripts/services` makes.
pub(crate) const USER: &str = "syncline";
pub(crate) const PASSWORD: &str = "syncline";

#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) flavor: Flavor,
    pub(crate) port: u16,
    pub(crate) dir: PathBuf,
    name: String,
    flags: Vec<String>,
    /// Of a server that was started again.
    again: Option<Child>,
    /// Keeps the pipe open; the server lives as long as it.
    _guard: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.end_again();
    }
}

impl Server {
    pub(crate) fn endpoint(&self) -> MysqlEndpoint {
        MysqlEndpoint {
            host: "127.0.0.1".into(),
            port: self.port,
            user: USER.into(),
            password: Secret::new(PASSWORD),
            tls: TlsMode::Preferred,
            tls_ca: None,
        }
    }
    /// Kills the server's process and waits until it is gone. What it had committed is in its files.
    pub(crate) async fn kill9(&mut self) {
        self.end_again();
        let pid = std::fs::read_to_string(self.dir.join("pid")).expect("the server wrote it").trim().to_owned();
        let gone = !Command::new("kill").args(["-9", &pid]).stderr(Stdio::null()).status().expect("kill is here").success();
        assert!(!gone || !self.is_listening(), "the server was there to be killed");
        until(Duration::from_secs(20), "the server is gone", async || !self.is_listening()).await;
    }

    fn is_listening(&self) -> bool {
        std::net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
    }

    /// Starts it again on its files and its port.
    pub(crate) async fn start_again(&mut self) {
        let (flavor, name, flags) = (self.flavor, self.name.clone(), self.flags.clone());
        let started =
            tokio::task::spawn_blocking(move || run(flavor.as_str(), &name, &flags.iter().map(String::as_str).collect::<Vec<_>>()));
        let (port, _, guard) = started.await.expect("no panic").expect("it starts again");
        assert_eq!(port, self.port, "on its port");
        self.again = Some(guard);
    }

    /// Waits for the script that started it again, which ends its server: the folder is the first one's to remove.
    fn end_again(&mut self) {
        if let Some(mut again) = self.again.take() {
            drop(again.stdin.take());
            let _ = again.wait();
        }
    }

    pub(crate) fn is_mysql(&self) -> bool {
        self.flavor == Flavor::Mysql
    }
}

/// Returns the first or second MariaDB, or None where there is none (the skip is printed).
pub(crate) fn mariadb(n: usize) -> Option<&'static Server> {
    static SERVERS: [OnceLock<Result<Server, String>>; 3] = [const { OnceLock::new() }; 3];
    available(SERVERS[n - 1].get_or_init(|| numbered(Flavor::Mariadb, n)))
}

/// Returns the first or second MySQL 9, or None where there is none (the skip is printed).
pub(crate) fn mysql(n: usize) -> Option<&'static Server> {
    static SERVERS: [OnceLock<Result<Server, String>>; 3] = [const { OnceLock::new() }; 3];
    available(SERVERS[n - 1].get_or_init(|| numbered(Flavor::Mysql, n)))
}

/// Starts a server for one test alone, which may change its settings and break its log; it is gone when dropped.
pub(crate) fn own(flavor: Flavor, name: &str) -> Option<Server> {
    own_with(flavor, name, &[])
}

/// The same with settings of its own.
pub(crate) fn own_with(flavor: Flavor, name: &str, flags: &[&str]) -> Option<Server> {
    match start(flavor, &format!("{}-own-{name}", flavor.as_str()), flags) {
        Ok(server) => Some(server),
        Err(missing) => {
            skip(&missing);
            None
        }
    }
}

/// Source and target.
pub(crate) type Pair = (&'static Server, &'static Server);

/// The four directions of a migration; those that lack a server are skipped.
pub(crate) fn directions() -> Vec<Pair> {
    let pairs: [fn() -> Option<Pair>; 4] = [
        || Some((mariadb(1)?, mariadb(2)?)),
        || Some((mysql(1)?, mysql(2)?)),
        || Some((mariadb(1)?, mysql(2)?)),
        || Some((mysql(1)?, mariadb(2)?)),
    ];
    pairs.iter().filter_map(|pair| pair()).collect()
}

/// Names a direction in messages, e.g. `mariadb→mysql`.
pub(crate) fn direction(from: &Server, to: &Server) -> String {
    format!("{}→{}", from.flavor.as_str(), to.flavor.as_str())
}

fn available(outcome: &'static Result<Server, String>) -> Option<&'static Server> {
    match outcome {
        Ok(server) => Some(server),
        Err(missing) => {
            skip(missing);
            None
        }
    }
}

/// Says that a test could not run, and why. Written past the test harness, which hides the output of passing tests.
pub(crate) fn skip(missing: &str) {
    static SKIPPED: AtomicUsize = AtomicUsize::new(0);
    assert!(std::env::var_os("SYNCLINE_TEST_REQUIRE").is_none_or(|v| v != "1"), "required, and not here: {missing}");
    let count = SKIPPED.fetch_add(1, Ordering::Relaxed) + 1;
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED: {missing} ({test}; {count} skipped so far)");
    // For the summary of `scripts/test`.
    if let Some(file) = std::env::var_os("SYNCLINE_SKIPS") {
        let line = format!("{test} (SKIPPED: {missing})\n");
        let _ = std::fs::OpenOptions::new().append(true).create(true).open(file).and_then(|mut f| f.write_all(line.as_bytes()));
    }
}

fn numbered(flavor: Flavor, n: usize) -> Result<Server, String> {
    start(flavor, &format!("{}-{n}", flavor.as_str()), &[])
}

fn start(flavor: Flavor, name: &str, more: &[&str]) -> Result<Server, String> {
    // Tests kill processes, not the machine: the servers need no fsync.
    let mut flags = vec!["--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0", "--innodb-doublewrite=0"];
    flags.extend(more);
    let (port, dir, guard) = run(flavor.as_str(), name, &flags)?;
    let flags = flags.into_iter().map(str::to_owned).collect();
    Ok(Server { flavor, port, dir, name: name.to_owned(), flags, again: None, _guard: guard })
}

/// Runs a private instance through the script; an error says why it cannot be had here.
pub(super) fn run(what: &str, name: &str, flags: &[&str]) -> Result<(u16, PathBuf, Child), String> {
    let dir = std::env::temp_dir().join(format!("syncline-test-{}-{name}", std::process::id()));
    let mut child = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/services"))
        .args(["run", what, name])
        .arg(&dir)
        .args(flags)
        .env("SYNCLINE_SERVICE_USER", USER)
        .env("SYNCLINE_SERVICE_PASSWORD", PASSWORD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| format!("scripts/services cannot be run: {e}"))?;
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).map_err(|e| e.to_string())?;
    match line.trim().parse() {
        Ok(port) => Ok((port, dir, child)),
        Err(_) => {
            let mut said = String::new();
            let _ = child.stderr.take().expect("piped").read_to_string(&mut said);
            let code = child.wait().ok().and_then(|s| s.code());
            let said = said.trim().to_owned();
            // Only "cannot be had here" is a reason to skip; a server that is there and does not start is a failure.
            assert!(code == Some(3), "{name} did not start: {said}");
            Err(said)
        }
    }
}
