//! Looks at what the watch rules are about, again and again, and has it judged.
//! Decides nothing: `hub_domain::watch` does.

use std::time::Duration;

use hub_domain::{
    query::{Group, Request, State, Unanswered, World, resolve},
    rollout::mark_absent,
    watch::{Observed, Rule},
};
use jiff::Timestamp;
use proto::period::Period;
use proto_edge::clock::Clock;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::store::{Store, WatchCommand};

/// Between two rounds when nothing is reported: periods end nevertheless.
const IDLE: Duration = Duration::from_secs(60);
/// After news, others may follow.
const SETTLE: Duration = Duration::from_secs(2);
/// A round takes at most this share of the time.
const SHARE: u32 = 10;
/// How far back a place may be behind and is still judged.
const BEHIND: usize = 3;

pub struct Watching {
    pub store: Store,
    pub clock: Clock,
}

impl Watching {
    pub async fn run(self, stop: CancellationToken) {
        let mut applied = self.store.applied();
        loop {
            let began = Instant::now();
            tokio::select! {
                () = stop.cancelled() => return,
                () = self.round() => {}
            }
            let pause = SETTLE.max(began.elapsed() * SHARE);
            let idle = sleep_until(began + IDLE.max(pause));
            tokio::select! {
                () = stop.cancelled() => return,
                () = idle => {}
                changed = applied.changed() => match changed {
                    Ok(()) => sleep_until(Instant::now() + pause).await,
                    Err(_) => return,
                },
            }
        }
    }

    async fn round(&self) {
        let book = self.store.watch_book();
        for rule in book.rules() {
            let now = crate::rpc::field::now(&self.clock);
            let (store, asked) = (self.store.clone(), rule.clone());
            let observed = tokio::task::spawn_blocking(move || observe(&store, &asked, now)).await;
            let observed = match observed {
                Ok(Ok(observed)) => observed,
                Ok(Err(cause)) => {
                    tracing::warn!(rule = %rule.code, cause, "a watch rule cannot be judged");
                    continue;
                }
                Err(fault) => {
                    tracing::error!(rule = %rule.code, %fault, "a watch rule was not judged");
                    continue;
                }
            };
            let judge = WatchCommand::Judge {
                rule: rule.clone(),
                observed,
                now,
            };
            if let Err(fault) = self.store.watch(judge).await {
                tracing::warn!(rule = %rule.code, %fault, "not judged; later again");
                return;
            }
        }
    }
}

/// The question that a rule asks; `None` before there is a period that is over.
pub fn question(rule: &Rule, today: jiff::civil::Date) -> Option<Request> {
    let to = Period::containing(today, rule.grain)?.previous()?;
    let more = usize::from(rule.condition.is_trend()) + BEHIND;
    let back = usize::from(rule.periods) - 1 + more;
    let from = std::iter::successors(Some(to), |period| period.previous());
    Some(Request {
        indicators: vec![rule.indicator.clone()],
        place: rule.place,
        from: from.take(back + 1).last()?,
        to,
        grain: None,
        group: Group {
            place: Some(rule.level),
            period: true,
            ..Group::default()
        },
        filters: Vec::new(),
        comparisons: Vec::new(),
        rank: None,
        register_date: None,
    })
}

/// Reads the view: for a thread that may block.
fn observe(store: &Store, rule: &Rule, now: Timestamp) -> Result<Vec<Observed>, String> {
    let today = store.zone().to_datetime(now).date();
    let Some(question) = question(rule, today) else {
        return Ok(Vec::new());
    };
    let log = store.catalogue();
    let mut measures =
        resolve(&question, log.catalogue()).map_err(|refusal| refusal.to_string())?;
    let (roster, register) = (store.roster(), store.register());
    mark_absent(&mut measures, &log, &store.uptake(), &roster);
    let world = World {
        register: &register,
        roster: &roster,
        zone: store.zone(),
        now,
    };
    let rows = store.answer(&question, &measures, world);
    let rows = rows.map_err(|unanswered| match unanswered {
        Unanswered::Refused(refusal) => refusal.to_string(),
        Unanswered::Unreadable(fault) => fault.to_string(),
        Unanswered::Columns(fault) => fault.to_string(),
    })?;
    let whole = rows
        .iter()
        .filter(|row| row.coverage.expected > 0 && row.coverage.reporting == row.coverage.expected);
    let observed = whole.filter_map(|row| {
        let shown = matches!(row.value.state, State::Value | State::Zero);
        Some(Observed {
            place: row.key.place?,
            period: row.period?,
            number: shown.then_some(row.value.number),
        })
    });
    Ok(observed.collect())
}
