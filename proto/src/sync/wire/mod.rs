//! Between the line's wire messages and the values that its machines speak,
//! both ways for both ends. What does not parse names its field; unknown reasons
//! and kinds are taken as documented, not refused. Knows no stream.

mod assignment;
mod coverage;
mod down;
mod downlink;
#[cfg(test)]
mod frames;
mod head;
mod parts;
#[cfg(test)]
mod tests;
pub mod trial;
mod up;

/// A message that cannot be what it says: a fault of whoever sent it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {want}")]
pub struct InvalidMessage {
    pub field: &'static str,
    pub want: String,
}

/// Cells that do not fit into one message; whoever scans stops before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} cells do not fit into one message")]
pub struct TooLarge(pub usize);

pub(crate) fn invalid(field: &'static str, want: impl ToString) -> InvalidMessage {
    InvalidMessage {
        field,
        want: want.to_string(),
    }
}
