//! What the tests share: private database servers, the type zoo, the daemon under test, and waiting without sleeping.

pub(crate) mod broker;
pub(crate) mod clock;
pub(crate) mod daemon;
pub(crate) mod elastic;
pub(crate) mod front;
pub(crate) mod influx;
pub(crate) mod java;
pub(crate) mod job;
pub(crate) mod line;
pub(crate) mod port;
pub(crate) mod scripted;
pub(crate) mod series;
pub(crate) mod servers;
pub(crate) mod sql;
pub(crate) mod until;
pub(crate) mod writer;
pub(crate) mod zoo;
