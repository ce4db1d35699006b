//! The shipping binary, as a person and as a script use it.
//!
//! Every call runs in a home of its own, without the caller's environment; a daemon is there only where the test
//! starts one.

mod bars;
mod config;
mod contexts;
mod daemon;
mod exit_codes;
mod generated;
mod help;
mod hosts_live;
mod hosts_tls;
mod input;
mod market;
mod mysql;
mod stream;
mod tasks;
mod tree;

use assert_cmd::Command;
use std::path::Path;

/// The binary in an empty home.
fn syncline(home: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncline"));
    command.env_clear().env("HOME", home).env("XDG_CONFIG_HOME", home.join("config")).current_dir(home);
    command
}

struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

fn run(home: &Path, args: &[&str]) -> Outcome {
    outcome(syncline(home).args(args))
}

fn outcome(command: &mut Command) -> Outcome {
    let output = command.output().expect("the binary runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output is UTF-8");
    Outcome { code: output.status.code().expect("no signal ended it"), stdout: text(output.stdout), stderr: text(output.stderr) }
}
