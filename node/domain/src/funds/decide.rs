//! From what is asked of a fund to what happens, or a refusal.

use super::fund::SHARES;
use super::{Action, Form, Fund, Happening, MOST_FEN, Open, shares, subsidy};
use crate::code::Code;
use crate::process::{Context, Refusal};

mod building;
mod expense;
mod grant;

const OFFICE: (&str, &str) = ("社区工作人员", "the office");

pub(super) fn decide(
    before: Option<&Fund>,
    action: &Action,
    context: &Context<'_>,
) -> Result<Vec<Happening>, Refusal> {
    if !context.by.is_office() {
        return Err(Refusal::not_yours(OFFICE));
    }
    let fund = match (before, action) {
        (None, Action::Open(open)) => return self::open(open, context),
        (Some(_), Action::Open(_)) => return Err(Refusal::already_open()),
        (None, _) => return Err(Refusal::unknown()),
        (Some(fund), _) => fund,
    };
    // What was paid before the end can still be made public.
    if fund.closed && !matches!(action, Action::Publish) {
        return Err(Refusal::over());
    }
    match action {
        Action::Open(_) => Err(Refusal::already_open()),
        Action::Appoint { payer, auditor } => appoint(*payer, *auditor),
        Action::Plan { total, split } => {
            of_form(fund, Form::Project)?;
            before_works(fund)?;
            let total = amount("total", *total)?;
            let shares = shares(total, split)?;
            Ok(vec![Happening::Planned { total, shares }])
        }
        Action::Agree { owner, agrees } => agree(fund, *owner, *agrees),
        Action::Start => start(fund),
        Action::PayShare { owner, fen } => pay_share(fund, *owner, *fen),
        Action::Receive { from, fen } => receive(fund, from, *fen),
        Action::Request { fen, purpose, by } => expense::request(fund, *fen, purpose, *by),
        Action::Answer {
            expense,
            by,
            answer,
        } => expense::answer(fund, *expense, *by, answer),
        Action::Publish => expense::publish(fund),
        Action::Apply {
            building,
            agreed_on,
            total,
        } => {
            of_form(fund, Form::Scheme)?;
            let total = amount("total", *total)?;
            subsidy::apply(fund, building, *agreed_on, total, context)
        }
        Action::Pledge { .. }
        | Action::StartBuilding { .. }
        | Action::FinishBuilding { .. }
        | Action::PaySubsidy { .. } => building::decide(fund, action),
        Action::ApproveGrant { by } => grant::approve(fund, *by),
        Action::Move { to } => grant::move_on(fund, to),
        Action::Close { reason } => Ok(vec![Happening::Closed {
            reason: reason.clone(),
        }]),
    }
}

fn open(open: &Open, context: &Context<'_>) -> Result<Vec<Happening>, Refusal> {
    let kind = context.playbooks.fund(&open.kind);
    let kind = kind.ok_or_else(|| Refusal::unknown_kind(&open.kind))?;
    let rules = &kind.rules;
    let is_grant = rules.form == Form::Grant;
    let is_scheme = rules.form == Form::Scheme;
    if is_scheme {
        subsidy::check_tiers(&open.tiers, rules.first_percent)?;
    } else if !open.tiers.is_empty() || open.eligible != 0 {
        let (zh, en) = ("只有补贴计划分档", "only a scheme has tiers");
        return Err(Refusal::input("tiers", "NO_SCHEME", zh, en));
    }
    let fits = open
        .funding
        .as_ref()
        .is_none_or(|f| rules.fundings.contains(f));
    if !fits || open.funding.is_some() && !is_grant {
        let listed = rules.fundings.iter().map(Code::as_str).collect::<Vec<_>>();
        let listed = listed.join(", ");
        let zh = format!("资助方式有：{listed}");
        let en = format!("there are these forms of funding: {listed}");
        return Err(Refusal::input("funding", "UNKNOWN_FUNDING", zh, en));
    }
    let amount = match is_grant {
        true => amount("amount", open.amount)?,
        false => 0,
    };
    if !is_grant && open.recipient.is_some() {
        let (zh, en) = ("只有资助有受益人", "only a grant has a recipient");
        return Err(Refusal::input("recipient", "NO_GRANT", zh, en));
    }
    Ok(vec![Happening::Opened {
        kind: open.kind.clone(),
        rules: Box::new(rules.clone()),
        title: open.title.clone(),
        grid: open.grid,
        tiers: open.tiers.clone(),
        eligible: open.eligible,
        recipient: open.recipient,
        funding: open.funding.clone(),
        amount,
    }])
}

