//! Pages of an answer. A token names its question and the row to go on after,
//! so that data arriving between two pages neither repeats a row nor skips one.
//! Knows no value.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hub_domain::query::Row;
use prost::Message as _;
use proto::pb::hub as pb;
use proto_edge::problem::Problem;
use sha2::{Digest as _, Sha256};

use crate::rpc::{
    field::{foreign_page_token, page_size},
    status::{Mistake, page_lost},
};

pub const USUAL: usize = 1_000;
pub const MOST: usize = 10_000;

const FORMAT: u8 = 1;
const LENGTH: usize = 21;

pub struct Page {
    size: usize,
    question: [u8; 8],
    after: Option<After>,
}

/// The last row of the page before: where it stood and which it was.
struct After {
    rows: u32,
    last: [u8; 8],
}

impl Page {
    pub fn of(wire: &pb::QueryIndicatorsRequest) -> Result<Page, Mistake> {
        let question = pb::QueryIndicatorsRequest {
            page_size: 0,
            page_token: String::new(),
            ..wire.clone()
        };
        let question = short(&Sha256::digest(question.encode_to_vec()));
        let after = match wire.page_token.as_str() {
            "" => None,
            token => Some(After::parse(token, question).ok_or_else(foreign_page_token)?),
        };
        Ok(Page {
            size: page_size(wire.page_size, USUAL, MOST)?,
            question,
            after,
        })
    }

    /// The rows of this page, and the token of the next one; empty at the end.
    pub fn cut<'a>(&self, rows: &'a [Row]) -> Result<(&'a [Row], String), Problem> {
        let start = match &self.after {
            None => 0,
            Some(after) => after.find(rows).ok_or_else(page_lost)?,
        };
        let end = rows.len().min(start + self.size);
        let page = &rows[start..end];
        let token = match page.last() {
            Some(last) if end < rows.len() => self.token(end, last),
            _ => String::new(),
        };
        Ok((page, token))
    }

    fn token(&self, rows: usize, last: &Row) -> String {
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(FORMAT);
        bytes.extend_from_slice(&self.question);
        // An answer has far fewer rows than 2^32.
        bytes.extend_from_slice(&(rows as u32).to_be_bytes());
        bytes.extend_from_slice(&name(last));
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

impl After {
    /// `None`: not a token of ours for `question`.
    fn parse(token: &str, question: [u8; 8]) -> Option<After> {
        let bytes: [u8; LENGTH] = URL_SAFE_NO_PAD.decode(token).ok()?.try_into().ok()?;
        (bytes[0] == FORMAT && bytes[1..9] == question).then_some(())?;
        Some(After {
            rows: u32::from_be_bytes(bytes[9..13].try_into().ok()?),
            last: bytes[13..].try_into().ok()?,
        })
    }

    fn find(&self, rows: &[Row]) -> Option<usize> {
        let stood = (self.rows as usize).checked_sub(1)?;
        let is_last = |row: &Row| name(row) == self.last;
        if rows.get(stood).is_some_and(is_last) {
            return Some(stood + 1);
        }
        rows.iter().position(is_last).map(|at| at + 1)
    }
}

/// What a row is of, without its value.
fn name(row: &Row) -> [u8; 8] {
    let mut hash = Sha256::new();
    hash.update(row.indicator.0.to_be_bytes());
    hash.update(row.revision.0.to_be_bytes());
    let place = row.key.place.map_or(u64::MAX, |place| place.aligned());
    hash.update(place.to_be_bytes());
    hash.update([match row.key.community_type {
        None => 255,
        Some(None) => 0,
        Some(Some(kind)) => kind as u8,
    }]);
    let period = row.period.map_or(u32::MAX, |period| period.number());
    hash.update(period.to_be_bytes());
    hash.update(row.member.unwrap_or_default().to_be_bytes());
    short(&hash.finalize())
}

fn short(digest: &[u8]) -> [u8; 8] {
    let mut short = [0; 8];
    short.copy_from_slice(&digest[..8]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use hub_domain::query::{Coverage, Key, Value};
    use proto::{
        indicator::cell::{IndicatorId, Revision},
        place::{Level, Place},
    };

    fn rows(places: std::ops::Range<u64>) -> Vec<Row> {
        let row = |n: u64| Row {
            indicator: IndicatorId(1),
            revision: Revision(1),
            key: Key {
                place: Place::from_aligned(n * 1_000, Level::Community),
                community_type: None,
            },
            period: None,
            member: None,
            value: Value::of_number(Some(n as f64)),
            coverage: Coverage::default(),
            compared: Vec::new(),
            rank: 0,
            approval: None,
        };
        places.map(row).collect()
    }

    fn asked(page_token: &str) -> pb::QueryIndicatorsRequest {
        pb::QueryIndicatorsRequest {
            from: "202601".into(),
            page_size: 3,
            page_token: page_token.into(),
            ..pb::QueryIndicatorsRequest::default()
        }
    }

    #[test]
    fn pages_go_on_after_the_same_row_whatever_came_in_between() {
        let seven = rows(10..17);
        let mut read = Vec::new();
        let mut token = String::new();
        loop {
            let page = Page::of(&asked(&token)).unwrap();
            let (cut, next) = page.cut(&seven).unwrap();
            read.extend_from_slice(cut);
            token = next;
            if token.is_empty() {
                break;
            }
        }
        assert_eq!(read, seven);
        let (_, token) = Page::of(&asked("")).unwrap().cut(&seven).unwrap();
        // Two rows came before the first page: none is repeated.
        let nine = rows(8..17);
        let (cut, _) = Page::of(&asked(&token)).unwrap().cut(&nine).unwrap();
        assert_eq!(cut, &nine[5..8]);
        // The row to go on after is gone.
        let lost = Page::of(&asked(&token))
            .unwrap()
            .cut(&rows(20..30))
            .unwrap_err();
        assert_eq!(lost.reason, "PAGE_LOST");
    }

    #[test]
    fn a_token_is_of_its_question_only() {
        let (_, token) = Page::of(&asked("")).unwrap().cut(&rows(0..9)).unwrap();
        let mut other = asked(&token);
        other.from = "202602".into();
        for wire in [other, asked("AAAA"), asked("报"), asked(&token[1..])] {
            let wrong = Page::of(&wire).err().map(|mistake| mistake.field);
            assert_eq!(wrong.as_deref(), Some("page_token"));
        }
        let mut larger = asked(&token);
        larger.page_size = 2;
        assert!(Page::of(&larger).is_ok());
    }
}
