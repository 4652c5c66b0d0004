//! The TLS edge on loopback: who gets in, who is kept out, who is cut off.

mod crowd;
mod identity;
mod town;
mod transport;
