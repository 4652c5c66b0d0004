//! The view's key spaces: one file each, a tag byte and a fixed big-endian key.
//! `docs/storage.md`, "Node view" lists them; golden tests freeze their bytes.
//!
//! Rows are derived from the journal alone, so that a rebuilt view is equal to
//! the one it replaces, key by key.

pub mod access;
pub mod case;
pub mod catalogue;
pub mod cell;
pub mod change;
pub mod consumer;
pub mod digest;
pub mod exact;
pub mod follower;
pub mod head;
mod index;
pub mod letter;
pub mod link;
pub mod member;
pub mod notice;
pub mod open;
pub mod person_pair;
pub mod playbook;
pub mod post;
pub mod process;
pub mod process_alarm;
pub mod process_event;
pub mod register_entry;
pub mod request;
pub mod requester;
pub mod source;
pub mod start;
pub mod stock;
pub mod subject;
pub mod subject_case;
pub mod subject_entry;
pub mod token;
pub mod token_hash;

use std::sync::Arc;

use super::fault::StoreFault;
use super::view::{Direction, Row, Scan, Table, View};

/// One key space.
pub trait Space {
    /// First byte of every key; never reused.
    const TAG: u8;
    /// For people.
    const NAME: &'static str;
    type Key;
    type Value;

    /// The key without its tag.
    fn key(key: &Self::Key) -> Vec<u8>;
    fn key_from(bytes: &[u8]) -> Option<Self::Key>;
    fn encode(value: &Self::Value) -> Vec<u8>;
    /// The error says what is wrong, for people.
    fn decode(bytes: &[u8]) -> Result<Self::Value, String>;
}

pub fn key<S: Space>(key: &S::Key) -> Vec<u8> {
    let body = S::key(key);
    let mut bytes = Vec::with_capacity(1 + body.len());
    bytes.push(S::TAG);
    bytes.extend_from_slice(&body);
    bytes
}

/// A key without its tag, for the bounds of [`View::entries`].
pub fn raw<S: Space>(key: &S::Key) -> Vec<u8> {
    S::key(key)
}

pub fn row<S: Space>(value: &S::Value) -> Row {
    Arc::from(S::encode(value))
}

fn value<S: Space>(key: &[u8], row: &[u8]) -> Result<S::Value, StoreFault> {
    S::decode(row).map_err(|detail| StoreFault::row(S::NAME, key, detail))
}

/// The fault of a row that names what is not there: both are written together.
pub fn points_nowhere<S: Space>(at: &S::Key) -> StoreFault {
    StoreFault::row(S::NAME, &key::<S>(at), "nothing is there")
}

fn entry<S: Space>(key: &[u8], row: &[u8]) -> Result<(S::Key, S::Value), StoreFault> {
    let parsed = S::key_from(&key[1..])
        .ok_or_else(|| StoreFault::row(S::NAME, key, "the key is not one of this space"))?;
    Ok((parsed, value::<S>(key, row)?))
}

/// Reads rows by key; a ledger's rows that are not published yet count too.
pub trait Rows {
    fn row(&self, key: &[u8]) -> Result<Option<Row>, StoreFault>;

    fn load<S: Space>(&self, at: &S::Key) -> Result<Option<S::Value>, StoreFault> {
        let key = key::<S>(at);
        self.row(&key)?
            .map(|row| value::<S>(&key, &row))
            .transpose()
    }
}

impl Rows for View {
    fn row(&self, key: &[u8]) -> Result<Option<Row>, StoreFault> {
        self.get(key)
    }
}

/// Rows of one space, in key order.
pub struct Entries<S> {
    scan: Scan,
    space: std::marker::PhantomData<S>,
}

impl View {
    /// All rows of a space from `from` (inclusive) up to `to` (exclusive); raw
    /// bounds without the tag, `None` for the space's own end.
    pub fn entries<S: Space>(
        &self,
        from: Option<&[u8]>,
        to: Option<&[u8]>,
        direction: Direction,
    ) -> Entries<S> {
        self.entries_under(std::iter::empty(), from, to, direction)
    }

