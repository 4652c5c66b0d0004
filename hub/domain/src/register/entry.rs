//! One row of a list of communities, as text and parsed. Knows no register.

use jiff::civil::Date;
use proto::place::{Level, Place};

use super::community::{Closing, CommunityType};

/// A row as it was typed or read: `code,name,street[,type,opened,closed,successors]`.
/// Empty optional fields keep what is known. Successors are separated by spaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub code: String,
    pub name: String,
    pub street: String,
    pub kind: String,
    pub opened: String,
    pub closed: String,
    pub successors: String,
}

/// A row that cannot be wrong in itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub code: Place,
    pub name: Box<str>,
    pub street: Box<str>,
    pub kind: Option<CommunityType>,
    pub opened: Option<Date>,
    pub closing: Option<Closing>,
}

/// Longest name, in characters.
pub const NAME_LIMIT: usize = 64;
/// Most successors of one community.
pub const SUCCESSOR_LIMIT: usize = 16;

/// Which field is wrong, and how to put it right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidEntry {
    pub field: &'static str,
    pub problem: String,
}

impl TryFrom<&Row> for Entry {
    type Error = InvalidEntry;

    fn try_from(row: &Row) -> Result<Entry, InvalidEntry> {
        let code = community("code", &row.code)?;
        let opened = day("opened", &row.opened)?;
        let closed = day("closed", &row.closed)?;
        let successors = row
            .successors
            .split_whitespace()
            .map(|code| community("successors", code))
            .collect::<Result<Vec<_>, _>>()?;
        if closed.is_none() && !successors.is_empty() {
            return Err(invalid(
                "closed",
                "a community with successors has a closing day",
            ));
        }
        if successors.len() > SUCCESSOR_LIMIT || successors.contains(&code) {
            let problem = format!("want at most {SUCCESSOR_LIMIT}, and not the community itself");
            return Err(invalid("successors", problem));
        }
        if let (Some(opened), Some(closed)) = (opened, closed)
            && closed <= opened
        {
            return Err(invalid(
                "closed",
                format!("{closed} is not after opened {opened}"),
            ));
        }
        let kind = match row.kind.trim() {
            "" => None,
            kind => Some(
                kind.parse()
                    .map_err(|unknown| invalid("type", format!("{unknown}")))?,
            ),
        };
        Ok(Entry {
            code,
            name: name("name", &row.name)?,
            street: name("street", &row.street)?,
            kind,
            opened,
            closing: closed.map(|on| Closing { on, successors }),
        })
    }
}

fn invalid(field: &'static str, problem: impl Into<String>) -> InvalidEntry {
    InvalidEntry {
        field,
        problem: problem.into(),
    }
}

fn community(field: &'static str, code: &str) -> Result<Place, InvalidEntry> {
    let place: Result<Place, _> = code.trim().parse();
    place
        .ok()
        .filter(|place| place.level() == Level::Community)
        .ok_or_else(|| {
            let shown: String = code.chars().take(32).collect();
            invalid(field, format!("{shown:?}: want a 12-digit community code"))
        })
}

fn name(field: &'static str, text: &str) -> Result<Box<str>, InvalidEntry> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > NAME_LIMIT || text.chars().any(char::is_control) {
        let problem = format!("want 1 to {NAME_LIMIT} characters, no control characters");
        return Err(invalid(field, problem));
    }
    Ok(text.into())
}

fn day(field: &'static str, text: &str) -> Result<Option<Date>, InvalidEntry> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| {
            let shown: String = text.chars().take(32).collect();
            invalid(field, format!("{shown:?}: want a date such as 2024-01-31"))
        }),
    }
}
