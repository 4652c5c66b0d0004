//! One row of a register's workbook, checked: every cell against what its column
//! holds, then the whole by the registers engine itself. Calls nobody.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use node_domain::actor::{Actor, Grid};
use node_domain::code::{Code, Name};
use node_domain::playbook::Playbooks;
use node_domain::process::{Class, Command, Context};
use node_domain::registers::{Action, Form, Kind, Open, PairsBefore, Rules};
use proto::pb::node as pb;

use super::column::Column;
use super::read::Row;

/// What is wrong with a row, and in which of its cells, if it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub column: Option<Column>,
    zh: Cow<'static, str>,
    en: Cow<'static, str>,
}

/// A row that can be registered.
#[derive(Clone, Debug)]
pub struct Ready {
    pub line: u32,
    pub request: pb::RegisterEntryRequest,
    /// Where it is moved after it was registered, stage by stage.
    pub stages: Vec<Code>,
    pub identity: String,
}

/// What rows are checked against.
pub struct Against<'a> {
    pub kind: &'a Kind,
    pub columns: &'a [Column],
    pub playbooks: &'a Playbooks,
    pub zone: &'a TimeZone,
    pub now: Timestamp,
}

impl Mark {
    pub fn new(
        column: impl Into<Option<Column>>,
        zh: impl Into<Cow<'static, str>>,
        en: impl Into<Cow<'static, str>>,
    ) -> Mark {
        Mark {
            column: column.into(),
            zh: zh.into(),
            en: en.into(),
        }
    }

    pub fn words(&self) -> String {
        format!("{} · {}", self.zh, self.en)
    }
}

/// A row's cells as they are parsed, with what is wrong with them.
struct Cells<'a> {
    row: &'a Row,
    marks: Vec<Mark>,
}

impl Against<'_> {
    pub fn check(&self, row: &Row) -> Result<Ready, Vec<Mark>> {
        let rules = &self.kind.rules;
        let mut cells = Cells {
            row,
            marks: Vec::new(),
        };
        for column in self.columns {
            cells.shape(*column, column.is_needed(rules));
        }
        let from = cells.day(Column::From);
        let until = cells.day(Column::Until);
        let consented_on = cells.day(Column::Consented);
        let title: Option<Name> = cells.parsed(Column::Title);
        let group: Option<Code> = cells.parsed(Column::Group);
        let grid = cells.grid();
        let area: Option<Code> = cells.parsed(Column::Area);
        let unit = cells.area();
        let stages = cells.stages(rules);
        let open = Open {
            register: self.kind.code.clone(),
            title,
            group,
            grid,
            area,
            unit,
            parent: None,
            from,
            until,
            consented_on,
            personal: None,
            resident: None,
            person: None,
            helpers: Vec::new(),
            before: PairsBefore::default(),
        };
        let request = request(&open, row);
        // Where a cell is wrong already, the engine would repeat it.
        if cells.marks.is_empty()
            && let Err(mark) = self.decide(open)
        {
            cells.marks.push(mark);
        }
        if !cells.marks.is_empty() {
            return Err(cells.marks);
        }
        let personal = request.personal.clone().unwrap_or_default();
        Ok(Ready {
            line: row.line,
            stages,
            identity: identity(rules.form, &request.title, &request.area, &personal),
            request,
        })
    }

    fn decide(&self, open: Open) -> Result<(), Mark> {
        let command = Command {
            by: Actor::Admin,
            happened_at: self.now,
            action: Some(Action::Register(Box::new(open)).into()),
        };
        let context = Context::new(self.now, &command, self.playbooks, self.zone);
        match command.execute(None, &context) {
            Ok(_) => Ok(()),
            Err(refusal) => {
                let column = match refusal.class {
                    Class::Input { field } => Column::of_field(field),
                    _ => None,
                };
                Err(Mark::new(column, refusal.zh, refusal.en))
            }
        }
    }
}

fn request(open: &Open, row: &Row) -> pb::RegisterEntryRequest {
    fn text(word: &Option<impl ToString>) -> String {
        word.as_ref().map_or_else(String::new, ToString::to_string)
    }
    let own = |column| row.cell(column).to_owned();
    let personal = pb::Personal {
        name: own(Column::Name),
        phone: own(Column::Phone),
        address: own(Column::Address),
        text: own(Column::Text),
    };
    pb::RegisterEntryRequest {
        register: open.register.to_string(),
        title: text(&open.title),
        group: text(&open.group),
        grid: text(&open.grid),
        area: text(&open.area),
        unit: open.unit,
        from_day: text(&open.from),
        until_day: text(&open.until),
        consented_on: text(&open.consented_on),
        personal: (personal != pb::Personal::default()).then_some(personal),
        ..Default::default()
    }
}

/// By what an entry is recognised: a body by its title, a household by its door, a
/// person by name and telephone, or name and address.
pub fn identity(form: Form, title: &str, area: &str, personal: &pb::Personal) -> String {
    let parts = match form {
        Form::Household => [area, &personal.address, ""],
        Form::Person if personal.phone.is_empty() => [&*personal.name, "", &personal.address],
        Form::Person => [&*personal.name, &personal.phone, ""],
        _ => [title, "", ""],
    };
    parts.join("\n")
}

