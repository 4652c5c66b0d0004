//! A programme as its clients read it: counts of people, never who.

use node_domain::activities::{Harvest, Income, Money, Programme, Session, Size};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;

use super::super::fields::wire_time;
use super::super::process::Shown;
use super::ENGINE;

impl Shown for pb::Programme {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Programme> {
        let programme: &Programme = state.try_into().ok()?;
        Some(pb::Programme {
            name,
            kind: programme.kind.to_string(),
            rules: programme.rules.playbook.to_string(),
            title: programme.title.to_string(),
            team: text(&programme.team),
            grid: text(&programme.grid),
            sessions: programme.sessions.iter().map(session).collect(),
            announced: programme.announced,
            held: programme.held,
            ended: programme.is_ended,
            updated_at: Some(wire_time(programme.acted_at)),
        })
    }
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}

fn session(session: &Session) -> pb::Session {
    let (income, cost) = session.sums();
    let signed_up = session.sign_ups.len();
    let confirmed = session.hours.iter();
    let confirmed = confirmed.filter(|one| one.confirmed.is_some_and(|(is_right, _)| is_right));
    let size = match session.size {
        Size::Small => pb::SessionSize::Small,
        Size::Large => pb::SessionSize::Large,
    };
    pb::Session {
        number: session.number,
        title: session.title.to_string(),
        size: size.into(),
        theme: text(&session.theme),
        on: session.on.to_string(),
        capacity: session.capacity.into(),
        status: session.status.code().to_owned(),
        signed_up: signed_up as u32,
        waiting: (signed_up - session.places()) as u32,
        attended: session.attended,
        came: session.sign_ups.iter().filter(|one| one.came).count() as u32,
        hours_logged: session.hours.len() as u32,
        minutes_confirmed: confirmed.map(|one| u32::from(one.minutes)).sum(),
        money: session.money.iter().map(money).collect(),
        income_fen: income,
        cost_fen: cost,
        balance_fen: income.saturating_sub(cost),
        accounts_published: session.is_published,
        harvests: session.harvests.iter().map(harvest).collect(),
    }
}

fn money(money: &Money) -> pb::SessionMoney {
    let source = match money.income {
        None => pb::IncomeSource::Unspecified,
        Some(Income::Shared) => pb::IncomeSource::Shared,
        Some(Income::Donation) => pb::IncomeSource::Donation,
        Some(Income::Crowdfunding) => pb::IncomeSource::Crowdfunding,
        Some(Income::Purchase) => pb::IncomeSource::Purchase,
    };
    pb::SessionMoney {
        source: source.into(),
        fen: money.fen,
        what: money.what.to_string(),
    }
}

fn harvest(harvest: &Harvest) -> pb::SessionHarvest {
    pb::SessionHarvest {
        crop: harvest.crop.to_string(),
        grams: harvest.grams,
        homes: harvest.homes.into(),
    }
}
