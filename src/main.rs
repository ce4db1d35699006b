//! The `syncline` binary: parse, run, exit code.
//!
//! ```text
//! main → cli → client → wire
//!        cli/serve → serve → api → scheduler → replicate → model
//!                               api → store → model        scheduler → store, cluster
//! ```
//! Nothing points up; `tests/repo` keeps it so.

use std::process::ExitCode;
use syncline::cli::{self, Exit};

fn main() -> ExitCode {
    let (cli, typed) = cli::parse();
    let format = cli.globals.output;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => {
            cli::Error::from(e).print(format);
            return Exit::Failed.code().into();
        }
    };
    let exit = match runtime.block_on(cli::run_until_signal(cli)) {
        Ok(exit) => exit,
        Err(error) => {
            // A reader that went away and a Ctrl-C at a prompt need no words.
            if !matches!(error.exit, Exit::Ok | Exit::Interrupted) {
                error.clone().in_words_of(&typed).print(format);
            }
            error.exit
        }
    };
    // A prompt or a lookup may still block a thread; there is nothing of ours left to wait for.
    runtime.shutdown_background();
    exit.code().into()
}
