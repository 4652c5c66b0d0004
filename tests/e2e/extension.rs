//! An outside team's service from registration to retirement: what it asks for
//! twice is named, what is new goes out, its notice is read at the node, and
//! then it is shut out. Real processes, and the example as it ships.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Read as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::Value;

use crate::harness::{
    Community, District,
    calls::Caller,
    district::RUIQUAN,
    eventually,
    process::{tongxin, tongxin_ok},
};

const CODE: &str = "street-lights";

fn example(file: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("deploy/examples/extension").join(file)
}

impl District {
    fn extension(&self, what: &str, more: &[&str]) -> std::process::Output {
        let dir = self.hub_dir();
        tongxin(&[&["hub", "extension", what, "--dir", &dir][..], more].concat())
    }

    fn shown(&self) -> Value {
        let dir = self.hub_dir();
        let show = ["hub", "extension", "show", "--dir", &dir, CODE];
        let rows = tongxin_ok(&[&show[..], &["--output", "json"]].concat());
        let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
        rows.into_iter().next().expect("the extension")
    }
}

fn offers(community: &Community) -> Vec<Value> {
    let dir = community.dir();
    let list = ["node", "support", "offers", "--dir", &dir];
    let rows = tongxin_ok(&[&list[..], &["--output", "json"]].concat());
    serde_json::from_str(&rows).unwrap()
}

/// The example's process, which is ended with the test.
struct Service(Child);

impl Service {
    fn start(directory: &Path, invite: &str) -> Service {
        let python = env::var_os("TONGXIN_PYTHON");
        let python = python.expect("TONGXIN_PYTHON: run ./tests/run, which makes stock clients");
        let kit = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/clients/python");
        let child = Command::new(python)
            .arg(example("alert.py"))
            .arg(directory)
            .arg(invite)
            .env("PYTHONPATH", kit)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("TONGXIN", env!("CARGO_BIN_EXE_tongxin"))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        Service(child.expect("it runs"))
    }

    fn line(&mut self) -> String {
        let out = self.0.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(out).read_line(&mut line).expect("a line");
        line.trim().to_owned()
    }

    /// What it says when it has ended.
    fn last_words(&mut self) -> String {
        let ended = eventually("the service ends", || self.0.try_wait().unwrap());
        assert!(!ended.success(), "{ended}");
        let mut said = String::new();
        let mut stderr = self.0.stderr.take().expect("its complaints");
        stderr.read_to_string(&mut said).expect("text");
        said
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_service_of_an_outside_team_comes_tells_and_goes() {
    let district = District::start("extension");
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    for _ in 0..4 {
        staff.report("street-light", "路灯").unwrap();
    }
    district.settled(&ruiquan);
    eventually("its node follows the catalogue", || {
        let dir = district.hub_dir();
        let status = ["hub", "indicator", "status", "--dir", &dir, "QS.R01"];
        let rows = tongxin_ok(&[&status[..], &["--output", "json"]].concat());
        let rows: Vec<Value> = serde_json::from_str(&rows).unwrap();
        (rows[0]["nodes_done"] == 1).then_some(())
    });

    let shipped = fs::read_to_string(example("street-lights.toml")).unwrap();
    let shipped = shipped
        .replace("\"24h\"", "\"1s\"")
        .replace("dry_run_on = []", &format!("dry_run_on = [\"{RUIQUAN}\"]"));
    let file = district.path().join("extension.toml");
    let register = |text: &str| {
        fs::write(&file, text).unwrap();
        district.extension("register", &[&file.to_string_lossy()])
    };

    // What QS.R01 counts is not asked for again.
    let greedy = shipped
        .replace(", filter = 'kind == \"street-light\"'", "")
        .replace("case.reported", "case.accepted")
        .replace("base_grain = \"week\"", "base_grain = \"day\"");
    let refused = register(&greedy);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("QS.R01@1"),
        "{said}"
    );
    let early = district.extension("approve", &[CODE]);
    assert!(!early.status.success(), "nothing was registered");

    let registered = register(&shipped);
    let said = String::from_utf8_lossy(&registered.stderr).into_owned();
    assert!(registered.status.success(), "{said}");
    let tried = eventually("the node has tried it out", || {
        let shown = district.shown();
        (shown["rollout_stage"] == "draft").then_some(shown)
    });
    assert_eq!(tried["stage"], "registered");
    assert_eq!(tried["dry_runs"][0]["smallest"], 4, "{tried}");
    assert_eq!(tried["overlaps"][0]["relation"], "shared_facts", "{tried}");
    let dir = district.hub_dir();
    let uninvited = tongxin(&["hub", "invite", "--dir", &dir, "--extension", CODE]);
    assert!(!uninvited.status.success(), "it is not approved");

    let approved = district.extension("approve", &[CODE]);
    assert!(approved.status.success());
    let invite = String::from_utf8(approved.stdout).unwrap();
    let own = district.path().join("service");
    let mut service = Service::start(&own, invite.trim());
    let told = service.line();
    assert!(told.starts_with(RUIQUAN) && told.ends_with(" 4"), "{told}");
    let notice = eventually("its notice is at the node", || offers(&ruiquan).pop());
    assert_eq!(notice["centre"], CODE);
    let title = notice["title"].as_str().unwrap_or_default();
    assert!(title.starts_with("路灯报修增多 "), "{notice}");
    let live = district.shown();
    assert_eq!(
        (&live["stage"], &live["connected"]),
        (&"live".into(), &"yes".into()),
        "{live}"
    );

    // It sees what it asked for and nothing else.
    let dir = own.to_string_lossy().into_owned();
    let other = tongxin(&["hub", "query", "--dir", &dir, "QS.R01", "--from", "2026"]);
    assert_eq!(other.status.code(), Some(77));
    tongxin_ok(&["centre", "renew", "--dir", &dir]);

    let retired = district.extension("retire", &[CODE]);
    assert!(retired.status.success());
    let said = service.last_words();
    assert!(said.contains("REVOKED"), "{said}");
    let again = tongxin(&["centre", "offers", "--dir", &dir]);
    assert_eq!(again.status.code(), Some(77), "its identity is refused");
    eventually("its definition is let go", || {
        let shown = district.shown();
        let is_over = shown["stage"] == "retired" && shown["rollout_stage"] == "retired";
        (is_over && shown["nodes_done"] == 1).then_some(())
    });
}
