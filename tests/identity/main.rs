//! Joining a district, staying a member, being shut out: the hub's authority
//! and gate and the node's identity together, on loopback.

mod district;
mod enrolment;
mod fleet;
mod membership;
mod renewal;
mod rollover;
mod roots;
