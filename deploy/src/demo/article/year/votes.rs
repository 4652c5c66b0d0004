//! An election with more candidates than seats, and a full-sample survey.

use jiff::ToSpan as _;

use super::super::deed::Deed;
use super::super::plan::{Plan, Thing};

/// One candidate more than seats; three quarters of the roll come.
pub fn council(plan: &mut Plan, kind: &'static str, seats: usize, roll: &[Thing], month: i8) {
    let election = plan.thing();
    let candidates = roll[..=seats].to_vec();
    let committee = roll[roll.len() - 2..].to_vec();
    let open = Deed::OpenElection {
        election,
        kind,
        seats: seats as u32,
        committee: committee.clone(),
        candidates: candidates.clone(),
        roll: roll.to_vec(),
    };
    let day = Plan::day(month, 3);
    plan.first(day, open);
    let voters = roll[..roll.len() * 3 / 4].to_vec();
    let ballots = voters.len();
    let polling = day + 10.days();
    let vote = Deed::Vote {
        election,
        voters,
        closes_at: plan.time(polling, 18, 0),
    };
    plan.first(polling, vote);
    let count = Deed::CountVotes {
        election,
        candidates,
        ballots: ballots as u32,
        counters: committee,
    };
    plan.add(plan.time(polling, 19, 0), count);
    plan.first(polling + 9.days(), Deed::Seat(election));
    plan.expect_of("QH.E01", seats as i64 + 1, seats as i64);
    plan.expect_of("QH.E02", ballots as i64, roll.len() as i64);
}

/// Nine of ten answer, two departments are asked and one replies.
pub fn survey(plan: &mut Plan, households: &[Thing], month: i8) {
    let (survey, day) = (plan.thing(), Plan::day(month, 12));
    let open = Deed::OpenSurvey {
        survey,
        households: households.to_vec(),
        until: day + 18.days(),
    };
    plan.first(day, open);
    let answered = households.len() * 9 / 10;
    let (parking, lifts) = households[..answered].split_at(answered * 2 / 3);
    for (households, choice) in [(parking, 1), (lifts, 2)] {
        let answer = Deed::Answer {
            survey,
            households: households.to_vec(),
            choice,
        };
        plan.add(plan.time(day + 5.days(), 19, 0), answer);
    }
    plan.first(day + 20.days(), Deed::CloseSurvey(survey));
    let department = "城管科";
    plan.first(day + 30.days(), Deed::Reply { survey, department });
    plan.expect_of("QH.D01", 1, 2);
    plan.expect_of("QH.S02", answered as i64, households.len() as i64);
    plan.rounded("QH.S02", 1);
}
