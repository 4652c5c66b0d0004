//! Deliberations: six steps that cannot be skipped, sessions in rounds, votes on a
//! frozen roll, what follows from a decision.

mod indicators;
mod order;
mod places;
mod rounds;
mod steps;
mod vote;

use jiff::civil::{Date, date};

use super::*;
use crate::actor::{Actor, Pseudonym};
use crate::cases::Origin;
use crate::process::trial::Trial;
use crate::roll::{Line, Roll};
use crate::sha256::Sha256;
use crate::words::Words;

pub const BAIBUTING: &str = include_str!("../../../../deploy/playbooks/baibuting.toml");
pub const CUIZHUYUAN: &str = include_str!("../../../../deploy/playbooks/cuizhuyuan.toml");
pub const RUIQUAN: &str = include_str!("../../../../deploy/playbooks/ruiquan.toml");
pub const QINGHE: &str = include_str!("../../../../deploy/playbooks/qinghe.toml");

/// Stories that hold whatever the community adopts once they have begun.
pub(crate) const STORIES: &[fn()] = &[
    rounds::bins_in_the_garage_in_two_rounds,
    rounds::a_yearly_topic_is_decided_or_still_owed_and_begins_anew_each_year,
    order::a_topic_goes_by_the_ten_rules_in_force_when_it_was_proposed,
    steps::what_is_voted_on_is_the_reviewed_text_byte_for_byte,
    vote::one_person_one_vote_over_all_channels_and_no_count_before_the_end,
];

pub fn topic(trial: &Trial) -> &Topic {
    trial.state.as_ref().unwrap().try_into().unwrap()
}

pub fn words(text: &str) -> Words {
    text.parse().unwrap()
}

/// Stands in for SHA-256: different texts differ in their first byte.
pub fn hash(text: &str) -> Sha256 {
    let mut bytes = [0; 32];
    for (at, byte) in text.bytes().enumerate() {
        bytes[at % 32] ^= byte.rotate_left(at as u32 / 32);
    }
    Sha256(bytes)
}

pub fn propose(kind: &str) -> Action {
    Action::Propose(Propose {
        kind: kind.parse().unwrap(),
        title: "垃圾桶下地库".parse().unwrap(),
        source: Source::Office,
        grid: None,
        case: None,
        supporters: 0,
        order: None,
    })
}

pub fn draft(text: &str) -> Action {
    Action::Draft {
        by: "议事会".parse().unwrap(),
        text: words(text),
        hash: hash(text),
    }
}

pub fn talk(parties: &[&str]) -> Action {
    Action::Talk {
        parties: parties.iter().map(|name| name.parse().unwrap()).collect(),
        ideas: 3,
    }
}

pub fn advise(expert: u64) -> Action {
    Action::Advise {
        expert,
        discipline: "planning".parse().unwrap(),
        has_interest: false,
        text: words("加宽坡道"),
    }
}

pub fn answer(advice: u32, adopted: bool) -> Action {
    Action::AnswerAdvice {
        advice,
        adopted,
        reason: words("预算之内"),
    }
}

pub fn fix(text: &str) -> Action {
    Action::Fix {
        text: words(text),
        hash: hash(text),
    }
}

pub fn roll(entries: std::ops::RangeInclusive<u64>) -> Roll {
    let line = |entry| Line {
        entry,
        unit: None,
        area_cm2: 0,
        resident: None,
    };
    Roll::freeze(entries.map(line).collect(), hash).unwrap()
}

pub fn open_vote(text: &str, until: Date) -> Action {
    Action::OpenVote {
        hash: hash(text),
        roll: roll(1..=10),
        until,
    }
}

pub fn party(entry: u64, code: &str) -> Participant {
    Participant {
        entry,
        seat: Seat::Party(code.parse().unwrap()),
    }
}

/// One for each of the four, and the chair for the residents' committee.
pub fn four_parties() -> Vec<Participant> {
    vec![
        party(1, "residents-committee"),
        party(2, "residents-committee"),
        party(3, "owners-committee"),
        party(4, "property"),
        party(5, "social-organisations"),
    ]
}

pub fn hold(present: &[u64]) -> Action {
    Action::Hold {
        present: present.to_vec(),
        chair: present[0],
    }
}

pub fn decide(yes: u32, no: u32) -> Action {
    Action::Decide {
        text: words("取消试点"),
        yes,
        no,
        abstained: 0,
    }
}

pub fn reason(result: Result<(), crate::process::Refusal>) -> &'static str {
    result.unwrap_err().reason
}

pub fn triage(grade: Grade, route: Route) -> Action {
    Action::Triage {
        grade,
        route,
        reason: words("提出诉求居民较多、呼声较高"),
    }
}
