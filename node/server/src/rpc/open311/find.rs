//! Which cases a query of requests means: by id, or by service, status and time,
//! newest first, page by page. Looks at a bounded number of cases.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use node_domain::actor::Actor;
use node_domain::cases::{Case, CaseId, Visibility, visible_to};
use node_domain::code::Code;
use proto::pb::node as pb;

use super::answer::Refused;
use super::listener::Fields;
use super::submit::time;
use crate::rpc::case::{Candidates, Mask, shown};
use crate::store::Store;
use crate::store::fault::StoreFault;

/// GeoReport: the span of a query, and of one that gives no time.
const SPAN: SignedDuration = SignedDuration::from_hours(90 * 24);
const MOST_IDS: usize = 100;
const USUAL_PAGE: usize = 50;
const MOST_ON_PAGE: usize = 200;
const MOST_PAGES: usize = 1_000;
/// One query looks at no more cases than this, newest first.
const LOOKED_AT: usize = 50_000;

#[derive(Debug)]
pub struct Query {
    /// Given: nothing else counts.
    ids: Vec<CaseId>,
    services: BTreeSet<Code>,
    from: Timestamp,
    until: Timestamp,
    /// `None`: both.
    is_open: Option<bool>,
    skipped: usize,
    taken: usize,
}

impl Query {
    pub fn parse(query: &Fields, now: Timestamp) -> Result<Query, Refused> {
        let list = |key: &str| {
            let given = query.get(key).unwrap_or_default().split(',');
            let given = given.map(str::trim).filter(|one| !one.is_empty());
            given.map(str::to_owned).collect::<Vec<String>>()
        };
        let ids = list("service_request_id");
        if ids.len() > MOST_IDS {
            let most = format!("service_request_id: at most {MOST_IDS} · 最多 {MOST_IDS} 个");
            return Err(Refused::bad(most));
        }
        let number = |id: &String| {
            id.parse()
                .map(CaseId)
                .map_err(|_| Refused::bad("service_request_id: want numbers · 应为数字"))
        };
        let service = |code: &String| {
            code.parse()
                .map_err(|_| Refused::bad("service_code: want codes · 应为代码"))
        };
        let (from, until) = span(query, now)?;
        let count = |key: &str, usual: usize, most: usize| match query.get(key) {
            None | Some("") => Ok(usual),
            Some(text) => {
                let number = text.parse().ok();
                let number = number.filter(|number| (1..=most).contains(number));
                number.ok_or_else(|| {
                    Refused::bad(format!("{key}: want 1 to {most} · 应为 1 至 {most}"))
                })
            }
        };
        let taken = count("page_size", USUAL_PAGE, MOST_ON_PAGE)?;
        let page = count("page", 1, MOST_PAGES)?;
        Ok(Query {
            ids: ids.iter().map(number).collect::<Result<_, _>>()?,
            services: list("service_code")
                .iter()
                .map(service)
                .collect::<Result<_, _>>()?,
            from,
            until,
            is_open: status(&list("status"))?,
            skipped: (page - 1) * taken,
            taken,
        })
    }

    fn wants(&self, case: &Case) -> bool {
        let is_open = case.lifecycle.is_open();
        (self.services.is_empty() || self.services.contains(&case.kind))
            && (self.from..=self.until).contains(&case.reported_at)
            && self.is_open.is_none_or(|wanted| wanted == is_open)
    }
}

fn span(query: &Fields, now: Timestamp) -> Result<(Timestamp, Timestamp), Refused> {
    let given = |key: &str| match query.get(key) {
        None | Some("") => Ok(None),
        Some(text) => time(key, text).map(Some),
    };
    let back = |at: Timestamp| at.checked_sub(SPAN).unwrap_or(Timestamp::MIN);
    let ahead = |at: Timestamp| at.checked_add(SPAN).unwrap_or(Timestamp::MAX);
    let (from, until) = match (given("start_date")?, given("end_date")?) {
        (None, None) => (back(now), now),
        (Some(from), None) => (from, ahead(from)),
        (None, Some(until)) => (back(until), until),
        (Some(from), Some(until)) => (from, until),
    };
    if until < from || from.duration_until(until) > SPAN {
        let wants = "start_date, end_date: want at most 90 days, in order · 最多 90 天，先后勿颠倒";
        return Err(Refused::bad(wants));
    }
    Ok((from, until))
}

fn status(given: &[String]) -> Result<Option<bool>, Refused> {
    let mut wanted = BTreeSet::new();
    for status in given {
        match status.as_str() {
            "open" => wanted.insert(true),
            "closed" => wanted.insert(false),
            _ => {
                return Err(Refused::bad(
                    "status: want open or closed · 应为 open 或 closed",
                ));
            }
        };
    }
    Ok((wanted.len() == 1).then(|| wanted.contains(&true)))
}

pub fn find(store: &Store, actor: &Actor, query: &Query) -> Result<Vec<pb::Case>, StoreFault> {
    let mut found = Vec::new();
    let mut show = |id: CaseId, skipped: &mut usize, by_id: bool| -> Result<bool, StoreFault> {
        let Some(row) = store.case(id)? else {
            return Ok(false);
        };
        let seen = visible_to(&row.case, actor);
        if seen == Visibility::Hidden || !by_id && !query.wants(&row.case) {
            return Ok(false);
        }
        if *skipped > 0 {
            *skipped -= 1;
            return Ok(false);
        }
        found.push(shown(store, &row, seen, &Mask::ALL)?);
        Ok(found.len() == query.taken)
    };
    let mut skipped = query.skipped;
    if !query.ids.is_empty() {
        for id in &query.ids {
            show(*id, &mut 0, true)?;
        }
        return Ok(found);
    }
    let mut below = Some(store.marks().borrow().cases + 1);
    let mut looked_at = 0;
    while let Some(next) = below.filter(|_| looked_at < LOOKED_AT) {
        let candidates = match actor {
            Actor::Resident(own) => Candidates::of(store, *own, next)?,
            _ => Candidates::all(next),
        };
        looked_at += candidates.ids.len();
        for id in candidates.ids {
            if show(id, &mut skipped, false)? {
                return Ok(found);
            }
        }
        below = candidates.rest;
    }
    Ok(found)
}
