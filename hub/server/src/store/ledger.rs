//! The hub's single writer: decides each command against the state that the
//! commands before have left, appends the event, and once the group is on disk
//! shows it to readers and hands it to the applier. Decides by the domain only.

use std::{collections::BTreeSet, sync::Arc};

use hub_domain::{
    catalogue::Log,
    event::{Asked, Event, LineEvent},
    hub::{self, Hub},
    ingest::CellRules,
    issuance,
    sync::{
        batch::{self, decide_batch},
        reclaim::{self, decide_reclaim},
        repair::decide_listing,
    },
};
use jiff::{Timestamp, tz::TimeZone};
use journal::{Appender, Committed};
use proto::{
    digest::Digest,
    identity::Subject,
    indicator::{catalogue::Item, mistake::InvalidItem},
    pb::sync::Cells,
    place::Place,
    sync::head::JournalHead,
};
use tokio::sync::oneshot;

mod centring;
mod extension;
mod greeting;
mod period;
mod register;
mod rollout;
mod support;
mod tree;
mod watch;

pub use extension::ExtensionCommand;
pub use period::PeriodCommand;
pub use rollout::RolloutCommand;
pub use tree::{TreeAnswer, TreeCommand};
pub use watch::WatchCommand;

use super::{
    applier::{Entry, is_kept},
    backlog::Backlog,
    command::{Answer, Command},
    fault::StoreFault,
    shared::Shared,
    stored,
};
use crate::pki::countersign::CountersignKey;

pub struct HubLedger {
    /// With everything decided, durable or about to be.
    hub: Hub,
    key: CountersignKey,
    shared: Arc<Shared>,
    backlog: Arc<Backlog<Entry>>,
    decided: Vec<Entry>,
    cost: usize,
    touched: BTreeSet<Place>,
}

impl HubLedger {
    pub fn new(
        hub: Hub,
        key: CountersignKey,
        shared: Arc<Shared>,
        backlog: Arc<Backlog<Entry>>,
    ) -> HubLedger {
        HubLedger {
            hub,
            key,
            shared,
            backlog,
            decided: Vec::new(),
            cost: 0,
            touched: BTreeSet::new(),
        }
    }

    fn record(
        &mut self,
        event: Event,
        packed: Option<Cells>,
        digest: Option<oneshot::Sender<Digest>>,
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        let record = stored::encode(&event, packed);
        let seq = log.append(&record)?;
        self.hub.apply(&event);
        if let Event::Line(node, event) = &event {
            self.touched.insert(*node);
            self.cost += event.cells();
        }
        let record = is_kept(&event).then_some(record);
        self.decided.push(Entry::Event {
            seq,
            event,
            record,
            digest,
        });
        Ok(())
    }

    fn line(
        &mut self,
        node: Place,
        event: LineEvent,
        log: &mut Appender<'_>,
    ) -> Result<(), StoreFault> {
        self.record(Event::Line(node, event), None, None, log)
    }

    /// Not journalled: it goes with what is, or at once when nothing is.
    fn tell(&mut self, entry: Entry) -> Result<(), StoreFault> {
        if self.decided.is_empty() {
            return self.hand_over([entry], 0);
        }
        self.decided.push(entry);
        Ok(())
    }

    fn hand_over(
        &self,
        entries: impl IntoIterator<Item = Entry>,
        cost: usize,
    ) -> Result<(), StoreFault> {
        match self.backlog.push(entries, cost) {
            true => Ok(()),
            false => Err(StoreFault::Applier),
        }
    }

