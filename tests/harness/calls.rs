//! A resident's and the staff's calls to a node, over TLS with bearer tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use arc_swap::ArcSwap;
use proto::pb::node as pb;
use proto_edge::{
    clock::Clock, connector, credential::certificates,
    node::case_service_client::CaseServiceClient, tls::plain_client,
};
use tokio::runtime::Runtime;
use tonic::{Code, Request, Status, metadata::MetadataValue, transport::Channel};

use super::{Community, eventually};

static SENT: AtomicU32 = AtomicU32::new(1);

pub struct Caller {
    pub(super) runtime: Runtime,
    pub(super) channel: Channel,
    client: CaseServiceClient<Channel>,
    token: String,
}

impl Caller {
    pub fn new(community: &Community, role: &str, scope: &str) -> Caller {
        let token = community.token(role, scope);
        Caller::with_token(community, token)
    }

    pub fn with_token(community: &Community, token: String) -> Caller {
        let (runtime, channel) = channel(community);
        Caller {
            runtime,
            client: CaseServiceClient::new(channel.clone()),
            channel,
            token,
        }
    }

    /// A request of this caller's.
    pub(super) fn request<T>(&self, message: T) -> Request<T> {
        bearing(&self.token, message)
    }

    pub(super) fn request_id(&mut self) -> String {
        // Two callers may bear one token, and a repeated id is answered as before.
        let sent = SENT.fetch_add(1, Ordering::Relaxed);
        format!("{}-{sent}", std::process::id())
    }
}

/// A channel to a node, and what its calls run on.
pub fn channel(community: &Community) -> (Runtime, Channel) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let roots = certificates(&community.local_ca()).unwrap();
    let config = plain_client(&roots, &Clock::system(0)).unwrap();
    let channel = runtime
        .block_on(async {
            let config = Arc::new(ArcSwap::from_pointee(config));
            connector::channel(&community.address.parse().unwrap(), config)
        })
        .unwrap();
    (runtime, channel)
}

/// A node's local port with a token of a role, for any of its services.
pub struct Door {
    runtime: Runtime,
    channel: Channel,
    token: String,
}

impl Door {
    pub fn new(community: &Community, role: &str, scope: &str) -> Door {
        let token = community.token(role, scope);
        let (runtime, channel) = channel(community);
        Door {
            runtime,
            channel,
            token,
        }
    }

    pub fn channel(&self) -> Channel {
        self.channel.clone()
    }

    pub fn request<T>(&self, message: T) -> Request<T> {
        bearing(&self.token, message)
    }

    pub fn call<T>(&self, call: impl Future<Output = T>) -> T {
        self.runtime.block_on(call)
    }
}

fn bearing<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    let bearer: MetadataValue<_> = format!("Bearer {token}").parse().unwrap();
    request.metadata_mut().insert("authorization", bearer);
    request
}

