//! A small ext4 in a file, mounted by a loop device, and copies of it as a power
//! cut would leave them. Knows no server.

use std::{
    fs::{self, File},
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Mounted until it is dropped.
pub struct Image {
    file: PathBuf,
    at: PathBuf,
}

/// Whether this process may mount; says so loudly when not.
pub fn may_mount(scratch: &Path, test: &str) -> bool {
    let (file, at) = (scratch.join("probe.ext4"), scratch.join("probe"));
    let able = make(&file, 8) && mount(&file, &at);
    if able {
        drop(Image { file, at });
        return true;
    }
    // Not through the harness's capture: a skipped proof must be seen.
    let _ = writeln!(
        std::io::stderr(),
        "\n*** SKIPPED: {test}: mounting a loop device is not allowed here (run as root) ***\n"
    );
    false
}

fn run(program: &str, args: &[&Path]) -> bool {
    let status = Command::new(program)
        .args(args)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}

fn make(file: &Path, mib: u64) -> bool {
    let _ = fs::remove_file(file);
    let sized = File::create(file).and_then(|created| created.set_len(mib << 20));
    // No blocks are kept for root: full means full.
    sized.is_ok() && run("mkfs.ext4", &["-q".as_ref(), "-m0".as_ref(), file])
}

fn mount(file: &Path, at: &Path) -> bool {
    let _ = fs::create_dir_all(at);
    run("mount", &["-o".as_ref(), "loop".as_ref(), file, at])
}

impl Image {
    /// A new, empty filesystem at `at`.
    pub fn new(file: &Path, at: &Path, mib: u64) -> Image {
        assert!(make(file, mib), "mkfs.ext4 {}", file.display());
        let image = Image::mounted(file, at);
        fs::remove_dir(at.join("lost+found")).expect("an empty filesystem");
        image
    }

    pub fn mounted(file: &Path, at: &Path) -> Image {
        assert!(mount(file, at), "mount {}", file.display());
        Image {
            file: file.to_owned(),
            at: at.to_owned(),
        }
    }

    /// What the disk holds at this moment; what only memory holds is not in it.
    /// Nobody may be writing. A copy during which the kernel wrote is no moment,
    /// and is taken again.
    pub fn cut(&self, to: &Path) {
        for _ in 0..20 {
            let before = self.writes();
            let copied = run("cp", &["--sparse=always".as_ref(), &self.file, to]);
            assert!(copied, "cp {}", self.file.display());
            if before.1 == 0 && before == self.writes() {
                return;
            }
        }
        panic!(
            "the kernel never stopped writing to {}",
            self.file.display()
        );
    }

    /// Writes that the device has done, and those under way.
    fn writes(&self) -> (u64, u64) {
        let mounts = fs::read_to_string("/proc/mounts").expect("mounts");
        let at = self.at.to_string_lossy();
        let line = mounts
            .lines()
            .find(|line| line.split(' ').nth(1) == Some(&at));
        let device = line
            .and_then(|line| line.split(' ').next())
            .expect("a mount");
        let name = device.trim_start_matches("/dev/");
        let stat = fs::read_to_string(format!("/sys/block/{name}/stat")).expect("a device");
        let numbers: Vec<u64> = stat.split_whitespace().flat_map(str::parse).collect();
        (numbers[4], numbers[8])
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        // Whoever was killed a moment ago may still hold it.
        if !run("umount", &[&self.at]) {
            run("umount", &["-l".as_ref(), &self.at]);
        }
        let _ = fs::remove_file(&self.file);
    }
}
