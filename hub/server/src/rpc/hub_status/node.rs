//! How one node is, from its line, its membership and what it said. Reads only;
//! what an alarm says is `alarm`'s.

use std::collections::{BTreeMap, BTreeSet};

use hub_domain::{issuance::State, sync::line::Line};
use jiff::{SignedDuration, Timestamp};
use proto::{identity::Subject, pb::hub as pb, place::Place};

use super::{
    HubStatusRpc,
    alarm::{Known, alarms},
    count, moving, rejected,
};
use crate::{
    pki::ledger::IssuanceLedger as _,
    rpc::{
        field::{now, wire_time},
        journal_head,
    },
};

impl HubStatusRpc {
    /// Whoever should report, has reported, or may; in order of code.
    pub fn known(&self) -> BTreeSet<Place> {
        let members = self.store.state();
        let mut known = self.open();
        let members = members.members_after(None);
        known.extend(members.filter_map(|(subject, _)| subject.place()));
        self.store.with_lines(|lines| known.extend(lines.keys()));
        known
    }

    /// The nodes of `codes`, all as of one moment.
    pub fn nodes(&self, codes: impl Iterator<Item = Place>) -> Vec<pb::NodeStatus> {
        let members = self.store.state();
        let node = |code, lines: &_| self.node(code, lines, &members);
        self.store
            .with_lines(|lines| codes.map(|code| node(code, lines)).collect())
    }

    fn node(&self, code: Place, lines: &BTreeMap<Place, Line>, members: &State) -> pb::NodeStatus {
        let now = now(self.authority.clock());
        let never = Line::default();
        let line = lines.get(&code).unwrap_or(&never);
        let subject = Subject::reporting(code).unwrap_or(Subject::Community(code));
        let member = members.member(&subject);
        let word = self.heard.of(code);
        let is_connected = self.live.held_by(&subject) > 0;
        let state = if member.is_some_and(|member| member.revoked.is_some()) {
            pb::NodeState::Revoked
        } else if line.quarantine.is_some() {
            pb::NodeState::Quarantined
        } else if is_connected {
            pb::NodeState::Connected
        } else if line.store_id.is_some() {
            pb::NodeState::Away
        } else {
            pb::NodeState::NeverSeen
        };
        let agreed_at = line.agreed.map(|agreed| agreed.at);
        let seen_at = line.told.at.max(agreed_at).max(word.at);
        let ends = member.map(|member| member.certificate.not_after);
        let register = self.store.register();
        let name = register
            .get(code)
            .map(|listed| listed.description().name.to_string());
        let mut alarms = alarms(&Known {
            node: code,
            line,
            member,
            raised: self.store.alarm(code),
            refused_items: &word.refused_items,
            renewal_late: SignedDuration::try_from(self.authority.leaf_life() * 2 / 7)
                .unwrap_or_default(),
            now,
        });
        alarms.extend(moving::alarms(&self.store.tree(), lines, code));
        pb::NodeStatus {
            community: code.to_string(),
            display_name: name.unwrap_or_default(),
            state: state.into(),
            last_seen_at: if is_connected { Some(now) } else { seen_at }.map(wire_time),
            acked_seq: line.acked,
            head_seq: line.told.head_seq.max(word.head_seq).max(line.acked),
            complete_until: line.complete_until.map(wire_time),
            rejected_cells: count(line.rejected.len()),
            digest_agreed_at: agreed_at.map(wire_time),
            certificate_not_after: ends.map(wire_time),
            software: line.told.software.clone(),
            catalogue_seq: line.told.catalogue_seq.max(word.catalogue_seq),
            refused_items: word.refused_items,
            alarms,
            lag: line.complete_until.map(|until| since(until, now)),
            protocol: line.told.protocol,
            rejected: rejected::by_reason(&line.rejected, self.store.catalogue().catalogue()),
            digest_agreed_seq: line.agreed.map_or(0, |agreed| agreed.through),
            digest_repaired_at: line.repaired_at.map(wire_time),
            certificate_left: ends.map(|ends| since(now, ends)),
            quarantined_at: line.quarantine.as_ref().map(|q| wire_time(q.since)),
            clock_skew: line.told.at.map(|_| span(line.told.clock_skew)),
            journal_head: line
                .journal_head
                .as_deref()
                .map(|head| journal_head::signed(head).to_string())
                .unwrap_or_default(),
        }
    }
}

fn since(from: Timestamp, to: Timestamp) -> prost_types::Duration {
    span(to.duration_since(from))
}

fn span(span: SignedDuration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: span.as_secs(),
        nanos: span.subsec_nanos(),
    }
}
