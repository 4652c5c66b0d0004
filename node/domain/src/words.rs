//! Public texts that a process bears: what a draft says, why something was put
//! off. Plain and bounded; nobody's name belongs there. Knows no meaning.

pub const MOST_CHARS: usize = 4000;

pub type Words = proto::plain::Plain<MOST_CHARS>;