    fn publish(
        &mut self,
        asked: Asked,
        items: Vec<Item>,
        log: &mut Appender<'_>,
    ) -> Result<Result<hub::Answer, Vec<InvalidItem>>, StoreFault> {
        if let Some(earlier @ hub::Answer::Published { .. }) = self.hub.answered(&asked) {
            return Ok(Ok(earlier));
        }
        let published = match self.hub.catalogue.publish(items) {
            Ok(published) => published,
            Err(invalid) => return Ok(Err(invalid)),
        };
        let (items, unchanged) = (published.items, published.unchanged);
        let added = items.len() as u32;
        self.record(
            Event::Published {
                asked,
                items,
                unchanged,
            },
            None,
            None,
            log,
        )?;
        let catalogue_seq = self.hub.catalogue.head();
        Ok(Ok(hub::Answer::Published {
            catalogue_seq,
            added,
            unchanged,
        }))
    }

    fn issue(
        &mut self,
        command: issuance::Command,
        log: &mut Appender<'_>,
    ) -> Result<Result<issuance::Event, issuance::Refusal>, StoreFault> {
        if let issuance::Command::Invite {
            subject: Subject::Extension(code),
            ..
        } = &command
            && !self.hub.extensions.is_live(code)
        {
            return Ok(Err(issuance::Refusal::NotLive));
        }
        Ok(match self.hub.issuance.decide(command) {
            Err(refusal) => Err(refusal),
            Ok(issuance::Decision::Repeat(event)) => Ok(event),
            Ok(issuance::Decision::Record(event)) => {
                self.record(Event::Issued(event.clone()), None, None, log)?;
                Ok(event)
            }
        })
    }
}

impl journal::Ledger for HubLedger {
    type Command = Command;
    type Answer = Answer;
    type Fault = StoreFault;

