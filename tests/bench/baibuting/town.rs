//! What the people of the community do, as commands to the store's own ledger.

use std::collections::VecDeque;

use anyhow::{Context as _, bail, ensure};
use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use node_domain::{
    actor::{Actor, Grid},
    code::Name,
    duties::{self, Duty},
    process::{self, Engine, ProcessId, State},
    registers,
    token::TokenId,
};
use node_server::{
    rpc::secret::Secret,
    store::{
        Store,
        keyspace::{Rows as _, process::Processes},
        ledger::{
            command::{
                Answer, Asked, Bearer, Command, ProcessAnswer, ProcessCommand, TokenAsk,
                TokenCommand,
            },
            register::Private,
        },
    },
};
use prost::Message as _;
use proto::pb::node as pb;
use tokio::sync::oneshot::Receiver;

const GRIDS: usize = 130;
/// Commands on their way to the ledger at once.
const ON_THE_WAY: usize = 512;
const GREETED: duties::Action = duties::Action::Hold {
    on: None,
    present: 1,
    seats: 1,
};

/// The community's time, by days from the first delivery.
pub struct Clock {
    pub zone: TimeZone,
    pub first: Date,
}

impl Clock {
    pub fn at(&self, day: i64, second: i64) -> anyhow::Result<Timestamp> {
        let day = self.first.checked_add(day.days())?;
        let eight = self.zone.to_timestamp(day.at(8, 0, 0, 0))?;
        Ok(eight.checked_add(second.seconds())?)
    }
}

pub struct Town<'a> {
    pub store: &'a Store,
    pub clock: &'a Clock,
}

fn asked(by: Actor, token: u64, request_id: String, now: Timestamp) -> Asked {
    Asked {
        by,
        token: Some(TokenId(token)),
        request_id: Some(request_id),
        now,
    }
}

fn station(number: usize) -> anyhow::Result<Name> {
    Ok(format!("第{:02}志愿服务站", number + 1).parse()?)
}

