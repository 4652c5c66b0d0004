//! Requests about documents, parsed. Decides nothing.

use node_domain::documents::{Action, Clause, Grounds, MOST_CLAUSES, Open, Text};
use node_domain::sha256::Sha256;
use proto::pb::node as pb;
use proto_edge::problem::Problem;
use sha2::Digest as _;

use super::super::fields::{Fields, number};
use super::super::process::{Ask, on_process, opening};
use super::super::status;
use super::ENGINE;
use crate::store::ledger::command::Refused;

/// Clauses hashed; a text that is none is a refusal of its own.
fn text(clauses: &[pb::Clause]) -> Result<Text, Problem> {
    let mut fields = Fields::default();
    let parsed = match clauses.len() {
        0..=MOST_CLAUSES => clauses.iter().map(|one| clause(&mut fields, one)).collect(),
        _ => {
            let (en, zh) = (
                format!("want at most {MOST_CLAUSES}"),
                format!("最多 {MOST_CLAUSES} 条"),
            );
            fields.wrong("clauses", en, zh)
        }
    };
    let clauses: Vec<Clause> = fields.done(parsed)?;
    let sha256 = |text: &str| Sha256(sha2::Sha256::digest(text).into());
    Text::of(clauses, sha256).map_err(|refusal| status::refused(&Refused::Process(refusal)))
}

fn clause(fields: &mut Fields, one: &pb::Clause) -> Option<Clause> {
    let code = fields.code("clauses.code", &one.code);
    let words = one.words.parse().ok().or_else(|| {
        let (en, zh) = (
            "want 1 to 4000 characters, no control characters",
            "应为 1 至 4000 字，不含控制字符",
        );
        fields.wrong("clauses.words", en, zh)
    });
    Some(Clause {
        code: code?,
        words: words?,
    })
}

impl TryFrom<pb::OpenDocumentRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenDocumentRequest) -> Result<Ask, Problem> {
        let text = text(&asked.clauses)?;
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let title = fields.name("title", &asked.title);
            let grid = fields.grid("grid", &asked.grid);
            Some(Action::Open(Open {
                kind: kind?,
                title: title?,
                grid: grid?,
                text,
            }))
        })
    }
}

impl TryFrom<pb::DraftVersionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::DraftVersionRequest) -> Result<Ask, Problem> {
        let text = text(&asked.clauses)?;
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let reason = fields.name("reason", &asked.reason)?;
            Some(Action::Draft { text, reason })
        })
    }
}

impl TryFrom<pb::PostVersionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PostVersionRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let place = fields.name("place", &asked.place)?;
            Some(Action::Post { place })
        })
    }
}

impl TryFrom<pb::ConsultVersionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ConsultVersionRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |_| {
            Some(Action::Consult {
                comments: asked.comments,
            })
        })
    }
}

impl TryFrom<pb::PutVersionInForceRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::PutVersionInForceRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let from = fields.optional_day("from_day", &asked.from_day)?;
            Some(Action::PutInForce { from })
        })
    }
}

impl TryFrom<pb::DropVersionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::DropVersionRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let reason = fields.name("reason", &asked.reason)?;
            Some(Action::Drop { reason })
        })
    }
}

/// A vote, a decision with its paper, or neither.
pub fn grounds(fields: &mut Fields, consent: &str, by: &str, document: &str) -> Option<Grounds> {
    match (consent, by, document) {
        ("", "", "") => Some(Grounds::Publication),
        ("", by, document) => {
            let by = fields.name("by", by);
            let document = fields.sha256("document_sha256", document);
            Some(Grounds::Decision {
                by: by?,
                document: document?,
            })
        }
        (consent, "", "") => match number(consent, "consents/") {
            Some(consent) => Some(Grounds::Consent(consent)),
            None => {
                let (en, zh) = (
                    "want a consent, consents/7",
                    "应为表决名称，例如 consents/7",
                );
                fields.wrong("consent", en, zh)
            }
        },
        _ => {
            let (en, zh) = ("want a vote or a decision, not both", "表决和决定只填其一");
            fields.wrong("consent", en, zh)
        }
    }
}
