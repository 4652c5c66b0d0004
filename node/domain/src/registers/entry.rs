//! What an entry is at a time: how happenings change it, what the next day brings,
//! who may see it.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::garden;
use super::{Condition, Entry, Form, Grant, Happening, Registered};
use crate::actor::Actor;
use crate::code::Code;
use crate::notices::{Notice, Sentence};
use crate::process::{Context, Happened, Process, Refusal};
use crate::stored::Day;

/// Why something ends that nobody ends.
pub(super) const TERM_OVER: &str = "term-over";

impl Process for Entry {
    type Action = super::Action;
    type Happening = Happening;
    const SENTENCES: &[&Sentence] = super::notices::ALL;

    fn decide(
        before: Option<&Entry>,
        action: &super::Action,
        context: &Context<'_>,
    ) -> Result<Vec<Happening>, Refusal> {
        super::decide::decide(before, action, context)
    }

    fn apply(before: Option<Entry>, happened: &Happened<Happening>) -> Option<Entry> {
        let Some(mut entry) = before else {
            return registered(happened);
        };
        entry.happen(happened)?;
        if happened.by != Actor::System {
            entry.acted_at = happened.at;
        }
        Some(entry)
    }

    fn told(what: &Happening) -> (&'static str, Vec<(&'static str, String)>) {
        super::told::told(what)
    }

    fn notice(
        before: Option<&Entry>,
        after: &Entry,
        happened: &Happened<Happening>,
    ) -> Option<Notice> {
        super::notices::notice(before, after, happened)
    }

    fn facts(before: Option<&Entry>, happened: &Happened<Happening>) -> Vec<proto::fact::Fact> {
        super::facts::facts(before, happened)
    }

    fn alarm(&self) -> Option<(Timestamp, Happening)> {
        let term = self.next_of_terms();
        let roles = self.grants.iter().filter_map(|grant| self.next_of(grant));
        let all = roles.chain(term);
        all.min_by_key(|(at, _)| *at)
    }

    fn acted_at(&self) -> Timestamp {
        self.acted_at
    }

    fn is_open(&self) -> bool {
        !self.ended
    }

    /// What is somebody's private affair, the grid's own worker and the office see.
    fn is_visible_to(&self, actor: &Actor) -> bool {
        let is_private = self.rules.form.is_private();
        match actor {
            Actor::Resident(resident) => !is_private || self.resident == Some(*resident),
            Actor::GridWorker(grid) => !is_private || self.grid.is_none_or(|own| own == *grid),
            Actor::Handler(_) => !is_private,
            _ => true,
        }
    }
}

fn registered(happened: &Happened<Happening>) -> Option<Entry> {
    let Happening::Registered(registered) = &happened.what else {
        return None;
    };
    let registered: Registered = (**registered).clone();
    Some(Entry {
        stage: registered.rules.stages.first()?.code.clone(),
        stage_since: happened.at,
        register: registered.register,
        rules: registered.rules,
        conditions: Vec::new(),
        title: registered.title,
        group: registered.group,
        grid: registered.grid,
        area: registered.area,
        unit: registered.unit,
        parent: registered.parent,
        level: registered.level,
        personal: registered.personal,
        resident: registered.resident,
        consented_on: registered.consented_on,
        terms: vec![registered.term],
        begun: 0,
        is_member: false,
        grants: Vec::new(),
        pair: registered.pair,
        plots: Vec::new(),
        asks: Vec::new(),
        ended: false,
        acted_at: happened.at,
        zone: registered.zone,
    })
}

impl Entry {
    /// Belongs to its register's stock now.
    pub fn is_active(&self) -> bool {
        let counts = self
            .rules
            .stage(&self.stage)
            .is_some_and(|stage| stage.counts);
        counts && self.is_member && !self.ended
    }

    /// Has a term that holds the day.
    pub fn is_member_on(&self, day: Day) -> bool {
        self.terms.iter().any(|term| term.holds(day))
    }

    /// An auditor reads everything but what is personal.
    pub fn shows_personal_to(&self, actor: &Actor) -> bool {
        match actor {
            Actor::Staff | Actor::Admin => true,
            Actor::GridWorker(grid) => self.grid == Some(*grid),
            Actor::Resident(resident) => self.resident == Some(*resident),
            _ => false,
        }
    }

    /// The civil day on which it came to its stage.
    pub fn stage_since_day(&self) -> Day {
        let zone = TimeZone::get(&self.zone).unwrap_or(TimeZone::UTC);
        Day(zone.to_datetime(self.stage_since).date())
    }

    pub fn condition(&self, stage: &Code) -> Option<&Condition> {
        let mut all = self.conditions.iter();
        all.find(|condition| condition.stage == *stage)
    }

