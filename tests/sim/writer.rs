//! The hub's single writer and its view: decide everything that waits, append,
//! sync once, answer; then apply, later, at the view's own pace.

use std::time::Duration;

use hub_domain::sync::{
    batch::{self, Accepted, Refusal},
    hello::{self, Decision},
    reclaim,
    repair::{self, Comparison},
    session::{Greeting, Verdict},
};
use proto::{
    digest::Digest,
    sync::{
        end::{End, Reason},
        limits,
        uplink::{DigestWant, Hello, Sums},
    },
};

use crate::{
    cells,
    events::{Event, Link, NodeAt},
    hub::{Answer, Asked, Hub, Process, Request},
    lies,
    network::Shared,
    plan::Planted,
    table::{Kind, Record, fold_line},
};

impl Hub {
    /// Decides the whole queue against lines that see each other's changes.
    pub fn collect(&mut self, shared: &mut Shared) {
        let Some(running) = &mut self.running else {
            return;
        };
        let mut requests: Vec<Request> = running.inbox.drain(..).collect();
        let is_unruly = shared.plan.replays;
        if is_unruly && shared.mishap(12) {
            // Held up on the way, past whatever comes next.
            let at = shared.below(requests.len());
            if requests
                .get(at)
                .is_some_and(|request| matches!(request.what, Asked::Batch(..)))
            {
                let held = requests.remove(at);
                let delay = shared.rng.within(Duration::from_secs(5));
                shared.after(delay, Event::HubHeld(self.life, Box::new(held)));
            }
        } else if is_unruly && requests.len() > 1 && shared.mishap(12) {
            let at = shared.below(requests.len());
            requests.swap(0, at);
        } else if is_unruly {
            let mut again = requests.clone();
            again.retain(|request| matches!(request.what, Asked::Batch(..)) && shared.mishap(6));
            for mut replay in again {
                replay.is_replay = true;
                requests.push(replay);
            }
        }
        let mut refused: Vec<(Link, u64)> = Vec::new();
        for request in requests {
            if request.is_replay && refused.contains(&request.place()) {
                continue; // It came too early; its copy may be in time.
            }
            let before = self.journal.len();
            let line = self.running.as_ref().map(|r| r.lines[request.node].clone());
            let answer = self.decide(shared, &request);
            let Some(running) = &mut self.running else {
                return;
            };
            for record in &self.journal[before..] {
                fold_line(&mut running.lines[record.node], record);
            }
            if request.is_replay {
                // A bookmark is one each time that it is said.
                let is_empty = self.journal[before..].iter().all(Record::is_bookmark);
                let is_same = line.as_ref() == Some(&running.lines[request.node]);
                shared.checks.replayed(request.node, is_same && is_empty);
                continue;
            }
            let answer = match answer {
                // The grant, or the answer that was lost, as the line stands now.
                Some(Answer::Greeted(Ok(Greeting::Welcome(_)))) => {
                    let line = &running.lines[request.node];
                    let welcome = line.welcome(self.incarnation, shared.wall());
                    Some(Answer::Greeted(Ok(Greeting::Welcome(welcome))))
                }
                other => other,
            };
            if let Some(Answer::Committed(Err(_), _)) = &answer {
                refused.push(request.place());
            }
            if let Some(answer) = answer {
                let position = self.journal.len();
                running.awaiting.push_back((position, request.link, answer));
            }
        }
        if shared.plan.planted == Some(Planted::AckBeforeSync) {
            self.release(shared, usize::MAX);
        }
        let (life, length) = (self.life, self.journal.len());
        let delay = shared.plan.sync_time / 2 + shared.rng.within(shared.plan.sync_time);
        let fails = shared.plan.store_fails && shared.mishap(150);
        let event = if fails {
            Event::HubFlushFails(life)
        } else {
            Event::HubSynced(life, length)
        };
        shared.after(delay, event);
    }

    /// What was appended before is durable: answer, look, go on.
    pub fn synced(&mut self, shared: &mut Shared, length: usize) {
        self.settle(shared, length);
        shared.checks.line_moves();
        self.release(shared, length);
        self.look(shared);
        let Some(running) = &mut self.running else {
            return;
        };
        running.is_collecting = !running.inbox.is_empty() || self.journal.len() > length;
        if running.is_collecting {
            shared.after(shared.plan.sync_time / 8, Event::HubCollect(self.life));
        }
    }

    /// A failed sync acknowledges nothing, and the process ends.
    pub fn flush_fails(&mut self, shared: &mut Shared) {
        shared
            .trace
            .line(shared.now, format_args!("hub: sync fails"));
        shared.checks.store_failed(true);
        let wait = Some(limits::BACKOFF_MIN);
        let end = End::of(Reason::StoreFailed, wait, "sync failed");
        if shared.mishap(2) {
            self.end_sessions(shared, None, Some(end));
        }
    }

