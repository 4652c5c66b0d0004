//! Rules for source files, read as text.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

pub struct Source {
    /// Relative to the repository's root, with `/`.
    pub path: String,
    pub text: String,
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Files that git tracks or would track; outside a checkout, every file below
/// the source folders.
pub fn files(extensions: &[&str]) -> Vec<Source> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .ok()
        .filter(|output| output.status.success())
        .map(|output| {
            String::from_utf8_lossy(&output.stdout)
                .lines()
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_else(|| walk(&root()));
    let sources: Vec<Source> = listed
        .into_iter()
        .filter(|path: &String| {
            let extension = Path::new(path)
                .extension()
                .and_then(|e| e.to_str())
                .unwrap_or("");
            extensions.contains(&extension)
        })
        .filter_map(|path| {
            let text = fs::read_to_string(root().join(&path)).ok()?;
            Some(Source { path, text })
        })
        .collect();
    assert!(
        !sources.is_empty(),
        "no {extensions:?} files found below {}",
        root().display()
    );
    sources
}

fn walk(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let (path, name) = (entry.path(), entry.file_name());
            if path.is_dir() && name != "target" && name != ".git" {
                waiting.push(path);
            } else if path.is_file() {
                found.push(
                    path.strip_prefix(root())
                        .unwrap()
                        .to_string_lossy()
                        .into_owned(),
                );
            }
        }
    }
    found
}

/// Lines of `files` that `breaks` names, as `path:line: text`.
fn offenders(files: &[Source], breaks: impl Fn(&Source, &str) -> bool) -> Vec<String> {
    let lines = files.iter().flat_map(|source| {
        let numbered = source.text.lines().enumerate();
        numbered.map(move |(at, line)| (source, at + 1, line))
    });
    lines
        .filter(|(source, _, line)| breaks(source, line))
        .map(|(source, at, line)| format!("{}:{at}: {}", source.path, line.trim()))
        .collect()
}

#[track_caller]
fn none(offenders: Vec<String>, rule: &str) {
    assert!(offenders.is_empty(), "{rule}\n  {}", offenders.join("\n  "));
}

fn is_test(path: &str) -> bool {
    path.starts_with("tests/") || path.contains("/tests/") || path.ends_with("tests.rs")
}

/// The file without its test module, which stands last.
fn production(mut source: Source) -> Source {
    if let Some(at) = source.text.find("#[cfg(test)]\nmod tests") {
        source.text.truncate(at);
    }
    source
}

fn production_files() -> Vec<Source> {
    files(&["rs"]).into_iter().map(production).collect()
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

#[test]
fn every_file_says_what_it_owns() {
    let bare = files(&["rs"])
        .into_iter()
        .filter(|source| {
            !source.text.starts_with("//! ") || source.text.lines().next().unwrap().len() < 20
        })
        .map(|source| source.path)
        .collect();
    none(
        bare,
        "a file opens with `//!`: what it owns and what it refuses to know",
    );
}

#[test]
fn no_file_outgrows_its_noun() {
    let long = files(&["rs"])
        .into_iter()
        .filter(|source| source.text.lines().count() > 400)
        .map(|source| format!("{} ({} lines)", source.path, source.text.lines().count()))
        .collect();
    none(long, "a file has at most 400 lines: split it by noun");
}

#[test]
fn names_say_something() {
    let vague = [
        "utils", "util", "helpers", "helper", "common", "misc", "manager",
    ];
    let named = files(&["rs"])
        .into_iter()
        .map(|source| source.path)
        .filter(|path| {
            path.trim_end_matches(".rs")
                .split('/')
                .any(|part| vague.contains(&part))
        })
        .collect();
    none(named, "name the noun, or move it beside its only user");
}

#[test]
fn nothing_is_left_for_later() {
    let marks = [
        "TODO",
        "FIXME",
        "XXX",
        concat!("todo", "!("),
        concat!("unimplemented", "!("),
    ];
    let own = "tests/tidy/";
    let left = offenders(&files(&["rs", "proto", "toml", "sh"]), |source, line| {
        !source.path.starts_with(own) && marks.iter().any(|mark| line.contains(mark))
    });
    none(left, "finish it or say so in a document");
}

#[test]
fn tests_wait_for_conditions() {
    let sleeps = offenders(&files(&["rs"]), |source, line| {
        is_test(&source.path)
            && !source.path.starts_with("tests/tidy/")
            // A benchmark watches what an idle process uses while time passes.
            && !source.path.starts_with("tests/bench/")
            && line.contains("sleep(")
            && !is_comment(line)
    });
    none(sleeps, "tests wait for a condition or use a virtual clock");
}

#[test]
fn no_machine_is_named() {
    let places = ["/wo", "/ro", "/fa"].map(|start| match start {
        "/wo" => format!("{start}rk/"),
        "/ro" => format!("{start}ot/"),
        _ => format!("{start}rm/"),
    });
    let named = offenders(
        &files(&["rs", "md", "toml", "proto", "sh", "py"]),
        |_, line| places.iter().any(|place| line.contains(place.as_str())),
    );
    none(named, "no absolute path of a machine is committed");
}

#[test]
fn only_the_store_names_sled() {
    let named = offenders(&production_files(), |source, line| {
        let store = source.path.contains("/server/src/store/");
        !store && !is_test(&source.path) && !is_comment(line) && line.contains("sled::")
    });
    none(named, "sled is named in the two store modules only");
}

#[test]
fn one_file_per_server_makes_status() {
    let makers = [
        "Status::new(",
        "Status::with_",
        "Status::internal(",
        "Status::invalid_argument(",
        "Status::unavailable(",
        "Status::permission_denied(",
        "Status::unauthenticated(",
        "Status::not_found(",
        "Status::failed_precondition(",
        "Status::resource_exhausted(",
        "Status::aborted(",
        "Status::already_exists(",
        "Status::unimplemented(",
        "Status::cancelled(",
    ];
    let allowed = [
        "node/server/src/rpc/status.rs",
        "hub/server/src/rpc/status.rs",
        "proto/edge/src/problem.rs",
    ];
    let made = offenders(&production_files(), |source, line| {
        let inside = source.path.contains("/src/") && !is_test(&source.path);
        inside
            && !allowed.contains(&source.path.as_str())
            && !is_comment(line)
            && makers.iter().any(|maker| line.contains(maker))
    });
    none(
        made,
        "a Status is made from a Problem, in one file per server",
    );
}

#[test]
fn domains_take_time_and_chance_as_arguments() {
    let reached = [
        "SystemTime::now",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "thread_rng",
        "SystemRandom",
        "std::fs",
        "std::net",
        "std::thread",
        "std::env",
        "async fn",
    ];
    let impure = offenders(&production_files(), |source, line| {
        let domain = ["node/domain/src/", "hub/domain/src/", "proto/src/"];
        domain.iter().any(|folder| source.path.starts_with(folder))
            && !is_comment(line)
            && reached.iter().any(|name| line.contains(name))
    });
    none(
        impure,
        "domain crates take clock, randomness and data as arguments",
    );
}

#[test]
fn main_is_config_build_run_drain() {
    let main = files(&["rs"])
        .into_iter()
        .find(|source| source.path == "deploy/src/main.rs")
        .unwrap();
    assert!(
        main.text.lines().count() <= 40,
        "deploy/src/main.rs stays within 40 lines"
    );
}
