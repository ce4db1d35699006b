//! A line to a server that can be cut and mended: a relay on a port of its own.

use super::servers::Server;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) struct Line {
    pub(crate) port: u16,
    to: u16,
    up: Option<(Arc<CancellationToken>, JoinHandle<()>)>,
}

impl Line {
    pub(crate) async fn to(server: &Server) -> Self {
        Self::to_port(server.port).await
    }

    pub(crate) async fn to_port(port: u16) -> Self {
        let mut line = Self { port: 0, to: port, up: None };
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

    pub(crate) async fn mend(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.expect("the port is free again");
        self.port = listener.local_addr().expect("it is bound").port();
        let down = Arc::new(CancellationToken::new());
        let (to, stop) = (self.to, Arc::clone(&down));
        let task = tokio::spawn(async move {
            while let Some(Ok((mut near, _))) = stop.run_until_cancelled(listener.accept()).await {
                let stop = Arc::clone(&stop);
                tokio::spawn(async move {
                    let Ok(mut far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                    // Either side may end it.
                    let _ = stop.run_until_cancelled(tokio::io::copy_bidirectional(&mut near, &mut far)).await;
                });
            }
        });
        self.up = Some((down, task));
    }
}
