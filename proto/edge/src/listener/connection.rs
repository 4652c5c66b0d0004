//! One authenticated stream that can be cut from outside. Knows no call.

use std::{
    future::Future as _,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Sleep, sleep},
};
use tokio_rustls::server::TlsStream;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::transport::server::{Connected, TcpConnectInfo, TlsConnectInfo};

use super::handshake::Places;
use crate::live::Registered;

// Bytes of the HTTP/2 client preface (RFC 9113 section 3.4).
const PREFACE: usize = 24;

/// A TLS stream for tonic. Every read and write first asks whether it was cut.
pub struct Connection {
    tls: TlsStream<TcpStream>,
    cut: Pin<Box<WaitForCancellationFutureOwned>>,
    /// Until the HTTP/2 preface is here: how much of it still lacks.
    greeting: Option<(usize, Pin<Box<Sleep>>)>,
    _registered: Registered,
    _places: Places,
}

impl Connection {
    pub(super) fn new(
        tls: TlsStream<TcpStream>,
        registered: Registered,
        places: Places,
        greeting_deadline: Duration,
    ) -> Connection {
        Connection {
            tls,
            greeting: Some((PREFACE, Box::pin(sleep(greeting_deadline)))),
            cut: Box::pin(registered.cut.clone().cancelled_owned()),
            _registered: registered,
            _places: places,
        }
    }

    fn poll_cut(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        match self.cut.as_mut().poll(cx) {
            Poll::Ready(()) => Err(io::Error::new(
                io::ErrorKind::ConnectionAborted,
                "connection cut",
            )),
            Poll::Pending => Ok(()),
        }
    }
}

impl Connection {
    /// A peer that finishes its handshake and then says nothing would hold its
    /// place for as long as it likes: pings begin after the preface.
    fn poll_greeting(&mut self, came: usize, cx: &mut Context<'_>) -> io::Result<()> {
        let Some((lacks, deadline)) = &mut self.greeting else {
            return Ok(());
        };
        *lacks = lacks.saturating_sub(came);
        if *lacks == 0 {
            self.greeting = None;
        } else if deadline.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.poll_cut(cx)?;
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.tls).poll_read(cx, buffer);
        let came = buffer.filled().len() - before;
        self.poll_greeting(came, cx)?;
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_cut(cx)?;
        Pin::new(&mut self.tls).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_cut(cx)?;
        Pin::new(&mut self.tls).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_cut(cx)?;
        Pin::new(&mut self.tls).poll_shutdown(cx)
    }
}

impl Connected for Connection {
    type ConnectInfo = TlsConnectInfo<TcpConnectInfo>;

    fn connect_info(&self) -> Self::ConnectInfo {
        self.tls.connect_info()
    }
}