/// A positive amount that sums of thousands cannot overflow.
fn amount(field: &'static str, fen: i64) -> Result<i64, Refusal> {
    if (1..=MOST_FEN).contains(&fen) {
        return Ok(fen);
    }
    let zh = format!("金额应为 1 到 {MOST_FEN} 分");
    let en = format!("want an amount from 1 to {MOST_FEN} fen");
    Err(Refusal::input(field, "AMOUNT_OUT_OF_RANGE", zh, en))
}

fn of_form(fund: &Fund, form: Form) -> Result<(), Refusal> {
    if fund.rules.form == form {
        return Ok(());
    }
    let (zh, en) = ("这类经费没有这一步", "this kind of fund has no such step");
    Err(Refusal::state("OTHER_FORM", zh, en).with("form", fund.rules.form.code()))
}

fn before_works(fund: &Fund) -> Result<(), Refusal> {
    if !fund.started {
        return Ok(());
    }
    let (zh, en) = ("已经开工", "works have started");
    Err(Refusal::state("WORKS_STARTED", zh, en))
}

fn appoint(payer: u64, auditor: u64) -> Result<Vec<Happening>, Refusal> {
    if payer == auditor {
        let (zh, en) = (
            "资金核查人与付款人须为不同的人",
            "the auditor is somebody else than the payer",
        );
        return Err(Refusal::input("auditor", "AUDITOR_PAYS", zh, en));
    }
    Ok(vec![Happening::Appointed { payer, auditor }])
}

fn share(fund: &Fund, owner: u64) -> Result<super::Share, Refusal> {
    of_form(fund, Form::Project)?;
    let plan = fund.plan.as_ref();
    let mut shares = plan.into_iter().flat_map(|plan| &plan.shares);
    let found = shares.find(|share| share.owner == owner);
    found.copied().ok_or_else(|| {
        let (zh, en) = ("分摊表里没有这一户", "the plan has no share of this owner");
        Refusal::input("owner", "NO_SHARE", zh, en)
    })
}

fn agree(fund: &Fund, owner: u64, agrees: bool) -> Result<Vec<Happening>, Refusal> {
    let share = share(fund, owner)?;
    before_works(fund)?;
    if share.agreed == agrees {
        let (zh, en) = ("已经这样登记", "it is recorded so already");
        return Err(Refusal::exists("ALREADY_SAID", zh, en));
    }
    Ok(vec![Happening::Agreed { owner, agrees }])
}

/// 达成一致再开工.
fn start(fund: &Fund) -> Result<Vec<Happening>, Refusal> {
    of_form(fund, Form::Project)?;
    before_works(fund)?;
    if !fund.is_agreed() {
        let plan = fund.plan.as_ref();
        let shares = plan.into_iter().flat_map(|plan| &plan.shares);
        let missing = shares.filter(|share| !share.agreed).count();
        let zh = format!("须全部同意分摊后才能开工，还差 {missing} 户");
        let en = format!("works start when all shares are agreed; {missing} are missing");
        return Err(Refusal::state("SHARES_NOT_AGREED", zh, en).with("missing", missing));
    }
    Ok(vec![Happening::Started])
}

fn pay_share(fund: &Fund, owner: u64, fen: i64) -> Result<Vec<Happening>, Refusal> {
    let share = share(fund, owner)?;
    let fen = amount("fen", fen)?;
    if !share.agreed {
        let (zh, en) = (
            "这一户还没有同意分摊",
            "this owner has not agreed to the share",
        );
        return Err(Refusal::state("SHARE_NOT_AGREED", zh, en));
    }
    let left = share.fen - share.paid;
    if fen > left {
        let zh = format!("超出这一户应付的部分，还应付 {left} 分");
        let en = format!("that is more than the {left} fen that are left of the share");
        return Err(Refusal::input("fen", "MORE_THAN_THE_SHARE", zh, en).with("left", left));
    }
    Ok(vec![Happening::SharePaid { owner, fen }])
}

fn receive(fund: &Fund, from: &Code, fen: i64) -> Result<Vec<Happening>, Refusal> {
    let fen = amount("fen", fen)?;
    if from.as_str() == SHARES || !fund.rules.incomes.contains(from) {
        let listed = fund.rules.incomes.iter().map(Code::as_str);
        let listed = listed.collect::<Vec<_>>().join(", ");
        let zh = format!("收入类别有：{listed}");
        let en = format!("there are these kinds of income: {listed}");
        return Err(Refusal::input("from", "UNKNOWN_INCOME", zh, en));
    }
    let from = from.clone();
    Ok(vec![Happening::Received { from, fen }])
}