    /// As [`View::entries`], with tables that are not published laid over it.
    pub fn entries_under<'a, S: Space>(
        &self,
        unpublished: impl Iterator<Item = &'a Table>,
        from: Option<&[u8]>,
        to: Option<&[u8]>,
        direction: Direction,
    ) -> Entries<S> {
        let bound = |tag: u8, rest: Option<&[u8]>| {
            let mut bytes = vec![tag];
            bytes.extend_from_slice(rest.unwrap_or_default());
            bytes
        };
        let from = bound(S::TAG, from);
        let to = match to {
            Some(to) => bound(S::TAG, Some(to)),
            None => bound(S::TAG + 1, None),
        };
        Entries {
            scan: self.scan_under(unpublished, &from, &to, direction),
            space: std::marker::PhantomData,
        }
    }

    pub fn all<S: Space>(&self) -> Entries<S> {
        self.entries(None, None, Direction::Ascending)
    }
}

impl<S: Space> Iterator for Entries<S> {
    type Item = Result<(S::Key, S::Value), StoreFault>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.scan.next()?;
        Some(found.and_then(|(key, row)| entry::<S>(&key, &row)))
    }
}

fn number(bytes: &[u8]) -> Option<u64> {
    Some(u64::from_be_bytes(bytes.try_into().ok()?))
}

fn two_numbers(bytes: &[u8]) -> Option<(u64, u64)> {
    let (first, second) = bytes.split_at_checked(8)?;
    Some((number(first)?, number(second)?))
}

fn pair(first: u64, second: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(16);
    bytes.extend_from_slice(&first.to_be_bytes());
    bytes.extend_from_slice(&second.to_be_bytes());
    bytes
}

#[cfg(test)]
pub(crate) mod golden {
    use super::Space;
    use crate::store::fault::hex;

    /// Freezes the bytes of one row and proves that it reads back.
    pub fn row<S: Space>(at: S::Key, value: S::Value, key_hex: &str, value_hex: &str)
    where
        S::Value: PartialEq + std::fmt::Debug,
        S::Key: PartialEq + std::fmt::Debug,
    {
        let key = super::key::<S>(&at);
        let bytes = S::encode(&value);
        assert_eq!(
            (hex(&key), hex(&bytes)),
            (key_hex.to_owned(), value_hex.to_owned())
        );
        assert_eq!(S::key_from(&key[1..]), Some(at));
        assert_eq!(S::decode(&bytes).unwrap(), value);
        assert_eq!(S::key_from(&key), None, "a longer key is not a key");
    }

    #[test]
    fn tags_are_never_shared() {
        use super::*;
        let tags = [
            head::Heads::TAG,
            digest::Digests::TAG,
            case::Cases::TAG,
            open::OpenCases::TAG,
            subject_case::SubjectCases::TAG,
            source::Sources::TAG,
            process::Processes::TAG,
            process_event::ProcessEvents::TAG,
            process_alarm::ProcessAlarms::TAG,
            stock::Stocks::TAG,
            notice::Notices::TAG,
            consumer::Consumers::TAG,
            follower::Followers::TAG,
            playbook::AdoptedPlaybooks::TAG,
            subject::Subjects::TAG,
            requester::Requesters::TAG,
            letter::Letters::TAG,
            post::Post::TAG,
            token::Tokens::TAG,
            token_hash::TokenHashes::TAG,
            register_entry::RegisterEntries::TAG,
            person_pair::PersonPairs::TAG,
            subject_entry::SubjectEntries::TAG,
            cell::Cells::TAG,
            change::Changes::TAG,
            member::Members::TAG,
            exact::ExactCells::TAG,
            catalogue::Items::TAG,
            link::Links::TAG,
            start::Starts::TAG,
            request::Requests::TAG,
        ];
        assert!(tags.is_sorted_by(|a, b| a < b), "{tags:?}");
    }
}
