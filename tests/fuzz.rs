//! Arbitrary and almost-right bytes into every decoder and every call: nothing
//! panics, hangs or takes memory without measure. Seeded; inputs that once
//! mattered are kept in `fuzz/corpus`. `TONGXIN_FUZZ_RUNS`: executions per target.

mod harness;

#[path = "fuzz/calls.rs"]
mod calls;
#[path = "fuzz/memory.rs"]
mod memory;
#[path = "fuzz/mutator.rs"]
mod mutator;
#[path = "fuzz/targets.rs"]
mod targets;

use std::{
    collections::HashSet,
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use harness::{District, calls::Caller, district::RUIQUAN};
use mutator::Mutator;
use targets::{Records, Target, targets};

#[global_allocator]
static ALLOCATOR: memory::Counted = memory::Counted;

const RUNS: usize = 20_000;
const LONGEST: Duration = Duration::from_secs(1);
const MOST_BYTES: usize = 256 << 20;
/// Inputs with an outcome of their own that mutations go on from.
const POOL: usize = 200;

pub fn asked(name: &str, otherwise: usize) -> usize {
    let value = env::var(name).ok();
    value.map_or(otherwise, |value| value.parse().expect("a number"))
}

#[test]
fn no_decoder_panics_hangs_or_takes_memory_without_measure() {
    let runs = asked("TONGXIN_FUZZ_RUNS", RUNS);
    let seed = asked("TONGXIN_FUZZ_SEED", std::process::id() as usize) as u64;
    eprintln!("TONGXIN_FUZZ_SEED={seed}");
    let mut all = targets(records());
    let half = all.split_off(all.len() / 2);
    let failures: Vec<String> = std::thread::scope(|scope| {
        let halves = [all, half].map(|targets| {
            scope.spawn(move || {
                let failed = targets
                    .into_iter()
                    .filter_map(|target| fuzz(target, runs, seed).err());
                failed.collect::<Vec<String>>()
            })
        });
        let failed = halves
            .into_iter()
            .flat_map(|half| half.join().expect("a half"));
        failed.collect()
    });
    assert!(failures.is_empty(), "{failures:#?}");
}

/// The first input that fails ends the target, and is told in full.
fn fuzz(mut target: Target, runs: usize, seed: u64) -> Result<(), String> {
    target.seeds.extend(kept(target.name));
    let (mut outcomes, mut slowest, mut largest) = (HashSet::new(), Duration::ZERO, 0);
    let mut mutator = Mutator::new(seed);
    let began = Instant::now();
    for run in 0..runs {
        // What is kept comes first, as it is.
        let input = match target.seeds.get(run) {
            Some(seed) if outcomes.len() < POOL => seed.clone(),
            _ => mutator.input(&target.seeds),
        };
        let begun = Instant::now();
        let decoded = || catch_unwind(AssertUnwindSafe(|| (target.run)(&input)));
        let (outcome, bytes) = memory::most_held(decoded);
        let took = begun.elapsed();
        let failed = |what: &str| {
            let hex: String = input.iter().map(|byte| format!("{byte:02x}")).collect();
            Err(format!("{}, run {run}: {what}: {hex}", target.name))
        };
        let Ok(outcome) = outcome else {
            return failed("panicked");
        };
        // A busy machine may hold up a thread; a slow decoder is slow again.
        if took > LONGEST && slow_again(target.run, &input) {
            return failed(&format!("took {took:?}"));
        }
        if bytes > MOST_BYTES {
            return failed(&format!("took {bytes} bytes"));
        }
        (slowest, largest) = (slowest.max(took), largest.max(bytes));
        let is_new = outcomes.insert(without_figures(&outcome));
        if is_new && outcomes.len() < POOL {
            keep(target.name, outcomes.len(), &input);
            target.seeds.push(input);
        }
    }
    eprintln!(
        "{}: {runs} in {:.1?}, {} outcomes, slowest {slowest:.1?}, largest {} KiB",
        target.name,
        began.elapsed(),
        outcomes.len(),
        largest / 1024
    );
    Ok(())
}

fn slow_again(run: fn(&[u8]) -> String, input: &[u8]) -> bool {
    let begun = Instant::now();
    run(input);
    begun.elapsed() > LONGEST
}

fn without_figures(outcome: &str) -> String {
    let letters = outcome.chars().filter(|c| c.is_ascii_alphabetic());
    letters.take(40).collect()
}

fn corpus(target: &str) -> PathBuf {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/corpus");
    corpus.join(target)
}

fn kept(target: &str) -> Vec<Vec<u8>> {
    let Ok(files) = fs::read_dir(corpus(target)) else {
        return Vec::new();
    };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// With `TONGXIN_FUZZ_KEEP`, a small input with an outcome of its own is kept.
fn keep(target: &str, number: usize, input: &[u8]) {
    if env::var_os("TONGXIN_FUZZ_KEEP").is_some() && input.len() <= 512 && number <= 40 {
        fs::create_dir_all(corpus(target)).unwrap();
        fs::write(corpus(target).join(format!("{number:03}")), input).unwrap();
    }
}

/// Journals of a district at work: all its records are seeds.
fn records() -> Records {
    let district = District::start("fuzz-records");
    let mut ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let case = staff.report("street-light", "路灯不亮").unwrap().name;
    staff.accept(&case).unwrap();
    staff.dispatch(&case, "lamp-crew").unwrap();
    let mut crew = Caller::new(&ruiquan, "handler", "lamp-crew");
    crew.complete(&case).unwrap();
    district.settled(&ruiquan);
    let hub = Path::new(&district.hub_dir()).join("journal");
    let node = ruiquan.path().join("journal");
    ruiquan.stop();
    let records = Records {
        node: payloads(&node),
        hub: payloads(&hub),
    };
    assert!(records.node.len() > 5 && records.hub.len() > 3);
    records
}

fn payloads(journal: &Path) -> Vec<Vec<u8>> {
    let reader = journal::Reader::open(journal, 1).expect("a journal");
    let records = reader.map(|record| record.expect("a record").payload.to_vec());
    records.filter(|payload| payload.len() < 8192).collect()
}
