//! Rules as they were frozen into a case, stored with it and with its report: an
//! old case needs no old playbook.

use node_domain::{
    code::Code,
    playbook::{PlaybookId, Rules, Since},
};

use super::{
    StoredFault,
    words::{Numbered, limit, limit_number, word, words},
};

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct StoredRules {
    #[prost(string, tag = "1")]
    playbook: String,
    #[prost(uint32, tag = "2")]
    revision: u32,
    #[prost(bool, tag = "3")]
    needs_accepting: bool,
    #[prost(uint32, tag = "4")]
    accept: u32,
    #[prost(uint32, tag = "5")]
    dispatch: u32,
    #[prost(uint32, tag = "6")]
    reply: u32,
    #[prost(uint32, tag = "7")]
    reply_since: u32,
    #[prost(uint32, tag = "8")]
    complete: u32,
    #[prost(uint32, tag = "9")]
    complete_since: u32,
    #[prost(uint32, tag = "10")]
    rework: u32,
    #[prost(uint32, tag = "11")]
    rate: u32,
    #[prost(uint32, tag = "12")]
    appeal: u32,
    #[prost(string, repeated, tag = "13")]
    pause_causes: Vec<String>,
    #[prost(uint32, optional, tag = "14")]
    max_bounces: Option<u32>,
    #[prost(uint32, tag = "15")]
    reopen_rounds: u32,
    #[prost(string, optional, tag = "16")]
    escalate_to: Option<String>,
    #[prost(uint32, tag = "17")]
    settle_days: u32,
    /// 0 in what was written before there were levels.
    #[prost(uint32, tag = "18")]
    level: u32,
}

impl From<&Rules> for StoredRules {
    fn from(rules: &Rules) -> StoredRules {
        StoredRules {
            playbook: rules.playbook.code.to_string(),
            revision: rules.playbook.revision,
            needs_accepting: rules.needs_accepting,
            accept: limit_number(rules.accept),
            dispatch: limit_number(rules.dispatch),
            reply: limit_number(rules.reply),
            reply_since: rules.reply_since.number(),
            complete: limit_number(rules.complete),
            complete_since: rules.complete_since.number(),
            rework: limit_number(rules.rework),
            rate: limit_number(rules.rate),
            appeal: limit_number(rules.appeal),
            pause_causes: rules.pause_causes.iter().map(Code::to_string).collect(),
            max_bounces: rules.max_bounces.map(u32::from),
            reopen_rounds: rules.reopen_rounds.into(),
            escalate_to: rules.escalate_to.as_ref().map(ToString::to_string),
            settle_days: rules.settle_days.into(),
            level: limit_number(rules.level),
        }
    }
}

impl TryFrom<StoredRules> for Rules {
    type Error = StoredFault;

    fn try_from(stored: StoredRules) -> Result<Rules, StoredFault> {
        let causes = stored.pause_causes.iter();
        let causes = causes.map(|cause| word(cause, "rules.pause_causes"));
        Ok(Rules {
            playbook: PlaybookId {
                code: word(&stored.playbook, "rules.playbook")?,
                revision: stored.revision,
            },
            needs_accepting: stored.needs_accepting,
            accept: limit(stored.accept, "rules.accept")?,
            dispatch: limit(stored.dispatch, "rules.dispatch")?,
            reply: limit(stored.reply, "rules.reply")?,
            reply_since: Since::from_number(stored.reply_since, "rules.reply_since")?,
            complete: limit(stored.complete, "rules.complete")?,
            complete_since: Since::from_number(stored.complete_since, "rules.complete_since")?,
            rework: limit(stored.rework, "rules.rework")?,
            rate: limit(stored.rate, "rules.rate")?,
            appeal: limit(stored.appeal, "rules.appeal")?,
            pause_causes: causes.collect::<Result<_, _>>()?,
            max_bounces: stored
                .max_bounces
                .map(|most| small(most, "rules.max_bounces"))
                .transpose()?,
            reopen_rounds: small(stored.reopen_rounds, "rules.reopen_rounds")?,
            escalate_to: words(stored.escalate_to.as_deref(), "rules.escalate_to")?,
            settle_days: small(stored.settle_days, "rules.settle_days")?,
            level: limit(stored.level, "rules.level")?,
        })
    }
}

fn small<T: TryFrom<u32>>(number: u32, field: &'static str) -> Result<T, StoredFault> {
    T::try_from(number).map_err(|_| StoredFault::Meaningless {
        field,
        value: number.to_string(),
    })
}
