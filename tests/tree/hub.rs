//! A hub with its durable state: the parent's end of its children's lines, and
//! what it merges for its own parent by the same functions as the server.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use hub_domain::{
    event::LineEvent,
    query::{Column, Roster},
    register::Register,
    sync::{
        batch::{Rules, decide_batch, elsewhere},
        hello::{Decision, decide_hello, returning},
        line::Line,
        session::{Greeting, Output, Session, Verdict},
    },
    tree::{self, Tree, merge, report},
};
use jiff::{Timestamp, tz::TimeZone};
use proto::{
    indicator::cell::{Breakdown, Cell, CellKey, CellState, IndicatorId, Revision},
    period::Period,
    place::Place,
    sync::{
        assignment::Assignment,
        coverage::Coverage,
        end::End,
        instant::Instant,
        uplink::{Down, Rejection, Up},
    },
};

use crate::{
    outbox::{Outbox, checkpoint, digest},
    plan::Planted,
};

pub struct Hub {
    pub lines: BTreeMap<Place, Line>,
    pub cells: BTreeMap<Place, BTreeMap<CellKey, Cell>>,
    pub tree: Tree,
    /// By child, with the number of its connection; lost with the process.
    pub sessions: HashMap<usize, (u64, Session)>,
    pub stale: BTreeSet<(IndicatorId, Period)>,
    pub is_merging: bool,
}

/// What a child hears, or that its connection is closed.
pub enum Said {
    Down(Down),
    Closed(End),
}

struct All;

impl Rules for All {
    fn judge(&self, _: &Cell) -> Result<(), Rejection> {
        Ok(())
    }
}

impl Hub {
    /// `place`: `None` at the top.
    pub fn new(place: Option<Place>) -> Hub {
        let mut tree = Tree::default();
        if let Some(place) = place {
            tree.apply(&tree::Event::Placed(place));
        }
        Hub {
            lines: BTreeMap::new(),
            cells: BTreeMap::new(),
            tree,
            sessions: HashMap::new(),
            stale: BTreeSet::new(),
            is_merging: false,
        }
    }

    /// After a crash everything is to be merged anew.
    pub fn restart(&mut self, planted: Option<Planted>, outbox: &mut Outbox) {
        self.sessions.clear();
        self.is_merging = false;
        let keys = self.cells.values().flat_map(BTreeMap::keys);
        self.stale = keys.map(|key| (key.indicator, key.period)).collect();
        if planted == Some(Planted::SeqsGoBack) {
            let newest = outbox.head;
            outbox.head = newest.saturating_sub(3);
            self.tree.head = 0;
            outbox.order.clear();
            outbox.cells.clear();
        }
    }

    /// What child number `child`, of `place`, says; the answers, in order.
    pub fn hear(
        &mut self,
        child: usize,
        place: Place,
        up: Up,
        now: Instant,
        wall: Timestamp,
    ) -> Result<Vec<Said>, String> {
        let Some((_, session)) = self.sessions.get_mut(&child) else {
            return Ok(Vec::new());
        };
        session.handle_up(now, up);
        self.outputs(child, place, now, wall)
    }

