//! Requests about elections, parsed. Decides nothing.

use node_domain::code::Code;
use node_domain::elections::{Action, Invalid, Open, Route, Tally};
use node_domain::roll::{Channel, MOST_LINES};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::{Fields, number};
use super::super::process::{Ask, channel, on_process, opening};
use super::ENGINE;

fn entries(fields: &mut Fields, field: &'static str, names: &[String]) -> Option<Vec<u64>> {
    if names.len() > MOST_LINES {
        let (en, zh) = (
            format!("want at most {MOST_LINES}"),
            format!("最多 {MOST_LINES} 个"),
        );
        return fields.wrong(field, en, zh);
    }
    let entries = names.iter().map(|name| fields.entry(field, name));
    entries.collect()
}

impl TryFrom<pb::OpenElectionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenElectionRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let title = fields.name("title", &asked.title);
            let grid = fields.grid("grid", &asked.grid);
            let seats = match u16::try_from(asked.seats) {
                Ok(0) => Some(None),
                Ok(seats) => Some(Some(seats)),
                Err(_) => fields.wrong("seats", "want at most 500", "最多 500"),
            };
            let committee = entries(fields, "committee", &asked.committee);
            let charter = match asked.charter.as_str() {
                "" => Some(None),
                name => number(name, "documents/").map(Some).or_else(|| {
                    let (en, zh) = (
                        "want a document, documents/3",
                        "应为文件名称，例如 documents/3",
                    );
                    fields.wrong("charter", en, zh)
                }),
            };
            Some(Action::Open(Open {
                kind: kind?,
                title: title?,
                grid: grid?,
                seats: seats?,
                committee: committee?,
                charter: charter?,
            }))
        })
    }
}

/// A request on an election that is there.
macro_rules! on_election {
    ($($request:ident, $asked:ident, $fields:ident => $action:expr;)*) => {
        $(impl TryFrom<pb::$request> for Ask {
            type Error = Problem;

            fn try_from($asked: pb::$request) -> Result<Ask, Problem> {
                on_process(ENGINE, &$asked.request_id, &$asked.name, None, |$fields| $action)
            }
        })*
    };
}

