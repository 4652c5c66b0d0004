//! Real processes of the real binary: started, awaited, killed. Every process
//! logs to a file beside its data, which is kept when a test fails.

use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

/// One command of the binary, run to its end.
pub fn tongxin(args: &[&str]) -> Output {
    tongxin_in(args, &[])
}

fn tongxin_in(args: &[&str], environment: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tongxin"))
        .args(args)
        .env("TONGXIN_LOCALE", "en")
        .envs(environment.iter().copied())
        .stdin(Stdio::null())
        .output()
        .expect("the binary runs")
}

/// Its stdout, when it ended well.
#[track_caller]
pub fn tongxin_ok(args: &[&str]) -> String {
    tongxin_ok_in(args, &[])
}

/// The same with more in its environment.
#[track_caller]
pub fn tongxin_ok_in(args: &[&str], environment: &[(&str, &str)]) -> String {
    let output = tongxin_in(args, environment);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "tongxin {}\n{stderr}",
        args.join(" ")
    );
    String::from_utf8(output.stdout).expect("stdout is UTF-8")
}

/// A serving process; killed when dropped.
pub struct Server {
    child: Child,
    log: PathBuf,
}

impl Server {
    pub fn start(args: &[&str], log: &Path) -> Server {
        Server::start_in(args, log, &[])
    }

    /// With more in its environment.
    pub fn start_in(args: &[&str], log: &Path, environment: &[(&str, &str)]) -> Server {
        let process = Command::new(env!("CARGO_BIN_EXE_tongxin"));
        Server::spawn(process, args, log, environment)
    }

    /// The same, with `command` in front of the binary and its arguments.
    pub fn start_behind(command: &[&str], args: &[&str], log: &Path) -> Server {
        let mut process = Command::new(command[0]);
        process
            .args(&command[1..])
            .arg(env!("CARGO_BIN_EXE_tongxin"));
        Server::spawn(process, args, log, &[])
    }

    fn spawn(
        mut process: Command,
        args: &[&str],
        log: &Path,
        environment: &[(&str, &str)],
    ) -> Server {
        let file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .expect("a log file");
        let child = process
            .args(args)
            .env("TONGXIN_LOCALE", "en")
            .env("RUST_LOG", "info")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("a log file"))
            .stderr(file)
            .spawn()
            .expect("the binary starts");
        Server {
            child,
            log: log.to_owned(),
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The exit code of a process that ends by itself; `None` when it was killed
    /// or goes on.
    pub fn ends(&mut self) -> Option<i32> {
        eventually("it ends", || self.ended()).code()
    }

    /// SIGKILL: nothing is flushed, nobody says goodbye.
    pub fn kill(mut self) {
        self.child.kill().expect("a running process");
        self.child.wait().expect("a child");
    }

    /// SIGTERM, and the exit code once it has drained.
    pub fn stop(mut self) -> Option<i32> {
        self.signal("TERM");
        self.child.wait().expect("a child").code()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args([&format!("-{name}"), &pid])
            .status();
        assert!(sent.expect("kill").success(), "-{name} {pid}");
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child")
    }

    pub fn log(&self) -> String {
        let mut text = String::new();
        let _ = File::open(&self.log).and_then(|mut file| file.read_to_string(&mut text));
        text
    }

    /// Fails the test with the log when the process has ended by itself.
    #[track_caller]
    pub fn assert_running(&mut self) {
        if let Some(status) = self.child.try_wait().expect("a child") {
            panic!("ended with {status}\n{}", self.log());
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- {}\n{}", self.log.display(), tail(&self.log(), 40));
        }
    }
}

fn tail(text: &str, lines: usize) -> String {
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

/// Waits until `check` gives a value; fails with `what` after a minute.
#[track_caller]
pub fn eventually<T>(what: &str, mut check: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(value) = check() {
            return value;
        }
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// A directory of this test's own on a real filesystem, removed unless it fails.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(test: &str) -> Scratch {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a scratch directory");
        assert_on_disk(&path);
        Scratch(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

/// What survives a process, or a machine, is only proved where it could be lost.
pub fn assert_on_disk(path: &Path) {
    const IN_MEMORY: [u64; 3] = [0x0102_1994, 0x8584_58f6, 0x794c_7630];
    let kind = rustix::fs::statfs(path).expect("statfs").f_type as u64 & 0xffff_ffff;
    let at = path.display();
    assert!(
        !IN_MEMORY.contains(&kind),
        "{at} is on tmpfs, ramfs or overlayfs: set CARGO_TARGET_DIR to a directory on a disk"
    );
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}
