//! The hub's driver: does what sessions ask for, and brings them their answers.

use hub_domain::sync::{
    roster::Entry,
    session::{Output, Verdict},
};
use proto::sync::{
    end::{End, Reason},
    uplink::ReclaimMode,
};

use crate::{
    events::{Event, HubRead, Link, NodeAt, ToNode},
    hub::{Answer, Asked, Hub, Request},
    network::Shared,
};

impl Hub {
    /// Does what a session asks for, then grants what its doing made room for.
    pub fn drain(&mut self, shared: &mut Shared, link: Link) {
        let mut links = vec![link];
        while let Some(link) = links.pop() {
            while let Some(output) = self.poll_session(link) {
                self.session_output(shared, link, output, &mut links);
            }
            self.drain_downlink(shared, link);
            let Some(running) = &mut self.running else {
                return;
            };
            while let Some((link, bytes)) = running.admission.poll_grant() {
                if let Some(serving) = running.sessions.get_mut(&link) {
                    serving.machine.handle_credit(bytes);
                    links.push(link);
                }
            }
            shared.checks.budget(
                running.admission.outstanding_bytes(),
                running.admission.holders(),
            );
        }
    }

    fn poll_session(&mut self, link: Link) -> Option<Output> {
        let running = self.running.as_mut()?;
        running.sessions.get_mut(&link)?.machine.poll_output()
    }

    fn session_output(
        &mut self,
        shared: &mut Shared,
        link: Link,
        output: Output,
        links: &mut Vec<Link>,
    ) {
        let Some(running) = &mut self.running else {
            return;
        };
        let Some(serving) = running.sessions.get_mut(&link) else {
            return;
        };
        let node = serving.node;
        match output {
            Output::Greet(_) if shared.revoked[node] => {
                let end = End::of(Reason::Revoked, None, "revoked");
                serving.machine.handle_greeted(shared.now, Err(end));
            }
            Output::Greet(hello) => match running.roster.enter(&node, link.0) {
                Entry::Late => {
                    let end = End::of(Reason::Superseded, None, "a later connection greeted");
                    serving.machine.handle_greeted(shared.now, Err(end));
                }
                Entry::Newest { supersedes } => {
                    if let Some(old) = supersedes.map(Link)
                        && let Some(other) = running.sessions.get_mut(&old)
                    {
                        let end = End::of(Reason::Superseded, None, "a newer session");
                        other.machine.handle_end(end);
                        links.push(old);
                    }
                    self.enqueue(shared, link, node, Asked::Hello(hello));
                }
            },
            Output::Commit(epoch, batch) => {
                self.enqueue(shared, link, node, Asked::Batch(epoch, batch));
            }
            Output::Compare(epoch, sums) => {
                self.enqueue(shared, link, node, Asked::Sums(epoch, sums));
            }
            Output::List(epoch, listing) => {
                self.enqueue(shared, link, node, Asked::Listing(epoch, listing));
            }
            Output::Return(after) => {
                let read = Event::HubRead(self.life, link, HubRead::Cells(after));
                shared.after(shared.plan.sync_time, read);
            }
            Output::Reply(down) => {
                shared.checks.replied(node, &down);
                shared.hub_says(link, ToNode::Down(down));
            }
            Output::Demand {
                waiting,
                returned_bytes,
            } => running.admission.demand(link, waiting, returned_bytes),
            Output::Settle { bytes } => running.admission.settle(link, bytes),
            Output::Close(end) => {
                let end = end.unwrap_or_else(|| End::fault("closed"));
                shared.hub_says(link, ToNode::End(end));
                shared.hub_leaves(link);
                running.leave(link);
            }
        }
    }

    /// An operator decides; nobody who speaks as this node goes on.
    pub fn decide_about(&mut self, shared: &mut Shared, node: NodeAt, mode: ReclaimMode) {
        self.enqueue(shared, Link(0), node, Asked::Decide(mode));
        let end = End::of(Reason::Superseded, None, "an operator decided");
        self.end_sessions(shared, Some(node), Some(end));
    }

    fn enqueue(&mut self, shared: &mut Shared, link: Link, node: NodeAt, what: Asked) {
        self.resume(
            shared,
            Request {
                link,
                node,
                what,
                is_replay: false,
            },
        );
    }

    pub fn resume(&mut self, shared: &mut Shared, request: Request) {
        let Some(running) = &mut self.running else {
            return;
        };
        running.inbox.push_back(request);
        if !running.is_collecting {
            running.is_collecting = true;
            let delay = shared.rng.within(shared.plan.sync_time / 3);
            shared.after(delay, Event::HubCollect(self.life));
        }
    }

    fn drain_downlink(&mut self, shared: &mut Shared, link: Link) {
        use hub_domain::sync::downlink::Output;
        let life = self.life;
        let Some(running) = &mut self.running else {
            return;
        };
        while let Some(serving) = running.downlinks.get_mut(&link)
            && let Some(output) = serving.machine.poll_output()
        {
            let node = serving.node;
            let delay = shared.plan.sync_time;
            match output {
                Output::Read { after, limit } => {
                    let read = HubRead::Items { after, limit };
                    shared.after(delay, Event::HubRead(life, link, read));
                }
                Output::List => shared.after(delay, Event::HubRead(life, link, HubRead::Set)),
                Output::Reply(issue) => shared.hub_says(link, ToNode::Issue(issue)),
                Output::Record(_) => {}
                Output::Relisted => running.relisted[node] = Some(shared.now),
                Output::Close(end) => {
                    let end = end.unwrap_or_else(|| End::fault("closed"));
                    shared.hub_says(link, ToNode::End(end));
                    shared.hub_leaves(link);
                    running.downlinks.remove(&link);
                }
            }
        }
    }

    /// An answer of the writer, or a word on a digest, for whom it concerns.
    pub fn answer(&mut self, shared: &mut Shared, link: Link, answer: Answer) {
        let Some(running) = &mut self.running else {
            return;
        };
        if let Some(serving) = running.sessions.get_mut(&link) {
            match answer {
                Answer::Greeted(greeting) => serving.machine.handle_greeted(shared.now, greeting),
                Answer::Committed(committed, _) => serving.machine.handle_committed(committed),
                Answer::Listed(listed) => serving.machine.handle_listed(listed),
            }
        }
        self.drain(shared, link);
    }

    pub fn verdict(&mut self, shared: &mut Shared, node: NodeAt, verdict: Verdict) {
        let Some(running) = &mut self.running else {
            return;
        };
        let of_node = running.sessions.iter_mut().rev();
        let newest = of_node.filter(|(_, s)| s.node == node).map(|(link, s)| {
            s.machine.handle_verdict(verdict.clone());
            *link
        });
        if let Some(link) = newest.take(1).next() {
            self.drain(shared, link);
        }
    }
}
