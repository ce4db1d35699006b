//! Ports that are named before somebody listens there, or where nobody ever does.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU32, Ordering};

/// Neither the system's, which gives its own to whoever asks for any, also to the near end of each connection, nor those of the
/// servers that `scripts/services` starts: a port that was let go there may be another's a moment later.
const FROM: u32 = 12_000;
const PORTS: u32 = 8_000;

/// A port of the loopback where nobody listens, and given to nobody else in this process.
pub(crate) fn unused() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let begin = std::process::id().wrapping_mul(97);
    loop {
        let n = begin.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % PORTS;
        let port = u16::try_from(FROM + n).expect("both are small");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
