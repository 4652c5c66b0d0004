//! The gRPC edge that both servers share: service stubs, the TLS listener and
//! connector, rich errors. Knows no rule of node or hub.

#[allow(clippy::all)]
mod services {
    include!(concat!(env!("OUT_DIR"), "/services.rs"));
}

pub use services::tongxin::{
    enrol::v1 as enrol, hub::v1 as hub, node::v1 as node, sync::v1 as sync,
};
