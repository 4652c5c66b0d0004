//! What is watched for. Parsed: a rule that stands makes sense by itself; that
//! its indicator exists, only the catalogue knows.

use proto::{
    identity::Label,
    period::Grain,
    place::{Level, Place},
};

use crate::query::Asked;

/// Periods in a row, at most, that a rule waits for.
pub const LONGEST: u8 = 12;
pub const NOTE_CHARS: usize = 500;

#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    pub code: Label,
    pub indicator: Asked,
    /// Places within this one…
    pub place: Place,
    /// …of this level, each by itself.
    pub level: Level,
    /// Of the periods that are judged, each once it is over and complete.
    pub grain: Grain,
    pub condition: Condition,
    /// So many periods in a row meet it before anybody is warned, from 1.
    pub periods: u8,
    /// Who is told, and is to do something.
    pub centre: Label,
    /// What to do, for people.
    pub note: String,
}

/// When to warn, and from where on all is well again: the space between keeps a
/// number that wavers from warning every time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Condition {
    /// Warn from `warn` upwards, clear below `clear`.
    Above { warn: f64, clear: f64 },
    /// Warn from `warn` downwards, clear above `clear`.
    Below { warn: f64, clear: f64 },
    /// Warn when it grew on the period before by this share or more (0.5: by
    /// half), clear when by less than `clear`.
    Rising { warn: f64, clear: f64 },
    /// Warn when it fell by this share or more, clear when by less than `clear`.
    Falling { warn: f64, clear: f64 },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRule {
    #[error("want numbers")]
    NotANumber,
    #[error("want a clearing bound on the good side of the warning bound, or the same")]
    Inverted,
    #[error("want 1 to {LONGEST} periods")]
    Periods,
    #[error("want a community, street, district, city or province")]
    Level,
    #[error("want at most {NOTE_CHARS} characters")]
    Note,
}

impl InvalidRule {
    pub const fn field(self) -> &'static str {
        match self {
            InvalidRule::NotANumber | InvalidRule::Inverted => "clear",
            InvalidRule::Periods => "periods",
            InvalidRule::Level => "level",
            InvalidRule::Note => "note",
        }
    }
}

impl Rule {
    /// Checks what the types leave open.
    pub fn checked(self) -> Result<Rule, InvalidRule> {
        let (warn, clear) = self.condition.bounds();
        if !warn.is_finite() || !clear.is_finite() {
            return Err(InvalidRule::NotANumber);
        }
        let inverted = match self.condition {
            Condition::Below { .. } => clear < warn,
            _ => clear > warn,
        };
        if inverted {
            return Err(InvalidRule::Inverted);
        }
        if !(1..=LONGEST).contains(&self.periods) {
            return Err(InvalidRule::Periods);
        }
        if matches!(self.level, Level::Country | Level::Grid) {
            return Err(InvalidRule::Level);
        }
        if self.note.chars().count() > NOTE_CHARS {
            return Err(InvalidRule::Note);
        }
        Ok(self)
    }
}

impl Condition {
    pub const fn bounds(self) -> (f64, f64) {
        match self {
            Condition::Above { warn, clear }
            | Condition::Below { warn, clear }
            | Condition::Rising { warn, clear }
            | Condition::Falling { warn, clear } => (warn, clear),
        }
    }

    /// Whether it is a change on the period before that counts.
    pub const fn is_trend(self) -> bool {
        matches!(self, Condition::Rising { .. } | Condition::Falling { .. })
    }

    /// What is compared with the bounds: the number, or its change.
    pub fn measure(self, number: f64, before: Option<f64>) -> Option<f64> {
        match self {
            Condition::Above { .. } | Condition::Below { .. } => Some(number),
            Condition::Rising { .. } => grown(number, before),
            Condition::Falling { .. } => grown(number, before).map(|share| -share),
        }
    }

    pub fn warns(self, measure: f64) -> bool {
        match self {
            Condition::Below { warn, .. } => measure <= warn,
            Condition::Above { warn, .. }
            | Condition::Rising { warn, .. }
            | Condition::Falling { warn, .. } => measure >= warn,
        }
    }

    pub fn clears(self, measure: f64) -> bool {
        match self {
            Condition::Below { clear, .. } => measure > clear,
            Condition::Above { clear, .. }
            | Condition::Rising { clear, .. }
            | Condition::Falling { clear, .. } => measure < clear,
        }
    }
}

/// As a share of the number before; from nothing, nothing can be said.
fn grown(number: f64, before: Option<f64>) -> Option<f64> {
    let before = before.filter(|before| *before != 0.0)?;
    Some((number - before) / before.abs())
}
