//! Roles: granted for a term, within what the register allows, and ended.

use super::own_reason;
use crate::code::Code;
use crate::process::Refusal;
use crate::registers::{Entry, Happening, Term};
use crate::stored::Day;

const MOST_GRANTS: usize = 300;

pub(super) fn grant(
    entry: &Entry,
    role: &Code,
    holder: Option<u64>,
    term: Term,
    today: Day,
) -> Result<Vec<Happening>, Refusal> {
    let Some(post) = entry.rules.post(role) else {
        let listed = entry.rules.roles.iter().map(|post| post.role.as_str());
        let listed = listed.collect::<Vec<_>>().join(", ");
        let zh = format!("名册的角色有：{listed}");
        let en = format!("the register has these roles: {listed}");
        return Err(Refusal::input("role", "UNKNOWN_ROLE", zh, en));
    };
    if !entry.is_member {
        let (zh, en) = ("现在不在册", "it is no member now");
        return Err(Refusal::state("NO_MEMBER", zh, en));
    }
    if term.until.is_some_and(|until| until < today) {
        let (zh, en) = ("任期已经过去", "the term is over already");
        return Err(Refusal::input("until_day", "TERM_IN_THE_PAST", zh, en));
    }
    let meeting = || entry.grants.iter().filter(|other| other.term.meets(&term));
    let own = || meeting().filter(|other| other.holder == holder);
    if own().any(|other| other.role == *role) {
        let (zh, en) = ("这段时间已经担任", "the role is held in this time already");
        return Err(Refusal::exists("ROLE_HELD", zh, en));
    }
    if entry.rules.is_exclusive && own().next().is_some() {
        let (zh, en) = (
            "一人不能兼任：须另设",
            "one holder has one role here: name somebody else",
        );
        return Err(Refusal::state("ROLES_EXCLUDE", zh, en));
    }
    let same = meeting().filter(|other| other.role == *role).count();
    if post.most > 0 && same >= usize::from(post.most) {
        let zh = format!("“{role}”最多 {} 人", post.most);
        let en = format!("{role} is held by at most {}", post.most);
        return Err(Refusal::state("SEATS_TAKEN", zh, en).with("most", post.most));
    }
    if entry.grants.len() >= MOST_GRANTS {
        let (zh, en) = ("角色过多", "there are too many roles");
        return Err(Refusal::exhausted("TOO_MANY_ROLES", zh, en));
    }
    let role = role.clone();
    let mut happenings = vec![Happening::RoleGranted {
        role: role.clone(),
        holder,
        term,
    }];
    if term.from <= today {
        let on = term.from;
        happenings.push(Happening::RoleBegan { role, holder, on });
    }
    Ok(happenings)
}

pub(super) fn end(
    entry: &Entry,
    role: &Code,
    holder: Option<u64>,
    on: Day,
    reason: &Code,
    today: Day,
) -> Result<Vec<Happening>, Refusal> {
    own_reason(reason)?;
    let mut held = entry.grants.iter();
    let held = held.find(|grant| grant.is_running && grant.role == *role && grant.holder == holder);
    let Some(held) = held else {
        let (zh, en) = ("现在没有担任", "the role is not held now");
        return Err(Refusal::state("ROLE_NOT_HELD", zh, en));
    };
    if on > today || on < held.term.from {
        let (zh, en) = (
            "应在任期开始之后，不晚于今天",
            "want a day of the term, not after today",
        );
        return Err(Refusal::input("on_day", "DAY_OUT_OF_TERM", zh, en));
    }
    Ok(vec![Happening::RoleEnded {
        role: role.clone(),
        holder,
        on,
        reason: reason.clone(),
    }])
}
