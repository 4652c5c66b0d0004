//! Who sits on which body: all elections of a node looked through for seats that
//! are taken. Decides nothing.

use jiff::civil::Date;
use node_domain::code::Code;
use node_domain::elections::Election;
use node_domain::process::{ProcessId, State};
use proto_edge::problem::Problem;

use super::super::process::Desk;
use super::ENGINE;
use crate::store::keyspace::process::{ProcessKey, Processes};
use crate::store::keyspace::raw;
use crate::store::view::Direction;

impl Desk {
    /// On any of the bodies, on this day.
    pub async fn serving(&self, bodies: Box<[Code]>, day: Date) -> Result<Vec<u64>, Problem> {
        let found = self.office().read(move |store| {
            let bound = |id| raw::<Processes>(&(ENGINE, ProcessId(id)));
            let (from, to) = (bound(0), bound(u64::MAX));
            let view = store.view();
            let rows = view.entries::<Processes>(Some(&from), Some(&to), Direction::Ascending);
            let mut serving = Vec::new();
            for row in rows {
                let (_, state): (ProcessKey, State) = row?;
                let Ok(election) = <&Election>::try_from(&state) else {
                    continue;
                };
                if bodies.contains(&election.rules.body) {
                    serving.extend(election.serving(day));
                }
            }
            Ok(serving)
        });
        found.await
    }
}
