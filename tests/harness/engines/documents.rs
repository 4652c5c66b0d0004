//! Documents: what a story asks of texts and their versions. Knows no story.

use proto::pb::node::Clause;
use proto_edge::node::document_service_client::DocumentServiceClient;

use super::paper;
use crate::harness::calls::calls;

calls! { DocumentServiceClient => document: Document;
    open_document(kind: &str, title: &str, clauses: Vec<Clause>) = open_document OpenDocumentRequest {
        kind: kind.to_owned(), title: title.to_owned(), clauses: clauses
    };
    post_version(name: &str, place: &str) = post_version PostVersionRequest { name: name.to_owned(), place: place.to_owned() };
    consult_version(name: &str, comments: u32) = consult_version ConsultVersionRequest { name: name.to_owned(), comments: comments };
    adopt_by_vote(name: &str, consent: &str) = adopt_version AdoptVersionRequest { name: name.to_owned(), consent: consent.to_owned() };
    adopt_by(name: &str, body: &str) = adopt_version AdoptVersionRequest {
        name: name.to_owned(), by: body.to_owned(), document_sha256: paper()
    };
    put_in_force(name: &str) = put_version_in_force PutVersionInForceRequest { name: name.to_owned() };
}

pub fn clauses<const N: usize>(of: [(&str, &str); N]) -> Vec<Clause> {
    let clauses = of.map(|(code, words)| Clause {
        code: code.to_owned(),
        words: words.to_owned(),
    });
    clauses.into()
}
