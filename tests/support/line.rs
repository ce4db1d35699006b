//! A line to a server that can be cut and mended, go dead without a word (also at a statement of one's choice, and for those who
//! come anew), lose one answer, and keep what MariaDB offers beyond MySQL to itself: a relay on a port of its own.

use super::servers::Server;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// The packet of a COMMIT that stands for itself.
const COMMIT: &[u8] = b"\x07\0\0\0\x03COMMIT";

pub(crate) struct Line {
    pub(crate) port: u16,
    to: u16,
    /// Bound and never listening: while the line is cut nobody else gets its port, and connections are refused.
    _place: TcpSocket,
    faults: Arc<Faults>,
    up: Option<(Arc<CancellationToken>, JoinHandle<()>)>,
}

#[derive(Default)]
struct Faults {
    /// Connections are numbered from 1; those up to `dead` carry nothing any more.
    connections: AtomicU64,
    dead: AtomicU64,
    /// The next answer to a COMMIT is to be lost.
    armed: AtomicBool,
    lost: AtomicU64,
    /// A connection that is to bring this to the server goes dead instead.
    swallows: Mutex<Option<Vec<u8>>>,
    swallowed: AtomicU64,
    /// What is to bring this to the server waits, and goes there when it is let go.
    holds: Mutex<Option<Vec<u8>>>,
    held: AtomicU64,
    let_go: Notify,
    /// Statements that hold these words are counted.
    listens: Mutex<Option<Vec<u8>>>,
    heard: AtomicU64,
    /// MariaDB's greeting offers none of its own protocol.
    plain: AtomicBool,
    /// Bytes a second towards the daemon; 0 = as they come.
    rate: AtomicU64,
}

impl Line {
    pub(crate) async fn to(server: &Server) -> Self {
        Self::to_port(server.port).await
    }

    pub(crate) async fn to_port(port: u16) -> Self {
        let place = bound(0);
        let own = place.local_addr().expect("it is bound").port();
        let mut line = Self { port: own, to: port, _place: place, faults: Arc::default(), up: None };
        line.mend().await;
        line
    }

    /// From the next mending on it leads there: whoever is at its end has started again.
    pub(crate) fn lead_to(&mut self, port: u16) {
        self.to = port;
    }

    /// Connections through it break, new ones are refused.
    pub(crate) async fn cut(&mut self) {
        if let Some((down, task)) = self.up.take() {
            down.cancel();
            task.await.expect("the relay does not panic");
        }
    }

    /// The connections that there are carry nothing any more, in neither direction, and nobody is told. New ones do.
    pub(crate) fn goes_dead(&self) {
        self.faults.dead.store(self.faults.connections.load(Ordering::SeqCst), Ordering::SeqCst);
    }

    /// No connection carries anything any more, new ones neither: they are taken, and nobody answers. Until `answers`.
    pub(crate) fn hangs(&self) {
        self.faults.dead.store(u64::MAX, Ordering::SeqCst);
    }

    /// New connections carry again; those that hang stay as they are.
    pub(crate) fn answers(&self) {
        self.goes_dead();
    }

    /// The next connection that says this, in whatever statement, carries nothing any more, not even that.
    pub(crate) fn dies_at(&self, words: &str) {
        *self.faults.swallows.lock().expect("nobody panics with it") = Some(words.as_bytes().to_vec());
    }

    /// How many connections have died that way.
    pub(crate) fn swallowed(&self) -> u64 {
        self.faults.swallowed.load(Ordering::SeqCst)
    }

    /// The next that says this waits on its way, and arrives when it is let go.
    pub(crate) fn holds(&self, words: &str) {
        *self.faults.holds.lock().expect("nobody panics with it") = Some(words.as_bytes().to_vec());
    }

    /// How many have waited that way.
    pub(crate) fn held(&self) -> u64 {
        self.faults.held.load(Ordering::SeqCst)
    }

    pub(crate) fn lets_go(&self) {
        self.faults.let_go.notify_one();
    }

    /// As proxies are that do not know MariaDB's own protocol; for connections that come.
    pub(crate) fn plain(&self) {
        self.faults.plain.store(true, Ordering::SeqCst);
    }

    /// Counts from now on where this is said.
    pub(crate) fn listens_for(&self, words: &str) {
        *self.faults.listens.lock().expect("nobody panics with it") = Some(words.as_bytes().to_vec());
    }

    /// How often it was said.
    pub(crate) fn heard(&self) -> u64 {
        self.faults.heard.load(Ordering::SeqCst)
    }

    /// The server gets the next COMMIT and does it, and its answer is lost with the connection.
    pub(crate) fn lose_a_commit(&self) {
        self.faults.armed.store(true, Ordering::SeqCst);
    }

