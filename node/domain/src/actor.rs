//! Who acts on a node: a role with its scope, as a bearer token grants it. Knows
//! no tokens and no permissions; every engine decides what an actor may do.

use std::{fmt, str::FromStr};

use proto::fact::Member;
use serde::{Deserialize, Serialize};

use crate::code::Name;

/// The node's own number for a resident. The server keeps the table that leads
/// back to a person and deletes its row when the person is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Pseudonym(pub u64);

/// A grid (网格) of the community: 1 to 999, three digits when written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct Grid(u16);

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Actor {
    Resident(Pseudonym),
    GridWorker(Grid),
    /// An office or company that cases are dispatched to.
    Handler(Name),
    Staff,
    Admin,
    /// Reads everything without personal fields.
    Auditor,
    /// History of another system, entered with its real times.
    Import,
    /// The node itself: what happens because time passes.
    System,
}

/// An actor without its scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Resident,
    GridWorker,
    Handler,
    Staff,
    Admin,
    Auditor,
    Import,
    System,
}

impl Actor {
    pub fn role(&self) -> Role {
        match self {
            Actor::Resident(_) => Role::Resident,
            Actor::GridWorker(_) => Role::GridWorker,
            Actor::Handler(_) => Role::Handler,
            Actor::Staff => Role::Staff,
            Actor::Admin => Role::Admin,
            Actor::Auditor => Role::Auditor,
            Actor::Import => Role::Import,
            Actor::System => Role::System,
        }
    }

    /// Whether the community's office itself acts, or its records do.
    pub fn is_office(&self) -> bool {
        matches!(self, Actor::Staff | Actor::Admin | Actor::Import)
    }

    /// Whether work dispatched to `handler` is this actor's. A grid worker
    /// handles under the name `grid-` and its three digits.
    pub fn handles_as(&self, handler: &Name) -> bool {
        match self {
            Actor::Handler(name) => name == handler,
            Actor::GridWorker(grid) => handler
                .as_str()
                .strip_prefix("grid-")
                .is_some_and(|digits| digits.parse() == Ok(*grid)),
            _ => false,
        }
    }
}

/// A role and its scope; a resident is nothing but a resident.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = self.role().code();
        match self {
            Actor::GridWorker(grid) => write!(f, "{role}/{grid}"),
            Actor::Handler(name) => write!(f, "{role}/{name}"),
            _ => f.write_str(role),
        }
    }
}

impl Role {
    pub const ALL: [Role; 8] = [
        Role::Resident,
        Role::GridWorker,
        Role::Handler,
        Role::Staff,
        Role::Admin,
        Role::Auditor,
        Role::Import,
        Role::System,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Role::Resident => "resident",
            Role::GridWorker => "grid-worker",
            Role::Handler => "handler",
            Role::Staff => "staff",
            Role::Admin => "admin",
            Role::Auditor => "auditor",
            Role::Import => "import",
            Role::System => "system",
        }
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Role::Resident => "居民",
            Role::GridWorker => "网格员",
            Role::Handler => "经办人",
            Role::Staff => "社区工作人员",
            Role::Admin => "管理员",
            Role::Auditor => "审计员",
            Role::Import => "历史导入",
            Role::System => "系统",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("grid {0:?}: want three digits, 001 to 999")]
pub struct InvalidGrid(pub String);

impl Grid {
    pub fn new(number: u16) -> Option<Grid> {
        (1..=999).contains(&number).then_some(Grid(number))
    }

    pub const fn number(self) -> u16 {
        self.0
    }

    pub fn member(self) -> Member {
        let digits = [self.0 / 100, self.0 / 10 % 10, self.0 % 10];
        let bytes = digits.map(|digit| b'0' + digit as u8);
        std::str::from_utf8(&bytes).unwrap_or_default().into()
    }
}

impl TryFrom<u16> for Grid {
    type Error = InvalidGrid;

    fn try_from(number: u16) -> Result<Grid, InvalidGrid> {
        Grid::new(number).ok_or_else(|| InvalidGrid(number.to_string()))
    }
}

impl From<Grid> for u16 {
    fn from(grid: Grid) -> u16 {
        grid.0
    }
}

impl FromStr for Grid {
    type Err = InvalidGrid;

    fn from_str(digits: &str) -> Result<Grid, InvalidGrid> {
        let three = digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit());
        three
            .then(|| digits.parse().ok().and_then(Grid::new))
            .flatten()
            .ok_or_else(|| InvalidGrid(digits.chars().take(32).collect()))
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:03}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_is_three_digits() {
        for digits in ["1", "01", "0001", "000", "a01", "", "+01"] {
            assert!(digits.parse::<Grid>().is_err(), "{digits:?}");
        }
        let grid: Grid = "042".parse().unwrap();
        assert_eq!((grid.to_string().as_str(), &*grid.member()), ("042", "042"));
    }

    #[test]
    fn a_grid_worker_handles_for_its_grid_only() {
        let worker = Actor::GridWorker("003".parse().unwrap());
        assert!(worker.handles_as(&"grid-003".parse().unwrap()));
        assert!(!worker.handles_as(&"grid-004".parse().unwrap()));
        assert!(!worker.handles_as(&"003".parse().unwrap()));
        let property = Actor::Handler("物业".parse().unwrap());
        assert!(property.handles_as(&"物业".parse().unwrap()));
        assert!(!property.handles_as(&"grid-003".parse().unwrap()));
        assert!(!Actor::Staff.handles_as(&"物业".parse().unwrap()));
    }
}