    fn release(&mut self, shared: &mut Shared, synced: usize) {
        while let Some(running) = &mut self.running
            && running
                .awaiting
                .front()
                .is_some_and(|(at, ..)| *at <= synced)
            && let Some((at, link, answer)) = running.awaiting.pop_front()
        {
            if let Answer::Committed(Ok(ack), count) = &answer {
                shared.checks.acknowledged(ack, *count, at <= self.synced);
            }
            self.answer(shared, link, answer);
        }
    }

    fn append(&mut self, node: NodeAt, epoch: u64, kind: Kind) {
        self.journal.push(Record { node, epoch, kind });
    }

    fn decide(&mut self, shared: &mut Shared, request: &Request) -> Option<Answer> {
        let node = request.node;
        let (now, rules) = (shared.wall(), self.catalogue());
        let line = &self.running.as_ref()?.lines[node];
        match &request.what {
            Asked::Hello(hello) => self.decide_hello(shared, node, hello),
            Asked::Batch(epoch, batch) => {
                let claimed = match shared.plan.planted {
                    Some(Planted::StaleEpochAccepted) => line.epoch,
                    _ => *epoch,
                };
                let mut decided = batch::decide_batch(line, claimed, batch.clone(), &rules, now);
                if shared.plan.planted == Some(Planted::LostDedupe)
                    && matches!(decided, Err(Refusal::CursorGap { .. }))
                {
                    decided = Ok(lies::taken_blindly(batch));
                }
                shared.trace.line(
                    shared.now,
                    format_args!(
                        "hub decides node {node} {}..{}: {}",
                        batch.from,
                        batch.through,
                        outcome(&decided)
                    ),
                );
                let answer = match decided {
                    Ok(mut accepted) => {
                        let ack = accepted.ack(now);
                        lies::forget(&mut accepted, shared.plan.planted);
                        let kind = Kind::Accepted(accepted, batch.checkpoint);
                        self.append(node, *epoch, kind);
                        Ok(ack)
                    }
                    Err(refusal) => Err(refusal.end()),
                };
                Some(Answer::Committed(answer, batch.len()))
            }
            Asked::Listing(epoch, listing) => {
                let decided = repair::decide_listing(line, *epoch, listing.clone(), &rules, now);
                let answer = match decided {
                    Ok(listed) => {
                        let begins = repair::begins(line, now);
                        self.append(node, *epoch, Kind::Listed(listed));
                        if begins {
                            shared.checks.repairs(node);
                            self.append(node, *epoch, Kind::RepairBegan(now));
                        }
                        Ok(())
                    }
                    Err(refusal) => Err(refusal.end()),
                };
                Some(Answer::Listed(answer))
            }
            Asked::Decide(mode) => {
                let asked = hub_domain::event::Asked {
                    by: "operator/li".parse().expect("a subject"),
                    request: format!("{}", self.journal.len()).parse().expect("an id"),
                };
                let decided = reclaim::decide_reclaim(line, asked, *mode, now);
                shared.trace.line(
                    shared.now,
                    format_args!("operator says {mode:?} of node {node}: {}", decided.is_ok()),
                );
                if let Ok(reclaim::Decision::Record(decided)) = decided {
                    let epoch = decided.epoch;
                    self.append(node, epoch, Kind::Decided(decided));
                }
                None
            }
            Asked::Sums(epoch, sums) => {
                let compare = (self.journal.len(), node, *epoch, sums.clone());
                self.running.as_mut()?.compares.push(compare);
                None
            }
        }
    }

    fn decide_hello(&mut self, shared: &mut Shared, node: NodeAt, hello: &Hello) -> Option<Answer> {
        let now = shared.wall();
        let line = &self.running.as_ref()?.lines[node];
        let mut hello = hello.clone();
        if shared.plan.planted == Some(Planted::JournalIgnored) {
            hello.journal_head = None;
        }
        let decision = hello::decide_hello(line, &hello, self.incarnation, now);
        shared.trace.line(
            shared.now,
            format_args!("hub greets node {node} epoch {}", hello.epoch),
        );
        let welcome = Greeting::Welcome(line.welcome(self.incarnation, now));
        let welcome = Some(Answer::Greeted(Ok(welcome)));
        match decision {
            Decision::Granted(granted) => {
                let went_back = granted.hub_behind.is_some();
                let may_go_back = shared.plan.restores_hub;
                shared.checks.require(may_go_back || !went_back, || {
                    format!("9. a hub that never went back is not behind node {node}")
                });
                let epoch = granted.epoch;
                self.append(node, epoch, Kind::Granted(granted));
                welcome
            }
            Decision::Repeated { unheard } => {
                if !unheard.is_empty() {
                    let epoch = self.running.as_ref()?.lines[node].epoch;
                    self.append(node, epoch, Kind::Heard(unheard));
                }
                welcome
            }
            Decision::Show { size } => Some(Answer::Greeted(Ok(Greeting::Show { size }))),
            Decision::Reclaim(terms) => {
                shared.checks.reclaims += 1;
                Some(Answer::Greeted(Ok(Greeting::Reclaim(terms))))
            }
            Decision::Quarantined { quarantine, is_new } => {
                let end = quarantine.end();
                if is_new {
                    let epoch = self.running.as_ref()?.lines[node].epoch;
                    self.append(node, epoch, Kind::Sighted(quarantine));
                }
                Some(Answer::Greeted(Err(end)))
            }
            Decision::Unsupported { .. } | Decision::Malformed(_) | Decision::Elsewhere => {
                let end = End::of(Reason::VersionUnsupported, None, "versions");
                Some(Answer::Greeted(Err(end)))
            }
        }
    }