impl Town<'_> {
    /// Sends the commands as quickly as they are taken; their processes, in order.
    fn do_all(
        &self,
        commands: impl Iterator<Item = anyhow::Result<ProcessCommand>>,
    ) -> anyhow::Result<Vec<ProcessId>> {
        let mut waiting = VecDeque::new();
        let mut done = Vec::new();
        let mut take = |answer: Receiver<Answer>| match answer.blocking_recv()? {
            Answer::Process(Ok(ProcessAnswer::Now(id, _))) => {
                done.push(id);
                anyhow::Ok(())
            }
            Answer::Process(Err(refused)) => bail!("refused: {refused:?}"),
            _ => bail!("an answer to something else"),
        };
        for command in commands {
            waiting.push_back(self.store.submit(Command::Process(Box::new(command?)))?);
            if waiting.len() >= ON_THE_WAY
                && let Some(first) = waiting.pop_front()
            {
                take(first)?;
            }
        }
        waiting.into_iter().try_for_each(&mut take)?;
        Ok(done)
    }

    /// What the office does before the first delivery.
    fn office(
        &self,
        what: &str,
        number: usize,
        process: Option<ProcessId>,
        action: impl Into<process::Action>,
        personal: Option<pb::Personal>,
    ) -> anyhow::Result<ProcessCommand> {
        let now = self.clock.at(-6, 0)?;
        let personal = personal.map(|personal| personal.encode_to_vec().into());
        Ok(ProcessCommand {
            asked: asked(Actor::Staff, 1, format!("{what}-{number}"), now),
            process,
            happened_at: None,
            action: action.into(),
            private: Private {
                personal,
                resident: None,
            },
        })
    }

    /// Entries of a register of persons.
    pub fn enter(
        &self,
        register: &str,
        group: Option<&str>,
        count: usize,
    ) -> anyhow::Result<Vec<ProcessId>> {
        let group = group.map(str::parse).transpose()?;
        self.do_all((0..count).map(|number| {
            let mut open = registers::Open::of(register.parse()?);
            open.group.clone_from(&group);
            open.grid = Grid::new((number % GRIDS) as u16 + 1);
            open.area = Some(format!("building-{}", number / 200 + 1).parse()?);
            let personal = pb::Personal {
                name: format!("王秀英{number}"),
                phone: format!("138{number:08}"),
                ..Default::default()
            };
            let action = registers::Action::Register(Box::new(open));
            self.office(register, number, None, action, Some(personal))
        }))
    }

    /// Their entries, and a bearer token for each.
    pub fn stations(&self, count: usize) -> anyhow::Result<Vec<Secret>> {
        self.do_all((0..count).map(|number| {
            let mut open = registers::Open::of("stations".parse()?);
            open.title = Some(station(number)?);
            let action = registers::Action::Register(Box::new(open));
            self.office("station", number, None, action, None)
        }))?;
        let now = self.clock.at(-6, 0)?;
        let make = |number| {
            let secret = Secret::random()?;
            let ask = TokenAsk::Create {
                bearer: Bearer::Other(Actor::Handler(station(number)?)),
                expires_at: None,
                secret_hash: secret.hash(),
            };
            let asked = asked(Actor::Admin, 1, format!("token-{number}"), now);
            let command = Command::Token(TokenCommand { asked, ask });
            match self.store.ask_blocking(command)? {
                Answer::Token(Ok(made)) => {
                    // The administrator's own is the first.
                    ensure!(made.token.id.0 == number as u64 + 2, "another token");
                    Ok(secret)
                }
                _ => bail!("no token"),
            }
        };
        (0..count).map(make).collect()
    }

    /// Made, and agreed to by both, with which they begin.
    pub fn pairs(
        &self,
        cared_for: &[ProcessId],
        helpers: &[ProcessId],
    ) -> anyhow::Result<Vec<ProcessId>> {
        let both = cared_for.iter().zip(helpers);
        let pairs = self.do_all(both.clone().enumerate().map(|(number, (person, helper))| {
            let mut open = registers::Open::of("pairs".parse()?);
            open.group = Some("empty-nest".parse()?);
            (open.person, open.helpers) = (Some(person.0), vec![helper.0]);
            let action = registers::Action::Register(Box::new(open));
            self.office("pair", number, None, action, None)
        }))?;
        for (what, is_helper) in [("agreed", false), ("helps", true)] {
            let parties = pairs.iter().zip(both.clone()).enumerate();
            self.do_all(parties.map(|(number, (pair, (person, helper)))| {
                let party = if is_helper { helper.0 } else { person.0 };
                let action = registers::Action::Accept { party };
                self.office(what, number, Some(*pair), action, None)
            }))?;
        }
        Ok(pairs)
    }

    pub fn duties(
        &self,
        pairs: &[ProcessId],
        stations: usize,
    ) -> anyhow::Result<Vec<(ProcessId, usize)>> {
        let opened = self.do_all(pairs.iter().enumerate().map(|(number, pair)| {
            let action = duties::Action::Open(duties::Open {
                kind: "care-greeting".parse()?,
                grid: Grid::new((number % GRIDS) as u16 + 1),
                owed_by: Some(station(number % stations)?),
                owed_to: Some(pair.0),
                from: Some(self.clock.first),
                until: None,
                year_day: None,
            });
            self.office("greeting", number, None, action, None)
        }))?;
        let by_station = opened.into_iter().enumerate();
        Ok(by_station
            .map(|(number, id)| (id, number % stations))
            .collect())
    }

    /// One day's greetings, in the four hours from eight on; nothing else was due.
    pub fn greet(&self, day: usize, duties: &[(ProcessId, usize)]) -> anyhow::Result<()> {
        let second = |number: usize| (number * 4 * 3600 / duties.len()) as i64;
        let now = self.clock.at(day as i64, 0)?;
        match self.store.ask_blocking(Command::Tick { now })? {
            Answer::Ticked(0) => {}
            _ => bail!("something fell due on day {day}"),
        }
        let held = duties.iter().enumerate().map(|(number, (duty, at))| {
            let now = self.clock.at(day as i64, second(number))?;
            let (by, token) = (Actor::Handler(station(*at)?), *at as u64 + 2);
            Ok(ProcessCommand {
                asked: asked(by, token, format!("care-{day}-{number}"), now),
                process: Some(*duty),
                happened_at: None,
                action: GREETED.into(),
                private: Private::default(),
            })
        });
        self.do_all(held).map(drop)
    }

    pub fn held(&self, duty: ProcessId) -> anyhow::Result<u32> {
        let key = (Engine::Duties, duty);
        let state: Option<State> = self.store.view().load::<Processes>(&key)?;
        let state = state.context("no such duty")?;
        let duty = <&Duty>::try_from(&state);
        duty.map(|duty| duty.held)
            .map_err(|engine| anyhow::anyhow!("{engine:?}"))
    }
}
