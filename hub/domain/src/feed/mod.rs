//! Feeds: what a centre is told of the cells that change in its scope, in which
//! order, and from where it goes on. The hub's journal is the queue: nothing is
//! kept per follower but a cursor, and that is the follower's.

mod cursor;
mod session;
mod window;

pub use cursor::{At, Cursor, Listed};
pub use session::{
    Batch, MOST_ROWS, MOST_WINDOW, ROWS, Read, Session, Stand, Start, UnknownAck, WINDOW,
};
pub use window::{Change, Record, Sight, Sweep, What, Window, window};
