//! Other people's programs on Java: jars that `scripts/services install` brought, and a few lines of ours around them,
//! compiled when they are first needed. What is missing makes the test skip, with the word of the script.

use super::servers::skip;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// A class and what it needs.
pub(crate) struct Class {
    name: String,
    jars: String,
    /// Where it is compiled; None: it is in the jars.
    dir: Option<tempfile::TempDir>,
}

/// Compiles a source file of this repository against the jars of `what`.
pub(crate) fn compiled(what: &str, source: &str) -> Option<Class> {
    let jars = path(what)?;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source);
    let name = source.file_stem().expect("a file").to_string_lossy().into_owned();
    let dir = tempfile::tempdir().expect("a folder");
    let made = Command::new("javac").args(["-cp", &jars, "-d"]).arg(dir.path()).arg(source).output().expect("javac is here");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    Some(Class { name, jars, dir: Some(dir) })
}

/// A class of the jars of `what`.
pub(crate) fn class(what: &str, name: &str) -> Option<Class> {
    Some(Class { name: name.to_owned(), jars: path(what)?, dir: None })
}

/// Returns the Python that has a Kafka client.
pub(crate) fn python() -> Option<PathBuf> {
    asked("python").map(PathBuf::from)
}

fn path(what: &str) -> Option<String> {
    asked(what).map(|dir| format!("{dir}/*"))
}

fn asked(what: &str) -> Option<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/services");
    let asked = Command::new(script).args(["path", what]).output().expect("scripts/services runs");
    let said = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
    match asked.status.code() {
        Some(0) => Some(said(&asked.stdout)),
        Some(3) => {
            skip(&said(&asked.stderr));
            None
        }
        _ => panic!("scripts/services path {what}: {}", said(&asked.stderr)),
    }
}

impl Class {
    fn command(&self, arguments: &[&str]) -> Command {
        let dir = self.dir.as_ref().map(|d| format!(":{}", d.path().display())).unwrap_or_default();
        let mut java = Command::new("java");
        java.args(["-Xmx512m", "-XX:TieredStopAtLevel=1", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp"])
            .arg(format!("{}{dir}", self.jars))
            .arg(&self.name)
            .args(arguments);
        java
    }

    /// Runs it to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).stdin(Stdio::null()).output().expect("java is here")
    }

    /// Runs it until it is dropped; what it says goes into a file.
    pub(crate) fn start(&self, arguments: &[&str], log: &Path) -> Running {
        let log = std::fs::File::create(log).expect("a file for what it says");
        Running(self.command(arguments).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().expect("java is here"))
    }
}

pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
