//! The Open311 façade over real HTTP: names and types of GeoReport v2, tokens and
//! their scopes.

mod refusals;

use std::net::SocketAddr;

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;
use crate::rpc::Open311;

const COMMUNITY: &str = "510115003064";

struct Facade {
    node: Node,
    address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Facade {
    async fn start() -> Facade {
        let node = Node::start().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let open311 = Open311::new(
            node.office.clone(),
            TimeZone::get("Asia/Shanghai").unwrap(),
            COMMUNITY.to_owned(),
        );
        let serving = tokio::spawn(open311.serve(listener));
        Facade {
            node,
            address,
            serving,
        }
    }

    /// Status and body.
    async fn send(&self, head: &str, body: &str) -> (u16, String) {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        let length = body.len();
        let whole = format!(
            "{head}\r\nHost: h\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        // A refused body is not read to its end.
        let _ = socket.write_all(whole.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head
            .split(' ')
            .nth(1)
            .map_or(0, |code| code.parse().unwrap());
        (status, body.to_owned())
    }

    async fn get(&self, path: &str) -> (u16, String) {
        self.send(&format!("GET /open311/v2/{path} HTTP/1.1"), "")
            .await
    }

    async fn json(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn post(&self, fields: &[(&str, &str)]) -> (u16, String) {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let head = "POST /open311/v2/requests.json HTTP/1.1\r\n\
                    Content-Type: application/x-www-form-urlencoded; charset=utf-8";
        self.send(head, &form.finish()).await
    }

    async fn stop(self) {
        self.node.office.stop.cancel();
        self.serving.await.unwrap();
        self.node.stop().await;
    }
}

/// Keys in order, each with its JSON type.
fn shape(value: &Value) -> Vec<String> {
    let of = |value: &Value| match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let fields = value.as_object().unwrap().iter();
    fields
        .map(|(key, value)| format!("{key}: {}", of(value)))
        .collect()
}

/// Paths of elements, each once, in the order of the document.
fn elements(xml: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut seen) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => {
                path.push(start.name().as_ref().to_owned());
                let whole = path.join("/");
                if !seen.contains(&whole) {
                    seen.push(whole);
                }
            }
            Event::Empty(empty) => {
                let name = empty.name().as_ref().to_owned();
                let whole = format!("{}/{name}", path.join("/"));
                if !seen.contains(&whole) {
                    seen.push(whole);
                }
            }
            Event::End(_) => drop(path.pop()),
            Event::Eof => return seen,
            _ => {}
        }
    }
}

const REQUEST: [&str; 17] = [
    "service_request_id",
    "status",
    "status_notes",
    "service_name",
    "service_code",
    "description",
    "agency_responsible",
    "service_notice",
    "requested_datetime",
    "updated_datetime",
    "expected_datetime",
    "address",
    "address_id",
    "zipcode",
    "lat",
    "long",
    "media_url",
];

fn sorted(names: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn services_are_listed_and_defined_as_georeport_has_them() {
    let facade = Facade::start().await;
    let services = facade.json("services.json").await;
    let services = services.as_array().unwrap();
    let light = services
        .iter()
        .find(|one| one["service_code"] == "street-light");
    let mut light = shape(light.unwrap());
    light.sort();
    assert_eq!(
        light,
        [
            "description: string",
            "group: string",
            "keywords: string",
            "metadata: boolean",
            "service_code: string",
            "service_name: string",
            "type: string",
        ]
    );
    assert!(services.iter().all(|one| one["type"] == "realtime"));
    // What residents do not report is no service.
    assert!(
        services
            .iter()
            .all(|one| one["service_code"] != "mediation-agreement")
    );
    let (status, xml) = facade.get("services.xml").await;
    assert_eq!(status, 200);
    assert_eq!(
        elements(&xml)[..3],
        [
            "services",
            "services/service",
            "services/service/service_code"
        ]
    );

    let legal = facade.json("services/service-legal.json").await;
    let attributes = legal["attributes"].as_array().unwrap();
    let codes: Vec<&Value> = attributes.iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["grid", "due_at"]);
    let mut attribute = shape(&attributes[1]);
    attribute.sort();
    assert_eq!(
        attribute,
        [
            "code: string",
            "datatype: string",
            "datatype_description: string",
            "description: string",
            "order: number",
            "required: boolean",
            "values: array",
            "variable: boolean",
        ]
    );
    assert_eq!(attributes[1]["datatype"], "datetime");
    let (_, xml) = facade.get("services/street-light.xml").await;
    assert_eq!(
        elements(&xml)[..5],
        [
            "service_definition",
            "service_definition/service_code",
            "service_definition/attributes",
            "service_definition/attributes/attribute",
            "service_definition/attributes/attribute/variable",
        ]
    );
    let (status, found) = facade.send("GET /open311/discovery.xml HTTP/1.1", "").await;
    assert_eq!(status, 200);
    assert!(elements(&found).contains(&"discovery/endpoints/endpoint/url".to_owned()));
    facade.stop().await;
}

#[tokio::test]
async fn a_request_goes_in_and_comes_back_without_who_sent_it() {
    let facade = Facade::start().await;
    let wang = facade.node.token(pb::Role::Resident, "wx-wang").await;
    let zhao = facade.node.token(pb::Role::Resident, "wx-zhao").await;
    let submitted = facade
        .post(&[
            ("jurisdiction_id", COMMUNITY),
            ("api_key", &wang),
            ("service_code", "street-light"),
            ("lat", "30.6835"),
            ("long", "103.8561"),
            ("address_string", "3 幢门前"),
            ("description", "路灯不亮 <&> 三天了"),
            ("first_name", "秀英"),
            ("last_name", "王"),
            ("phone", "13900000001"),
            ("email", "w@example.cn"),
            ("attribute[grid]", "003"),
            ("media_url", "https://example.cn/1.jpg"),
        ])
        .await;
    assert_eq!(submitted.0, 201, "{}", submitted.1);
    let answer: Value = serde_json::from_str(&submitted.1).unwrap();
    assert_eq!(answer[0]["service_request_id"], "1");

    // The node knows who it was.
    let mut cases = facade.node.cases(&wang);
    let personal = get(&mut cases, "cases/1").await.unwrap().personal.unwrap();
    assert_eq!(personal.name, "王秀英");
    assert_eq!(personal.phone, "13900000001 w@example.cn");
    assert_eq!(personal.address, "3 幢门前 WGS84 30.683500,103.856100");

    let staff = facade.node.token(pb::Role::Staff, "").await;
    for key in [&wang, &staff] {
        let path = format!("requests/1.json?api_key={key}");
        let read = facade.json(&path).await;
        let mut names: Vec<&String> = read[0].as_object().unwrap().keys().collect();
        names.sort();
        assert_eq!(names, sorted(&REQUEST).iter().collect::<Vec<_>>());
        assert_eq!(read[0]["status"], "open");
        assert_eq!(read[0]["service_name"], "路灯");
        assert_eq!(read[0]["requested_datetime"], "2026-03-02T09:00:00+08:00");
        let said = read[0]["description"].as_str().unwrap();
        assert_eq!(said, "路灯不亮 <&> 三天了\nhttps://example.cn/1.jpg");
        let whole = read.to_string();
        for private in ["秀英", "13900000001", "w@example.cn", "门前", "30.68"] {
            assert!(!whole.contains(private), "{private} in {whole}");
        }
    }
    let auditor = facade.node.token(pb::Role::Auditor, "").await;
    let read = facade
        .json(&format!("requests/1.json?api_key={auditor}"))
        .await;
    assert_eq!(read[0]["description"], Value::Null, "redacted as in gRPC");
    // A neighbour's is not found, by id or in the list.
    let (status, _) = facade.get(&format!("requests/1.xml?api_key={zhao}")).await;
    assert_eq!(status, 404);
    let list = facade.json(&format!("requests.json?api_key={zhao}")).await;
    assert_eq!(list, Value::Array(Vec::new()));
    let (_, xml) = facade.get(&format!("requests.xml?api_key={wang}")).await;
    assert_eq!(
        elements(&xml)[..2],
        ["service_requests", "service_requests/request"]
    );
    assert!(xml.contains("路灯不亮 &lt;&amp;&gt; 三天了"), "{xml}");

    dispatched(&mut facade.node.cases(&staff), "cases/1").await;
    completed(&mut facade.node.cases(&staff), "cases/1").await;
    let read = facade
        .json(&format!("requests/1.json?api_key={wang}"))
        .await;
    assert_eq!(read[0]["status"], "closed");
    assert!(
        read[0]["status_notes"]
            .as_str()
            .unwrap()
            .contains("resolved")
    );
    facade.stop().await;
}

#[tokio::test]
async fn requests_are_filtered_by_what_georeport_names() {
    let facade = Facade::start().await;
    let staff = facade.node.token(pb::Role::Staff, "").await;
    for kind in ["litter", "street-light", "litter", "noise", "litter"] {
        let fields = [
            ("api_key", staff.as_str()),
            ("service_code", kind),
            ("attribute[grid]", "003"),
        ];
        assert_eq!(facade.post(&fields).await.0, 201);
        facade.node.pass(24);
    }
    dispatched(&mut facade.node.cases(&staff), "cases/3").await;
    completed(&mut facade.node.cases(&staff), "cases/3").await;
    let ids = async |query: &str| {
        let list = facade
            .json(&format!("requests.json?api_key={staff}&{query}"))
            .await;
        let ids = list.as_array().unwrap().iter();
        ids.map(|one| one["service_request_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(",")
    };
    for (query, wanted) in [
        ("", "5,4,3,2,1"),
        ("service_code=litter", "5,3,1"),
        ("service_code=litter,noise&status=open", "5,4,1"),
        ("status=closed", "3"),
        ("status=open,closed&page_size=2", "5,4"),
        ("page_size=2&page=3", "1"),
        ("service_request_id=2,4,77", "2,4"),
        // Seconds of a day's end and of the next day's beginning.
        (
            "start_date=2026-03-03T00:00:00%2B08:00&end_date=2026-03-04T09:00:00%2B08:00",
            "3,2",
        ),
        ("end_date=2026-03-02T09:00:00%2B08:00", "1"),
    ] {
        assert_eq!(ids(query).await, wanted, "{query}");
    }
    // Ninety days back, unless somebody says otherwise.
    facade.node.pass(24 * 88);
    assert_eq!(ids("").await, "5,4");
    facade.stop().await;
}
