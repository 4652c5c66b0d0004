//! Rolls as requests bring them: lines parsed, tokens looked up, the whole hashed
//! and frozen. Decides nothing about who belongs on one.

use node_domain::actor::Actor;
use node_domain::code::Code;
use node_domain::process::Refusal;
use node_domain::roll::{Line, MOST_LINES, Roll};
use node_domain::sha256::Sha256;
use node_domain::token::TokenId;
use proto::pb::node as pb;
use proto_edge::problem::Problem;
use sha2::Digest as _;

use super::super::fields::{Fields, number};
use super::super::status;
use super::Desk;
use crate::store::keyspace::Rows as _;
use crate::store::keyspace::token::Tokens;
use crate::store::ledger::command::Refused;

#[derive(Debug)]
pub struct RollAsk(Vec<AskedLine>);

#[derive(Debug)]
struct AskedLine {
    entry: u64,
    unit: Option<Code>,
    area_cm2: u64,
    token: Option<TokenId>,
}

impl RollAsk {
    /// The field is `lines`.
    pub fn parse(fields: &mut Fields, lines: &[pb::RollLine]) -> Option<RollAsk> {
        if lines.len() > MOST_LINES {
            let (en, zh) = (
                format!("want at most {MOST_LINES}"),
                format!("最多 {MOST_LINES} 行"),
            );
            return fields.wrong("lines", en, zh);
        }
        let lines = lines.iter().map(|line| {
            Some(AskedLine {
                entry: fields.entry("lines.entry", &line.entry)?,
                unit: fields.optional_code("lines.unit", &line.unit)?,
                area_cm2: line.area_cm2,
                token: match line.resident.as_str() {
                    "" => None,
                    name => Some(TokenId(number(name, "tokens/").or_else(|| {
                        let (en, zh) = ("want a token, tokens/3", "应为令牌名称，例如 tokens/3");
                        fields.wrong("lines.resident", en, zh)
                    })?)),
                },
            })
        });
        // The first line that is wrong is enough to hear about.
        lines.collect::<Option<Vec<_>>>().map(RollAsk)
    }
}

impl Desk {
    pub async fn freeze(&self, asked: RollAsk) -> Result<Roll, Problem> {
        let lines = self.office.read(move |store| {
            let mut lines = Vec::with_capacity(asked.0.len());
            for line in asked.0 {
                let mut resident = None;
                if let Some(id) = line.token {
                    let token = store.view().load::<Tokens>(&id)?;
                    let Some(Actor::Resident(own)) = token.map(|token| token.actor) else {
                        return Ok(Err(id));
                    };
                    resident = Some(own);
                }
                lines.push(Line {
                    entry: line.entry,
                    unit: line.unit,
                    area_cm2: line.area_cm2,
                    resident,
                });
            }
            Ok(Ok(lines))
        });
        let lines = lines.await?.map_err(no_residents_token)?;
        let sha256 = |text: &str| Sha256(sha2::Sha256::digest(text).into());
        Roll::freeze(lines, sha256).map_err(|refusal| status::refused(&Refused::Process(refusal)))
    }
}

fn no_residents_token(id: TokenId) -> Problem {
    let zh = format!("tokens/{} 不是居民的令牌", id.0);
    let en = format!("tokens/{} is no resident's token", id.0);
    let refusal = Refusal::input("lines.resident", "NOT_A_RESIDENT", zh, en);
    status::refused(&Refused::Process(refusal))
}
