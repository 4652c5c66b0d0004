//! What happens on a line, brought into the view: cells, and the revisions that late
//! ones leave.

use hub_domain::{
    event::LineEvent,
    period::{Late, Lateness, Why},
};
use proto::{indicator::cell::CellKey, place::Place};

use super::Applier;
use crate::store::{fault::ViewFault, stored::StoredKept};

impl Applier {
    pub(super) fn apply(
        &mut self,
        node: Place,
        event: &LineEvent,
        seq: u64,
    ) -> Result<(), ViewFault> {
        let line = self.lines.entry(node).or_default();
        match event {
            LineEvent::Accepted(accepted) => {
                if !line.rejected.is_empty() {
                    let unmarked = accepted.cells.iter().map(|cell| cell.key);
                    let unmarked = unmarked.filter(|key| line.rejected.contains_key(key));
                    self.waiting.markers.extend(unmarked.map(|key| (node, key)));
                }
                let marked = accepted.rejected.iter().map(|(key, _)| (node, *key));
                self.waiting.markers.extend(marked);
                if let Some(under) = &accepted.countersignature {
                    let kept = StoredKept {
                        head: accepted.journal_head.as_deref().map(Into::into),
                        countersignature: Some(under.into()),
                    };
                    self.waiting.releases.push((node, seq, kept));
                }
                let watermark = line.complete_until;
                let zone = &self.shared.zone;
                let lateness =
                    |late| Lateness::new(&self.periods, late, seq, node, watermark, zone);
                let late = accepted.late.as_ref().map(lateness);
                let cells = &accepted.cells;
                let conflicts = self.pages.put(&self.view, node, cells, late.as_ref())?;
                if let Some(lineage) = accepted.sweeps {
                    let marked = line.rejected.iter();
                    let swept = marked.filter(|(_, marker)| marker.order.lineage < lineage);
                    let swept = swept.map(|(key, _)| (node, *key));
                    self.waiting.markers.extend(swept);
                }
                line.apply(event);
                if let Some(key) = conflicts.first() {
                    self.alarm(node, conflict(conflicts.len(), key));
                }
                if let Some(lineage) = accepted.sweeps {
                    self.write()?;
                    let zone = &self.shared.zone;
                    let late = accepted.late.as_ref().map(|late| {
                        Lateness::new(&self.periods, late, seq, node, watermark, zone)
                            .because(Why::Restated)
                    });
                    self.pages.sweep(&self.view, node, lineage, late.as_ref())?;
                }
            }
            LineEvent::Listed(listed) => {
                line.apply(event);
                let changed = listed
                    .cleared
                    .iter()
                    .chain(listed.rejected.iter().map(|(key, _)| key));
                self.waiting.markers.extend(changed.map(|key| (node, *key)));
                let watermark = line.complete_until;
                self.write()?;
                let zone = &self.shared.zone;
                let late = listed.at.map(|at| Late {
                    at,
                    uncounted: Vec::new(),
                });
                let late = late.as_ref().map(|late| {
                    Lateness::new(&self.periods, late, seq, node, watermark, zone)
                        .because(Why::Repaired)
                });
                let mended = self.pages.mend(&self.view, node, listed, late.as_ref())?;
                if let Some(key) = mended.conflicts.first() {
                    self.alarm(node, conflict(mended.conflicts.len(), key));
                }
                if let Some(key) = mended.ahead.first() {
                    let period = key.period;
                    let count = mended.ahead.len();
                    self.alarm(
                        node,
                        format!(
                            "{count} 个单元格比节点上的新，首个在 {period} · \
                             {count} cells are newer here than at the node, first in {period}"
                        ),
                    );
                }
                self.position.seq = seq;
                self.waiting.lines.insert(node);
                self.write()?;
            }
            LineEvent::Granted(granted) => {
                self.position.incarnation = self.position.incarnation.max(granted.hub_incarnation);
                line.apply(event);
            }
            _ => line.apply(event),
        }
        self.waiting.lines.insert(node);
        Ok(())
    }
}

fn conflict(count: usize, key: &CellKey) -> String {
    let CellKey {
        indicator,
        revision,
        period,
        ..
    } = key;
    format!(
        "{count} 个单元格同序而内容不同，首个：指标 {0}@{1}，{period} · \
         {count} cells came twice with the same order and other content, \
         first: indicator {0}@{1} in {period}",
        indicator.0, revision.0
    )
}
