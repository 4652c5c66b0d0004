//! A district of the attack: communities whose sets of records grow for eight
//! weeks, what each releases by one of several schemes, and what the hub adds up
//! over places. The node's and the hub's own code; only the schemes that are
//! planted to be weak are made here.

use node_domain::indicators::{Draw, Exact, Shape};
use proto::indicator::accumulator::{Accumulator, Change};
use proto::indicator::kind::Kind;
use proto::indicator::rounded::{Base, Rounded};
use sha2::{Digest as _, Sha256};

use crate::random::Random;

pub const COMMUNITIES: usize = 12;
pub const MEMBERS: usize = 2;
pub const WEEKS: usize = 8;
const STREETS: usize = 3;
const CATCHMENTS: usize = 9;

/// How sets are released. All but the first are weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// One draw per set, of its first record: what nodes do.
    Released,
    /// One draw for every record that joins.
    FreshPerRecord,
    /// One draw for every question; asked eight times.
    FreshPerAsk,
    /// To the nearest multiple, always.
    Nearest,
    /// As released, and each community's exact total beside it.
    ExactTotal,
}

/// A node's secret.
pub struct Secret(pub u64);

impl Draw for Secret {
    fn draw(&self, first: u64) -> u64 {
        let mut hasher = Sha256::new();
        hasher.update(self.0.to_be_bytes());
        hasher.update(first.to_be_bytes());
        let digest = hasher.finalize();
        digest[..8]
            .iter()
            .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

/// One breakdown member of one community, week after week.
pub struct Series {
    pub true_counts: [i64; WEEKS],
    /// As the hub holds it; empty where nothing was released.
    pub released: [Accumulator; WEEKS],
    /// Everything that was answered about it, in a scheme that answers anew.
    pub answers: [Vec<i64>; WEEKS],
}

pub struct District {
    pub base: Base,
    pub scheme: Scheme,
    /// By community, then member.
    pub series: Vec<Series>,
    pub catchments: Vec<Vec<usize>>,
}

/// A number that the hub shows: of which series, in which week.
pub struct Published {
    pub of: Vec<usize>,
    pub week: usize,
    pub sum: Accumulator,
    pub exact: bool,
}

pub fn number(accumulator: &Accumulator) -> i64 {
    i64::try_from(accumulator.number().unwrap_or(0)).expect("small")
}

fn rounded(count: u64) -> Accumulator {
    Accumulator::Rounded(Rounded::Count {
        count: count.into(),
        variance: 0,
    })
}

impl District {
    /// `busy`: records that a set gets in a week, at most.
    pub fn new(base: Base, scheme: Scheme, busy: usize, random: &mut Random) -> District {
        let mut series = Vec::new();
        for _ in 0..COMMUNITIES {
            let secret = Secret(random.next());
            for _ in 0..MEMBERS {
                series.push(grown(base, scheme, busy, &secret, random));
            }
        }
        let catchments = (0..CATCHMENTS).map(|_| {
            let all = 0..COMMUNITIES;
            all.filter(|_| random.below(2) == 0).collect()
        });
        District {
            base,
            scheme,
            catchments: catchments.collect(),
            series,
        }
    }

    fn sum(&self, places: &[usize], member: Option<usize>, week: usize) -> Published {
        let of: Vec<usize> = places
            .iter()
            .flat_map(|place| {
                let members = (0..MEMBERS).filter(move |one| member.is_none_or(|m| m == *one));
                members.map(move |one| place * MEMBERS + one)
            })
            .collect();
        let parts = of.iter().map(|at| &self.series[*at].released[week]);
        let sum = merged(parts);
        Published {
            of,
            week,
            sum,
            exact: false,
        }
    }

    /// Communities, streets, the district and the catchments, by member and in
    /// all. The district is the sum of its streets, as a hub above would add.
    pub fn published(&self) -> Vec<Published> {
        let all: Vec<usize> = (0..COMMUNITIES).collect();
        let mut places: Vec<Vec<usize>> = all.iter().map(|place| vec![*place]).collect();
        places.extend(all.chunks(COMMUNITIES / STREETS).map(<[usize]>::to_vec));
        places.push(all.clone());
        places.extend(self.catchments.iter().cloned());
        let mut published = Vec::new();
        for week in 0..WEEKS {
            for member in [None, Some(0), Some(1)] {
                published.extend(places.iter().map(|set| self.sum(set, member, week)));
            }
            if self.scheme == Scheme::ExactTotal {
                published.extend(all.iter().map(|place| {
                    let mut total = self.sum(&[*place], None, week);
                    let counts = total.of.iter();
                    let counts = counts.map(|at| self.series[*at].true_counts[week] as u64);
                    total.sum = rounded(counts.sum());
                    total.exact = true;
                    total
                }));
            }
        }
        published
    }

    /// The district by way of its streets, and of bytes at every tier.
    pub fn through_streets(&self, week: usize) -> Accumulator {
        let streets: Vec<Accumulator> = self
            .series
            .chunks(MEMBERS * COMMUNITIES / STREETS)
            .map(|street| merged(street.iter().map(|one| &one.released[week])))
            .collect();
        merged(&streets)
    }
}

/// What a hub makes of parts that came as bytes.
pub fn merged<'a>(parts: impl IntoIterator<Item = &'a Accumulator>) -> Accumulator {
    let mut sum = Accumulator::empty(Kind::RoundedCount);
    for part in parts {
        let part = Accumulator::decode(&part.encode()).expect("canonical");
        sum.merge_places(&part).expect("one kind");
    }
    sum
}

fn grown(base: Base, scheme: Scheme, busy: usize, secret: &Secret, random: &mut Random) -> Series {
    let mut exact = Exact::empty(Shape::Count);
    let mut records: u64 = 0;
    let mut newest = 0;
    let mut series = Series {
        true_counts: [0; WEEKS],
        released: [(); WEEKS].map(|()| Accumulator::empty(Kind::RoundedCount)),
        answers: [(); WEEKS].map(|()| Vec::new()),
    };
    for week in 0..WEEKS {
        for _ in 0..random.below(busy + 1) {
            newest = random.next();
            exact.apply(&Change::Count, || newest).expect("a count");
            records += 1;
        }
        let anew = |draw: u64| rounded(base.round(records, draw));
        let released = match scheme {
            Scheme::Released | Scheme::ExactTotal => exact
                .released(base, secret)
                .unwrap_or_else(|| Accumulator::empty(Kind::RoundedCount)),
            Scheme::FreshPerRecord => anew(secret.draw(newest)),
            Scheme::FreshPerAsk => {
                series.answers[week] = (0..8)
                    .map(|_| base.round(records, random.next()) as i64)
                    .collect();
                anew(random.next())
            }
            Scheme::Nearest => anew(base.get() / 2),
        };
        series.true_counts[week] = records as i64;
        series.released[week] = released;
    }
    series
}
