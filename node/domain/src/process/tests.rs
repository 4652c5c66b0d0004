//! What holds for processes of every engine: a process keeps the rules that it began
//! with, whatever its community adopts afterwards.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::Engine;
use super::trial::{amended_after, told_by};
use crate::{activities, assessments, consents, deliberations, documents};
use crate::{duties, elections, funds, offers, registers, support, surveys};

type Stories = &'static [fn()];

const STORIES: [(Engine, Stories); 12] = [
    (Engine::Registers, registers::tests::STORIES),
    (Engine::Duties, duties::tests::STORIES),
    (Engine::Deliberations, deliberations::tests::STORIES),
    (Engine::Consents, consents::tests::STORIES),
    (Engine::Elections, elections::tests::seats::STORIES),
    (Engine::Funds, funds::tests::STORIES),
    (Engine::Assessments, assessments::tests::STORIES),
    (Engine::Activities, activities::tests::STORIES),
    (Engine::Surveys, surveys::tests::STORIES),
    (Engine::Documents, documents::tests::STORIES),
    (Engine::Support, support::tests::STORIES),
    (Engine::Offers, offers::tests::STORIES),
];

/// Of each engine the codes that its stories tell.
const TOLD: [&str; 12] = [
    "Registers: LEFT MOVED PLOTS_OPENED PLOT_CLAIMED PLOT_RELEASED PLOT_WARNED REGISTERED \
     RENEWED ROLE_ENDED ROLE_GRANTED",
    "Duties: ALERTED MISSED NO_ANSWER OPENED POSTPONED TRIGGERED",
    "Deliberations: ADVICE_ANSWERED ANNOUNCED CLOSED CONVENED FOLLOW_UP_CHECKED \
     FOLLOW_UP_DONE FOLLOW_UP_SET MOTION_LOST PASSED POSTED PROPOSED STEP_ENDED \
     TASK_REPORTED TASK_SET TRIAGED VERIFIED VOTE_OPENED",
    "Consents: ANSWER_ENTERED ANSWER_TAKEN_BACK APPROVED ASKED COVENANT_ATTACHED \
     INSPECTED LAPSED MET OPENED PUBLICISED PUT_IN_USE UNDONE WORKS_STARTED",
    "Elections: ACCEPTED ANNOUNCED CANDIDATES_PUBLISHED NOMINATED OBJECTED \
     OBJECTION_DISMISSED OBJECTION_UPHELD SEATED TERM_ENDED VACATED VOTING_CLOSED \
     VOTING_OPENED",
    "Funds: AGREEMENT_WITHDRAWN APPOINTED BUILDING_APPLIED EXPENSES_PUBLISHED \
     EXPENSE_ANSWERED EXPENSE_REJECTED EXPENSE_REQUESTED GRANT_APPROVED GRANT_MOVED \
     PLANNED SHARE_AGREED SHARE_PAID STARTED",
    "Assessments: APPOINTED CORRECTED FINALISED NOTICED PUBLISHED REPLIED",
    "Activities: ANNOUNCED CADENCE_BROKEN HOURS_CONFIRMED HOURS_REFUSED SIGNED_UP \
     SIGN_UP_CANCELLED",
    "Surveys: CLOSED SCHEME_MADE STARTED SUMMARISED",
    "Documents: ADOPTED CONSULTED IN_FORCE POSTED REPEALED",
    "Support: ACCEPTED BEGUN DONE",
    "Offers: CERTIFIED PUBLISHED",
];

#[test]
fn a_process_keeps_its_rules_when_its_playbook_is_gone_at_once() {
    let engines = STORIES.map(|(engine, _)| engine);
    assert_eq!(engines.as_slice(), Engine::ALL);
    for (_, stories) in STORIES {
        assert!(!stories.is_empty());
        for story in stories {
            amended_after(1, *story);
        }
    }
}

#[test]
fn every_engine_tells_of_its_stories() {
    let told = STORIES.map(|(engine, stories)| {
        let told: BTreeSet<_> = stories.iter().flat_map(|story| told_by(*story)).collect();
        let told: Vec<&str> = told.into_iter().collect();
        format!("{engine:?}: {}", told.join(" "))
    });
    assert_eq!(told.join("\n"), TOLD.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_process_keeps_its_rules_whenever_its_playbook_goes(
        engine in 0..STORIES.len(),
        story in 0usize..8,
        acts in 1usize..40,
    ) {
        let (_, stories) = STORIES[engine];
        amended_after(acts, stories[story % stories.len()]);
    }
}
