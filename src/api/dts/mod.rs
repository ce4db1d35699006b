//! The dts family: `/v1/dispatch/*` and `/v1/task/*`, tasks that bring row changes into Kafka, a view over the one job
//! model.

use super::route::Route;

/// A function, since a route is used up by the router that it is put into.
type Routes = fn() -> Vec<Route>;

/// The family's two prefixes.
pub(super) const ROUTES: [(&str, Routes); 2] = [("/v1/dispatch", Vec::new), ("/v1/task", Vec::new)];
