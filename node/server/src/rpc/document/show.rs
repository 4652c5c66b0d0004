//! Documents as their clients read them; residents read no drafts.

use node_domain::actor::Actor;
use node_domain::documents::{Document, Grounds, Version};
use node_domain::process::{Engine, State};
use proto::pb::node as pb;

use super::super::fields::wire_time;
use super::super::process::Shown;
use super::ENGINE;

impl Shown for pb::Document {
    const ENGINE: Engine = ENGINE;

    fn of(name: String, state: &State) -> Option<pb::Document> {
        let document: &Document = state.try_into().ok()?;
        Some(pb::Document {
            name,
            kind: document.kind.to_string(),
            rules: document.rules.playbook.to_string(),
            title: document.title.to_string(),
            grid: text(&document.grid),
            in_force: document.in_force().map_or(0, |version| version.number),
            versions: document.versions.iter().map(head).collect(),
            updated_at: Some(wire_time(document.acted_at)),
        })
    }
}

/// A version without its clauses.
fn head(version: &Version) -> pb::DocumentVersion {
    let mut shown = pb::DocumentVersion {
        number: version.number,
        stage: version.stage.code().to_owned(),
        sha256: version.text.sha256.to_string(),
        comments: version.comments,
        consult_until_day: text(&version.consult_until),
        in_force_from_day: text(&version.in_force_from),
        in_force_until_day: text(&version.in_force_until),
        ..Default::default()
    };
    match &version.grounds {
        Some(Grounds::Consent(consent)) => shown.consent = format!("consents/{consent}"),
        Some(Grounds::Decision { by, document }) => {
            shown.decided_by = by.to_string();
            shown.document_sha256 = document.to_string();
        }
        Some(Grounds::Publication) | None => {}
    }
    shown
}

/// A version with its clauses, if `actor` may read it.
pub fn whole(document: &Document, number: u32, actor: &Actor) -> Option<pb::DocumentVersion> {
    let version = match number {
        0 => document.in_force()?,
        _ => document
            .versions
            .iter()
            .find(|version| version.number == number)?,
    };
    if !version.is_public() && matches!(actor, Actor::Resident(_)) {
        return None;
    }
    let clauses = version.text.clauses().iter().map(|clause| pb::Clause {
        code: clause.code.to_string(),
        words: clause.words.to_string(),
    });
    Some(pb::DocumentVersion {
        clauses: clauses.collect(),
        ..head(version)
    })
}

/// Leaves out what `actor` may not read.
pub fn hide_drafts(mut shown: pb::Document, actor: &Actor) -> pb::Document {
    if matches!(actor, Actor::Resident(_)) {
        let was_posted = |version: &pb::DocumentVersion| match version.stage.as_str() {
            "draft" => false,
            "dropped" => !version.consult_until_day.is_empty(),
            _ => true,
        };
        shown.versions.retain(was_posted);
    }
    shown
}

fn text(word: &Option<impl ToString>) -> String {
    word.as_ref().map_or_else(String::new, ToString::to_string)
}
