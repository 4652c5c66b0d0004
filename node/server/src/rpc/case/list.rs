//! Lists of cases, newest first. One call looks at a bounded number of rows, so
//! a page may come back short; its token says where to go on.

use node_domain::actor::{Actor, Grid};
use node_domain::cases::{Case, Lifecycle, Visibility, visible_to};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::Fields;
use super::super::page::{Page, Place, Question};
use super::candidates::Candidates;
use super::mask::Mask;
use super::show;
use crate::store::Store;
use crate::store::fault::StoreFault;

pub struct ListAsk {
    page: Page,
    mine: bool,
    lifecycles: Vec<Lifecycle>,
    grid: Option<Grid>,
    mask: Mask,
}

/// What `actor` asks for.
pub fn parse(asked: pb::ListCasesRequest, actor: &Actor) -> Result<ListAsk, Problem> {
    let mut fields = Fields::default();
    let lifecycles = asked.lifecycles.iter();
    let lifecycles: Option<Vec<Lifecycle>> = lifecycles.map(|wire| lifecycle(*wire)).collect();
    let listed = "REPORTED, ACCEPTED, DISPATCHED, IN_PROGRESS, COMPLETED, CLOSED";
    let lifecycles = fields.choice("lifecycles", lifecycles, listed);
    let grid = fields.grid("grid", &asked.grid);
    let mask = Mask::parse(&mut fields, asked.read_mask);
    let mut mine = Some(asked.mine);
    if asked.mine && matches!(actor, Actor::Staff | Actor::Admin | Actor::Auditor) {
        let (en, zh) = (
            "want false: no case belongs to an office; filter by grid or lifecycle",
            "应为 false：工作人员没有“自己的”事项，请按网格或状态筛选",
        );
        mine = fields.wrong("mine", en, zh);
    }
    let question = Question::of(("cases", asked.mine, &asked.lifecycles, &asked.grid));
    let page = Page::parse(&mut fields, asked.page_size, &asked.page_token, question);
    let built = lifecycles.zip(grid).zip(mask).zip(mine).zip(page);
    fields.done(
        built.map(|((((lifecycles, grid), mask), mine), page)| ListAsk {
            page,
            mine,
            lifecycles,
            grid,
            mask,
        }),
    )
}

fn lifecycle(wire: i32) -> Option<Lifecycle> {
    Some(match pb::Lifecycle::try_from(wire).ok()? {
        pb::Lifecycle::Unspecified => return None,
        pb::Lifecycle::Reported => Lifecycle::Reported,
        pb::Lifecycle::Accepted => Lifecycle::Accepted,
        pb::Lifecycle::Dispatched => Lifecycle::Dispatched,
        pb::Lifecycle::InProgress => Lifecycle::InProgress,
        pb::Lifecycle::Completed => Lifecycle::Completed,
        pb::Lifecycle::Closed => Lifecycle::Closed,
    })
}

impl ListAsk {
    fn wants(&self, case: &Case, actor: &Actor) -> bool {
        let handled = || {
            case.handler
                .as_ref()
                .is_some_and(|name| actor.handles_as(name))
        };
        let own = matches!(actor, Actor::Resident(_)) || !self.mine || handled();
        let listed = self.lifecycles.is_empty() || self.lifecycles.contains(&case.lifecycle);
        own && listed && (self.grid.is_none() || case.grid == self.grid)
    }

    fn only_open(&self) -> bool {
        !self.lifecycles.is_empty() && self.lifecycles.iter().all(|stage| stage.is_open())
    }
}

pub fn list(
    store: &Store,
    ask: &ListAsk,
    actor: &Actor,
) -> Result<pb::ListCasesResponse, StoreFault> {
    // Cases that came after the first page are not in the later ones.
    let newest = store.marks().borrow().cases;
    let below = ask.page.from.map_or(newest + 1, |Place(below, _)| below);
    let candidates = match actor {
        Actor::Resident(own) => Candidates::of(store, *own, below)?,
        _ if ask.only_open() => Candidates::open(store, below)?,
        _ => Candidates::all(below),
    };
    let mut shown = pb::ListCasesResponse::default();
    for id in candidates.ids {
        let Some(row) = store.case(id)? else {
            continue;
        };
        let seen = visible_to(&row.case, actor);
        if seen == Visibility::Hidden || !ask.wants(&row.case, actor) {
            continue;
        }
        if shown.cases.len() == ask.page.size {
            shown.next_page_token = ask.page.token(Some(Place(id.0 + 1, 0)));
            return Ok(shown);
        }
        shown.cases.push(show::case(store, &row, seen, &ask.mask)?);
    }
    shown.next_page_token = ask.page.token(candidates.rest.map(|below| Place(below, 0)));
    Ok(shown)
}
