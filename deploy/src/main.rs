//! The command line. Owns nothing yet.
fn main() {}
