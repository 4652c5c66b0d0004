//! A hub from `init` to restart, called over mutual TLS on loopback.

mod access;
mod answers;
mod audit;
mod door;
mod extension;
mod house;
mod inbox;
mod period;
mod quality;
mod setup;