    /// Something may wait for the view.
    pub fn look(&mut self, shared: &mut Shared) {
        let synced = self.synced;
        let Some(running) = &mut self.running else {
            return;
        };
        let waits = running.view_at < synced || !running.compares.is_empty();
        if waits && !running.is_viewing {
            running.is_viewing = true;
            let delay = shared.rng.within(shared.plan.view_lag);
            shared.after(delay, Event::HubView(self.life));
        }
    }

    /// Applies all that is durable, stopping at each checkpoint to compare.
    pub fn view(&mut self, shared: &mut Shared) {
        let now = shared.wall();
        let mut verdicts = Vec::new();
        let Some(running) = &mut self.running else {
            return;
        };
        running.is_viewing = false;
        let wipes = shared.plan.planted == Some(Planted::RepairThatWipes);
        while running.view_at < self.synced {
            compare_sums(running, &mut verdicts, wipes);
            let record = &self.journal[running.view_at];
            running.view.fold(record);
            running.view_at += 1;
            let Kind::Accepted(_, Some(checkpoint)) = &record.kind else {
                continue;
            };
            let (node, view) = (record.node, &running.view);
            let line = &running.lines[node];
            let mut compared = repair::compare(line, &view.digests[node], checkpoint, now);
            if shared.plan.planted == Some(Planted::XorDigest) {
                compared = match cells::xor(view.cells[node].values()) == *checkpoint {
                    true => Comparison::Agreed,
                    false => Comparison::Repair,
                };
            }
            match compared {
                Comparison::Agreed => {
                    let through = view.lines[node].acked;
                    verdicts.push((node, Verdict::Agreed { through }));
                }
                Comparison::Repair if line.epoch == record.epoch => {
                    shared
                        .trace
                        .line(shared.now, format_args!("hub differs from node {node}"));
                    verdicts.push((node, Verdict::Want(DigestWant::Sums)));
                }
                Comparison::Repair => {}
                Comparison::Alarm => shared.checks.alarm(node),
            }
        }
        compare_sums(running, &mut verdicts, wipes);
        for (node, verdict) in verdicts {
            if let Verdict::Want(DigestWant::Buckets(buckets)) = &verdict {
                shared.checks.wants(node, buckets.len());
            }
            self.verdict(shared, node, verdict);
        }
        self.look(shared);
    }
}

/// Only where they were taken: after exactly these records.
/// `wipes`: a planted bug, all is asked for anew.
fn compare_sums(running: &mut Process, verdicts: &mut Vec<(NodeAt, Verdict)>, wipes: bool) {
    let at = running.view_at;
    let (due, later) = running.compares.drain(..).partition(|c| c.0 <= at);
    let due: Vec<(usize, NodeAt, u64, Sums)> = due;
    running.compares = later;
    for (position, node, epoch, sums) in due {
        let line = &running.view.lines[node];
        let is_there = position == at && line.acked == sums.through && line.epoch == epoch;
        let Some(buckets) = sums.buckets.try_into().ok().filter(|_| is_there) else {
            continue;
        };
        let theirs = Digest::from_buckets(buckets);
        let mut differing = running.view.digests[node].differing(&theirs);
        if wipes && !differing.is_empty() {
            differing = (0..=255).collect();
        }
        verdicts.push((
            node,
            if differing.is_empty() {
                let through = sums.through;
                Verdict::Agreed { through }
            } else {
                Verdict::Want(DigestWant::Buckets(differing))
            },
        ));
    }
}

fn outcome(decided: &Result<Accepted, Refusal>) -> String {
    match decided {
        Ok(accepted) => format!(
            "{} cells, {} refused",
            accepted.cells.len(),
            accepted.rejected.len()
        ),
        Err(refusal) => format!("{refusal:?}"),
    }
}
