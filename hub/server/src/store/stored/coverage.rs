//! A child hub's coverage as stored.

use jiff::Timestamp;
use proto::sync::coverage::Coverage;

use super::{
    Unreadable,
    assignment::StoredClaim,
    part::{StoredTime, time},
};

#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredCoverage {
    #[prost(uint32, tag = "1")]
    pub never: u32,
    #[prost(message, repeated, tag = "2")]
    pub steps: Vec<StoredStep>,
    #[prost(message, repeated, tag = "20")]
    pub claims: Vec<StoredClaim>,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub struct StoredStep {
    #[prost(message, optional, tag = "1")]
    pub until: Option<StoredTime>,
    #[prost(uint32, tag = "2")]
    pub communities: u32,
}

impl From<&Coverage> for StoredCoverage {
    fn from(coverage: &Coverage) -> StoredCoverage {
        let steps = coverage.steps().iter();
        StoredCoverage {
            never: coverage.never,
            steps: steps
                .map(|step| StoredStep {
                    until: Some(step.until.into()),
                    communities: step.communities,
                })
                .collect(),
            claims: coverage.claims.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<StoredCoverage> for Coverage {
    type Error = Unreadable;

    fn try_from(stored: StoredCoverage) -> Result<Coverage, Unreadable> {
        let steps = stored.steps.into_iter();
        let steps = steps.map(|step| Ok((Some(time(step.until)?), step.communities)));
        let steps: Vec<(Option<Timestamp>, u32)> = steps.collect::<Result<_, Unreadable>>()?;
        let claims = stored.claims.into_iter().map(TryInto::try_into);
        let claims = claims.collect::<Result<_, _>>()?;
        let coverage = Coverage::new(steps.into_iter().chain([(None, stored.never)]));
        Ok(coverage.with_claims(claims))
    }
}
