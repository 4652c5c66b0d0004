//! What each register holds now. Key: the register's code. Value: the moment of the
//! last change in milliseconds since 1970, then the sums (8 bytes each).

use jiff::Timestamp;
use node_domain::code::Code;
use node_domain::registers::Stock;
use proto::fact::Fact;

use super::Space;

pub struct Stocks;

/// A register's sum, and when it last changed; no two changes share a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StockRow {
    pub at_ms: i64,
    pub stock: Stock,
}

impl StockRow {
    /// `None`: no such moment.
    pub fn fact(&self, register: &Code) -> Option<Fact> {
        let at = Timestamp::from_millisecond(self.at_ms).ok()?;
        Some(self.stock.fact(register, at))
    }
}

impl Space for Stocks {
    const TAG: u8 = 0x17;
    const NAME: &'static str = "stocks of registers";
    type Key = Code;
    type Value = StockRow;

    fn key(register: &Code) -> Vec<u8> {
        register.as_str().as_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<Code> {
        std::str::from_utf8(bytes).ok()?.parse().ok()
    }

    fn encode(row: &StockRow) -> Vec<u8> {
        let numbers = std::iter::once(&row.at_ms).chain(&row.stock.0);
        numbers.flat_map(|number| number.to_be_bytes()).collect()
    }

    fn decode(bytes: &[u8]) -> Result<StockRow, String> {
        let mut row = StockRow::default();
        let (numbers, rest) = bytes.as_chunks::<8>();
        let wanted = 1 + row.stock.0.len();
        if numbers.len() != wanted || !rest.is_empty() {
            return Err(format!("{} bytes; want {wanted} numbers", bytes.len()));
        }
        row.at_ms = i64::from_be_bytes(numbers[0]);
        for (sum, number) in row.stock.0.iter_mut().zip(&numbers[1..]) {
            *sum = i64::from_be_bytes(*number);
        }
        Ok(row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let row = StockRow {
            at_ms: 258,
            stock: Stock([1, 2, 3, 4, 5, 6, 7, -1]),
        };
        let numbers = [258, 1, 2, 3, 4, 5, 6, 7, -1];
        let value: String = numbers.iter().map(|n: &i64| format!("{n:016x}")).collect();
        let register = "ab".parse().unwrap();
        super::super::golden::row::<Stocks>(register, row, "176162", &value);
    }
}
