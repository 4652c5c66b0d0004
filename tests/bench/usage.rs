//! What a process uses, as the kernel counts it: processor time, resident
//! memory, disk. Knows no server.

use std::{fs, io, path::Path, thread, time::Duration};

/// Linux reports processor time in hundredths of a second.
const TICK: Duration = Duration::from_millis(10);

/// Processor time of a process, user and system together.
pub fn cpu(pid: u32) -> io::Result<Duration> {
    let fields = stat(pid)?;
    Ok(TICK * (fields[11] + fields[12]) as u32)
}

/// The same of a process and all its children, those that have ended included.
pub fn cpu_of_family(pid: u32) -> io::Result<Duration> {
    let own = stat(pid)?;
    let mut ticks: u64 = own[11..15].iter().sum();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let child = name.to_str().and_then(|name| name.parse().ok());
        // A process may end while we look at it.
        if let Some(Ok(fields)) = child.map(stat)
            && fields[1] == u64::from(pid)
        {
            ticks += fields[11] + fields[12];
        }
    }
    Ok(TICK * ticks as u32)
}

/// Processor time of this process's children that have ended.
pub fn cpu_of_ended_children() -> io::Result<Duration> {
    let fields = stat(std::process::id())?;
    Ok(TICK * (fields[13] + fields[14]) as u32)
}

/// Numbers behind the command's name: state (as 0), parent, …; user, system,
/// children's user and children's system time stand at 11 to 14.
fn stat(pid: u32) -> io::Result<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let behind = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<u64> = behind
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    if fields.len() < 15 {
        return Err(io::Error::other("a short /proc/PID/stat"));
    }
    Ok(fields)
}

/// Resident memory, MiB.
pub fn rss_mib(pid: u32) -> io::Result<f64> {
    memory_mib(pid, "VmRSS:")
}

/// The most resident memory that it ever had, MiB.
pub fn peak_mib(pid: u32) -> io::Result<f64> {
    memory_mib(pid, "VmHWM:")
}

fn memory_mib(pid: u32, which: &str) -> io::Result<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(which));
    let kib: Option<f64> = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse().ok());
    let kib = kib.ok_or_else(|| io::Error::other(format!("no {which} in /proc/PID/status")))?;
    Ok(kib / 1024.0)
}

/// What a process that nobody asks for anything uses.
pub struct Idle {
    pub rss_mib: f64,
    /// Processor time, ms a second.
    pub cpu_ms: f64,
}

/// Looks on for `span`, once what was begun before has had as long to end: what a
/// process does by itself shows in time alone.
pub fn idle(pid: u32, span: Duration) -> io::Result<Idle> {
    thread::sleep(span);
    let (rss_mib, before) = (rss_mib(pid)?, cpu(pid)?);
    thread::sleep(span);
    let used = cpu(pid)? - before;
    Ok(Idle {
        rss_mib,
        cpu_ms: used.as_secs_f64() * 1e3 / span.as_secs_f64(),
    })
}

/// Open files and sockets.
pub fn descriptors(pid: u32) -> io::Result<usize> {
    Ok(fs::read_dir(format!("/proc/{pid}/fd"))?.count())
}

/// Bytes that a file, or everything below a directory, occupies on disk.
pub fn disk_bytes(path: &Path) -> io::Result<u64> {
    use std::os::unix::fs::MetadataExt as _;
    let held = fs::symlink_metadata(path)?;
    if !held.is_dir() {
        return Ok(held.blocks() * 512);
    }
    let mut sum = 0;
    for entry in fs::read_dir(path)? {
        sum += disk_bytes(&entry?.path())?;
    }
    Ok(sum)
}
