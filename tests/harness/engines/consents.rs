//! Consents: lift drives and votes, on paper.

use proto::pb::node::{Channel, RollLine, Says};
use proto_edge::node::consent_service_client::ConsentServiceClient;

use super::paper;
use crate::harness::calls::calls;

calls! { ConsentServiceClient => consent: Consent;
    open_lift(title: &str, unit: &str, takes_common_area: bool) = open_consent OpenConsentRequest {
        kind: "lift".to_owned(), title: title.to_owned(), unit: unit.to_owned(), takes_common_area: takes_common_area
    };
    open_vote(kind: &str, title: &str, text_sha256: &str) = open_consent OpenConsentRequest {
        kind: kind.to_owned(), title: title.to_owned(), text_sha256: text_sha256.to_owned()
    };
    freeze_consent_roll(name: &str, lines: Vec<RollLine>, until_day: &str) = freeze_consent_roll FreezeConsentRollRequest {
        name: name.to_owned(), lines: lines, until_day: until_day.to_owned()
    };
    sign(name: &str, entry: &str) = answer_consent AnswerConsentRequest {
        name: name.to_owned(), entry: entry.to_owned(), says: Says::Yes.into(),
        channel: Channel::Paper.into(), document_sha256: paper()
    };
    sign_text(name: &str, entry: &str, text_sha256: &str) = answer_consent AnswerConsentRequest {
        name: name.to_owned(), entry: entry.to_owned(), says: Says::Yes.into(),
        channel: Channel::Paper.into(), document_sha256: paper(), text_sha256: text_sha256.to_owned()
    };
    publicise(name: &str, place: &str) = publicise_consent PubliciseConsentRequest { name: name.to_owned(), place: place.to_owned() };
    approve(name: &str, by: &str) = approve_consent ApproveConsentRequest {
        name: name.to_owned(), by: by.to_owned(), document_sha256: paper()
    };
    start_lift(name: &str) = start_consent_works StartConsentWorksRequest { name: name.to_owned() };
    inspect(name: &str, by: &str) = inspect_consent_works InspectConsentWorksRequest {
        name: name.to_owned(), by: by.to_owned(), document_sha256: paper(), has_passed: true
    };
    put_in_use(name: &str) = put_consent_in_use PutConsentInUseRequest { name: name.to_owned() };
    attach_covenant(name: &str, document: &str) = attach_consent_covenant AttachConsentCovenantRequest {
        name: name.to_owned(), document: document.to_owned()
    };
}

impl crate::harness::calls::Caller {
    pub fn consent(&mut self, name: &str) -> proto::pb::node::Consent {
        let request = self.request(proto::pb::node::GetConsentRequest {
            name: name.to_owned(),
        });
        let mut client = ConsentServiceClient::new(self.channel.clone());
        let answer = self.runtime.block_on(client.get_consent(request));
        answer
            .expect("a consent")
            .into_inner()
            .consent
            .expect("a consent")
    }
}
