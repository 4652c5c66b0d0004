//! A tree of real hubs: a case reported at the bottom is counted at the top, the
//! definitions come down the same line, and the middle may die at any moment.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::harness::{
    District,
    calls::Caller,
    district::RUIQUAN,
    eventually,
    process::{Server, tongxin, tongxin_ok},
    this_year,
};

const KILLS: usize = 5;

/// A hub above a district's.
struct Upper {
    dir: PathBuf,
    server: Option<Server>,
}

impl Upper {
    /// Makes a hub with the shipped catalogue, or with another one.
    fn new(scratch: &Path, name: &str, catalogue: Option<&Path>) -> Upper {
        let socket = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("a port").to_string();
        drop(socket);
        let upper = Upper {
            dir: scratch.join(name),
            server: None,
        };
        let dir = upper.dir();
        let mut args = vec!["hub", "init", "--dir", &dir, "--district", name];
        args.extend(["--address", &address, "--listen", &address]);
        let catalogue = catalogue.map(|path| path.to_string_lossy());
        if let Some(path) = &catalogue {
            args.extend(["--catalogue", path]);
        }
        tongxin_ok(&args);
        hurry(&upper.dir);
        upper
    }

    fn dir(&self) -> String {
        self.dir.to_string_lossy().into_owned()
    }

    fn start(&mut self) {
        let dir = self.dir();
        let log = self.dir.with_extension("log");
        self.server = Some(Server::start(&["hub", "serve", "--dir", &dir], &log));
        eventually("the hub answers", || {
            self.server.as_mut().unwrap().assert_running();
            tongxin(&["hub", "status", "--dir", &dir])
                .status
                .success()
                .then_some(())
        });
    }

    fn kill(&mut self) {
        self.server.take().expect("a running hub").kill();
    }

    /// Lets the hub in `child` become this one's, for the place `code`.
    fn adopts(&self, code: &str, child: &str) {
        let dir = self.dir();
        let invite = tongxin_ok(&["hub", "invite", "--dir", &dir, "--child", code]);
        tongxin_ok(&["hub", "attach", "--dir", child, invite.trim()]);
    }

    fn query(&self, args: &[&str]) -> Vec<Value> {
        let dir = self.dir();
        let mut all = vec!["hub", "query", "--dir", &dir, "--output", "json"];
        all.extend(args);
        let printed = tongxin_ok(&all);
        serde_json::from_str(&printed).expect("a JSON array")
    }

    fn counted(&self, want: f64) -> Value {
        let year = this_year();
        let mut last = Value::Null;
        eventually(&format!("{want} cases are counted"), || {
            // Nobody is known before the first child has greeted.
            let rows = self.query(&["QS.R01", "--from", &year]);
            last = rows.into_iter().next()?;
            (last["value"].as_f64() == Some(want)).then_some(())
        });
        last
    }
}

/// Rounds every second and no spreading: stories do not wait.
fn hurry(dir: &Path) {
    let path = dir.join("hub.toml");
    let text = fs::read_to_string(&path).expect("hub.toml");
    let hurried = text.replace("interval_s = 60", "interval_s = 1");
    let hurried = hurried.replace("reconnect_window_s = 120", "reconnect_window_s = 0");
    assert_ne!(text, hurried, "{text}");
    fs::write(path, hurried).expect("hub.toml");
}

#[test]
fn a_case_at_the_bottom_is_counted_at_the_top() {
    let mut district = District::start("tree");
    let empty = district.path().join("empty.toml");
    fs::write(&empty, "").expect("a file");
    let mut province = Upper::new(district.path(), "sichuan", None);
    let mut city = Upper::new(district.path(), "chengdu", Some(&empty));
    province.start();
    province.adopts("5101", &city.dir());
    city.start();
    city.adopts("510115", &district.hub_dir());
    hurry(Path::new(&district.hub_dir()));
    district.kill_hub();
    district.start_hub();

    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let mut reported = 3;
    for _ in 0..reported {
        staff.report_surely("street-light");
    }
    province.counted(f64::from(reported));

    for _ in 0..KILLS {
        staff.report_surely("street-light");
        city.kill();
        staff.report_surely("street-light");
        city.start();
        reported += 2;
    }
    let total = province.counted(f64::from(reported));
    district.settled(&ruiquan);

    // The register of the district says how many communities there should be.
    let below = district
        .query(&["QS.R01", "--from", &this_year()])
        .remove(0);
    assert_eq!(total["expected"], below["expected"]);
    eventually("the province knows who is complete", || {
        let total = province
            .query(&["QS.R01", "--from", &this_year()])
            .remove(0);
        (total["reporting"] == 1).then_some(())
    });
    let by_district = province.query(&["QS.R01", "--from", &this_year(), "--by", "district"]);
    assert_eq!(by_district.len(), 1);
    assert_eq!(by_district[0]["place"], "5101", "no finer than its child");
}
