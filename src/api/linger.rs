//! Bodies that are not read to their end: the answer is given at once, and what the client still sends is read past for a while.
//!
//! Put around the body of every request by `frame`. A connection that is closed while its client sends is reset, and the client
//! loses the answer that was on its way ("broken pipe"): an upload that is refused at its second line, by a guard or for its size
//! would not say why. So a body that somebody drops unread goes on being read, into nothing, until its end, the daemon's, or
//! [`LONGEST`]; by then the client has had the answer. One that was read, or broke, is left alone.

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use futures::{Stream, StreamExt as _, ready};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Clients that send everything before they read an answer have this long.
const LONGEST: Duration = Duration::from_secs(30);

struct Lingering {
    /// None: there is no more.
    rest: Option<BodyDataStream>,
    stop: CancellationToken,
}

pub(super) fn wrap(body: Body, stop: &CancellationToken) -> Body {
    if body.is_end_stream() {
        return body;
    }
    Body::from_stream(Lingering { rest: Some(body.into_data_stream()), stop: stop.clone() })
}

impl Stream for Lingering {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(rest) = &mut self.rest else { return Poll::Ready(None) };
        let part = ready!(rest.poll_next_unpin(cx));
        if !matches!(part, Some(Ok(_))) {
            self.rest = None;
        }
        Poll::Ready(part)
    }
}

impl Drop for Lingering {
    fn drop(&mut self) {
        let (Some(mut rest), Ok(runtime)) = (self.rest.take(), tokio::runtime::Handle::try_current()) else { return };
        let stop = self.stop.clone();
        // It owns nothing but the connection, whose own task ends with it.
        runtime.spawn(async move {
            let past = async { while let Some(Ok(_)) = rest.next().await {} };
            tokio::select! {
                () = stop.cancelled() => {}
                _ = tokio::time::timeout(LONGEST, past) => {}
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    /// A body that is fed by hand.
    fn fed() -> (mpsc::Sender<Result<Bytes, std::io::Error>>, Body) {
        let (feed, fed) = mpsc::channel(1);
        (feed, Body::from_stream(futures::stream::unfold(fed, |mut fed| async move { fed.recv().await.map(|part| (part, fed)) })))
    }

    #[tokio::test]
    async fn what_is_dropped_unread_is_read_past_until_the_daemon_stops() {
        let (feed, body) = fed();
        let stop = CancellationToken::new();
        drop(wrap(body, &stop));
        for _ in 0..100 {
            feed.send(Ok(Bytes::from_static(b"more"))).await.unwrap();
        }
        stop.cancel();
        feed.closed().await;
    }

    #[tokio::test]
    async fn what_is_read_comes_as_it_was_and_a_body_that_broke_is_left_alone() {
        let (feed, body) = fed();
        let stop = CancellationToken::new();
        let mut body = wrap(body, &stop).into_data_stream();
        feed.send(Ok(Bytes::from_static(b"one"))).await.unwrap();
        assert_eq!(body.next().await.unwrap().unwrap(), "one");
        feed.send(Err(std::io::Error::other("gone"))).await.unwrap();
        assert!(body.next().await.unwrap().is_err() && body.next().await.is_none());
        feed.closed().await;
    }
}