    fn decide(&mut self, command: Command, log: &mut Appender<'_>) -> Result<Answer, StoreFault> {
        Ok(match command {
            Command::Import { asked, rows, today } => {
                Answer::Imported(self.import(asked, &rows, today, log)?)
            }
            Command::Publish { asked, items } => {
                Answer::Published(self.publish(asked, items, log)?)
            }
            Command::Issue(command) => Answer::Issued(self.issue(command, log)?),
            Command::SetCentre {
                asked,
                centre,
                settings,
                now,
            } => Answer::CentreSet(self.set_centre(asked, centre, settings, now, log)?),
            Command::SetInbox {
                asked,
                centre,
                inbox,
                now,
            } => Answer::CentreSet(self.set_inbox(asked, centre, inbox, now, log)?),
            Command::Fed { centre, fed } => {
                self.fed(centre, fed, log)?;
                Answer::Done
            }
            Command::Audit(decisions) => {
                self.record(Event::Audited(decisions), None, None, log)?;
                Answer::Done
            }
            Command::Hello { node, hello, now } => {
                Answer::Greeted(self.greet(node, &hello, now, log)?)
            }
            Command::Batch {
                node,
                epoch,
                mut batch,
                packed,
                digest,
                now,
            } => {
                if !self.hub.tree.assignments.takes(node) {
                    return Ok(Answer::Batch(Err(batch::Refusal::Elsewhere)));
                }
                let rules = rules(&self.hub.catalogue, &self.shared.zone, now);
                let line = self.hub.lines.entry(node).or_default();
                let came = batch.cells.len();
                // Only a child hub speaks for others.
                batch.coverage.take_if(|_| !node.is_of_a_hub());
                let mut accepted = match decide_batch(line, epoch, batch, &rules, now) {
                    Ok(accepted) => accepted,
                    Err(refusal) => {
                        if let batch::Refusal::Parted(quarantine) = &refusal {
                            let sighted = LineEvent::Sighted((**quarantine).clone());
                            self.line(node, sighted, log)?;
                        }
                        return Ok(Answer::Batch(Err(refusal)));
                    }
                };
                let packed = packed.filter(|_| accepted.cells.len() == came);
                let said = accepted.journal_head.as_deref();
                if let Some(release) = said.and_then(JournalHead::release_id) {
                    let time_ms = u64::try_from(now.as_millisecond()).unwrap_or_default();
                    let under = self.key.sign(&release, time_ms, self.hub.incarnation);
                    accepted.countersignature = Some(under);
                }
                self.note_lateness(node, &mut accepted, now);
                let mut ack = accepted.ack(now);
                let claims = accepted.coverage.as_ref().map(|said| said.claims.clone());
                let event = Event::Line(node, LineEvent::Accepted(accepted));
                self.record(event, packed, digest, log)?;
                if let Some(claims) = claims {
                    ack.assignments = self.assign(node, &claims, log)?;
                }
                Answer::Batch(Ok(ack))
            }
            Command::Listing {
                node,
                epoch,
                listing,
                now,
            } => {
                if !self.hub.tree.assignments.takes(node) {
                    return Ok(Answer::Listed(Err(batch::Refusal::Elsewhere)));
                }
                let rules = rules(&self.hub.catalogue, &self.shared.zone, now);
                let line = self.hub.lines.entry(node).or_default();
                let decided = decide_listing(line, epoch, listing, &rules, now);
                if let Ok(listed) = &decided {
                    self.line(node, LineEvent::Listed(listed.clone()), log)?;
                }
                Answer::Listed(decided)
            }
            Command::Agreed { node, through, now } => {
                self.line(node, LineEvent::Agreed { through, at: now }, log)?;
                Answer::Done
            }
            Command::RepairBegan { node, now } => {
                self.line(node, LineEvent::RepairBegan { at: now }, log)?;
                Answer::Done
            }
            Command::Digest { node, sender } => {
                self.tell(Entry::Digest(node, sender))?;
                Answer::Done
            }
            Command::Reclaim {
                node,
                asked,
                mode,
                now,
            } => {
                let line = self.hub.lines.entry(node).or_default();
                Answer::Decided(match decide_reclaim(line, asked, mode, now) {
                    Ok(reclaim::Decision::Record(decided)) => {
                        self.line(node, LineEvent::Decided(decided.clone()), log)?;
                        Ok(decided)
                    }
                    Ok(reclaim::Decision::Repeat(decided)) => Ok(decided),
                    Err(refusal) => Err(refusal),
                })
            }
            Command::Cells { node, sender } => {
                self.tell(Entry::Cells(node, sender))?;
                Answer::Done
            }
            Command::Tree(command) => Answer::Tree(self.tree(command, log)?),
            Command::Watch(command) => Answer::Watched(self.watch(command, log)?),
            Command::Period(command) => Answer::Period(self.period(command, log)?),
            Command::Rollout(command) => Answer::Rollout(self.rollout(command, log)?),
            Command::Extension(command) => Answer::Extension(self.extension(command, log)?),
            Command::Letters { node, exchange } => {
                Answer::Letters(self.letters(node, &exchange, log)?)
            }
            Command::Desk {
                asked,
                by,
                command,
                now,
            } => Answer::Desk(self.desk(asked, &by, command, now, log)?),
            Command::Head => Answer::Head(log.committed_head()),
            Command::Alarm { node, alarm } => {
                self.tell(Entry::Alarm(node, alarm))?;
                Answer::Done
            }
        })
    }

    fn refuse(&mut self, command: &Command) -> Option<Answer> {
        match command {
            Command::Issue(issuance::Command::Revoke { .. })
            | Command::Digest { .. }
            | Command::Alarm { .. }
            | Command::Head => None,
            _ => Some(Answer::DiskFull),
        }
    }

    fn committed(&mut self, committed: &Committed) -> Result<(), StoreFault> {
        let touched: Vec<Place> = std::mem::take(&mut self.touched).into_iter().collect();
        self.shared.publish(&self.hub, &touched);
        self.shared.committed.send_replace(committed.through_seq);
        let decided = std::mem::take(&mut self.decided);
        let cost = std::mem::take(&mut self.cost);
        self.hand_over(decided, cost)
    }
}

fn rules<'a>(catalogue: &'a Log, zone: &'a TimeZone, now: Timestamp) -> CellRules<'a> {
    CellRules::new(catalogue.catalogue(), catalogue.head(), zone, now)
}