on_election! {
    GatherElectionViewsRequest, asked, fields => {
        let document = fields.sha256("document_sha256", &asked.document_sha256)?;
        Some(Action::GatherViews { people: asked.people, document })
    };
    NominateCandidateRequest, asked, fields => {
        let entry = fields.entry("entry", &asked.entry);
        let route = route(fields, asked.route());
        Some(Action::Nominate { entry: entry?, route: route? })
    };
    ReviewCandidateRequest, asked, fields => {
        let entry = fields.entry("entry", &asked.entry);
        let reason = fields.optional_name("reason", &asked.reason);
        Some(Action::Review {
            entry: entry?,
            is_accepted: asked.is_accepted,
            reason: reason?,
        })
    };
    StandDownRequest, asked, fields => {
        let entry = fields.entry("entry", &asked.entry)?;
        Some(Action::StandDown { entry })
    };
    PublishCandidatesRequest, asked, fields => {
        let place = fields.name("place", &asked.place)?;
        Some(Action::PublishCandidates { place })
    };
    OpenVotingRequest, asked, fields => {
        let boxes = boxes(fields, &asked.boxes);
        let closes_at = fields.time("closes_at", asked.closes_at)?.or_else(|| {
            fields.wrong("closes_at", "want when voting closes", "请填写投票截止时间")
        });
        Some(Action::OpenVoting { boxes: boxes?, closes_at: closes_at? })
    };
    MarkVoterRequest, asked, fields => {
        let entry = fields.entry("entry", &asked.entry);
        let ballot_box = fields.code("ballot_box", &asked.ballot_box);
        Some(Action::Mark { entry: entry?, ballot_box: ballot_box? })
    };
    UnmarkVoterRequest, asked, fields => {
        let entry = fields.entry("entry", &asked.entry);
        let reason = fields.name("reason", &asked.reason);
        Some(Action::Unmark { entry: entry?, reason: reason? })
    };
    CloseVotingRequest, asked, _fields => Some(Action::CloseVoting);
    MixBallotBoxRequest, asked, fields => {
        let from = fields.code("from", &asked.from);
        let into = fields.code("into", &asked.into);
        Some(Action::Mix { from: from?, into: into? })
    };
    CountBallotBoxRequest, asked, fields => {
        let ballot_box = fields.code("ballot_box", &asked.ballot_box);
        let tally = tally(fields, &asked);
        let counters = entries(fields, "counters", &asked.counters);
        let document = fields.sha256("document_sha256", &asked.document_sha256);
        Some(Action::Count {
            ballot_box: ballot_box?,
            tally: tally?,
            counters: counters?,
            document: document?,
        })
    };
    VoidBallotBoxRequest, asked, fields => {
        let ballot_box = fields.code("ballot_box", &asked.ballot_box);
        let reason = fields.name("reason", &asked.reason);
        Some(Action::Void { ballot_box: ballot_box?, reason: reason? })
    };
    AnnounceElectionRequest, asked, fields => {
        let signers = entries(fields, "signers", &asked.signers);
        let document = fields.sha256("document_sha256", &asked.document_sha256);
        let drawn = entries(fields, "drawn", &asked.drawn);
        Some(Action::Announce { signers: signers?, document: document?, drawn: drawn? })
    };
    ObjectToElectionRequest, asked, fields => {
        let document = fields.sha256("document_sha256", &asked.document_sha256)?;
        Some(Action::Object { document })
    };
    RuleObjectionRequest, asked, fields => {
        let reason = fields.name("reason", &asked.reason)?;
        Some(Action::Rule {
            objection: asked.objection,
            is_upheld: asked.is_upheld,
            reason,
        })
    };
    DeclineSeatRequest, asked, fields => {
        let entry = fields.entry("entry", &asked.entry)?;
        Some(Action::Decline { entry })
    };
    VacateSeatRequest, asked, fields => {
        let entry = fields.entry("entry", &asked.entry);
        let reason = fields.name("reason", &asked.reason);
        Some(Action::Vacate { entry: entry?, reason: reason? })
    };
    CancelElectionRequest, asked, fields => {
        let reason = fields.name("reason", &asked.reason)?;
        Some(Action::Cancel { reason })
    };
}

fn route(fields: &mut Fields, wire: pb::NominationRoute) -> Option<Route> {
    let route = match wire {
        pb::NominationRoute::Unspecified => None,
        pb::NominationRoute::Committee => Some(Route::Committee),
        pb::NominationRoute::Others => Some(Route::Others),
        pb::NominationRoute::Own => Some(Route::Own),
    };
    fields.choice("route", route, "COMMITTEE, OTHERS, OWN")
}

fn boxes(fields: &mut Fields, boxes: &[pb::BallotBox]) -> Option<Vec<(Code, Channel)>> {
    let boxes = boxes.iter().map(|one| {
        let code = fields.code("boxes.code", &one.code);
        let channel = channel(fields, one.channel());
        code.zip(channel)
    });
    boxes.collect()
}

fn tally(fields: &mut Fields, asked: &pb::CountBallotBoxRequest) -> Option<Tally> {
    let votes = asked.votes.iter().map(|one| {
        let entry = fields.entry("votes.entry", &one.entry)?;
        let votes = u32::try_from(one.votes).ok();
        let votes =
            votes.or_else(|| fields.wrong("votes.votes", "want fewer votes", "票数过大"))?;
        Some((entry, votes))
    });
    Some(Tally {
        votes: votes.collect::<Option<_>>()?,
        valid: asked.valid,
        invalid: Invalid {
            blank: asked.blank,
            too_many: asked.too_many,
            unclear: asked.unclear,
        },
    })
}
