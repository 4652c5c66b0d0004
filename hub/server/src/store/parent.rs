//! The store as this hub's parent sees it: what has to be merged, the merged
//! cells, the standing of the line. Commands go through the writer like all
//! others.

use std::{collections::BTreeMap, sync::Arc};

use hub_domain::{
    query::{Column, Roster},
    tree::{
        Tree,
        assignment::{Assigned, Released},
        merge,
    },
};
use jiff::Timestamp;
use proto::{
    indicator::{
        cell::{Breakdown, CellKey, CellState},
        kind::Kind,
    },
    period::Period,
    place::Place,
    sync::{assignment::Assignment, coverage::Coverage, downlink::Refused},
};
use proto_child::{
    downlink::Change,
    uplink::action::{Scan, Scanned, Standing},
};
use tokio::sync::oneshot;

use super::{
    Answer, Command, Stale, Store, ViewFault,
    applier::{Ask, Settled},
    columns::{Reading, Series},
    crossed,
    key::{self, GroupKey},
    ledger::{TreeAnswer, TreeCommand},
    pages,
    stale::Groups,
};
use crate::pki::ledger::LedgerFault;

/// What a stored group cannot be merged for.
#[derive(Debug, thiserror::Error)]
pub enum MergeFault {
    #[error(transparent)]
    View(#[from] ViewFault),
    #[error(transparent)]
    Cell(#[from] merge::Unreadable),
}

impl Store {
    pub fn tree(&self) -> Arc<Tree> {
        self.shared.tree.load_full()
    }

    /// Of the journal, and so of all that this hub has ever merged.
    pub fn journal_id(&self) -> [u8; 16] {
        self.journal.log_id().0
    }

    /// What has changed and was not merged since.
    pub fn stale(&self) -> &Stale {
        &self.shared.stale
    }

    /// `Err`: it speaks for another place already.
    pub async fn speak_for(&self, place: Place) -> Result<Result<(), Place>, LedgerFault> {
        match self.of_tree(TreeCommand::Place(place)).await? {
            TreeAnswer::Elsewhere(known) => Ok(Err(known)),
            _ => Ok(Ok(())),
        }
    }

    pub async fn stand(&self, standing: Standing) -> Result<(), LedgerFault> {
        self.of_tree(TreeCommand::Stand(standing)).await.map(drop)
    }

    /// The parent's word about communities; what is known already is no event.
    pub async fn tell_assignments(
        &self,
        said: Vec<Assignment>,
        at: Timestamp,
    ) -> Result<(), LedgerFault> {
        self.of_tree(TreeCommand::Tell { said, at }).await.map(drop)
    }

    /// Communities that a child waits for, with those that may still count them.
    pub fn moves(&self) -> Vec<(Assigned, Vec<Place>)> {
        let tree = self.tree();
        self.with_lines(|lines| tree.assignments.waiting(lines))
    }

    /// An operator lets a community, or a child hub, go.
    pub async fn release(&self, released: Released) -> Result<Released, LedgerFault> {
        match self.of_tree(TreeCommand::Release(released)).await? {
            TreeAnswer::Released(released) => Ok(released),
            _ => Err(crossed()),
        }
    }

    /// The items that were refused by name.
    pub async fn take(&self, change: Change) -> Result<Vec<Refused>, LedgerFault> {
        match self.of_tree(TreeCommand::Take(change)).await? {
            TreeAnswer::Taken(refused) => Ok(refused),
            _ => Err(crossed()),
        }
    }

    pub async fn scan_merged(&self, scan: Scan) -> Result<Scanned, LedgerFault> {
        let (sender, scanned) = oneshot::channel();
        self.of_tree(TreeCommand::Scan(Ask { scan, sender }))
            .await?;
        scanned.await.map_err(|_| LedgerFault::Stopping)
    }

    /// Gives cells that came out differently their seqs; answers the journal's
    /// seq.
    pub async fn merge(&self, changed: Vec<(CellKey, CellState)>) -> Result<u64, LedgerFault> {
        match self.of_tree(TreeCommand::Merge(changed)).await? {
            TreeAnswer::Recorded(seq) => Ok(seq),
            _ => Err(crossed()),
        }
    }

    /// `groups` were merged as they stood, with a roster of these assignments;
    /// `coverage` is of that roster, taken before, when nothing else was stale.
    pub async fn settle(
        &self,
        groups: Groups,
        counting_version: u64,
        coverage: Coverage,
    ) -> Result<(), LedgerFault> {
        let settled = Settled {
            groups,
            counting_version,
            coverage,
        };
        self.of_tree(TreeCommand::Settle(settled)).await.map(drop)
    }

    async fn of_tree(&self, command: TreeCommand) -> Result<TreeAnswer, LedgerFault> {
        match self.call(Command::Tree(command)).await? {
            Answer::Tree(answer) => Ok(answer),
            _ => Err(crossed()),
        }
    }

    /// The merged cells of one period and 32 indicators that are not held as
    /// they should be, and how many cannot be merged. Reads the view: blocks.
    pub fn changed(
        &self,
        period: u32,
        group: u32,
        roster: &Roster,
    ) -> Result<(Vec<(CellKey, CellState)>, usize), MergeFault> {
        let tree = self.tree();
        let Some(own) = tree.place else {
            return Ok((Vec::new(), 0));
        };
        let reading = Reading::new(&self.view, &self.cache, Some(own));
        let community = own.aligned();
        let own = GroupKey {
            period,
            group,
            community,
        };
        let (held, _) = pages::load(&self.view, own)?;
        let Some(period) = own.period() else {
            return Err(ViewFault::damaged(&own.prefix(), "period").into());
        };
        let mut wanted: BTreeMap<Series, BTreeMap<Breakdown, CellState>> = BTreeMap::new();
        let mut unmerged = 0;
        for (series, column) in reading.group(period.number(), group)? {
            if !tree.asks(series.0, series.1) {
                continue;
            }
            let columns = match column.kind() == Kind::Level.number() {
                true => self.with_year_before(&reading, period, group, series, column)?,
                false => vec![column],
            };
            let merged = merge::merged(&columns, roster, period.last_day())?;
            unmerged += merged.unmerged;
            wanted.insert(series, merged.cells);
        }
        let mut present: BTreeMap<Series, BTreeMap<Breakdown, CellState>> = BTreeMap::new();
        for cell in held.cells(period) {
            let series = (cell.key.indicator, cell.key.revision);
            let cells = present.entry(series).or_default();
            cells.insert(cell.key.breakdown, cell.state);
            wanted.entry(series).or_default();
        }
        let mut changed = Vec::new();
        let none = BTreeMap::new();
        for ((indicator, revision), merged) in &wanted {
            let held = present.get(&(*indicator, *revision)).unwrap_or(&none);
            let changes = merge::changes(held, merged).into_iter();
            changed.extend(changes.map(|(breakdown, state)| {
                let key = CellKey {
                    indicator: *indicator,
                    revision: *revision,
                    period,
                    breakdown,
                };
                (key, state)
            }));
        }
        Ok((changed, unmerged))
    }

    fn with_year_before(
        &self,
        reading: &Reading<'_>,
        period: Period,
        group: u32,
        series: Series,
        last: Arc<Column>,
    ) -> Result<Vec<Arc<Column>>, MergeFault> {
        let year_ago = period
            .first_day()
            .saturating_sub(jiff::Span::new().years(1));
        let back = std::iter::successors(period.previous(), |before| before.previous());
        let mut columns = vec![last];
        for before in back.take_while(|before| before.last_day() >= year_ago) {
            let made = reading.group(before.number(), group)?;
            columns.extend(made.get(&series).cloned());
        }
        columns.reverse();
        Ok(columns)
    }

    /// Stored periods of a group within the year after `period`: a stock that
    /// changed there may stand in them. Reads the view: blocks.
    pub fn periods_after(&self, period: u32, group: u32) -> Result<Vec<u32>, ViewFault> {
        let Ok(period) = Period::from_number(period) else {
            return Ok(Vec::new());
        };
        let year_on = period.last_day().saturating_add(jiff::Span::new().years(1));
        let on = std::iter::successors(period.next(), |after| after.next());
        let mut stored = Vec::new();
        for after in on.take_while(|after| after.first_day() <= year_on) {
            let prefix = key::period_prefix(after.number(), group);
            let found = self.view.first_key_from(&prefix)?;
            if found.is_some_and(|key| key.starts_with(&prefix)) {
                stored.push(after.number());
            }
        }
        Ok(stored)
    }
}
