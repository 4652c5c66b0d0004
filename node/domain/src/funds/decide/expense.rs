//! Expenses: requested, approved, countersigned, paid, published. Who asks does not
//! approve, who pays does not countersign, and nobody pays what is not there.

use super::{Form, Fund, Happening, amount};
use crate::code::Name;
use crate::funds::{Answer, Expense, ExpenseState};
use crate::process::Refusal;

const MOST_EXPENSES: usize = 5_000;

pub(super) fn request(
    fund: &Fund,
    fen: i64,
    purpose: &Name,
    by: u64,
) -> Result<Vec<Happening>, Refusal> {
    if matches!(fund.rules.form, Form::Grant | Form::Scheme) {
        let (zh, en) = ("这类经费没有支出", "this kind of fund has no expenses");
        return Err(Refusal::state("OTHER_FORM", zh, en));
    }
    let fen = amount("fen", fen)?;
    if fund.rules.form == Form::Project && !fund.started {
        let (zh, en) = ("还没有开工", "works have not started");
        return Err(Refusal::state("WORKS_NOT_STARTED", zh, en));
    }
    if fund.expenses.len() >= MOST_EXPENSES {
        let (zh, en) = ("支出笔数过多", "there are too many expenses");
        return Err(Refusal::exhausted("TOO_MANY_EXPENSES", zh, en));
    }
    let purpose = purpose.clone();
    Ok(vec![Happening::Requested { fen, purpose, by }])
}

pub(super) fn answer(
    fund: &Fund,
    number: u32,
    by: u64,
    answer: &Answer,
) -> Result<Vec<Happening>, Refusal> {
    let Some(expense) = fund.expense(number) else {
        let zh = format!("支出编号应在 1 到 {} 之间", fund.expenses.len());
        let en = format!("want an expense from 1 to {}", fund.expenses.len());
        return Err(Refusal::input("expense", "UNKNOWN_EXPENSE", zh, en));
    };
    if expense.state != ExpenseState::Requested {
        let (zh, en) = ("这笔支出已经了结", "this expense is settled");
        return Err(Refusal::state("EXPENSE_SETTLED", zh, en));
    }
    match answer {
        Answer::Approved => approve(expense, by)?,
        Answer::Countersigned => countersign(fund, expense, by)?,
        Answer::Paid => pay(fund, expense, by)?,
        Answer::Rejected { .. } => {}
    }
    Ok(vec![Happening::Answered {
        expense: number,
        by,
        answer: answer.clone(),
    }])
}

fn approve(expense: &Expense, by: u64) -> Result<(), Refusal> {
    if by == expense.requested_by {
        let (zh, en) = (
            "申请人不能审批自己的支出",
            "who asks for it does not approve it",
        );
        return Err(Refusal::denied("OWN_REQUEST", zh, en));
    }
    if expense.approved_by.contains(&by) {
        let (zh, en) = ("已经审批", "this one has approved it already");
        return Err(Refusal::exists("ALREADY_APPROVED", zh, en));
    }
    Ok(())
}

fn countersign(fund: &Fund, expense: &Expense, by: u64) -> Result<(), Refusal> {
    if fund.auditor != Some(by) {
        let (zh, en) = (
            "只有资金核查人可以会签",
            "only the fund's auditor countersigns",
        );
        return Err(Refusal::denied("NOT_THE_AUDITOR", zh, en));
    }
    if by == expense.requested_by {
        let (zh, en) = (
            "核查人不能会签自己申请的支出",
            "an auditor does not countersign an own request",
        );
        return Err(Refusal::denied("OWN_REQUEST", zh, en));
    }
    if expense.countersigned_by.is_some() {
        let (zh, en) = ("已经会签", "it is countersigned already");
        return Err(Refusal::exists("ALREADY_COUNTERSIGNED", zh, en));
    }
    Ok(())
}

fn pay(fund: &Fund, expense: &Expense, by: u64) -> Result<(), Refusal> {
    if fund.payer != Some(by) {
        let (zh, en) = ("只有付款人可以付款", "only the fund's payer pays");
        return Err(Refusal::denied("NOT_THE_PAYER", zh, en));
    }
    // The auditor may have become the payer since.
    if expense.countersigned_by == Some(by) {
        let (zh, en) = ("会签的人不能付款", "who countersigned it does not pay it");
        return Err(Refusal::denied("AUDITOR_PAYS", zh, en));
    }
    let wanted = usize::from(fund.rules.approvals);
    if expense.approved_by.len() < wanted {
        let zh = format!("须有 {wanted} 人审批");
        let en = format!("want the approval of {wanted} people");
        return Err(Refusal::state("NOT_APPROVED", zh, en).with("wanted", wanted));
    }
    if fund.rules.is_countersigned && expense.countersigned_by.is_none() {
        let (zh, en) = (
            "资金核查人还没有会签",
            "the auditor has not countersigned it",
        );
        return Err(Refusal::state("NOT_COUNTERSIGNED", zh, en));
    }
    let there = fund.received() - fund.spent();
    if expense.fen > there {
        let zh = format!("余额不足：现有 {there} 分");
        let en = format!("there are only {there} fen");
        return Err(Refusal::state("NOT_ENOUGH", zh, en).with("there", there));
    }
    Ok(())
}

/// Income minus expenses can be read from what is published.
pub(super) fn publish(fund: &Fund) -> Result<Vec<Happening>, Refusal> {
    let paid = (1..).zip(&fund.expenses);
    let paid = paid.filter(|(_, expense)| expense.state == ExpenseState::Paid);
    let expenses: Vec<u32> = paid.map(|(number, _)| number).collect();
    if expenses.is_empty() {
        let (zh, en) = ("没有待公开的支出", "nothing paid waits to be published");
        return Err(Refusal::state("NOTHING_TO_PUBLISH", zh, en));
    }
    Ok(vec![Happening::Published { expenses }])
}
