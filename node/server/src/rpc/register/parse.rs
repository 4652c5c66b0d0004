//! What requests on registers ask, parsed.

use node_domain::code::Code;
use node_domain::registers::{Action, Amend, Open, PairsBefore, Parent, PlotChange, Seen};
use proto::pb::node as pb;
use proto_edge::problem::Problem;
use zeroize::Zeroizing;

use super::super::case::personal_fields;
use super::super::fields::Fields;
use super::super::process::{Ask, on_process, opening};
use super::ENGINE;
use crate::store::ledger::register::Private;

const RESIDENT_CHARS: usize = 128;
/// Tens of square kilometres.
const MOST_UNIT: u64 = 10_000_000_000;

fn private(fields: &mut Fields, personal: Option<pb::Personal>, resident: &str) -> Option<Private> {
    let personal = personal_fields(fields, personal.unwrap_or_default());
    let resident = fields.within("resident", resident, RESIDENT_CHARS);
    let resident = resident?.to_owned();
    Some(Private {
        personal: personal?.map(|plain| Zeroizing::new(plain.0.into())),
        resident: (!resident.is_empty()).then(|| Zeroizing::new(resident)),
    })
}

fn unit(fields: &mut Fields, unit: u64) -> Option<u64> {
    match unit <= MOST_UNIT {
        true => Some(unit),
        false => fields.wrong(
            "unit",
            "want an area in hundredths of a square metre",
            "应为面积，单位为百分之一平方米",
        ),
    }
}

impl TryFrom<pb::RegisterEntryRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RegisterEntryRequest) -> Result<Ask, Problem> {
        let mut held = Private::default();
        let ask = opening(&asked.request_id, |fields| {
            let register = fields.code("register", &asked.register);
            let title = fields.optional_name("title", &asked.title);
            let group = fields.optional_code("group", &asked.group);
            let grid = fields.grid("grid", &asked.grid);
            let area = fields.optional_code("area", &asked.area);
            let unit = unit(fields, asked.unit);
            let parent = fields.optional_entry("parent", &asked.parent);
            let from = fields.optional_day("from_day", &asked.from_day);
            let until = fields.optional_day("until_day", &asked.until_day);
            let consented_on = fields.optional_day("consented_on", &asked.consented_on);
            let person = fields.optional_entry("person", &asked.person);
            let helpers = asked.helpers.iter();
            let helpers: Vec<Option<u64>> =
                helpers.map(|name| fields.entry("helpers", name)).collect();
            held = private(fields, asked.personal, &asked.resident)?;
            Some(Action::Register(Box::new(Open {
                register: register?,
                title: title?,
                group: group?,
                grid: grid?,
                area: area?,
                unit: unit?,
                parent: parent?.map(|entry| Parent { entry, level: 0 }),
                from: from?,
                until: until?,
                consented_on: consented_on?,
                personal: None,
                resident: None,
                person: person?,
                helpers: helpers.into_iter().collect::<Option<_>>()?,
                before: PairsBefore::default(),
            })))
        })?;
        Ok(Ask {
            private: held,
            ..ask
        })
    }
}

impl TryFrom<pb::AmendEntryRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AmendEntryRequest) -> Result<Ask, Problem> {
        let mut held = Private::default();
        let ask = on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let title = fields.optional_name("title", &asked.title);
            let group = fields.optional_code("group", &asked.group);
            let grid = fields.grid("grid", &asked.grid);
            let area = fields.optional_code("area", &asked.area);
            let unit = unit(fields, asked.unit.unwrap_or_default());
            held = private(fields, asked.personal, &asked.resident)?;
            Some(Action::Amend(Box::new(Amend {
                title: title?,
                group: group?,
                grid: grid?,
                area: area?,
                unit: asked.unit.and(unit),
                personal: None,
                resident: None,
            })))
        })?;
        Ok(Ask {
            private: held,
            ..ask
        })
    }
}

impl TryFrom<pb::RenewEntryRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RenewEntryRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let from = fields.day("from_day", &asked.from_day);
            let until = fields.optional_day("until_day", &asked.until_day);
            Some(Action::Renew {
                from: from?,
                until: until?,
            })
        })
    }
}

