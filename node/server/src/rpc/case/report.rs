//! A report (报事) parsed: what is reported, by which way it came in, and the
//! personal fields as one plain message for the ledger to seal.

use node_domain::actor::Role;
use node_domain::cases::{Action, Chain, Origin, Report};
use node_domain::sealed::Sealed;
use prost::Message as _;
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::{Fields, TEXT_CHARS};
use super::parse::Ask;
use crate::store::ledger::command::Plain;

const NAME_CHARS: usize = 64;
const PHONE_CHARS: usize = 40;
const ADDRESS_CHARS: usize = 200;
const ORIGINS: &str = "ONLINE, COUNTER, PHONE, PAPER, DOOR_KNOCK, HOTLINE, PATROL, MEETING";

/// What `role` reports. Only who takes reports for others enters earlier ones:
/// a report that is late by its sender's own word would break a promise that
/// nobody could keep.
pub fn report(asked: pb::ReportCaseRequest, role: Role) -> Result<Ask, Problem> {
    let mut fields = Fields::default();
    let request_id = fields.request_id(&asked.request_id);
    let kind = fields.code("kind", &asked.kind);
    let origin = pb::Origin::try_from(asked.origin).ok().and_then(to_origin);
    let origin = fields.choice("origin", origin, ORIGINS);
    let grid = fields.grid("grid", &asked.grid);
    let personal = personal(&mut fields, asked.personal.unwrap_or_default());
    let mut happened_at = fields.time("reported_at", asked.reported_at);
    if matches!(role, Role::Resident | Role::Handler) && happened_at.flatten().is_some() {
        let (en, zh) = (
            "want nothing: only the office and grid workers enter earlier reports",
            "请留空：只有社区工作人员和网格员可以补录此前的报事",
        );
        happened_at = fields.wrong("reported_at", en, zh);
    }
    let due_at = fields.time("due_at", asked.due_at);
    let read = request_id.zip(kind).zip(origin).zip(grid).zip(personal);
    let area = fields.optional_entry("area", &asked.area);
    let built = read.zip(happened_at.zip(due_at).zip(area));
    let ask = built.map(
        |(((((request_id, kind), origin), grid), personal), ((happened_at, due_at), area))| Ask {
            request_id,
            case: None,
            happened_at,
            action: Plain(Action::Report(Report {
                kind,
                origin,
                grid,
                personal,
                requester: None,
                on_behalf: asked.on_behalf,
                chain: area.map(Chain::of),
                due_at,
                source_id: None,
            })),
        },
    );
    fields.done(ask)
}

/// One message of all of them; `None` when nothing is said.
pub fn personal(fields: &mut Fields, given: pb::Personal) -> Option<Option<Sealed>> {
    let name = fields.within("personal.name", &given.name, NAME_CHARS);
    let phone = fields.within("personal.phone", &given.phone, PHONE_CHARS);
    let address = fields.within("personal.address", &given.address, ADDRESS_CHARS);
    let text = fields.within("personal.text", &given.text, TEXT_CHARS);
    let personal = pb::Personal {
        name: name?.to_owned(),
        phone: phone?.to_owned(),
        address: address?.to_owned(),
        text: text?.to_owned(),
    };
    let said = personal != pb::Personal::default();
    Some(said.then(|| Sealed(personal.encode_to_vec().into())))
}

pub fn to_origin(origin: pb::Origin) -> Option<Origin> {
    Some(match origin {
        pb::Origin::Unspecified => return None,
        pb::Origin::Online => Origin::Online,
        pb::Origin::Counter => Origin::Counter,
        pb::Origin::Phone => Origin::Phone,
        pb::Origin::Paper => Origin::Paper,
        pb::Origin::DoorKnock => Origin::DoorKnock,
        pb::Origin::Hotline => Origin::Hotline,
        pb::Origin::Patrol => Origin::Patrol,
        pb::Origin::Meeting => Origin::Meeting,
    })
}

pub fn from_origin(origin: Origin) -> pb::Origin {
    match origin {
        Origin::Online => pb::Origin::Online,
        Origin::Counter => pb::Origin::Counter,
        Origin::Phone => pb::Origin::Phone,
        Origin::Paper => pb::Origin::Paper,
        Origin::DoorKnock => pb::Origin::DoorKnock,
        Origin::Hotline => pb::Origin::Hotline,
        Origin::Patrol => pb::Origin::Patrol,
        Origin::Meeting => pb::Origin::Meeting,
    }
}
