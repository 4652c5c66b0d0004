//! What follows on consent: notice, approval, works, inspection, use; and a
//! mandate's life. Counts nothing.

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::decide::{Happens, only_office, wrong_phase};
use super::{Action, Consent, Happening, Kind, Open, Phase};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::sha256::Sha256;
use crate::stored::Day;

const MANDATARY: (&str, &str) = ("受托的团队或社区工作人员", "the mandatary, or the office");
const PRINCIPAL: (&str, &str) = ("委托人本人或社区工作人员", "the principal, or the office");

pub(super) fn decide(consent: &Consent, action: &Action, context: &Context<'_>) -> Happens {
    let acts = matches!(action, Action::BeginActing | Action::FinishActing);
    let is_mandatary = consent
        .mandatary
        .as_ref()
        .is_some_and(|mandatary| context.by.handles_as(mandatary));
    match acts {
        true if !is_mandatary && !context.by.is_office() => {
            return Err(Refusal::not_yours(MANDATARY));
        }
        true => {}
        false => only_office(context.by)?,
    }
    let happens = match (action, consent.phase) {
        (Action::Publicise { place }, Phase::Met) => {
            let days = i64::from(consent.rules.notice_days);
            let until = context.day().checked_add(days.days());
            Happening::Publicised {
                place: place.clone(),
                until: Day(until.unwrap_or(Date::MAX)),
            }
        }
        (Action::Approve { by, document }, Phase::Publicised) => {
            notice_is_over(consent, context)?;
            Happening::Approved {
                by: by.clone(),
                document: *document,
            }
        }
        (Action::StartWorks, Phase::Approved) => Happening::WorksStarted,
        (
            Action::Inspect {
                by,
                document,
                has_passed,
            },
            Phase::Building,
        ) => Happening::Inspected {
            by: by.clone(),
            document: *document,
            has_passed: *has_passed,
        },
        (Action::PutInUse, Phase::Inspected) => Happening::PutInUse,
        (Action::AttachCovenant { document }, phase)
            if (Phase::Met..=Phase::InUse).contains(&phase) =>
        {
            if consent.covenant.is_some() {
                let (zh, en) = ("使用公约已经登记", "its covenant is attached already");
                return Err(Refusal::exists("COVENANT_ATTACHED", zh, en));
            }
            Happening::CovenantAttached {
                document: *document,
            }
        }
        (Action::BeginActing, Phase::Granted) => Happening::ActingBegun,
        (Action::FinishActing, Phase::Acting) => Happening::ActingFinished,
        (Action::End { reason }, phase) if phase < Phase::InUse || is_running(phase) => {
            Happening::Ended {
                reason: reason.clone(),
            }
        }
        _ => return Err(wrong_phase(consent)),
    };
    Ok(vec![happens])
}

fn is_running(phase: Phase) -> bool {
    matches!(phase, Phase::Granted | Phase::Acting)
}

fn notice_is_over(consent: &Consent, context: &Context<'_>) -> Result<(), Refusal> {
    match consent.notice_until {
        Some(until) if consent.rules.notice_days > 0 && context.at < consent.end_of(until) => {
            let zh = format!("公示到 {until} 为止");
            let en = format!("the notice runs until {until}");
            Err(Refusal::state("NOTICE_RUNS", zh, en).with("until", until))
        }
        _ => Ok(()),
    }
}

/// Opens a mandate: given by a resident's own token, or on paper at the desk.
pub(super) fn grant(open: &Open, kind: &Kind, own_grid: bool, context: &Context<'_>) -> Happens {
    let is_own = matches!(context.by, Actor::Resident(_));
    if !is_own && !own_grid && !context.by.is_office() {
        return Err(Refusal::not_yours(PRINCIPAL));
    }
    let missing = |field, zh: &'static str, en: &'static str| {
        Err(Refusal::input(field, "MANDATE_INCOMPLETE", zh, en))
    };
    let Some(mandatary) = open.mandatary.clone() else {
        return missing("mandatary", "请填写受托的团队", "want the team that acts");
    };
    if !is_own && open.principal.is_none() {
        return missing("principal", "请填写委托人条目", "want whose mandate it is");
    }
    if !is_own && open.document.is_none() {
        let (zh, en) = (
            "请填写委托书的 SHA-256",
            "want the SHA-256 of the signed mandate",
        );
        return missing("document_sha256", zh, en);
    }
    let today = context.day();
    let last = today.checked_add(i64::from(kind.rules.collect_days).days());
    let last = last.unwrap_or(Date::MAX);
    let until = open.until.unwrap_or(last);
    if !(today..=last).contains(&until) {
        let zh = format!("应在 {today} 至 {last} 之间");
        let en = format!("want a day from {today} to {last}");
        return Err(Refusal::input("until_day", "DEADLINE_OUT_OF_RANGE", zh, en));
    }
    Ok(vec![Happening::Granted {
        kind: open.kind.clone(),
        rules: kind.rules.clone(),
        title: open.title.clone(),
        grid: open.grid,
        mandatary,
        principal: open.principal,
        document: open.document,
        until: Some(Day(until)),
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

pub(super) fn revoke(
    consent: &Consent,
    document: Option<Sha256>,
    context: &Context<'_>,
) -> Happens {
    let is_own = consent.opened_by == *context.by && matches!(context.by, Actor::Resident(_));
    if !is_own && !context.by.is_office() {
        return Err(Refusal::not_yours(PRINCIPAL));
    }
    if !is_own && document.is_none() {
        let (zh, en) = (
            "请填写撤销书的 SHA-256",
            "want the SHA-256 of the signed revocation",
        );
        return Err(Refusal::input(
            "document_sha256",
            "DOCUMENT_MISSING",
            zh,
            en,
        ));
    }
    match is_running(consent.phase) {
        true => Ok(vec![Happening::Revoked { document }]),
        false => Err(wrong_phase(consent)),
    }
}

impl Phase {
    pub const fn code(self) -> &'static str {
        self.words().0
    }

    pub const fn zh(self) -> &'static str {
        self.words().1
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Phase::Proposed => ("proposed", "提出"),
            Phase::Collecting => ("collecting", "征集中"),
            Phase::Met => ("met", "同意达成"),
            Phase::Publicised => ("publicised", "公示"),
            Phase::Approved => ("approved", "批准"),
            Phase::Building => ("building", "施工"),
            Phase::Inspected => ("inspected", "验收"),
            Phase::InUse => ("in-use", "使用"),
            Phase::Lapsed => ("lapsed", "到期未达成"),
            Phase::Carried => ("carried", "通过"),
            Phase::Rejected => ("rejected", "未通过"),
            Phase::Granted => ("granted", "已委托"),
            Phase::Acting => ("acting", "办理中"),
            Phase::Done => ("done", "办完"),
            Phase::Revoked => ("revoked", "撤销"),
            Phase::Expired => ("expired", "到期"),
            Phase::Ended => ("ended", "终止"),
        }
    }
}