impl TryFrom<pb::LeaveEntryRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::LeaveEntryRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let on = fields.optional_day("on_day", &asked.on_day);
            let reason = fields.code("reason", &asked.reason);
            Some(Action::Leave {
                on: on?,
                reason: reason?,
            })
        })
    }
}

impl TryFrom<pb::MoveEntryRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::MoveEntryRequest) -> Result<Ask, Problem> {
        let (id, name, at) = (&asked.request_id, &asked.name, asked.happened_at);
        on_process(ENGINE, id, name, at, |fields| {
            let to = fields.code("to", &asked.to);
            let reason = fields.optional_name("reason", &asked.reason);
            Some(Action::Move {
                to: to?,
                reason: reason?,
                seen: Seen::default(),
            })
        })
    }
}

impl TryFrom<pb::AcceptEntryRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AcceptEntryRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let party = fields.entry("party", &asked.party)?;
            Some(Action::Accept { party })
        })
    }
}

impl TryFrom<pb::GrantRoleRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::GrantRoleRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let role = fields.code("role", &asked.role);
            let holder = fields.optional_entry("holder", &asked.holder);
            let from = fields.optional_day("from_day", &asked.from_day);
            let until = fields.optional_day("until_day", &asked.until_day);
            Some(Action::Grant {
                role: role?,
                holder: holder?,
                from: from?,
                until: until?,
            })
        })
    }
}

impl TryFrom<pb::EndRoleRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::EndRoleRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let role = fields.code("role", &asked.role);
            let holder = fields.optional_entry("holder", &asked.holder);
            let on = fields.optional_day("on_day", &asked.on_day);
            let reason = fields.code("reason", &asked.reason);
            Some(Action::EndRole {
                role: role?,
                holder: holder?,
                on: on?,
                reason: reason?,
            })
        })
    }
}

impl TryFrom<pb::AddPlotsRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AddPlotsRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            // More than there can be is refused as such.
            let count = u16::try_from(asked.count).unwrap_or(u16::MAX);
            let is_school = asked.school;
            Some(Action::AddPlots { count, is_school })
        })
    }
}

impl TryFrom<pb::OpenPlotsRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenPlotsRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            Some(Action::OpenPlots)
        })
    }
}

impl TryFrom<pb::AskForPlotRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AskForPlotRequest) -> Result<Ask, Problem> {
        let (id, name, at) = (&asked.request_id, &asked.name, asked.happened_at);
        on_process(ENGINE, id, name, at, |fields| {
            let by = fields.entry("by", &asked.by)?;
            let is_school = asked.school;
            Some(Action::Ask { by, is_school })
        })
    }
}

impl TryFrom<pb::WithdrawFromPlotsRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::WithdrawFromPlotsRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let by = fields.entry("by", &asked.by)?;
            Some(Action::Withdraw { by })
        })
    }
}

impl TryFrom<pb::AllotPlotsRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AllotPlotsRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            Some(Action::Allot { seed: asked.seed })
        })
    }
}

impl TryFrom<pb::ChangePlotRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ChangePlotRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let change = change(fields, asked.to, &asked.reason);
            let plot = u16::try_from(asked.plot).unwrap_or(u16::MAX);
            let change = change?;
            Some(Action::ChangePlot { plot, change })
        })
    }
}

fn change(fields: &mut Fields, to: i32, reason: &str) -> Option<PlotChange> {
    let reason: Option<Code> = fields.optional_code("reason", reason)?;
    let change = match (pb::PlotState::try_from(to).ok(), reason) {
        (Some(pb::PlotState::Cultivated), None) => Some(PlotChange::Cultivated),
        (Some(pb::PlotState::Neglected), None) => Some(PlotChange::Warned),
        (Some(pb::PlotState::Open), Some(reason)) => Some(PlotChange::Released { reason }),
        _ => None,
    };
    fields.choice(
        "to",
        change,
        "CULTIVATED, NEGLECTED (without a reason), OPEN (with a reason)",
    )
}