    /// How many holders the register needs, and how many of these there are.
    pub fn seats(&self) -> (i64, i64) {
        let (mut seats, mut filled) = (0, 0);
        for post in self.rules.roles.iter().filter(|post| post.needed > 0) {
            let held = self.grants.iter();
            let held = held.filter(|grant| grant.is_running && grant.role == post.role);
            let held = held.count().min(usize::from(post.needed));
            seats += i64::from(post.needed);
            filled += held as i64;
        }
        (seats, filled)
    }

    pub fn is_pair(&self) -> bool {
        self.rules.form == Form::Pair
    }

    pub(super) fn position(&self, role: &Code, holder: Option<u64>, from: Day) -> Option<usize> {
        self.grants.iter().position(|grant| {
            grant.role == *role && grant.holder == holder && grant.term.from == from
        })
    }

    fn running(&self, role: &Code, holder: Option<u64>) -> Option<usize> {
        self.grants
            .iter()
            .position(|grant| grant.is_running && grant.role == *role && grant.holder == holder)
    }

    fn next_of_terms(&self) -> Option<(Timestamp, Happening)> {
        if self.is_member {
            let until = self
                .terms
                .get(usize::from(self.begun).checked_sub(1)?)?
                .until?;
            let reason = TERM_OVER.parse().ok()?;
            return Some((self.after(until)?, Happening::Left { on: until, reason }));
        }
        let on = self.terms.get(usize::from(self.begun))?.from;
        (!self.ended).then(|| (on.start(&self.zone), Happening::Joined { on }))
    }

    fn next_of(&self, grant: &Grant) -> Option<(Timestamp, Happening)> {
        let (role, holder) = (grant.role.clone(), grant.holder);
        if !grant.is_running {
            let on = grant.term.from;
            return Some((
                on.start(&self.zone),
                Happening::RoleBegan { role, holder, on },
            ));
        }
        let on = grant.term.until?;
        let reason = TERM_OVER.parse().ok()?;
        let ended = Happening::RoleEnded {
            role,
            holder,
            on,
            reason,
        };
        Some((self.after(on)?, ended))
    }

    /// When a day is over.
    fn after(&self, day: Day) -> Option<Timestamp> {
        let next = day.0.checked_add(1.day()).ok()?;
        Some(Day(next).start(&self.zone))
    }

    fn happen(&mut self, happened: &Happened<Happening>) -> Option<()> {
        match &happened.what {
            Happening::Registered(_) => return None,
            Happening::Amended {
                title,
                group,
                grid,
                area,
                unit,
                personal,
                resident,
            } => {
                set(&mut self.title, title);
                set(&mut self.group, group);
                set(&mut self.grid, grid);
                set(&mut self.area, area);
                set(&mut self.personal, personal);
                set(&mut self.resident, resident);
                self.unit = unit.unwrap_or(self.unit);
            }
            Happening::Renewed { term } => self.terms.push(*term),
            Happening::Joined { .. } => {
                self.begun += 1;
                self.is_member = true;
            }
            Happening::Left { on, reason } => {
                // Who leaves early does not come back by itself.
                if reason.as_str() != TERM_OVER {
                    self.terms.truncate(usize::from(self.begun));
                }
                let term = usize::from(self.begun).checked_sub(1)?;
                self.terms.get_mut(term)?.until = Some(*on);
                self.is_member = false;
                self.grants.clear();
            }
            Happening::Moved { to, .. } => {
                self.ended = self.rules.stage(to)?.ends;
                self.stage = to.clone();
                self.stage_since = happened.at;
                if self.ended {
                    self.terms.truncate(usize::from(self.begun));
                    self.grants.clear();
                }
            }
            Happening::Accepted { party } => self.pair.as_mut()?.accepted.push(*party),
            Happening::RoleGranted { role, holder, term } => self.grants.push(Grant {
                role: role.clone(),
                holder: *holder,
                term: *term,
                by: happened.by.clone(),
                is_running: false,
            }),
            Happening::RoleBegan { role, holder, on } => {
                let at = self.position(role, *holder, *on)?;
                self.grants[at].is_running = true;
            }
            Happening::RoleEnded { role, holder, .. } => {
                let at = self.running(role, *holder)?;
                self.grants.remove(at);
            }
            Happening::Bound { conditions } => self.conditions.clone_from(conditions),
            other => garden::happen(self, other, happened.at)?,
        }
        Some(())
    }
}

fn set<T: Clone>(field: &mut Option<T>, given: &Option<T>) {
    if given.is_some() {
        field.clone_from(given);
    }
}
