//! A connection on which the server has spoken. Knows no call.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use rustls::ClientConnection;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

// An HTTP/2 server opens with its settings, a few dozen bytes.
const OPENING: usize = 256;

/// In TLS 1.3 a client is done before the server has looked at its certificate.
/// Only the server's first bytes say that it was let in; a refusal that came
/// later would reach the caller as a broken connection without a reason.
#[derive(Debug)]
pub struct Greeted {
    tls: TlsStream<TcpStream>,
    opening: Vec<u8>,
    taken: usize,
}

impl Greeted {
    pub(super) async fn wait(mut tls: TlsStream<TcpStream>) -> io::Result<Greeted> {
        let mut opening = vec![0; OPENING];
        let came = tls.read(&mut opening).await?;
        if came == 0 {
            return Err(io::Error::new(
                io::ErrorKind::ConnectionReset,
                "closed by the server after the handshake",
            ));
        }
        opening.truncate(came);
        Ok(Greeted {
            tls,
            opening,
            taken: 0,
        })
    }

    pub fn session(&self) -> &ClientConnection {
        self.tls.get_ref().1
    }
}

impl AsyncRead for Greeted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let waiting = &self.opening[self.taken..];
        if waiting.is_empty() {
            return Pin::new(&mut self.tls).poll_read(cx, buffer);
        }
        let now = waiting.len().min(buffer.remaining());
        buffer.put_slice(&waiting[..now]);
        self.taken += now;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Greeted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls).poll_shutdown(cx)
    }
}