impl Cells<'_> {
    fn mark(&mut self, column: Column) {
        let (zh, en) = column.hint();
        self.marks.push(Mark::new(column, zh, en));
    }

    /// What holds of any text in the column.
    fn shape(&mut self, column: Column, is_needed: bool) {
        let text = self.row.cell(column);
        let most = match column {
            Column::Name | Column::Title => 64,
            Column::Phone => 40,
            Column::Address => 200,
            _ => 4_000,
        };
        if text.is_empty() {
            if is_needed {
                self.marks
                    .push(Mark::new(column, "必填", "must be filled in"));
            }
        } else if is_id_card(text) {
            let (zh, en) = (
                "身份证号码不登记，请删去",
                "no ID card numbers are kept: remove it",
            );
            self.marks.push(Mark::new(column, zh, en));
        } else if text.chars().count() > most || text.contains(is_odd) {
            self.mark(column);
        }
    }

    fn parsed<T: std::str::FromStr>(&mut self, column: Column) -> Option<T> {
        let text = self.row.cell(column);
        if text.is_empty() {
            return None;
        }
        let parsed = text.parse().ok();
        if parsed.is_none() && !self.has_mark(column) {
            self.mark(column);
        }
        parsed
    }

    fn has_mark(&self, column: Column) -> bool {
        self.marks.iter().any(|mark| mark.column == Some(column))
    }

    /// Excel drops the noughts of 003.
    fn grid(&mut self) -> Option<Grid> {
        let text = self.row.cell(Column::Grid);
        if text.is_empty() {
            return None;
        }
        let grid = format!("{text:0>3}").parse().ok();
        if grid.is_none() {
            self.mark(Column::Grid);
        }
        grid
    }

    /// Square metres as hundredths of one.
    fn area(&mut self) -> u64 {
        let text = self.row.cell(Column::Unit);
        if text.is_empty() {
            return 0;
        }
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let number = match (whole.len(), part.len()) {
            (1..=8, 0..=2) if digits(whole) && digits(part) => {
                format!("{whole}{part:0<2}").parse().ok()
            }
            _ => None,
        };
        if number.is_none() {
            self.mark(Column::Unit);
        }
        number.unwrap_or(0)
    }

    fn day(&mut self, column: Column) -> Option<Date> {
        let text = self.row.cell(column);
        if text.is_empty() {
            return None;
        }
        let parts: Vec<&str> = text
            .split(['-', '/', '.', '年', '月', '日'])
            .filter(|part| !part.is_empty())
            .collect();
        let day = match parts.as_slice() {
            [year, month, day] if year.len() == 4 => {
                let numbers = (year.parse(), month.parse(), day.parse());
                match numbers {
                    (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).ok(),
                    _ => None,
                }
            }
            _ => None,
        };
        if day.is_none() {
            self.mark(column);
        }
        day
    }

    /// From the first stage to the one that is named, as the playbook orders them.
    fn stages(&mut self, rules: &Rules) -> Vec<Code> {
        let text = self.row.cell(Column::Stage);
        let Some(wanted) = (!text.is_empty()).then_some(text) else {
            return Vec::new();
        };
        path(rules, wanted).unwrap_or_else(|| {
            let listed: Vec<&str> = rules.stages.iter().map(|one| one.code.as_str()).collect();
            let listed = listed.join(", ");
            let (zh, en) = (
                format!("不能一步步到这个状态；名册的状态有：{listed}"),
                format!("no way leads to this stage; the register has {listed}"),
            );
            self.marks.push(Mark::new(Column::Stage, zh, en));
            Vec::new()
        })
    }
}

/// The shortest way; an entry that has ended goes nowhere.
fn path(rules: &Rules, wanted: &str) -> Option<Vec<Code>> {
    let first = rules.stages.first()?.code.clone();
    let mut ways = VecDeque::from([vec![first.clone()]]);
    let mut reached = BTreeMap::from([(first, ())]);
    while let Some(way) = ways.pop_front() {
        let at = way.last()?;
        if at.as_str() == wanted {
            return Some(way[1..].to_vec());
        }
        let ends = rules.stage(at).is_some_and(|stage| stage.ends);
        let follows = |next: &&node_domain::registers::Stage| {
            !ends && (next.after.is_empty() || next.after.contains(at))
        };
        for next in rules.stages.iter().filter(follows) {
            if reached.insert(next.code.clone(), ()).is_none() {
                ways.push_back([&way[..], std::slice::from_ref(&next.code)].concat());
            }
        }
    }
    None
}

/// 17 digits and a digit or X.
fn is_id_card(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 18
        && bytes[..17].iter().all(u8::is_ascii_digit)
        && (bytes[17].is_ascii_digit() || matches!(bytes[17], b'X' | b'x'))
}

fn is_odd(c: char) -> bool {
    c.is_control() && !matches!(c, '\n' | '\r' | '\t')
}
