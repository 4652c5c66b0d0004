//! Messages that are not what they say: each is refused with the right status,
//! and the hub's memory does not notice.

use std::{io::Write as _, path::Path, sync::Arc};

use flate2::{Compression, write::GzEncoder};
use http::Request;
use prost::{Message as _, bytes::Bytes};
use proto::pb::sync as pb;
use proto_edge::{clock::Clock, connector::dial, membership::Membership};
use tokio::runtime::Runtime;
use tonic::Code;

use crate::{
    harness::{District, district::RUIQUAN, process::tongxin_ok},
    usage,
    wire::member,
};

const UPLINK: &str = "/tongxin.sync.v1.SyncService/Uplink";
const QUERY: &str = "/tongxin.hub.v1.IndicatorService/QueryIndicators";
const PEAK_MIB: f64 = 64.0;

struct Lie {
    what: &'static str,
    path: &'static str,
    gzip: bool,
    body: Vec<u8>,
    refused: Code,
}

fn lies() -> Vec<Lie> {
    let zeros = |mib: usize| {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        for _ in 0..mib {
            gzip.write_all(&vec![0; 1 << 20]).unwrap();
        }
        gzip.finish().unwrap()
    };
    let hello = pb::Hello {
        protocol_max: 1,
        store_id: vec![7; 3].into(),
        ..pb::Hello::default()
    };
    let cells = pb::Cells {
        series_index: vec![9; 400],
        state_length: vec![u32::MAX; 400],
        ..pb::Cells::default()
    };
    let batch = pb::Batch {
        cells: Some(cells),
        ..pb::Batch::default()
    };
    let said = |message| pb::UplinkRequest {
        message: Some(message),
    };
    let sane = |body: &[u8]| framed(0, body.len(), body);
    let lie = |what, body, refused| Lie {
        what,
        path: UPLINK,
        gzip: false,
        body,
        refused,
    };
    let bomb = zeros(200);
    vec![
        Lie {
            gzip: true,
            ..lie(
                "a bomb of 1:1000",
                framed(1, bomb.len(), &bomb),
                Code::ResourceExhausted,
            )
        },
        lie(
            "a frame of 4 GiB",
            framed(0, u32::MAX as usize, b"x"),
            Code::OutOfRange,
        ),
        Lie {
            path: QUERY,
            ..lie(
                "a question of 2 MiB",
                framed(0, 2 << 20, b"x"),
                Code::OutOfRange,
            )
        },
        lie(
            "a frame that is cut short",
            framed(0, 100, b"short"),
            Code::Internal,
        ),
        lie(
            "a field longer than its message",
            sane(&[0x0a, 0xff, 0xff, 0xff, 0x7f]),
            Code::Internal,
        ),
        lie(
            "a store id of three bytes",
            sane(&said(pb::uplink_request::Message::Hello(hello)).encode_to_vec()),
            Code::InvalidArgument,
        ),
        lie(
            "states longer than there are",
            sane(&said(pb::uplink_request::Message::Batch(batch)).encode_to_vec()),
            Code::InvalidArgument,
        ),
        lie("an empty message", sane(&[]), Code::InvalidArgument),
    ]
}

/// A gRPC frame that says it has `length` bytes.
fn framed(flag: u8, length: usize, body: &[u8]) -> Vec<u8> {
    let mut framed = vec![flag];
    framed.extend((length as u32).to_be_bytes());
    framed.extend(body);
    framed
}

#[test]
fn what_lies_about_its_size_is_refused() {
    let district = District::start("net-bombs");
    let community = district.community(RUIQUAN);
    let dir = community.dir();
    tongxin_ok(&["node", "join", "--dir", &dir, &district.invite(RUIQUAN)]);
    let node = member(community.path());
    let operator = member(&Path::new(&district.hub_dir()).join("operator"));
    let runtime = Runtime::new().unwrap();
    let before = usage::rss_mib(district.hub_pid()).unwrap();
    for lie in lies() {
        let member = match lie.path {
            QUERY => &operator,
            _ => &node,
        };
        let code = runtime.block_on(answer(member, &lie));
        assert_eq!(code, lie.refused, "{}", lie.what);
    }
    let peak = usage::peak_mib(district.hub_pid()).unwrap() - before;
    eprintln!("peak above rest: {peak:.1} MiB");
    assert!(peak <= PEAK_MIB, "{peak}");
    // And it serves on.
    assert_eq!(district.node_status(RUIQUAN)["community"], RUIQUAN);
}

/// The status that `lie` is answered with.
async fn answer(member: &Membership, lie: &Lie) -> Code {
    let config = Arc::new(member.client_config(&Clock::system(0)).unwrap());
    let stream = dial(&member.hub, config).await.expect("a connection");
    let (client, connection) = h2::client::handshake(stream).await.expect("a greeting");
    let driving = tokio::spawn(connection);
    let mut request = Request::post(format!("https://{}{}", member.hub, lie.path))
        .header("content-type", "application/grpc")
        .header("te", "trailers");
    if lie.gzip {
        request = request.header("grpc-encoding", "gzip");
    }
    let mut client = client.ready().await.expect("a place");
    let (response, mut body) = client
        .send_request(request.body(()).unwrap(), false)
        .expect("a stream");
    // The hub may answer before it has read everything.
    let _ = body.send_data(Bytes::from(lie.body.clone()), true);
    let response = response.await.expect("an answer");
    let mut status = response.headers().get("grpc-status").cloned();
    let mut said = response.into_body();
    while let Some(Ok(data)) = said.data().await {
        let _ = said.flow_control().release_capacity(data.len());
    }
    if status.is_none() {
        let trailers = said.trailers().await.expect("trailers");
        status = trailers.and_then(|trailers| trailers.get("grpc-status").cloned());
    }
    driving.abort();
    Code::from_bytes(status.expect("a status").as_bytes())
}
