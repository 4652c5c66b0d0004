//! A hub from `init` to restart, called over mutual TLS on loopback.

mod answers;
mod door;
mod house;
mod quality;
mod setup;
