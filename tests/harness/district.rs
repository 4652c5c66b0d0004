//! One hub and its communities, each a process with a directory and a log of
//! its own below the test's scratch directory.

mod existing;

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::community::Community;
use super::process::{Scratch, Server, eventually, tongxin, tongxin_ok};

pub const DISTRICT: &str = "wenjiang";
/// 瑞泉馨城 of the article and a neighbour of it.
pub const RUIQUAN: &str = "510115003064";
pub const HEPING: &str = "510115001001";

pub struct District {
    scratch: Scratch,
    /// The hub's.
    dir: PathBuf,
    pub address: String,
    server: Option<Server>,
}

impl District {
    /// A district with the real register and the shipped catalogue, serving.
    pub fn start(test: &str) -> District {
        let mut district = District::founded(test, &format!("127.0.0.1:{}", free_port()));
        district.start_hub();
        district
    }

    /// The same, not yet serving.
    pub fn founded(test: &str, address: &str) -> District {
        let scratch = Scratch::new(test);
        let dir = scratch.path().join("hub");
        District::founded_in(scratch, dir, address)
    }

    /// The same with the hub's directory elsewhere.
    pub fn made_in(scratch: Scratch, dir: PathBuf) -> District {
        District::founded_in(scratch, dir, &format!("127.0.0.1:{}", free_port()))
    }

    fn founded_in(scratch: Scratch, dir: PathBuf, address: &str) -> District {
        let district = District {
            scratch,
            dir,
            address: address.to_owned(),
            server: None,
        };
        let register = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/wenjiang-2023.csv");
        tongxin_ok(&[
            "hub",
            "init",
            "--dir",
            &district.hub_dir(),
            "--district",
            DISTRICT,
            "--address",
            address,
            "--listen",
            address,
            "--communities",
            &register.to_string_lossy(),
        ]);
        district
    }

    pub fn path(&self) -> &Path {
        self.scratch.path()
    }

    pub fn hub_dir(&self) -> String {
        self.dir.to_string_lossy().into_owned()
    }

    pub fn start_hub(&mut self) {
        self.spawn_hub(&[]);
        self.hub_answers();
    }

    /// With so many descriptors for its process.
    pub fn start_hub_with_files(&mut self, files: u32) {
        let limited = "ulimit -n \"$0\" && exec \"$@\"";
        self.start_hub_behind(&["sh", "-c", limited, &files.to_string()]);
    }

    /// With `command` in front of the binary.
    pub fn start_hub_behind(&mut self, command: &[&str]) {
        self.server = Some(Server::start_behind(
            command,
            &["hub", "serve", "--dir", &self.hub_dir()],
            &self.path().join("hub.log"),
        ));
        self.hub_answers();
    }

    fn hub_answers(&mut self) {
        let dir = self.hub_dir();
        eventually("the hub answers", || {
            self.server.as_mut().unwrap().assert_running();
            tongxin(&["hub", "status", "--dir", &dir, "--output", "json"])
                .status
                .success()
                .then_some(())
        });
    }

    /// Starts it without waiting until it answers.
    pub fn spawn_hub(&mut self, environment: &[(&str, &str)]) {
        let log = self.path().join("hub.log");
        let args = ["hub", "serve", "--dir", &self.hub_dir()];
        self.server = Some(Server::start_in(&args, &log, environment));
    }

    pub fn hub(&mut self) -> &mut Server {
        self.server.as_mut().expect("a started hub")
    }

    pub fn hub_pid(&self) -> u32 {
        self.server.as_ref().expect("a running hub").pid()
    }

    pub fn kill_hub(&mut self) {
        self.server.take().expect("a running hub").kill();
    }

    pub fn stop_hub(&mut self) -> Option<i32> {
        self.server.take().expect("a running hub").stop()
    }

    pub fn invite(&self, community: &str) -> String {
        let invite = self.invited(&["--community", community]);
        invite["token"].as_str().expect("a token").to_owned()
    }

