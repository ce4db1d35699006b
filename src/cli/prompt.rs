//! Questions on a terminal. They block their thread; `run_until_signal` still hears Ctrl-C, and [`restore`] then gives
//! the terminal its echo back, which a password prompt takes away.

use super::error::Error;
use super::exit::Exit;
use std::io::{ErrorKind, IsTerminal as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

static ECHO_IS_OFF: AtomicBool = AtomicBool::new(false);

/// Says whether there is somebody to ask.
pub(super) fn possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a password; what is typed is not shown.
pub(super) fn password(question: &str) -> Result<String, Error> {
    ECHO_IS_OFF.store(true, Ordering::SeqCst);
    let answer = dialoguer::Password::new().with_prompt(question).allow_empty_password(true).interact();
    ECHO_IS_OFF.store(false, Ordering::SeqCst);
    answer.map_err(no_answer)
}

/// Asks a question whose default answer is no.
pub(super) fn confirm(question: &str) -> Result<bool, Error> {
    dialoguer::Confirm::new().with_prompt(question).default(false).interact().map_err(no_answer)
}

fn no_answer(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == ErrorKind::Interrupted {
        return Error::new(Exit::Interrupted, "interrupted", "interrupted");
    }
    Error::usage(format!("no answer: {error}"))
}

/// Gives the terminal back as it was, if a signal came in the middle of a password.
pub(super) fn restore() {
    if ECHO_IS_OFF.load(Ordering::SeqCst) {
        // Without stty there is no terminal that would need it.
        let _ = Command::new("stty").arg("echo").stdin(Stdio::inherit()).stderr(Stdio::null()).status();
        super::output::warn("");
    }
}
