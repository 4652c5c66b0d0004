//! Client channels over our own TLS. Knows no service and no retry policy.

mod greeted;

use std::{io, sync::Arc, time::Duration};

use arc_swap::ArcSwap;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;
use tonic::transport::{Channel, Endpoint, Uri};
use tower::service_fn;

pub use greeted::Greeted;

use crate::listener::{CONNECTION_WINDOW, STREAM_WINDOW};

const DIAL: Duration = Duration::from_secs(5);
const HANDSHAKE: Duration = Duration::from_secs(5);
const PING_INTERVAL: Duration = Duration::from_secs(60);
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// `host:port`; the host a name, an IPv4 address, or an IPv6 one in brackets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    text: String,
    host: ServerName<'static>,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("address {0:?}: want host:port")]
pub struct InvalidAddress(pub String);

impl std::str::FromStr for Address {
    type Err = InvalidAddress;

    fn from_str(text: &str) -> Result<Address, InvalidAddress> {
        let invalid = || InvalidAddress(text.chars().take(120).collect());
        let (host, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        port.parse::<u16>()
            .ok()
            .filter(|port| *port > 0)
            .ok_or_else(invalid)?;
        let bare = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let host = ServerName::try_from(bare.unwrap_or(host)).map_err(|_| invalid())?;
        Ok(Address {
            host: host.to_owned(),
            text: text.to_owned(),
        })
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl Address {
    /// The host without brackets and port.
    pub fn host(&self) -> String {
        self.host.to_str().into_owned()
    }
}

/// A channel that dials when it is first used and again when it was lost, each
/// time with the configuration of that moment.
pub fn channel(
    address: &Address,
    config: Arc<ArcSwap<ClientConfig>>,
) -> Result<Channel, InvalidAddress> {
    let invalid = || InvalidAddress(address.text.clone());
    // With "https" tonic would insist on doing TLS itself.
    let endpoint = Endpoint::from_shared(format!("http://{address}"))
        .map_err(|_| invalid())?
        .origin(
            format!("https://{address}")
                .parse::<Uri>()
                .map_err(|_| invalid())?,
        )
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .keep_alive_while_idle(true);
    let address = address.clone();
    Ok(
        endpoint.connect_with_connector_lazy(service_fn(move |_: Uri| {
            let (address, config) = (address.clone(), config.load_full());
            async move { dial(&address, config).await.map(TokioIo::new) }
        })),
    )
}

/// One TLS connection; the configuration judges the server, and the server's
/// first bytes say that it took us in.
pub async fn dial(address: &Address, config: Arc<ClientConfig>) -> io::Result<Greeted> {
    let late = |_| io::Error::from(io::ErrorKind::TimedOut);
    let socket = timeout(DIAL, TcpStream::connect(&address.text))
        .await
        .map_err(late)??;
    socket.set_nodelay(true)?;
    let greeted = async {
        let connector = TlsConnector::from(config);
        let tls = connector.connect(address.host.clone(), socket).await?;
        match tls.get_ref().1.alpn_protocol() {
            Some(b"h2") => Greeted::wait(tls).await,
            _ => Err(io::Error::other("the server does not speak HTTP/2")),
        }
    };
    timeout(HANDSHAKE, greeted).await.map_err(late)?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_host_and_port() {
        for (text, host) in [
            ("hub.wenjiang.example:7443", "hub.wenjiang.example"),
            ("127.0.0.1:7443", "127.0.0.1"),
            ("[::1]:7443", "::1"),
        ] {
            let address: Address = text.parse().unwrap();
            assert_eq!(
                (address.to_string().as_str(), address.host().as_str()),
                (text, host)
            );
        }
        for text in [
            "",
            "hub",
            "hub:",
            "hub:0",
            "hub:70000",
            ":7443",
            "a b:7443",
            "https://hub:1",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }
}
