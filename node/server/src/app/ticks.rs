//! Time, brought to the ledger: when a case's alarm comes, it is told.

use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::present::Present;
use crate::store::Store;
use crate::store::ledger::command::{Answer, Command};

/// A clock that was set forward is noticed within this.
const LONGEST: Duration = Duration::from_secs(30);
/// The same where a history is played.
const LONGEST_PLAYED: Duration = Duration::from_millis(50);
/// After a tick that brought nothing although one was due.
const SHORTEST: Duration = Duration::from_secs(1);

pub async fn tick(store: Store, present: Present, stop: CancellationToken) {
    let longest = match present.leaps() {
        true => LONGEST_PLAYED,
        false => LONGEST,
    };
    let mut alarms = store.alarms();
    loop {
        let alarm = *alarms.borrow_and_update();
        let wait = alarm.map_or(longest, |alarm| until(alarm, present.now()).min(longest));
        tokio::select! {
            () = stop.cancelled() => return,
            changed = alarms.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            () = tokio::time::sleep(wait) => {}
        }
        let now = present.now();
        if alarm.is_none_or(|alarm| alarm > now) {
            continue;
        }
        match store.ask(Command::Tick { now }).await {
            Ok(Answer::Ticked(0) | Answer::DiskFull) | Err(journal::SubmitRefusal::Busy) => {
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(SHORTEST) => {}
                }
            }
            Ok(_) => {}
            Err(journal::SubmitRefusal::Stopped) => return,
        }
    }
}

fn until(alarm: Timestamp, now: Timestamp) -> Duration {
    let left = alarm.duration_since(now);
    Duration::try_from(left).unwrap_or_default()
}
