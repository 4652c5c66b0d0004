//! Requests about consents, parsed. Decides nothing.

use node_domain::consents::{Action, Answer, Open, Proxy, Says};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::{Fields, number};
use super::super::process::{Ask, channel, on_process, opening};
use super::ENGINE;

impl TryFrom<pb::OpenConsentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenConsentRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let title = fields.name("title", &asked.title);
            let grid = fields.grid("grid", &asked.grid);
            let unit = fields.optional_code("unit", &asked.unit);
            let text = fields.optional_sha256("text_sha256", &asked.text_sha256);
            let mandatary = fields.optional_name("mandatary", &asked.mandatary);
            let principal = fields.optional_entry("principal", &asked.principal);
            let document = fields.optional_sha256("document_sha256", &asked.document_sha256);
            let until = fields.optional_day("until_day", &asked.until_day);
            Some(Action::Open(Open {
                kind: kind?,
                title: title?,
                grid: grid?,
                unit: unit?,
                takes_common_area: asked.takes_common_area,
                is_special: asked.is_special,
                text: text?,
                mandatary: mandatary?,
                principal: principal?,
                document: document?,
                until: until?,
            }))
        })
    }
}

impl TryFrom<pb::AnswerConsentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AnswerConsentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.optional_entry("entry", &asked.entry);
            let says = match asked.says() {
                pb::Says::Unspecified => None,
                pb::Says::Yes => Some(Says::Yes),
                pb::Says::No => Some(Says::No),
                pb::Says::Abstains => Some(Says::Abstains),
            };
            let says = fields.choice("says", says, "YES, NO, ABSTAINS");
            let channel = channel(fields, asked.channel());
            let signed_on = fields.optional_day("signed_day", &asked.signed_day);
            let document = fields.optional_sha256("document_sha256", &asked.document_sha256);
            let text = fields.optional_sha256("text_sha256", &asked.text_sha256);
            let proxy = proxy(fields, &asked);
            Some(Action::Answer(Answer {
                entry: entry?,
                says: says?,
                channel: channel?,
                signed_on: signed_on?,
                document: document?,
                text: text?,
                proxy: proxy?,
            }))
        })
    }
}

/// A proxy comes with its paper, or neither comes.
fn proxy(fields: &mut Fields, asked: &pb::AnswerConsentRequest) -> Option<Option<Proxy>> {
    let entry = fields.optional_entry("proxy", &asked.proxy);
    let document = fields.optional_sha256("proxy_document_sha256", &asked.proxy_document_sha256);
    match (entry?, document?) {
        (None, None) => Some(None),
        (Some(entry), Some(document)) => Some(Some(Proxy { entry, document })),
        (None, Some(_)) => fields.wrong("proxy", "want who signed", "请填写受托人条目"),
        (Some(_), None) => fields.wrong(
            "proxy_document_sha256",
            "want the SHA-256 of the paper that lets the proxy sign",
            "请填写授权委托书的 SHA-256",
        ),
    }
}

impl TryFrom<pb::WithdrawConsentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::WithdrawConsentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.optional_entry("entry", &asked.entry);
            let channel = channel(fields, asked.channel());
            let document = fields.optional_sha256("document_sha256", &asked.document_sha256);
            Some(Action::Withdraw {
                entry: entry?,
                channel: channel?,
                document: document?,
            })
        })
    }
}

impl TryFrom<pb::PubliciseConsentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PubliciseConsentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let place = fields.name("place", &asked.place)?;
            Some(Action::Publicise { place })
        })
    }
}

impl TryFrom<pb::ApproveConsentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ApproveConsentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let by = fields.name("by", &asked.by);
            let document = fields.sha256("document_sha256", &asked.document_sha256);
            Some(Action::Approve {
                by: by?,
                document: document?,
            })
        })
    }
}

impl TryFrom<pb::InspectConsentWorksRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::InspectConsentWorksRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let by = fields.name("by", &asked.by);
            let document = fields.sha256("document_sha256", &asked.document_sha256);
            Some(Action::Inspect {
                by: by?,
                document: document?,
                has_passed: asked.has_passed,
            })
        })
    }
}

impl TryFrom<pb::AttachConsentCovenantRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AttachConsentCovenantRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let document = number(&asked.document, "documents/").or_else(|| {
                let (en, zh) = (
                    "want a document, documents/3",
                    "应为文件名称，例如 documents/3",
                );
                fields.wrong("document", en, zh)
            })?;
            Some(Action::AttachCovenant { document })
        })
    }
}

impl TryFrom<pb::EndConsentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::EndConsentRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let reason = fields.name("reason", &asked.reason)?;
            Some(Action::End { reason })
        })
    }
}

macro_rules! plain {
    ($($request:ident => $action:ident),* $(,)?) => {
        $(impl TryFrom<pb::$request> for Ask {
            type Error = Problem;

            fn try_from(asked: pb::$request) -> Result<Ask, Problem> {
                on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
                    Some(Action::$action)
                })
            }
        })*
    };
}

plain! {
    StartConsentWorksRequest => StartWorks,
    PutConsentInUseRequest => PutInUse,
    BeginMandateRequest => BeginActing,
    FinishMandateRequest => FinishActing,
}
