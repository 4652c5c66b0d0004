//! Accumulators as canonical bytes, and back. A state is a row of integers
//! (`varint`); zeros at its end are left out, so every empty accumulator is no
//! bytes at all. Decoding takes only what encoding would have written. The
//! layout is frozen (docs/protocol.md, "Accumulators").

use crate::indicator::{
    accumulator::{Accumulator, Distinct, Level, Stock},
    cell::CellState,
    kind::Kind,
    rounded::Rounded,
    sketch::Sketch,
    varint::{InvalidInteger, Reader, put, put_signed, unzigzag as signed, zigzag},
};

/// A cell's state in bytes, at most: it must fit into a batch with room to spare.
pub const MAX_STATE_BYTES: usize = 30 * 1024;

/// Buckets of a histogram, at most.
pub const MAX_BUCKETS: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidState {
    #[error("state of kind {kind}: {cause}")]
    Integer { kind: u32, cause: InvalidInteger },
    #[error("state of kind {0}: not the one way in which this value is written")]
    NotCanonical(u32),
    #[error("state of kind {0}: {1} bytes, want at most {MAX_STATE_BYTES}")]
    TooLong(u32, usize),
    #[error("a removal has no state to read")]
    Removed,
}

impl Accumulator {
    pub fn encode(&self) -> CellState {
        if let Accumulator::Unknown(state) = self {
            return state.clone();
        }
        let mut bytes = Vec::new();
        match self {
            Accumulator::Count(count) => row(&mut bytes, &[*count]),
            Accumulator::Sum(sum) => row(&mut bytes, &[zigzag(*sum)]),
            Accumulator::Ratio {
                numerator,
                denominator,
            } => row(&mut bytes, &[*numerator, *denominator]),
            Accumulator::Mean { sum, observed } => row(&mut bytes, &[zigzag(*sum), *observed]),
            Accumulator::Range(None) | Accumulator::Level(Level(None)) => {}
            Accumulator::Range(Some((least, greatest))) => {
                put_signed(&mut bytes, i128::from(*least));
                put(&mut bytes, u128::from(greatest.abs_diff(*least)));
            }
            Accumulator::Histogram(buckets) => row(&mut bytes, buckets),
            Accumulator::Quantile(sketch) => {
                let mut last = 0;
                for &(bucket, count) in sketch.buckets() {
                    put_signed(&mut bytes, i128::from(bucket) - last);
                    put(&mut bytes, count);
                    last = i128::from(bucket);
                }
            }
            Accumulator::Level(Level(Some(stock))) => {
                put_signed(&mut bytes, i128::from(stock.set_at_ms));
                put_signed(&mut bytes, stock.value);
            }
            Accumulator::Distinct(distinct) => row(
                &mut bytes,
                &[distinct.total, distinct.parts.saturating_sub(1)],
            ),
            Accumulator::Rounded(Rounded::Count { count, variance }) => {
                row(&mut bytes, &[*count, *variance]);
            }
            Accumulator::Rounded(Rounded::Ratio {
                numerator,
                denominator,
                numerator_variance,
                denominator_variance,
            }) => row(
                &mut bytes,
                &[
                    *numerator,
                    *denominator,
                    *numerator_variance,
                    *denominator_variance,
                ],
            ),
            Accumulator::Rounded(Rounded::Histogram { buckets, variance }) => {
                row(&mut bytes, &[&[*variance], &buckets[..]].concat());
            }
            Accumulator::Unknown(_) => {}
        }
        CellState {
            kind: self.kind_number(),
            bytes: bytes.into(),
        }
    }

    pub fn decode(state: &CellState) -> Result<Accumulator, InvalidState> {
        Accumulator::read(state.kind, &state.bytes)
    }

    /// Of a state whose bytes lie in a column: none are copied.
    pub fn read(number: u32, bytes: &[u8]) -> Result<Accumulator, InvalidState> {
        if number == 0 {
            return Err(InvalidState::Removed);
        }
        if bytes.len() > MAX_STATE_BYTES {
            return Err(InvalidState::TooLong(number, bytes.len()));
        }
        let Ok(kind) = Kind::try_from(number) else {
            return Ok(Accumulator::Unknown(CellState {
                kind: number,
                bytes: bytes.into(),
            }));
        };
        let mut fields = Fields {
            kind: number,
            reader: Reader(bytes),
        };
        let accumulator = fields.read(kind)?;
        if fields.reader.is_empty() {
            Ok(accumulator)
        } else {
            Err(fields.not_canonical())
        }
    }
}

/// Integers without the zeros at the end.
fn row(bytes: &mut Vec<u8>, integers: &[u128]) {
    let length = integers.iter().rposition(|integer| *integer != 0);
    for integer in &integers[..length.map_or(0, |last| last + 1)] {
        put(bytes, *integer);
    }
}

struct Fields<'a> {
    kind: u32,
    reader: Reader<'a>,
}

