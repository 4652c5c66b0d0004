//! A child hub's coverage.

use super::{
    InvalidMessage,
    assignment::read_claims,
    invalid,
    parts::{read_timestamp, timestamp},
};
use crate::{
    pb::sync as pb,
    sync::coverage::{Coverage, STEPS},
};

impl From<&Coverage> for pb::Coverage {
    fn from(coverage: &Coverage) -> pb::Coverage {
        let steps = coverage.steps().iter();
        pb::Coverage {
            never: coverage.never,
            steps: steps
                .map(|step| pb::CoverageStep {
                    until: Some(timestamp(step.until)),
                    communities: step.communities,
                })
                .collect(),
            claims: coverage.claims.iter().map(Into::into).collect(),
        }
    }
}

impl TryFrom<pb::Coverage> for Coverage {
    type Error = InvalidMessage;

    fn try_from(coverage: pb::Coverage) -> Result<Coverage, InvalidMessage> {
        if coverage.steps.len() > STEPS {
            return Err(invalid("coverage.steps", "want at most 64"));
        }
        let mut watermarks = vec![(None, coverage.never)];
        for step in &coverage.steps {
            let until = step.until;
            let until = until.ok_or_else(|| invalid("coverage.steps.until", "want a time"))?;
            let until = read_timestamp("coverage.steps.until", until)?;
            watermarks.push((Some(until), step.communities));
        }
        let claims = read_claims(&coverage.claims)?;
        Ok(Coverage::new(watermarks).with_claims(claims))
    }
}
