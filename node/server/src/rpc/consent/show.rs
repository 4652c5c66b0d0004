//! Consents and answers as their clients read them. A vote's count is shown when
//! it is closed, and what somebody voted never.

use node_domain::consents::{Consent, Count, Course, Of, Says, Threshold};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;

use super::super::fields::wire_time;
use super::super::process::{Shown, wire_channel};
use super::ENGINE;

impl Shown for pb::Consent {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Consent> {
        let consent: &Consent = state.try_into().ok()?;
        let count = consent.count(Of::Estate);
        let thresholds = consent.thresholds().filter(|_| consent.roll.is_some());
        let thresholds = thresholds.map(|one| threshold(one, &consent.count(one.of)));
        Some(pb::Consent {
            name,
            kind: consent.kind.to_string(),
            rules: consent.rules.playbook.to_string(),
            profile: text(&consent.rules.profile),
            title: consent.title.to_string(),
            grid: text(&consent.grid),
            unit: text(&consent.unit),
            takes_common_area: consent.takes_common_area,
            is_special: consent.is_special,
            text_sha256: text(&consent.text),
            mandatary: text(&consent.mandatary),
            principal: consent.principal.map_or_else(String::new, entry),
            phase: consent.phase.code().to_owned(),
            roll_sha256: consent
                .roll
                .as_ref()
                .map_or_else(String::new, |roll| roll.sha256.to_string()),
            frozen_day: text(&consent.frozen_on),
            until_day: text(&consent.until),
            notice_until_day: text(&consent.notice_until),
            met_day: text(&consent.met_on),
            heads: count.heads,
            answered_heads: count.answered_heads,
            thresholds: match consent.is_secret() {
                true => Vec::new(),
                false => thresholds.collect(),
            },
            withdrawals: consent.withdrawals,
            covenant: consent
                .covenant
                .map_or_else(String::new, |document| format!("documents/{document}")),
            updated_at: Some(wire_time(consent.acted_at)),
        })
    }
}

fn threshold(one: &Threshold, count: &Count) -> pb::ThresholdCount {
    pb::ThresholdCount {
        of: one.of.code().to_owned(),
        base: one.base.code().to_owned(),
        quorum_heads: text(&one.quorum_heads),
        quorum_area: text(&one.quorum_area),
        want_heads: text(&one.heads),
        want_area: text(&one.area),
        heads: count.heads,
        answered_heads: count.answered_heads,
        yes_heads: count.yes_heads,
        area_cm2: count.area_cm2,
        answered_area_cm2: count.answered_area_cm2,
        yes_area_cm2: count.yes_area_cm2,
        is_met: one.is_met(count),
    }
}

/// The roll's people from `from` on, at most `most`, and who comes after them.
pub fn answers(consent: &Consent, from: u64, most: usize) -> (Vec<pb::ConsentAnswer>, Option<u64>) {
    let roll = consent.roll.iter();
    let mut entries = roll
        .flat_map(|roll| roll.entries())
        .skip_while(|entry| *entry < from);
    let shown = entries.by_ref().take(most);
    let shown = shown.map(|of| answer(consent, of)).collect();
    (shown, entries.next())
}

fn answer(consent: &Consent, of: u64) -> pb::ConsentAnswer {
    let mut shown = pb::ConsentAnswer {
        entry: entry(of),
        ..Default::default()
    };
    let Some(given) = consent.given.get(&of) else {
        return shown;
    };
    shown.has_answered = true;
    shown.set_channel(wire_channel(given.channel));
    shown.proxy = given.proxy.map_or_else(String::new, entry);
    shown.signed_day = given.signed_on.to_string();
    if consent.rules.course == Course::Works {
        shown.set_says(match given.says {
            Says::Yes => pb::Says::Yes,
            Says::No => pb::Says::No,
            Says::Abstains => pb::Says::Abstains,
        });
    }
    shown
}

fn entry(entry: u64) -> String {
    format!("entries/{entry}")
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}