impl Fields<'_> {
    fn read(&mut self, kind: Kind) -> Result<Accumulator, InvalidState> {
        Ok(match kind {
            Kind::Count => {
                let [count] = self.row()?;
                Accumulator::Count(count)
            }
            Kind::Sum => {
                let [sum] = self.row()?;
                Accumulator::Sum(signed(sum))
            }
            Kind::Ratio => {
                let [numerator, denominator] = self.row()?;
                Accumulator::Ratio {
                    numerator,
                    denominator,
                }
            }
            Kind::Mean => {
                let [sum, observed] = self.row()?;
                self.sound(observed > 0 || sum == 0)?;
                Accumulator::Mean {
                    sum: signed(sum),
                    observed,
                }
            }
            Kind::Range => Accumulator::Range(self.range()?),
            Kind::Histogram => Accumulator::Histogram(self.histogram()?),
            Kind::Quantile => Accumulator::Quantile(self.sketch()?),
            Kind::Level => Accumulator::Level(self.level()?),
            Kind::Distinct => {
                let [total, more_parts] = self.row()?;
                self.sound(total > more_parts || more_parts == 0)?;
                let parts = if total == 0 { 0 } else { more_parts + 1 };
                Accumulator::Distinct(Distinct { total, parts })
            }
            Kind::RoundedCount => {
                let [count, variance] = self.row()?;
                Accumulator::Rounded(Rounded::Count { count, variance })
            }
            Kind::RoundedRatio => {
                let [
                    numerator,
                    denominator,
                    numerator_variance,
                    denominator_variance,
                ] = self.row()?;
                Accumulator::Rounded(Rounded::Ratio {
                    numerator,
                    denominator,
                    numerator_variance,
                    denominator_variance,
                })
            }
            Kind::RoundedHistogram => {
                let is_nothing = self.reader.is_empty();
                let variance = match is_nothing {
                    true => 0,
                    false => self.integer()?,
                };
                let buckets = self.histogram()?;
                // Nothing is no bytes at all; only buckets have a variance.
                self.sound(is_nothing || !buckets.is_empty())?;
                Accumulator::Rounded(Rounded::Histogram { buckets, variance })
            }
        })
    }

    fn range(&mut self) -> Result<Option<(i64, i64)>, InvalidState> {
        if self.reader.is_empty() {
            return Ok(None);
        }
        let least = self.signed_64()?;
        let span = self.integer()?;
        let greatest = u64::try_from(span)
            .ok()
            .and_then(|span| least.checked_add_unsigned(span));
        greatest
            .map(|greatest| Some((least, greatest)))
            .ok_or_else(|| self.not_canonical())
    }

    fn histogram(&mut self) -> Result<Vec<u128>, InvalidState> {
        let mut buckets = Vec::new();
        while !self.reader.is_empty() {
            buckets.push(self.integer()?);
            self.sound(buckets.len() <= MAX_BUCKETS)?;
        }
        self.sound(buckets.last() != Some(&0))?;
        Ok(buckets)
    }

    fn sketch(&mut self) -> Result<Sketch, InvalidState> {
        let mut buckets = Vec::new();
        let mut last = 0i64;
        while !self.reader.is_empty() {
            last = last.saturating_add(self.signed_64()?);
            let bucket = i16::try_from(last).map_err(|_| self.not_canonical())?;
            buckets.push((bucket, self.integer()?));
        }
        Sketch::from_buckets(buckets).ok_or_else(|| self.not_canonical())
    }

    fn level(&mut self) -> Result<Level, InvalidState> {
        if self.reader.is_empty() {
            return Ok(Level(None));
        }
        Ok(Level(Some(Stock {
            set_at_ms: self.signed_64()?,
            value: signed(self.integer()?),
        })))
    }

    /// `N` integers, of which those at the end may be missing but not zero.
    fn row<const N: usize>(&mut self) -> Result<[u128; N], InvalidState> {
        let mut integers = [0; N];
        let mut last = 1;
        for integer in &mut integers {
            if self.reader.is_empty() {
                break;
            }
            last = self.integer()?;
            *integer = last;
        }
        self.sound(last != 0)?;
        Ok(integers)
    }

    fn integer(&mut self) -> Result<u128, InvalidState> {
        let kind = self.kind;
        let taken = self.reader.take();
        taken.map_err(|cause| InvalidState::Integer { kind, cause })
    }

    fn signed_64(&mut self) -> Result<i64, InvalidState> {
        i64::try_from(signed(self.integer()?)).map_err(|_| self.not_canonical())
    }

    fn sound(&self, holds: bool) -> Result<(), InvalidState> {
        if holds {
            Ok(())
        } else {
            Err(self.not_canonical())
        }
    }

    fn not_canonical(&self) -> InvalidState {
        InvalidState::NotCanonical(self.kind)
    }
}