    pub fn outputs(
        &mut self,
        child: usize,
        place: Place,
        now: Instant,
        wall: Timestamp,
    ) -> Result<Vec<Said>, String> {
        let mut said = Vec::new();
        while let Some((_, session)) = self.sessions.get_mut(&child)
            && let Some(output) = session.poll_output()
        {
            let line = self.lines.entry(place).or_default();
            match output {
                Output::Greet(_) if !self.tree.assignments.takes(place) => {
                    session.handle_greeted(now, Err(elsewhere()));
                }
                Output::Greet(hello) => match decide_hello(
                    line,
                    &match self.tree.assignments.is_back(place) {
                        true => returning(line, &hello),
                        false => hello,
                    },
                    1,
                    wall,
                ) {
                    Decision::Granted(granted) if granted.hub_behind.is_none() => {
                        line.apply(&LineEvent::Granted(granted));
                        session.handle_greeted(now, welcome(line, wall));
                    }
                    Decision::Repeated { .. } => {
                        session.handle_greeted(now, welcome(line, wall));
                    }
                    other => return Err(format!("{place}: no store went back, yet {other:?}")),
                },
                Output::Commit(..) if !self.tree.assignments.takes(place) => {
                    session.handle_committed(Err(elsewhere()));
                }
                Output::Commit(epoch, batch) => {
                    let sent = batch.checkpoint;
                    match decide_batch(line, epoch, batch, &All, wall) {
                        Err(refusal) => session.handle_committed(Err(refusal.end())),
                        Ok(accepted) => {
                            let held = self.cells.entry(place).or_default();
                            for cell in &accepted.cells {
                                let key = cell.key;
                                self.stale.insert((key.indicator, key.period));
                                held.insert(key, cell.clone());
                            }
                            let through = accepted.through;
                            let mut ack = accepted.ack(wall);
                            let coverage = accepted.coverage.clone();
                            line.apply(&LineEvent::Accepted(accepted));
                            if let Some(coverage) = coverage {
                                ack.assignments =
                                    assign(&mut self.tree, &self.lines, place, &coverage);
                            }
                            session.handle_committed(Ok(ack));
                            if let Some(sent) = sent {
                                if checkpoint(&digest(held.values())) != sent {
                                    return Err(format!("{place}: digests differ at {through}"));
                                }
                                session.handle_verdict(Verdict::Agreed { through });
                                let line = self.lines.entry(place).or_default();
                                line.apply(&LineEvent::Agreed { through, at: wall });
                            }
                        }
                    }
                }
                Output::Return(_) => return Err(format!("{place}: no store comes back")),
                Output::Demand { waiting, .. } if waiting => session.handle_credit(1 << 19),
                Output::Demand { .. } | Output::Settle { .. } => {}
                Output::Reply(down) => said.push(Said::Down(down)),
                Output::Close(end) => {
                    let end = end.unwrap_or_else(|| End::fault("closed in order"));
                    said.push(Said::Closed(end));
                    self.sessions.remove(&child);
                }
                Output::Compare(..) | Output::List(..) => {
                    return Err(format!("{place}: a repair without a difference"));
                }
            }
        }
        Ok(said)
    }

    /// Everything is to be merged anew, with others than before.
    pub fn reassign(&mut self, event: &tree::Event) {
        self.tree.apply(event);
        let keys = self.cells.values().flat_map(BTreeMap::keys);
        self.stale
            .extend(keys.map(|key| (key.indicator, key.period)));
    }

    pub fn tell(&mut self, said: Vec<Assignment>, at: Timestamp) {
        let said = self.tree.assignments.news(said);
        if !said.is_empty() {
            self.reassign(&tree::Event::Told { said, at });
        }
    }

    pub fn roster(&self, planted: Option<Planted>) -> Roster {
        let (tree, own) = (&self.tree, self.tree.place);
        let counts = |place| tree.counts(place) || planted == Some(Planted::CountsTwice);
        let mut roster = Roster::new(&Register::default(), []);
        let left_out = tree
            .assignments
            .left_out(own)
            .filter(|place| !counts(*place));
        roster.leave_out(left_out, tree.counting_version());
        for (place, line) in self.lines.iter().filter(|(place, _)| counts(**place)) {
            match place.is_of_a_hub() {
                true => roster.hear_child(*place, line.coverage.as_ref()),
                false => roster.hear(*place, line.complete_until),
            }
        }
        roster.expect(tree.assignments.between(own, &self.lines));
        if let Some(own) = own {
            roster.claim(tree.assignments.claims(own, &self.lines));
        }
        roster
    }

