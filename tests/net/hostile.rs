//! Hostile peers with a node's own certificate, against a real hub: others are
//! answered as before, memory stays, and every bomb is refused.

use std::{
    env, io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use proto_edge::membership::Membership;
use tokio::{runtime::Runtime, task::JoinSet};

use crate::{
    harness::{District, district::RUIQUAN, process::tongxin_ok},
    wire::{
        CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, RST_STREAM, SETTINGS, Wire,
        field, frame, member, request,
    },
    witness::{Seen, Witness},
};

/// Measured one after the other: they share two cores.
pub static MEASURING: Mutex<()> = Mutex::new(());

const HEALTH: &str = "/grpc.health.v1.Health/Check";
const REFLECTION: &str = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
const UPLINK: &str = "/tongxin.sync.v1.SyncService/Uplink";
/// As many as one identity may hold.
const CONNECTIONS: usize = 4;
/// Streams that the hub allows at once.
const STREAMS: u32 = 64;
const SPAN: Duration = Duration::from_secs(2);
/// What a call may take beside an attack, whatever it takes at a quiet hub.
const FLOOR: Duration = Duration::from_millis(50);
/// A tail of a few hundred calls is luck on a busy machine; a slow hub is slow
/// each time.
const TRIES: usize = 3;
const GROWTH_MIB: f64 = 64.0;

/// How long each attack lasts; the long campaign asks for a minute.
fn span() -> Duration {
    let asked = env::var("TONGXIN_HOSTILE_S").ok();
    asked.map_or(SPAN, |s| Duration::from_secs(s.parse().expect("seconds")))
}

#[derive(Clone, Copy, Debug)]
enum Attack {
    RapidReset,
    ContinuationFlood,
    PingFlood,
    SettingsFlood,
    WindowStall,
    TinyFrames,
    EmptyFrames,
    HeaderBomb,
}

const ATTACKS: [Attack; 8] = [
    Attack::RapidReset,
    Attack::ContinuationFlood,
    Attack::PingFlood,
    Attack::SettingsFlood,
    Attack::WindowStall,
    Attack::TinyFrames,
    Attack::EmptyFrames,
    Attack::HeaderBomb,
];

impl Attack {
    /// One connection's worth, until the hub closes it.
    async fn run(self, member: &Membership) -> io::Result<()> {
        let mut wire = Wire::dial(member).await?;
        let headers = |stream, path: &str| frame(HEADERS, END_HEADERS, stream, &request(path));
        match self {
            Attack::RapidReset => {
                for at in (0..).step_by(100) {
                    let opened = (at..at + 100).flat_map(|at: u32| {
                        let stream = 2 * at + 1;
                        let reset = frame(RST_STREAM, 0, stream, &8u32.to_be_bytes());
                        [headers(stream, HEALTH), reset].concat()
                    });
                    wire.send(&opened.collect::<Vec<u8>>()).await?;
                }
            }
            Attack::ContinuationFlood => {
                wire.send(&frame(HEADERS, 0, 1, &request(UPLINK))).await?;
                let more = field(0, "x-more", &"m".repeat(1000));
                loop {
                    wire.send(&frame(CONTINUATION, 0, 1, &more)).await?;
                }
            }
            Attack::PingFlood => loop {
                wire.send(&frame(PING, 0, 0, &[7; 8]).repeat(100)).await?;
            },
            Attack::SettingsFlood => loop {
                let window = [0, 4, 0, 0, 255, 255];
                wire.send(&frame(SETTINGS, 0, 0, &window).repeat(100))
                    .await?;
            },
            Attack::WindowStall => {
                wire.send(&frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 0, 0]))
                    .await?;
                let symbol = b"tongxin.hub.v1.IndicatorService";
                let mut asked = vec![0, 0, 0, 0, 2 + symbol.len() as u8, 0x22];
                asked.push(symbol.len() as u8);
                asked.extend(symbol);
                for stream in (0..STREAMS).map(|at| 2 * at + 1) {
                    wire.send(&headers(stream, REFLECTION)).await?;
                    wire.send(&frame(DATA, 0, stream, &asked)).await?;
                }
                wire.closed().await;
            }
            Attack::TinyFrames => {
                wire.send(&headers(1, UPLINK)).await?;
                wire.send(&frame(DATA, 0, 1, &[0, 0, 3, 0, 0])).await?;
                loop {
                    wire.send(&frame(DATA, 0, 1, &[0]).repeat(100)).await?;
                }
            }
            Attack::EmptyFrames => {
                wire.send(&headers(1, UPLINK)).await?;
                loop {
                    wire.send(&frame(DATA, 0, 1, &[]).repeat(100)).await?;
                }
            }
            Attack::HeaderBomb => {
                // One large field goes into the table, then is named 8,000 times.
                for stream in (0..).map(|at: u32| 2 * at + 1) {
                    let mut block = request(HEALTH);
                    block.extend(field(0x40, "x-bomb", &"b".repeat(4000)));
                    block.extend([0x80 | 62; 8000]);
                    let bomb = frame(HEADERS, END_HEADERS | END_STREAM, stream, &block);
                    wire.send(&bomb).await?;
                }
            }
        }
        Ok(())
    }
}

