//! How a command ends: the exit codes, in one place. Scripts depend on them, so a number never changes its meaning;
//! `tests/cli/exit_codes.rs` provokes each, `syncline help exit-codes` prints the tables below.

use crate::wire::native::error::Code;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    Ok = 0,
    Failed = 1,
    Usage = 2,
    Different = 3,
    Denied = 4,
    NotFound = 5,
    TimedOut = 6,
    Unreachable = 7,
    Conflict = 8,
    Partial = 9,
    Interrupted = 130,
    Terminated = 143,
}

impl Exit {
    pub const ALL: [Self; 12] = [
        Self::Ok,
        Self::Failed,
        Self::Usage,
        Self::Different,
        Self::Denied,
        Self::NotFound,
        Self::TimedOut,
        Self::Unreachable,
        Self::Conflict,
        Self::Partial,
        Self::Interrupted,
        Self::Terminated,
    ];

    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn meaning(self) -> &'static str {
        match self {
            Self::Ok => "done",
            Self::Failed => "failed: the work itself, a check with error findings, or a job that failed while waited for",
            Self::Usage => {
                "usage or configuration: the command line, a job file, a context or the configuration is wrong; nothing was changed"
            }
            Self::Different => "differences found (jobs verify, bars verify, bars digest --against, generate --check)",
            Self::Denied => "not authenticated, or the token's role does not allow it",
            Self::NotFound => "no such job, task, run, node, symbol, backup or slave",
            Self::TimedOut => "--timeout passed while waiting; the job goes on",
            Self::Unreachable => "the daemon cannot be reached, or is shutting down",
            Self::Conflict => "conflict: it exists already, or its state does not allow this",
            Self::Partial => "done for some of the named objects, failed for others",
            Self::Interrupted => "interrupted (SIGINT, Ctrl-C)",
            Self::Terminated => "terminated (SIGTERM)",
        }
    }

    /// The exit of an error reply. Exhaustive, so that a new code on the wire has to be given one.
    pub fn of(code: Code, status: u16) -> Self {
        match code {
            Code::BadRequest
            | Code::UnknownField
            | Code::NotSupported
            | Code::MethodNotAllowed
            | Code::PayloadTooLarge
            | Code::UnsupportedMediaType
            | Code::EndpointRefused => Self::Usage,
            Code::Unauthorized | Code::Forbidden => Self::Denied,
            Code::NotFound => Self::NotFound,
            Code::Conflict | Code::AlreadyExists | Code::WrongState | Code::Disabled => Self::Conflict,
            // `unreachable` on the wire is a database that the daemon cannot reach, not the daemon itself.
            Code::PreflightFailed
            | Code::Unreachable
            | Code::AccessDenied
            | Code::Timeout
            | Code::Damaged
            | Code::DiskFull
            | Code::Internal => Self::Failed,
            Code::ShuttingDown => Self::Unreachable,
            Code::Other => match status {
                401 | 403 => Self::Denied,
                404 => Self::NotFound,
                409 | 412 => Self::Conflict,
                502..=504 => Self::Unreachable,
                400..=499 => Self::Usage,
                _ => Self::Failed,
            },
        }
    }
}

/// The code where no daemon answers: apart from those of its replies, so that a code has one exit.
pub(super) const DAEMON_UNREACHABLE: &str = "daemon_unreachable";

/// Codes and their exits, for `help exit-codes` and the manual.
pub(super) fn codes() -> impl Iterator<Item = (String, Exit)> {
    let own = [(DAEMON_UNREACHABLE.to_owned(), Exit::Unreachable)];
    CODES.into_iter().map(|code| (code.word(), Exit::of(code, 0))).chain(own)
}

/// The codes that an error reply can carry.
const CODES: [Code; 22] = [
    Code::BadRequest,
    Code::UnknownField,
    Code::NotSupported,
    Code::Unauthorized,
    Code::Forbidden,
    Code::NotFound,
    Code::MethodNotAllowed,
    Code::Conflict,
    Code::AlreadyExists,
    Code::WrongState,
    Code::PreflightFailed,
    Code::PayloadTooLarge,
    Code::UnsupportedMediaType,
    Code::EndpointRefused,
    Code::Unreachable,
    Code::AccessDenied,
    Code::Timeout,
    Code::Disabled,
    Code::ShuttingDown,
    Code::Damaged,
    Code::DiskFull,
    Code::Internal,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_contract() {
        let numbers: Vec<u8> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert_eq!(numbers, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130, 143]);
    }

    #[test]
    fn replies_map_to_exits() {
        for (code, exit) in [
            (Code::BadRequest, Exit::Usage),
            (Code::UnknownField, Exit::Usage),
            (Code::NotSupported, Exit::Usage),
            (Code::Unauthorized, Exit::Denied),
            (Code::Forbidden, Exit::Denied),
            (Code::NotFound, Exit::NotFound),
            (Code::AlreadyExists, Exit::Conflict),
            (Code::WrongState, Exit::Conflict),
            (Code::Disabled, Exit::Conflict),
            (Code::PreflightFailed, Exit::Failed),
            (Code::Unreachable, Exit::Failed),
            (Code::ShuttingDown, Exit::Unreachable),
            (Code::Damaged, Exit::Failed),
            (Code::DiskFull, Exit::Failed),
            (Code::Internal, Exit::Failed),
        ] {
            assert_eq!(Exit::of(code, 0), exit, "{code:?}");
        }
        for (status, exit) in [
            (401, Exit::Denied),
            (404, Exit::NotFound),
            (409, Exit::Conflict),
            (418, Exit::Usage),
            (500, Exit::Failed),
            (502, Exit::Unreachable),
        ] {
            assert_eq!(Exit::of(Code::Other, status), exit, "{status}");
        }
    }
}