    /// From now on a connection brings so many bytes a second; 0 = all that come.
    pub(crate) fn slow(&self, rate: u64) {
        self.faults.rate.store(rate, Ordering::SeqCst);
    }

    /// How many answers were lost.
    pub(crate) fn lost(&self) -> u64 {
        self.faults.lost.load(Ordering::SeqCst)
    }

    pub(crate) async fn mend(&mut self) {
        let listener = bound(self.port).listen(1024).expect("the port is the line's own");
        let down = Arc::new(CancellationToken::new());
        let (to, stop, faults) = (self.to, Arc::clone(&down), Arc::clone(&self.faults));
        let task = tokio::spawn(async move {
            while let Some(Ok((near, _))) = stop.run_until_cancelled(listener.accept()).await {
                let (stop, faults) = (Arc::clone(&stop), Arc::clone(&faults));
                tokio::spawn(async move {
                    let Ok(far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                    stop.run_until_cancelled(relay(near, far, faults)).await;
                });
            }
        });
        self.up = Some((down, task));
    }
}

fn bound(port: u16) -> TcpSocket {
    let socket = TcpSocket::new_v4().expect("a socket");
    // Not SO_REUSEADDR: with it others that ask for any port may get this one while the line is cut.
    socket.set_reuseport(true).expect("several of one process may have one port");
    socket.bind(SocketAddr::from(([127, 0, 0, 1], port))).expect("the port is free");
    socket
}

impl Faults {
    fn swallow(&self, bytes: &[u8]) -> bool {
        said_once(&self.swallows, &self.swallowed, bytes)
    }

    fn hold(&self, bytes: &[u8]) -> bool {
        said_once(&self.holds, &self.held, bytes)
    }
}

fn said_once(words: &Mutex<Option<Vec<u8>>>, count: &AtomicU64, bytes: &[u8]) -> bool {
    let mut words = words.lock().expect("nobody panics with it");
    let said = says(words.as_deref(), bytes);
    if said {
        *words = None;
        count.fetch_add(1, Ordering::SeqCst);
    }
    said
}

fn says(words: Option<&[u8]>, bytes: &[u8]) -> bool {
    words.is_some_and(|words| bytes.windows(words.len()).any(|part| part == words))
}

/// Takes the last four bytes of the filler out of a server's greeting: there MariaDB says what it can do beyond MySQL.
fn make_plain(greeting: &mut [u8]) {
    let version = 5;
    let length = greeting[version..].iter().position(|b| *b == 0).expect("the greeting names a version");
    let offers = version + length + 1 + 4 + 8 + 1 + 2 + 1 + 2 + 2 + 1 + 6;
    greeting[offers..offers + 4].fill(0);
}

/// Carries bytes both ways until either side ends it.
async fn relay(mut near: TcpStream, mut far: TcpStream, faults: Arc<Faults>) {
    let number = faults.connections.fetch_add(1, Ordering::SeqCst) + 1;
    for stream in [&near, &far] {
        stream.set_nodelay(true).expect("a TCP stream");
    }
    let alive = async || {
        if faults.dead.load(Ordering::SeqCst) >= number {
            std::future::pending::<()>().await;
        }
    };
    let (mut from_near, mut to_near) = near.split();
    let (mut from_far, mut to_far) = far.split();
    let losing = AtomicBool::new(false);
    let up = async {
        let mut bytes = vec![0; 64 << 10];
        while let Ok(read @ 1..) = from_near.read(&mut bytes).await {
            alive().await;
            if faults.swallow(&bytes[..read]) {
                std::future::pending::<()>().await;
            }
            if faults.hold(&bytes[..read]) {
                faults.let_go.notified().await;
            }
            if says(faults.listens.lock().expect("nobody panics with it").as_deref(), &bytes[..read]) {
                faults.heard.fetch_add(1, Ordering::SeqCst);
            }
            if bytes[..read] == *COMMIT && faults.armed.swap(false, Ordering::SeqCst) {
                losing.store(true, Ordering::SeqCst);
            }
            if to_far.write_all(&bytes[..read]).await.is_err() {
                break;
            }
        }
        // Nor is it told that the other end has gone.
        alive().await;
    };
    let down = async {
        let mut bytes = vec![0; 64 << 10];
        let mut greeting = faults.plain.load(Ordering::SeqCst);
        while let Ok(read @ 1..) = from_far.read(&mut bytes).await {
            if std::mem::take(&mut greeting) {
                make_plain(&mut bytes[..read]);
            }
            alive().await;
            if losing.load(Ordering::SeqCst) {
                faults.lost.fetch_add(1, Ordering::SeqCst);
                break;
            }
            if let Some(pause) = (read as u64 * 1000).checked_div(faults.rate.load(Ordering::SeqCst)) {
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            if to_near.write_all(&bytes[..read]).await.is_err() {
                break;
            }
        }
        alive().await;
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}
