//! HTTP/2 frames by hand over our TLS, for peers that no library would be.
//! Knows no attack.

use std::{io, path::Path, sync::Arc};

use proto_edge::{
    clock::Clock,
    connector::{Greeted, dial},
    membership::Membership,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

pub const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const CONTINUATION: u8 = 9;
pub const DATA: u8 = 0;
pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

/// A member's connection, greeted by both sides.
pub struct Wire(Greeted);

impl Wire {
    pub async fn dial(member: &Membership) -> io::Result<Wire> {
        let config = member.client_config(&Clock::system(0));
        let config = config.map_err(io::Error::other)?;
        let mut stream = dial(&member.hub, Arc::new(config)).await?;
        stream.write_all(PREFACE).await?;
        let mut wire = Wire(stream);
        wire.send(&frame(SETTINGS, 0, 0, &[])).await?;
        Ok(wire)
    }

    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes).await?;
        self.0.flush().await
    }

    /// Returns when the server has closed, whatever it said before.
    pub async fn closed(&mut self) {
        let mut said = [0; 4096];
        while matches!(self.0.read(&mut said).await, Ok(came) if came > 0) {}
    }
}

pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u32).to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// A request's header block for `path`, without compression.
pub fn request(path: &str) -> Vec<u8> {
    let fields = [
        (":method", "POST"),
        (":scheme", "https"),
        (":path", path),
        (":authority", "hub.example"),
        ("content-type", "application/grpc"),
        ("te", "trailers"),
    ];
    fields
        .iter()
        .flat_map(|(name, value)| field(0, name, value))
        .collect()
}

/// A literal field with a new name. `kind` 0: not indexed; 0x40: indexed.
pub fn field(kind: u8, name: &str, value: &str) -> Vec<u8> {
    let mut block = vec![kind];
    for text in [name, value] {
        block.extend(number(text.len()));
        block.extend(text.as_bytes());
    }
    block
}

/// HPACK's integer with a prefix of seven bits.
fn number(value: usize) -> Vec<u8> {
    if value < 127 {
        return vec![value as u8];
    }
    let (mut bytes, mut rest) = (vec![127], value - 127);
    while rest >= 128 {
        bytes.push(rest as u8 | 128);
        rest >>= 7;
    }
    bytes.push(rest as u8);
    bytes
}

/// The first member that `dir` holds the credential of.
pub fn member(dir: &Path) -> Membership {
    Membership::load(dir).expect("a membership")
}
