//! The daemon under test: the shipping binary on a port of its own choice, with state in a folder of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use syncline::client::Client;
use tempfile::TempDir;

pub(crate) struct Daemon {
    child: Child,
    address: String,
    home: TempDir,
    config: Option<PathBuf>,
}

impl Daemon {
    /// Starts one with its defaults.
    pub(crate) fn start() -> Self {
        Self::configured("")
    }

    /// Starts one with a configuration file of this text.
    pub(crate) fn configured(text: &str) -> Self {
        let home = tempfile::tempdir().expect("there is room for a folder");
        let config = (!text.is_empty()).then(|| home.path().join("daemon.toml"));
        if let Some(path) = &config {
            std::fs::write(path, text).expect("the folder is there");
        }
        let (child, address) = launch(home.path(), config.as_deref());
        Self { child, address, home, config }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A folder that lives as long as the daemon; its state is below it.
    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn client(&self) -> Client {
        Client::new(&self.url(), None, Duration::from_secs(60)).expect("the address is one")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL, as a crash or the kernel would do it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it is our child");
        self.child.wait().expect("it is our child");
    }

    /// Starts it again on its state, at a new address.
    pub(crate) fn restart(&mut self) {
        let (child, address) = launch(self.home.path(), self.config.as_deref());
        self.child = child;
        self.address = address;
    }

    /// SIGTERM, and its exit code.
    pub(crate) fn terminate(&mut self) -> i32 {
        let told = Command::new("kill").arg(self.pid().to_string()).status().expect("there is a kill program");
        assert!(told.success());
        self.child.wait().expect("it is our child").code().expect("no signal ended it")
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // It may be dead already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn launch(home: &Path, config: Option<&Path>) -> (Child, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
    command.args(["serve", "--listen", "127.0.0.1:0", "--log-format", "json", "--data-dir"]).arg(home.join("state"));
    if let Some(path) = config {
        command.arg("--config").arg(path);
    }
    command.env_clear().env("HOME", home).current_dir(home).stdin(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut lines = BufReader::new(child.stderr.take().expect("piped")).lines();
    let mut seen = Vec::new();
    let address = loop {
        let Some(Ok(line)) = lines.next() else { panic!("the daemon did not start: {seen:#?}") };
        if let Some(address) = line.split("listening on ").nth(1) {
            break address.split('"').next().unwrap_or_default().to_owned();
        }
        seen.push(line);
    };
    // The rest goes to a file; a pipe that nobody reads would stop the daemon.
    let log = home.join("daemon.log");
    std::thread::spawn(move || {
        let mut text = seen.join("\n");
        for line in lines.map_while(Result::ok) {
            text.push_str(&line);
            text.push('\n');
            let _ = std::fs::write(&log, &text);
        }
    });
    (child, address)
}
