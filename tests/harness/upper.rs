//! A hub beside or above a district's, for stories of trees.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::{
    eventually,
    process::{Server, tongxin, tongxin_ok},
    this_year,
};

/// A hub of any place, with nothing in its register.
pub struct Upper {
    pub dir: PathBuf,
    server: Option<Server>,
}

impl Upper {
    /// Makes a hub with the shipped catalogue, or with another one.
    pub fn new(scratch: &Path, name: &str, catalogue: Option<&Path>) -> Upper {
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

    pub fn dir(&self) -> String {
        self.dir.to_string_lossy().into_owned()
    }

    pub fn start(&mut self) {
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

    pub fn kill(&mut self) {
        self.server.take().expect("a running hub").kill();
    }

    /// Lets the hub in `child` become this one's, for the place `code`.
    pub fn adopts(&self, code: &str, child: &str) {
        let dir = self.dir();
        let invite = tongxin_ok(&["hub", "invite", "--dir", &dir, "--child", code]);
        tongxin_ok(&["hub", "attach", "--dir", child, invite.trim()]);
    }

    pub fn query(&self, args: &[&str]) -> Vec<Value> {
        let dir = self.dir();
        let mut all = vec!["hub", "query", "--dir", &dir, "--output", "json"];
        all.extend(args);
        let printed = tongxin_ok(&all);
        serde_json::from_str(&printed).expect("a JSON array")
    }

    /// Waits until so many cases of this year are counted; never more are.
    pub fn counted(&self, want: f64) -> Value {
        let year = this_year();
        let mut last = Value::Null;
        eventually(&format!("{want} cases are counted"), || {
            // Nobody is known before the first child has greeted.
            let rows = self.query(&["QS.R01", "--from", &year]);
            last = rows.into_iter().next()?;
            let value = last["value"].as_f64();
            assert!(
                value.is_none_or(|value| value <= want),
                "{last} is above {want}"
            );
            (value == Some(want)).then_some(())
        });
        last
    }

    pub fn invite(&self, community: &str) -> String {
        let dir = self.dir();
        let invite = tongxin_ok(&["hub", "invite", "--dir", &dir, "--community", community]);
        invite.trim().to_owned()
    }
}

/// Rounds every second and no spreading: stories do not wait.
pub fn hurry(dir: &Path) {
    let path = dir.join("hub.toml");
    let text = fs::read_to_string(&path).expect("hub.toml");
    let hurried = text.replace("interval_s = 60", "interval_s = 1");
    let hurried = hurried.replace("reconnect_window_s = 120", "reconnect_window_s = 0");
    assert_ne!(text, hurried, "{text}");
    fs::write(path, hurried).expect("hub.toml");
}
