//! kill -9 at every named place of node and hub, and at whatever moment, while
//! cases keep coming: nothing answered is lost, nothing repeated is doubled, and
//! the process serves again within seconds.

mod harness;

#[path = "crash/campaign.rs"]
mod campaign;
#[path = "crash/points.rs"]
mod points;

use harness::random::{Random, count, seed};
use points::POINTS;

/// Every place once; `TONGXIN_CRASHES` asks for more rounds of two kills each.
#[test]
fn killed_at_every_named_place_it_loses_and_doubles_nothing() {
    let rounds = count("TONGXIN_CRASHES", POINTS.len());
    let mut random = Random(seed("crash"));
    campaign::under_load("crash", |campaign| {
        for round in 0..rounds.max(POINTS.len()) {
            campaign.round(&POINTS[round % POINTS.len()], &mut random);
        }
    });
}
