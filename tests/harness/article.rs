//! The six places of the article, each with its own hub and a node that lives at
//! the time a story says. Knows no story. Districts and names are the article's;
//! street and community digits and the numbers of residents are made up where it
//! gives none.

use std::fs;

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use proto::pb::node::RollLine;
use serde_json::Value;

use super::{Community, District, calls::Caller, engines::line, eventually, process::Scratch};

pub struct Place {
    pub district: &'static str,
    pub code: &'static str,
    pub name: &'static str,
    pub playbook: &'static str,
    pub residents: &'static str,
}

const fn place(
    district: &'static str,
    code: &'static str,
    name: &'static str,
    playbook: &'static str,
    residents: &'static str,
) -> Place {
    Place {
        district,
        code,
        name,
        playbook,
        residents,
    }
}

pub const QINGSHAN: Place = place("qingshan", "420107001001", "青和居", "qingshan", "9000");
pub const TIANNING: Place = place(
    "tianning",
    "320402001001",
    "天宁老旧小区",
    "tianning",
    "4000",
);
pub const BAIBUTING: Place = place("jiangan", "420102001001", "百步亭", "baibuting", "160000");
pub const RUIQUAN: Place = place("wenjiang", "510115003064", "瑞泉馨城", "ruiquan", "12000");
pub const CUIZHUYUAN: Place = place("yuhuatai", "320114001001", "翠竹园", "cuizhuyuan", "8000");
pub const QINGHE: Place = place("haidian", "110108001001", "清河", "qinghe", "6000");

/// Civil time of the stories, as `2025-03-06 10:00`.
pub fn time(civil: &str) -> Timestamp {
    let civil: DateTime = civil.replace(' ', "T").parse().expect("a civil time");
    let zone = TimeZone::get("Asia/Shanghai").expect("a bundled zone");
    zone.to_timestamp(civil).expect("a time")
}

pub fn instant(civil: &str) -> prost_types::Timestamp {
    prost_types::Timestamp {
        seconds: time(civil).as_second(),
        nanos: 0,
    }
}

/// A hub that serves and a node that has joined it.
pub struct Story {
    pub hub: District,
    pub node: Community,
}

impl Story {
    pub fn begin(test: &str, place: &Place, at: &str) -> Story {
        let scratch = Scratch::new(test);
        let register = scratch.path().join("register.csv");
        let text = format!("code,name,street\n{},{},街道\n", place.code, place.name);
        fs::write(&register, text).expect("a register");
        let mut hub = District::of(scratch, place.district, &register);
        hub.start_hub();
        let dir = hub.path().join(place.code);
        let file = hub.path().join("time");
        fs::write(&file, time(at).to_string()).expect("a time");
        let more = ["--playbook", place.playbook, "--residents", place.residents];
        let node = hub.join(Community::in_dir_at(dir, place.code, &more, file));
        Story { hub, node }
    }

    /// It is now this civil time; what time brings follows by itself.
    pub fn now_it_is(&self, at: &str) {
        self.node.now_it_is(&time(at).to_string());
    }

    pub fn staff(&self) -> Caller {
        Caller::new(&self.node, "staff", "")
    }

    pub fn resident(&self, name: &str) -> Caller {
        Caller::new(&self.node, "resident", name)
    }

    /// A team, a company, an office that works on what is given to it.
    pub fn office(&self, name: &str) -> Caller {
        Caller::new(&self.node, "handler", name)
    }

    pub fn grid_worker(&self, grid: &str) -> Caller {
        Caller::new(&self.node, "grid-worker", grid)
    }

    /// Waits until the district sees a number.
    pub fn sees(&self, indicator: &str, period: &str, want: f64) {
        self.hub.counted(indicator, period, want);
    }

    /// Waits until the district sees so many of so many.
    pub fn sees_ratio(&self, indicator: &str, period: &str, numerator: i64, denominator: i64) {
        self.row(indicator, period, |row| {
            row["numerator"] == numerator && row["denominator"] == denominator
        });
    }

    /// The district's row once it is as wanted.
    pub fn row(&self, indicator: &str, period: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let waited = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            eventually(&format!("{indicator} of {period} is as wanted"), || {
                last = self.hub.query(&[indicator, "--from", period]).remove(0);
                is_wanted(&last).then(|| last.clone())
            })
        }));
        waited.unwrap_or_else(|_| panic!("{indicator} of {period} stays {last}"))
    }
}

impl Caller {
    /// So many entries of a register, of one building or stairwell.
    pub fn enter_many(&mut self, register: &str, area: &str, count: usize) -> Vec<String> {
        let mut enter = || self.enter_at(register, area).expect("an entry").name;
        (0..count).map(|_| enter()).collect()
    }
}

pub fn roll(entries: &[String], unit: &str) -> Vec<RollLine> {
    entries.iter().map(|entry| line(entry, unit)).collect()
}
