//! Fact types of the elections engine (QH-1, QH-2, WJ-5).

use super::{FactType, FactTypeId, fact};

pub const CONTESTED: FactTypeId = FactTypeId(96);
pub const ANNOUNCED: FactTypeId = FactTypeId(97);
pub const SEATED: FactTypeId = FactTypeId(98);

pub static TYPES: &[FactType] = &[
    // occurred_at: when voting opened, with what was on the ballot then; `own` of
    // the candidates put themselves forward.
    fact(
        CONTESTED,
        "election.contested",
        &["kind", "grid"],
        &["candidates", "seats", "own"],
    ),
    // occurred_at: when the result was announced. `ending`: elected, partly-elected,
    // nobody-elected, under-turnout. `voters` of `heads` on the roll were handed a
    // ballot, `ballots` were in the boxes, `invalid` of them.
    fact(
        ANNOUNCED,
        "election.announced",
        &["kind", "grid", "ending"],
        &["heads", "voters", "ballots", "invalid"],
    ),
    // occurred_at: when the elected took their seats, or one was given up: what is
    // filled since.
    fact(
        SEATED,
        "election.seated",
        &["kind", "grid"],
        &["filled", "seats"],
    ),
];
