//! A grant: its stages in their order, none skipped; the money after approvals by
//! different people, the recipient not among them.

use super::{Form, Fund, Happening, of_form};
use crate::code::Code;
use crate::process::Refusal;

pub(super) fn approve(fund: &Fund, by: u64) -> Result<Vec<Happening>, Refusal> {
    of_form(fund, Form::Grant)?;
    if fund.recipient == Some(by) {
        let (zh, en) = ("受益人不能审批", "the recipient does not approve");
        return Err(Refusal::denied("OWN_GRANT", zh, en));
    }
    if fund.approved_by.contains(&by) {
        let (zh, en) = ("已经审批", "this one has approved it already");
        return Err(Refusal::exists("ALREADY_APPROVED", zh, en));
    }
    Ok(vec![Happening::GrantApproved { by }])
}

pub(super) fn move_on(fund: &Fund, to: &Code) -> Result<Vec<Happening>, Refusal> {
    of_form(fund, Form::Grant)?;
    let stages = &fund.rules.stages;
    let place = |stage: &Code| stages.iter().position(|known| known == stage);
    let now = fund.stage.as_ref().and_then(place);
    let next = now.and_then(|now| stages.get(now + 1));
    if next != Some(to) {
        let next = next.map_or("", Code::as_str);
        let zh = format!("下一步是“{next}”，不能跳过");
        let en = format!("{next} is what follows; no stage is skipped");
        return Err(Refusal::state("STAGE_ORDER", zh, en).with("next", next));
    }
    let wanted = usize::from(fund.rules.approvals);
    let is_approved = fund.approved_by.len() >= wanted;
    if fund.rules.approved_stage.as_ref() == Some(to) && !is_approved {
        let zh = format!("须有 {wanted} 人审批");
        let en = format!("want the approval of {wanted} people");
        return Err(Refusal::state("NOT_APPROVED", zh, en).with("wanted", wanted));
    }
    Ok(vec![Happening::Moved { to: to.clone() }])
}