#[test]
fn hostile_members_make_the_hub_slow_for_nobody_else() {
    let _alone = MEASURING.lock().unwrap_or_else(PoisonError::into_inner);
    let district = District::start("net-hostile");
    // Another hub that nobody attacks says what this machine can do meanwhile.
    let quiet = District::start("net-hostile-quiet");
    let community = district.community(RUIQUAN);
    let dir = community.dir();
    tongxin_ok(&["node", "join", "--dir", &dir, &district.invite(RUIQUAN)]);
    let attacker = member(community.path());
    let (witness, control) = (Witness::of(&district), Witness::of(&quiet));
    let runtime = Runtime::new().unwrap();
    let before = runtime.block_on(witness.watch(SPAN / 2)).most_mib;
    for attack in ATTACKS {
        let is_met = (0..TRIES).any(|_| {
            let seen = runtime.block_on(under(attack, &attacker, &witness, &control));
            assert!(
                seen.0.most_mib - before <= GROWTH_MIB,
                "{attack:?}: {seen:?}"
            );
            seen.0.call_p99() <= FLOOR.max(2 * seen.1.call_p99())
        });
        assert!(is_met, "{attack:?}: others wait");
    }
}

/// What an honest client sees at the attacked hub, and one at the other.
async fn under(
    attack: Attack,
    attacker: &Membership,
    witness: &Witness,
    control: &Witness,
) -> (Seen, Seen) {
    let mut attackers = JoinSet::new();
    let mut connections = 0;
    let mut come = |attackers: &mut JoinSet<io::Result<()>>| {
        connections += 1;
        let attacker = attacker.clone();
        attackers.spawn(async move { attack.run(&attacker).await });
    };
    for _ in 0..CONNECTIONS {
        come(&mut attackers);
    }
    let watched = async { tokio::join!(witness.watch(span()), control.watch(span())) };
    tokio::pin!(watched);
    let (seen, quiet) = loop {
        tokio::select! {
            seen = &mut watched => break seen,
            // Thrown out: it comes again at once.
            Some(_) = attackers.join_next() => come(&mut attackers),
        }
    };
    eprintln!(
        "{attack:?}: p99 {:.1?} (quiet hub {:.1?}), new connection {:.1?} (quiet {:.1?}), {:.0} MiB, {connections} connections, CPU {:.0} %",
        seen.call_p99(),
        quiet.call_p99(),
        seen.arrival_p99(),
        quiet.arrival_p99(),
        seen.most_mib,
        100.0 * seen.cpu.as_secs_f64() / seen.took.as_secs_f64(),
    );
    (seen, quiet)
}
