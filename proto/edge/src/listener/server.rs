//! tonic's HTTP/2 settings, the same for every server of ours. Knows no service.

use std::time::Duration;

use tonic::transport::Server;

/// HTTP/2 bounds of one connection (`reference/sync-protocol.md` section 5.5).
#[derive(Clone, Copy, Debug)]
pub struct HttpLimits {
    pub streams: u32,
    /// A connection is asked to go after this, so that a renewed certificate is
    /// shown; calls in flight end in peace.
    pub connection_age: Duration,
    pub ping_interval: Duration,
    pub ping_timeout: Duration,
}

impl Default for HttpLimits {
    fn default() -> HttpLimits {
        HttpLimits {
            streams: 64,
            connection_age: Duration::from_secs(3600),
            ping_interval: Duration::from_secs(30),
            ping_timeout: Duration::from_secs(20),
        }
    }
}

pub(crate) const STREAM_WINDOW: u32 = 64 * 1024;
pub(crate) const CONNECTION_WINDOW: u32 = 128 * 1024;

/// Decode limit of the sync services, on both ends.
pub const SYNC_MESSAGE_LIMIT: usize = 256 * 1024;

/// A server builder with every limit set. No grace period is set for the age:
/// tonic 0.14 then closes without GOAWAY, which fails calls.
pub fn server(limits: HttpLimits) -> Server {
    Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(limits.streams)
        .max_connection_age(limits.connection_age)
        .http2_keepalive_interval(Some(limits.ping_interval))
        .http2_keepalive_timeout(Some(limits.ping_timeout))
        .http2_max_header_list_size(16 * 1024)
        .http2_max_pending_accept_reset_streams(Some(20))
}