    /// An invite, as `--output json` prints it.
    pub fn invited(&self, args: &[&str]) -> Value {
        let dir = self.hub_dir();
        let mut all = vec!["hub", "invite", "--dir", &dir, "--output", "json"];
        all.extend(args);
        rows(&tongxin_ok(&all)).remove(0)
    }

    /// A community with a store of its own, not yet joined and not serving.
    pub fn community(&self, code: &str) -> Community {
        self.community_with(code, &[])
    }

    /// The same, with more arguments for `node init`.
    pub fn community_with(&self, code: &str, more: &[&str]) -> Community {
        Community::in_dir(self.path().join(code), code, more)
    }

    /// A community that has joined and serves.
    pub fn joined(&self, code: &str) -> Community {
        self.join(self.community(code))
    }

    /// Lets a community join and serve.
    pub fn join(&self, mut community: Community) -> Community {
        let code = community.code.clone();
        tongxin_ok(&[
            "node",
            "join",
            "--dir",
            &community.dir(),
            &self.invite(&code),
        ]);
        community.start();
        community
    }

    /// Lets a community join, and serve behind a line that leads to the hub by
    /// another address.
    pub fn joined_through(&self, code: &str, address: &str) -> Community {
        let mut community = self.community(code);
        let dir = community.dir();
        tongxin_ok(&["node", "join", "--dir", &dir, &self.invite(code)]);
        let path = community.path().join("hub.toml");
        let text = proto_edge::keyfile::read_sealed(&path).expect("hub.toml");
        let led = text.replace(&self.address, address);
        assert_ne!(text, led, "{text}");
        proto_edge::keyfile::write_sealed(&path, &led).expect("hub.toml");
        community.start();
        community
    }

    /// Rows of a query, as `--output json` prints them.
    pub fn query(&self, args: &[&str]) -> Vec<Value> {
        let dir = self.hub_dir();
        let mut all = vec!["hub", "query", "--dir", &dir, "--output", "json"];
        all.extend(args);
        rows(&tongxin_ok(&all))
    }

    /// Waits until the whole district's value is `want`: the hub's view follows
    /// its acknowledgements within two seconds.
    pub fn counted(&self, indicator: &str, period: &str, want: f64) {
        let mut last = Value::Null;
        let seen = |last: &mut Value| {
            *last = self.query(&[indicator, "--from", period]).remove(0)["value"].clone();
            (last.as_f64() == Some(want)).then_some(())
        };
        eventually(&format!("{indicator} is {want}"), || seen(&mut last));
        assert_eq!(seen(&mut last), Some(()), "and stays so, not {last}");
    }

    /// The status row of every community.
    pub fn status(&self) -> Vec<Value> {
        let dir = self.hub_dir();
        rows(&tongxin_ok(&[
            "hub", "status", "--dir", &dir, "--output", "json",
        ]))
    }

    /// The status row of one community.
    pub fn node_status(&self, code: &str) -> Value {
        let rows = self.status();
        let row = rows.iter().find(|row| row["community"] == code);
        row.cloned()
            .unwrap_or_else(|| panic!("{code} is not in the hub's status: {rows:?}"))
    }

    /// Waits until the hub holds everything the node has, by digest.
    pub fn settled(&self, community: &Community) {
        eventually("node and hub agree", || {
            let node = community.status();
            let hub = self.node_status(&community.code);
            let head = node["head_cell_seq"].as_u64()?;
            (hub["acked_seq"].as_u64()? == head && node["acked_cell_seq"].as_u64()? == head)
                .then_some(())
        });
    }
}

pub fn rows(printed: &str) -> Vec<Value> {
    match serde_json::from_str(printed) {
        Ok(Value::Array(rows)) => rows,
        other => panic!("want a JSON array, got {other:?} from {printed:?}"),
    }
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port")
        .port()
}
