//! From a command about a request, or a letter about it, to what happens.

use proto::support::{self, Progress};

use super::{Action, Ask, Happening, Rating, Request, Stage};
use crate::actor::Actor;
use crate::process::{Context, Refusal};
use crate::stored::Day;

type Happens = Result<Vec<Happening>, Refusal>;

const OFFICE: (&str, &str) = ("社区工作人员", "the office");

pub(super) fn decide(before: Option<&Request>, action: &Action, context: &Context<'_>) -> Happens {
    if let Action::Learn(progress) = action {
        return match (before, context.by) {
            (Some(request), Actor::System) => Ok(learn(request, progress)),
            _ => Err(Refusal::unknown()),
        };
    }
    if !context.by.is_office() {
        return Err(Refusal::not_yours(OFFICE));
    }
    let request = match (before, action) {
        (None, Action::Ask(ask)) => return self::ask(ask, context),
        (Some(_), Action::Ask(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(request), _) => request,
    };
    let key = request.key;
    match (action, request.stage()) {
        (_, Stage::Withdrawn | Stage::Rated | Stage::Declined) => Err(Refusal::over()),
        (Action::Withdraw, Stage::Done) => {
            let (zh, en) = ("已经完成，请评价", "it is done: rate it");
            Err(Refusal::state("ALREADY_DONE", zh, en))
        }
        (Action::Withdraw, _) => Ok(vec![Happening::Withdrawn { key }]),
        (Action::Rate(rating), Stage::Done) => {
            rate(rating).map(|rating| vec![Happening::Rated { key, rating }])
        }
        (Action::Rate(_), stage) => {
            let zh = format!("尚未完成（{}），还不能评价", stage.zh());
            let en = format!("it is {}: it can be rated once it is done", stage.code());
            Err(Refusal::state("NOT_DONE", zh, en).with("stage", stage.code()))
        }
        (Action::Ask(_) | Action::Learn(_), _) => Err(Refusal::already_open()),
    }
}

fn ask(ask: &Ask, context: &Context<'_>) -> Happens {
    let day = context.day();
    if ask.wanted_by.is_some_and(|wanted| wanted < day) {
        let zh = format!("期望完成日已过：今天是 {day}");
        let en = format!("this day is past: today is {day}");
        return Err(Refusal::input("wanted_by_day", "IN_THE_PAST", zh, en));
    }
    let asked = support::Asked {
        request: ask.key,
        centre: ask.centre.clone(),
        text: ask.text.clone(),
        attachment: ask.attachment.clone(),
        asked_at: context.at,
        accept_by: context.playbooks.support_due(context.at),
        wanted_by: ask.wanted_by,
    };
    Ok(vec![Happening::Asked {
        asked: Box::new(asked),
        zone: context.zone.iana_name().unwrap_or("UTC").into(),
    }])
}

fn rate(rating: &Rating) -> Result<Rating, Refusal> {
    if !(1..=5).contains(&rating.stars) {
        let (zh, en) = ("应为 1 至 5 星", "want 1 to 5 stars");
        return Err(Refusal::input("stars", "STARS", zh, en));
    }
    Ok(rating.clone())
}

/// What a letter says that is not known here yet; a community that has withdrawn or
/// rated has had its word.
fn learn(request: &Request, progress: &Progress) -> Vec<Happening> {
    let mut happens = Vec::new();
    if progress.request != request.key || matches!(request.stage(), Stage::Withdrawn | Stage::Rated)
    {
        return happens;
    }
    let centre = || progress.centre.clone();
    if let (None, Some(at)) = (request.routed_at, progress.routed_at) {
        let centre = centre();
        happens.push(Happening::Routed { centre, at });
    }
    if let (None, Some(at)) = (request.accepted_at, progress.accepted_at) {
        happens.push(Happening::Accepted {
            centre: centre(),
            at,
            deliver_by: progress.deliver_by.map(Day),
        });
    }
    let words = || progress.words.clone();
    if let (None, Some(at)) = (request.declined_at, progress.declined_at) {
        let (centre, words) = (centre(), words());
        happens.push(Happening::Declined { centre, at, words });
    }
    if let (None, Some(at)) = (request.begun_at, progress.begun_at) {
        happens.push(Happening::Begun { at });
    }
    if let (None, Some(at)) = (request.done_at, progress.done_at) {
        let words = words();
        happens.push(Happening::Done { at, words });
    }
    happens
}