/// One method a line: what goes in, which state comes out.
macro_rules! calls {
    ($client:ident => $shown:ident: $state:ident; $($(#[$doc:meta])* $method:ident($($arg:ident: $type:ty),*) = $rpc:ident $request:ident { $($field:ident: $value:expr),* $(,)? };)*) => {
        #[allow(clippy::needless_update, reason = "some requests have no other field")]
        impl $crate::harness::calls::Caller {
            $($(#[$doc])* pub fn $method(&mut self, $($arg: $type),*) -> Result<proto::pb::node::$state, tonic::Status> {
                let request_id = self.request_id();
                let message = proto::pb::node::$request { request_id, $($field: $value,)* ..Default::default() };
                let (request, mut client) = (self.request(message), $client::new(self.channel.clone()));
                let answer = self.runtime.block_on(client.$rpc(request))?;
                Ok(answer.into_inner().$shown.expect(stringify!($shown)))
            })*
        }
    };
}
pub(crate) use calls;

calls! { CaseServiceClient => case: Case;
    report(kind: &str, text: &str) = report_case ReportCaseRequest {
        kind: kind.to_owned(), origin: pb::Origin::Online.into(), grid: "003".to_owned(),
        personal: Some(pb::Personal { text: text.to_owned(), name: "王秀英".to_owned(), ..Default::default() })
    };
    /// What came in then, and is entered now.
    report_of(kind: &str, reported_at: jiff::Timestamp) = report_case ReportCaseRequest {
        kind: kind.to_owned(), origin: pb::Origin::Paper.into(),
        reported_at: Some(prost_types::Timestamp { seconds: reported_at.as_second(), nanos: 0 })
    };
    /// What a visit has found.
    report_from_the_door(kind: &str, text: &str) = report_case ReportCaseRequest {
        kind: kind.to_owned(), origin: pb::Origin::DoorKnock.into(), grid: "003".to_owned(), on_behalf: true,
        personal: Some(pb::Personal { text: text.to_owned(), ..Default::default() })
    };
    report_as(kind: &str, personal: pb::Personal) = report_case ReportCaseRequest {
        kind: kind.to_owned(), origin: pb::Origin::Online.into(), grid: "003".to_owned(),
        personal: Some(personal)
    };
    accept(name: &str) = accept_case AcceptCaseRequest { name: name.to_owned() };
    dispatch(name: &str, handler: &str) = dispatch_case DispatchCaseRequest { name: name.to_owned(), handler: handler.to_owned() };
    complete(name: &str) = complete_case CompleteCaseRequest {
        name: name.to_owned(), outcome: pb::Outcome::Resolved.into(), text: "已处理".to_owned()
    };
    rate(name: &str, level: pb::RatingLevel) = rate_case RateCaseRequest {
        name: name.to_owned(), level: level.into(), text: "见评价".to_owned()
    };
}

impl Caller {
    pub fn get(&mut self, name: &str) -> Result<pb::Case, Status> {
        let request = self.request(pb::GetCaseRequest {
            name: name.to_owned(),
            read_mask: None,
        });
        let answer = self.runtime.block_on(self.client.get_case(request))?;
        Ok(answer.into_inner().case.expect("a case"))
    }

    /// Has the requester of a case erased.
    pub fn erase(&mut self, name: &str) -> Result<(), Status> {
        let request_id = self.request_id();
        let request = self.request(pb::EraseSubjectRequest {
            request_id,
            name: name.to_owned(),
        });
        let erased = self.runtime.block_on(self.client.erase_subject(request));
        erased.map(drop)
    }

    /// Names of all cases.
    pub fn all(&mut self) -> Vec<String> {
        let mut names = Vec::new();
        let mut page_token = String::new();
        loop {
            let request = self.request(pb::ListCasesRequest {
                page_size: 500,
                page_token,
                ..Default::default()
            });
            let listed = self.runtime.block_on(self.client.list_cases(request));
            let listed = listed.expect("a page of cases").into_inner();
            names.extend(listed.cases.into_iter().map(|case| case.name));
            page_token = listed.next_page_token;
            if page_token.is_empty() {
                return names;
            }
        }
    }

    /// Event types of a case, in order.
    pub fn events(&mut self, name: &str) -> Vec<String> {
        let request = pb::ListCaseEventsRequest {
            name: name.to_owned(),
            ..Default::default()
        };
        let request = self.request(request);
        let answer = self
            .runtime
            .block_on(self.client.list_case_events(request))
            .expect("events");
        answer
            .into_inner()
            .events
            .into_iter()
            .map(|event| event.r#type)
            .collect()
    }

    /// Reports and accepts, repeating each under its own id until it is
    /// answered, as a client does whose node may be down.
    pub fn report_surely(&mut self, kind: &str) -> String {
        let message = pb::ReportCaseRequest {
            request_id: self.request_id(),
            kind: kind.to_owned(),
            origin: pb::Origin::Online.into(),
            ..Default::default()
        };
        let name = eventually("the report is answered", || {
            let request = self.request(message.clone());
            let answer = self.runtime.block_on(self.client.report_case(request));
            Some(passing(answer)?.into_inner().case?.name)
        });
        let request_id = self.request_id();
        eventually("the acceptance is answered", || {
            let request = self.request(pb::AcceptCaseRequest {
                request_id: request_id.clone(),
                name: name.clone(),
            });
            passing(self.runtime.block_on(self.client.accept_case(request)))
        });
        name
    }

    /// Sends the same request twice and gives both answers.
    pub fn report_twice(&mut self, kind: &str) -> (pb::Case, pb::Case) {
        let request_id = self.request_id();
        let message = pb::ReportCaseRequest {
            request_id,
            kind: kind.to_owned(),
            origin: pb::Origin::Online.into(),
            ..Default::default()
        };
        let mut send = || {
            let request = self.request(message.clone());
            let answer = self
                .runtime
                .block_on(self.client.report_case(request))
                .expect("an answer");
            answer.into_inner().case.expect("a case")
        };
        (send(), send())
    }
}

/// `None` while nobody answers; a refusal is a failed test.
fn passing<T>(answer: Result<T, Status>) -> Option<T> {
    match answer {
        Ok(answer) => Some(answer),
        Err(status) => {
            let is_away = matches!(status.code(), Code::Unavailable | Code::Unknown);
            assert!(is_away || status.code() == Code::Cancelled, "{status}");
            None
        }
    }
}
