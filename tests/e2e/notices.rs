//! A mini-program's back end drains notices from a node that is killed between
//! sending and acknowledging: each comes at least once, under the id it had.

use proto::pb::node as pb;
use proto_edge::node::notice_service_client::NoticeServiceClient;
use tokio::runtime::Runtime;
use tonic::{Request, Streaming, metadata::MetadataValue, transport::Channel};

use crate::harness::{
    Community,
    calls::{Caller, channel},
    district::RUIQUAN,
    process::Scratch,
};

const CONSUMER: &str = "mini-program";

struct BackEnd {
    runtime: Runtime,
    client: NoticeServiceClient<Channel>,
    token: String,
}

impl BackEnd {
    fn new(node: &Community, token: &str) -> BackEnd {
        let (runtime, channel) = channel(node);
        BackEnd {
            runtime,
            client: NoticeServiceClient::new(channel),
            token: token.to_owned(),
        }
    }

    fn request<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        let bearer: MetadataValue<_> = format!("Bearer {}", self.token).parse().unwrap();
        request.metadata_mut().insert("authorization", bearer);
        request
    }

    fn follow(&mut self) -> Streaming<pb::FollowNoticesResponse> {
        let request = self.request(pb::FollowNoticesRequest {
            consumer: CONSUMER.to_owned(),
        });
        let stream = self.runtime.block_on(self.client.follow_notices(request));
        let mut stream = stream.expect("a stream").into_inner();
        let first = self.runtime.block_on(stream.message());
        assert_eq!(first.expect("an answer").expect("an answer").notice, None);
        stream
    }

    /// Id and type of the next so many.
    fn next(
        &self,
        stream: &mut Streaming<pb::FollowNoticesResponse>,
        count: usize,
    ) -> Vec<(String, String)> {
        let mut seen = Vec::new();
        while seen.len() < count {
            let shown = self.runtime.block_on(stream.message());
            let notice = shown.expect("an answer").expect("an answer").notice;
            seen.extend(notice.map(|notice| (notice.id, notice.r#type)));
        }
        seen
    }

    fn acknowledge(&mut self, through: &str) {
        let request = self.request(pb::AckNoticesRequest {
            consumer: CONSUMER.to_owned(),
            through: through.to_owned(),
        });
        let acked = self.runtime.block_on(self.client.ack_notices(request));
        acked.expect("an acknowledgement");
    }
}

#[test]
fn notices_survive_a_kill_between_sending_and_acknowledging() {
    let scratch = Scratch::new("notices");
    let mut node = Community::in_dir(scratch.path().join(RUIQUAN), RUIQUAN, &[]);
    node.start();
    let office = node.token("staff", "");
    let mut back_end = BackEnd::new(&node, &office);
    let mut stream = back_end.follow();
    let mut resident = Caller::new(&node, "resident", "wx-1");
    let mut staff = Caller::with_token(&node, office.clone());
    let case = resident
        .report("street-light", "路灯不亮")
        .expect("a report");
    staff.accept(&case.name).expect("an acceptance");
    staff.dispatch(&case.name, "property").expect("a dispatch");
    let sent = back_end.next(&mut stream, 3);
    let types: Vec<&str> = sent.iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(types, ["REPORTED", "ACCEPTED", "DISPATCHED"]);

    node.kill();
    node.start();
    let mut back_end = BackEnd::new(&node, &office);
    let mut stream = back_end.follow();
    assert_eq!(back_end.next(&mut stream, 3), sent);
    back_end.acknowledge(&sent[1].0);

    node.kill();
    node.start();
    let mut back_end = BackEnd::new(&node, &office);
    let mut stream = back_end.follow();
    assert_eq!(back_end.next(&mut stream, 1), sent[2..]);
    let mut staff = Caller::with_token(&node, office);
    staff.complete(&case.name).expect("a completion");
    let (id, kind) = back_end.next(&mut stream, 1).remove(0);
    assert_eq!(kind, "COMPLETED");
    back_end.acknowledge(&id);
    let status = node.status();
    assert_eq!(
        (&status["notices_waiting"], &status["notices_lost"]),
        (&0.into(), &0.into())
    );
    drop((stream, back_end));
    node.stop();
}
