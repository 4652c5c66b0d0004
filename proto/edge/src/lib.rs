//! The gRPC edge that both servers share: service stubs, the TLS listener and
//! connector, peers, rich errors. Knows no rule of node or hub.

pub mod authorise;
pub mod clock;
pub mod codec;
pub mod connector;
pub mod credential;
pub mod gathering;
pub mod http1;
pub mod keyfile;
pub mod line;
pub mod listener;
pub mod live;
pub mod membership;
pub mod monitoring;
pub mod peer;
pub mod problem;
pub mod tls;
pub mod token;

#[allow(clippy::all)]
mod services {
    include!(concat!(env!("OUT_DIR"), "/services.rs"));
}

pub use services::tongxin::{
    centre::v1 as centre, enrol::v1 as enrol, hub::v1 as hub, node::v1 as node, sync::v1 as sync,
};
