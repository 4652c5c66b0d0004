//! A community's node: a process with a directory and a log of its own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use super::district::{free_port, rows};
use super::process::{Server, eventually, tongxin, tongxin_ok, tongxin_ok_in};

pub struct Community {
    dir: PathBuf,
    pub code: String,
    pub address: String,
    server: Option<Server>,
    /// Where the time is told that it lives at; the machine's else.
    time: Option<PathBuf>,
}

impl Community {
    /// A community's node in a directory of the caller's, not yet joined and not
    /// serving.
    pub fn in_dir(dir: PathBuf, code: &str, more: &[&str]) -> Community {
        Community::made(dir, code, more, None)
    }

    /// The same; it lives at the time that `file` says.
    pub fn in_dir_at(dir: PathBuf, code: &str, more: &[&str], file: PathBuf) -> Community {
        Community::made(dir, code, more, Some(file))
    }

    fn made(dir: PathBuf, code: &str, more: &[&str], time: Option<PathBuf>) -> Community {
        let address = format!("127.0.0.1:{}", free_port());
        let community = Community {
            dir,
            code: code.to_owned(),
            address,
            server: None,
            time,
        };
        let (dir, listen) = (community.dir(), community.address.clone());
        let mut args = vec![
            "node",
            "init",
            "--dir",
            &dir,
            "--community",
            code,
            "--listen",
            &listen,
        ];
        // As many as live in Ruiquan: numbers about residents may leave.
        if !more.contains(&"--residents") {
            args.extend(["--residents", "12000"]);
        }
        args.extend(more);
        tongxin_ok_in(&args, &community.environment());
        community.hurry();
        community
    }

    pub fn dir(&self) -> String {
        self.dir.to_string_lossy().into_owned()
    }

    fn environment(&self) -> Vec<(&str, &str)> {
        let file = self.time.as_ref().and_then(|file| file.to_str());
        file.map(|file| ("TONGXIN_TIME_FILE", file))
            .into_iter()
            .collect()
    }

    /// Of one that lives at a told time: as `2025-03-06T02:00:00Z`.
    pub fn now_it_is(&self, time: &str) {
        let file = self.time.as_ref().expect("a told time");
        let next = file.with_extension("next");
        fs::write(&next, time).expect("a time");
        fs::rename(next, file).expect("a time");
    }

    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// Reconnects at once: stories do not wait for a herd to spread.
    fn hurry(&self) {
        let path = self.dir.join("config.toml");
        let text = fs::read_to_string(&path).expect("config.toml");
        let hurried = text.replace("reconnect_window_s = 120", "reconnect_window_s = 0");
        assert_ne!(text, hurried, "{text}");
        fs::write(path, hurried.replace("interval_s = 60", "interval_s = 5")).expect("config.toml");
    }

    pub fn start(&mut self) {
        self.spawn(&[]);
        self.answers();
    }

    /// Waits until it does.
    pub fn answers(&mut self) {
        let dir = self.dir();
        eventually("the node answers", || {
            self.server.as_mut().unwrap().assert_running();
            tongxin(&["node", "status", "--dir", &dir, "--output", "json"])
                .status
                .success()
                .then_some(())
        });
    }

    /// Starts it without waiting until it answers.
    pub fn spawn(&mut self, environment: &[(&str, &str)]) {
        let log = self.dir.with_extension("log");
        let args = ["node", "serve", "--dir", &self.dir()];
        let environment = [environment, &self.environment()].concat();
        self.server = Some(Server::start_in(&args, &log, &environment));
    }

    pub fn server(&mut self) -> &mut Server {
        self.server.as_mut().expect("a started node")
    }

    /// One that was made before; `address` replaces the one that it listened on.
    pub fn existing(dir: PathBuf, code: &str, address: &str) -> Community {
        let config = dir.join("config.toml");
        let text = fs::read_to_string(&config).expect("config.toml");
        let old = text.lines().find(|line| line.starts_with("listen = "));
        let new = format!("listen = \"{address}\"");
        fs::write(&config, text.replace(old.expect("listen"), &new)).expect("config.toml");
        Community {
            dir,
            code: code.to_owned(),
            address: address.to_owned(),
            server: None,
            time: None,
        }
    }

    /// The same directory and address, in hand once more.
    pub fn again(dir: PathBuf, of: &Community) -> Community {
        Community {
            dir,
            code: of.code.clone(),
            address: of.address.clone(),
            server: None,
            time: of.time.clone(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.server.as_ref().expect("a running node").pid()
    }

    pub fn kill(&mut self) {
        self.server.take().expect("a running node").kill();
    }

    pub fn stop(&mut self) {
        let code = self.server.take().expect("a running node").stop();
        assert_eq!(code, Some(0), "a drained node ends well");
    }

    pub fn status(&self) -> Value {
        let printed = tongxin_ok(&["node", "status", "--dir", &self.dir(), "--output", "json"]);
        rows(&printed).remove(0)
    }

    /// The secret of a new token.
    pub fn token(&self, role: &str, scope: &str) -> String {
        let printed = tongxin_ok(&[
            "node",
            "token",
            "create",
            "--dir",
            &self.dir(),
            "--role",
            role,
            "--scope",
            scope,
        ]);
        printed.trim().to_owned()
    }

    pub fn local_ca(&self) -> Vec<u8> {
        fs::read(self.dir.join("local-ca.pem")).expect("local-ca.pem")
    }
}
