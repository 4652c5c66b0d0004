//! Activities: what a story asks of programmes and their sessions. Knows no story.

use proto::pb::node::{SessionSize, record_session_request as record};
use proto_edge::node::activity_service_client::ActivityServiceClient;

use crate::harness::calls::calls;

calls! { ActivityServiceClient => programme: Programme;
    open_programme(kind: &str, title: &str, team: &str) = open_programme OpenProgrammeRequest {
        kind: kind.to_owned(), title: title.to_owned(), team: team.to_owned()
    };
    announce_session(name: &str, title: &str, size: SessionSize, on: &str) = announce_session AnnounceSessionRequest {
        name: name.to_owned(), title: title.to_owned(), size: size.into(), on: on.to_owned()
    };
    hold_session(name: &str, session: u32, attended: u32) = hold_session HoldSessionRequest {
        name: name.to_owned(), session: session, attended: attended
    };
    record_session(name: &str, session: u32, act: record::Act) = record_session RecordSessionRequest {
        name: name.to_owned(), session: session, act: Some(act)
    };
}
