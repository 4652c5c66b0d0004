//! What a request asks of a process, parsed. Decides nothing.

use jiff::Timestamp;
use node_domain::process::{Action, Engine, ProcessId};
use proto::identity::RequestId;
use proto_edge::problem::Problem;

use super::super::fields::Fields;
use super::super::page::{Page, Question};
use crate::store::ledger::register::Private;

/// One command, whoever sends it.
pub struct Ask {
    pub request_id: Option<RequestId>,
    /// `None`: one is opened.
    pub process: Option<ProcessId>,
    /// `None`: now.
    pub happened_at: Option<Timestamp>,
    pub action: Action,
    /// What is personal in it, for the ledger to seal.
    pub private: Private,
}

/// A page of a list.
#[derive(Debug)]
pub struct PageAsk {
    pub page: Page,
}

/// An action that opens a process.
pub fn opening<A: Into<Action>>(
    request_id: &str,
    action: impl FnOnce(&mut Fields) -> Option<A>,
) -> Result<Ask, Problem> {
    let mut fields = Fields::default();
    let request_id = fields.request_id(request_id);
    let action = action(&mut fields);
    let built = request_id.zip(action);
    fields.done(built.map(|(request_id, action)| Ask {
        request_id,
        process: None,
        happened_at: None,
        action: action.into(),
        private: Private::default(),
    }))
}

/// An action on a process that is there.
pub fn on_process<A: Into<Action>>(
    engine: Engine,
    request_id: &str,
    name: &str,
    happened_at: Option<prost_types::Timestamp>,
    action: impl FnOnce(&mut Fields) -> Option<A>,
) -> Result<Ask, Problem> {
    let mut fields = Fields::default();
    let request_id = fields.request_id(request_id);
    let process = fields.process("name", engine, name);
    let happened_at = fields.time("happened_at", happened_at);
    let action = action(&mut fields);
    let built = request_id.zip(process).zip(happened_at).zip(action);
    fields.done(
        built.map(|(((request_id, process), happened_at), action)| Ask {
            request_id,
            process: Some(process),
            happened_at,
            action: action.into(),
            private: Private::default(),
        }),
    )
}

impl PageAsk {
    /// `filters`: all that decides about which rows are listed.
    pub fn parse(
        fields: &mut Fields,
        size: i32,
        token: &str,
        filters: impl std::fmt::Debug,
    ) -> Option<PageAsk> {
        let page = Page::parse(fields, size, token, Question::of(filters))?;
        Some(PageAsk { page })
    }
}