    /// One pass of the merger: roster first, then cells.
    pub fn merge(&mut self, wall: Timestamp, planted: Option<Planted>, outbox: &mut Outbox) {
        self.is_merging = false;
        let roster = self.roster(planted);
        let mut stale = std::mem::take(&mut self.stale);
        // A stock that changed may stand in every later period.
        let keys = || self.cells.values().flat_map(BTreeMap::keys);
        for (indicator, period) in stale.clone() {
            let later = keys().filter(|key| key.indicator == indicator && key.period > period);
            stale.extend(later.map(|key| (key.indicator, key.period)));
        }
        for (indicator, period) in stale {
            let mut columns: Vec<Arc<Column>> = Vec::new();
            let periods: BTreeSet<Period> = keys()
                .filter(|key| key.indicator == indicator && key.period <= period)
                .map(|key| key.period)
                .collect();
            columns.extend(
                periods
                    .iter()
                    .map(|at| Arc::new(self.column(indicator, *at))),
            );
            let column = columns.last().map(|column| column.kind());
            if column != Some(proto::indicator::kind::Kind::Level.number())
                || planted == Some(Planted::StocksOfOnePeriod)
            {
                columns.drain(..columns.len().saturating_sub(1));
            }
            let merged = merge::merged(&columns, &roster, period.last_day());
            let merged = merged.expect("cells of one kind per indicator");
            let held = outbox
                .cells
                .range(key(indicator, period, 0)..=key(indicator, period, u64::MAX));
            let held: BTreeMap<Breakdown, CellState> = held
                .map(|(key, cell)| (key.breakdown, cell.state.clone()))
                .collect();
            let changes = merge::changes(&held, &merged.cells);
            let changed = changes.into_iter();
            let changed = changed.map(|(at, state)| (key(indicator, period, at.0), state));
            self.tree.standing = Some(outbox.standing.clone());
            let cells = self.tree.merged(changed.collect());
            self.tree.apply(&tree::Event::Merged(cells.clone()));
            cells.into_iter().for_each(|cell| outbox.take(cell));
        }
        let roster = match planted {
            Some(Planted::PromisesAhead) => roster_of_now(&roster, wall),
            _ => roster,
        };
        outbox.coverage = Some(report::coverage(&roster, &TimeZone::UTC, wall));
    }

    fn column(&self, indicator: IndicatorId, period: Period) -> Column {
        let mut column = Column::default();
        for (place, cells) in &self.cells {
            let range = key(indicator, period, 0)..=key(indicator, period, u64::MAX);
            for (key, cell) in cells.range(range) {
                if !cell.state.is_removed() {
                    let state = &cell.state;
                    let pushed = column.push(*place, key.breakdown, state.kind, &state.bytes);
                    pushed.expect("ascending, of one kind");
                }
            }
        }
        column
    }
}

/// As if everybody were complete.
fn roster_of_now(roster: &Roster, wall: Timestamp) -> Roster {
    let coverage = report::coverage(roster, &TimeZone::UTC, wall);
    let all = proto::sync::coverage::Coverage::new([(Some(wall), coverage.communities())]);
    let mut now = Roster::default();
    now.hear_child("51".parse().expect("a place"), Some(&all));
    now.claim(roster.claims().to_vec());
    now
}

fn key(indicator: IndicatorId, period: Period, breakdown: u64) -> CellKey {
    CellKey {
        indicator,
        revision: Revision(1),
        period,
        breakdown: Breakdown(breakdown),
    }
}

/// What a child is told, once what follows from its claims has happened.
fn assign(
    tree: &mut Tree,
    lines: &BTreeMap<Place, Line>,
    child: Place,
    coverage: &Coverage,
) -> Vec<Assignment> {
    let assigned = tree.assignments.decide(tree.place, child, &coverage.claims);
    tree.apply(&tree::Event::Assigned(assigned));
    tree.assignments.told_to(child, lines)
}

fn welcome(line: &Line, wall: Timestamp) -> Result<Greeting, End> {
    Ok(Greeting::Welcome(line.welcome(1, wall)))
}
