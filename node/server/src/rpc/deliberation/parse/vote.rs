//! Requests about the residents' vote, parsed; the roll is frozen and hashed here.

use node_domain::deliberations::{Action, Count};
use node_domain::roll::{Line, Roll};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::super::fields::Fields;
use super::super::super::process::{Ask, on_process};
use super::super::super::public::sha256;
use super::super::ENGINE;

impl TryFrom<pb::VoteOnTopicRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::VoteOnTopicRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| match asked.act {
                Some(act) => vote(fields, act),
                None => fields.choice("act", None, "open, mark, count, close"),
            },
        )
    }
}

fn vote(fields: &mut Fields, act: pb::vote_on_topic_request::Act) -> Option<Action> {
    use pb::vote_on_topic_request::Act;
    match act {
        Act::Open(open) => {
            let text = fields.words("open.text", &open.text);
            let roll = roll(fields, "open.roll", &open.roll);
            let until = fields.day("open.until_day", &open.until_day);
            Some(Action::OpenVote {
                hash: sha256(text?.as_str()),
                roll: roll?,
                until: until?,
            })
        }
        Act::Mark(mark) => {
            let voters = fields.entries("mark.voters", &mark.voters);
            let origin = fields.origin("mark.origin", mark.origin);
            Some(Action::MarkVoters {
                voters: voters?,
                origin: origin?,
            })
        }
        Act::Count(count) => {
            let origin = fields.origin("count.origin", count.origin);
            let counters = fields.entries("count.counters", &count.counters);
            let counters = counters.and_then(|counters| {
                let two = <[u64; 2]>::try_from(counters).ok();
                two.or_else(|| fields.choice("count.counters", None, "2"))
            });
            Some(Action::CountBallots(Count {
                origin: origin?,
                yes: count.yes,
                no: count.no,
                abstained: count.abstained,
                invalid: count.invalid,
                counters: counters?,
            }))
        }
        Act::Close(_) => Some(Action::CloseVote),
    }
}

/// One line for each entry.
fn roll(fields: &mut Fields, field: &'static str, names: &[String]) -> Option<Roll> {
    let entries = fields.entries(field, names)?;
    let lines = entries.into_iter().map(|entry| Line {
        entry,
        unit: None,
        area_cm2: 0,
        resident: None,
    });
    match Roll::freeze(lines.collect(), sha256) {
        Ok(roll) => Some(roll),
        Err(refusal) => fields.wrong(field, refusal.en, refusal.zh),
    }
}
