//! What time it is for a node's own work: what it records, what falls due, up to
//! when it is complete. The machine's clock, unless a history is played. Judges
//! no certificate; those have a clock of their own.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use proto_edge::clock::Clock;

/// In builds with `failpoints` alone: a file that says what time it is, as
/// `2026-03-05T01:00:00Z`. Time stands until the file is replaced.
const FILE: &str = "TONGXIN_TIME_FILE";

#[derive(Clone)]
pub struct Present(Teller);

#[derive(Clone)]
enum Teller {
    Machine,
    /// The machine's, never before the clock's floor.
    Floored(Clock),
    Told(Arc<dyn Fn() -> Timestamp + Send + Sync>),
}

impl Present {
    pub fn of_machine() -> Present {
        if failpoint::ENABLED
            && let Some(file) = std::env::var_os(FILE)
        {
            return Present::told(move || {
                let text = std::fs::read_to_string(&file).unwrap_or_default();
                let time = text.trim().parse();
                time.unwrap_or_else(|error| panic!("{FILE}: {text:?}: {error}"))
            });
        }
        Present(Teller::Machine)
    }

    /// For a history that is played: the time is what the teller says, which
    /// never goes back.
    pub fn told(teller: impl Fn() -> Timestamp + Send + Sync + 'static) -> Present {
        Present(Teller::Told(Arc::new(teller)))
    }

    /// The same; the machine's clock not before what `clock` knows to be past.
    pub(crate) fn not_before(self, clock: &Clock) -> Present {
        match self.0 {
            Teller::Machine | Teller::Floored(_) => Present(Teller::Floored(clock.clone())),
            told @ Teller::Told(_) => Present(told),
        }
    }

    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Teller::Machine => Timestamp::now(),
            Teller::Floored(clock) => {
                let floor = i64::try_from(clock.now_s()).unwrap_or(i64::MAX);
                Timestamp::now().max(Timestamp::from_second(floor).unwrap_or(Timestamp::MAX))
            }
            Teller::Told(teller) => teller(),
        }
    }

    /// Whether it may leap from one moment to a much later one.
    pub(crate) fn leaps(&self) -> bool {
        matches!(self.0, Teller::Told(_))
    }
}

impl fmt::Debug for Present {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Teller::Machine => "the machine's clock",
            Teller::Floored(_) => "the machine's clock, above a floor",
            Teller::Told(_) => "as told",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floor_holds_for_the_machine_and_not_for_what_is_told() {
        let far = 32_503_680_000;
        let clock = Clock::system(far as u64);
        assert!(Present(Teller::Machine).now().as_second() < far);
        let floored = Present(Teller::Machine).not_before(&clock);
        assert!(floored.now().as_second() >= far);
        let told = Present::told(|| Timestamp::UNIX_EPOCH).not_before(&clock);
        assert_eq!(told.now(), Timestamp::UNIX_EPOCH);
        assert!(told.leaps() && !floored.leaps());
    }
}
