//! What a seed stands for: how many nodes, how bad a network, which faults. And
//! bugs that are planted to see that the checks can fail.

use std::time::Duration;

use jiff::SignedDuration;
use proto::sync::jitter::Jitter;

#[derive(Clone, Debug)]
pub struct Plan {
    pub nodes: usize,
    pub interval: Duration,
    pub reconnect_window: Duration,
    pub stays_connected: bool,
    pub latency: Duration,
    pub sync_time: Duration,
    pub view_lag: Duration,
    pub write_every: Duration,
    /// Writes come in bursts of up to this many.
    pub burst: u64,
    pub faults_for: Duration,
    /// Mean times between faults; `None`: never.
    pub cut_every: Option<Duration>,
    pub node_crash_every: Option<Duration>,
    pub hub_crash_every: Option<Duration>,
    pub partition_every: Option<Duration>,
    pub store_fails: bool,
    /// The writer's queue says things twice, late and out of order.
    pub replays: bool,
    pub revoke_every: Option<Duration>,
    pub has_ghosts: bool,
    /// Indicators that the hub does not know until halfway.
    pub has_unknown: bool,
    /// States that are none.
    pub has_poison: bool,
    /// Cells that break any stream that carries them; healed at the end or not.
    pub has_killers: bool,
    pub heals_killers: bool,
    /// The hub's view loses or damages a cell.
    pub damages_view: bool,
    /// Directories are put back from older copies, or copied and run twice.
    pub restore_every: Option<Duration>,
    pub clones: bool,
    pub restores_hub: bool,
    /// What the operator says of a quarantined store.
    pub restates: bool,
    /// How wrong the nodes' clocks are.
    pub skew: SignedDuration,
    /// One of the two streams carries nothing, for ever.
    pub stalled: Option<Stream>,
    pub planted: Option<Planted>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stream {
    Uplink,
    Downlink,
}

/// Bugs that no build has: each makes one lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// The hub acknowledges what it has not synced.
    AckBeforeSync,
    /// The hub takes a batch whatever its cursor says.
    LostDedupe,
    /// The hub's writer forgets to compare epochs.
    StaleEpochAccepted,
    /// The node's scan skips a cell and names a point past it.
    CursorPastUnsent,
    /// The hub's view drops removals.
    RemovalForgotten,
    /// The hub drops refused cells without a marker.
    RejectForgotten,
    /// A store that comes back adds its whole history to the hub's.
    MergeOfClones,
    /// What a store took back is entered again from paper as well.
    AdoptAndRestate,
    /// A restored hub keeps its log's name.
    RelistSkipped,
    /// The digest is an exclusive or.
    XorDigest,
    /// A node takes a catalogue item into force before it is durable.
    EarlyActivation,
    /// A digest that differs empties the node's cells at the hub.
    RepairThatWipes,
    /// The hub does not hold a greeting's journal against what it knows.
    JournalIgnored,
}

impl Planted {
    pub const ALL: [Planted; 13] = [
        Planted::AckBeforeSync,
        Planted::LostDedupe,
        Planted::StaleEpochAccepted,
        Planted::CursorPastUnsent,
        Planted::RemovalForgotten,
        Planted::RejectForgotten,
        Planted::MergeOfClones,
        Planted::AdoptAndRestate,
        Planted::RelistSkipped,
        Planted::XorDigest,
        Planted::EarlyActivation,
        Planted::RepairThatWipes,
        Planted::JournalIgnored,
    ];

    /// The properties that it breaks, any of which may notice first.
    pub fn breaks(self) -> &'static [&'static str] {
        match self {
            Planted::AckBeforeSync => &["1.", "2.", "23."],
            Planted::LostDedupe => &["1.", "2.", "3.", "5."],
            Planted::StaleEpochAccepted => &["6."],
            Planted::CursorPastUnsent | Planted::RejectForgotten => &["2."],
            Planted::RemovalForgotten => &["2.", "10."],
            Planted::MergeOfClones | Planted::AdoptAndRestate => &["8."],
            Planted::RelistSkipped => &["9.", "10.", "20."],
            Planted::XorDigest => &["10."],
            Planted::RepairThatWipes => &["24."],
            Planted::EarlyActivation => &["21."],
            Planted::JournalIgnored => &["2.", "4.", "7."],
        }
    }
}

impl Plan {
    pub fn of(seed: u64, planted: Option<Planted>) -> Plan {
        let mut draw = Jitter::new(seed ^ 0x7031_a5e1);
        let secs = Duration::from_secs;
        let millis = Duration::from_millis;
        let mut pick = |choices: &[u64]| choices[draw.next_u64() as usize % choices.len()];
        let interval = secs(pick(&[1, 5, 20, 60]));
        let mut every = |choices: &[u64]| match pick(choices) {
            0 => None,
            seconds => Some(secs(seconds)),
        };
        let cut_every = every(&[0, 3, 10, 40, 40]);
        let node_crash_every = every(&[0, 30, 90, 300]);
        let hub_crash_every = every(&[0, 30, 90, 300]);
        let partition_every = every(&[0, 0, 60, 200]);
        let revoke_every = every(&[0, 0, 0, 0, 0, 0, 300]);
        let restore_every = every(&[0, 0, 30, 90]);
        // One disaster at a time: both ends restored is a story of its own.
        let (clones, restores_hub) = match (restore_every, pick(&[0, 0, 1, 2])) {
            (None, 1) => (true, false),
            (None, 2) => (false, true),
            _ => (false, false),
        };
        let mut plan = Plan {
            restore_every,
            clones,
            restores_hub,
            restates: pick(&[0, 0, 1]) == 1,
            skew: SignedDuration::ZERO,
            nodes: pick(&[1, 2, 2, 3]) as usize,
            interval,
            reconnect_window: secs(pick(&[0, 0, 5, 120])),
            stays_connected: pick(&[0, 1, 1]) == 1,
            latency: millis(pick(&[2, 20, 200, 2000])),
            sync_time: millis(pick(&[1, 30, 300])),
            view_lag: millis(pick(&[1, 100, 2000])),
            write_every: millis(pick(&[200, 1000, 5000])),
            burst: pick(&[1, 1, 30, 700]),
            faults_for: secs(pick(&[60, 200, 600])),
            cut_every,
            node_crash_every,
            hub_crash_every,
            partition_every,
            store_fails: pick(&[0, 1]) == 1,
            replays: pick(&[0, 1, 1]) == 1,
            revoke_every,
            has_ghosts: pick(&[0, 0, 1]) == 1,
            has_unknown: pick(&[0, 1]) == 1,
            has_poison: pick(&[0, 1]) == 1,
            has_killers: pick(&[0, 0, 0, 1]) == 1,
            heals_killers: pick(&[0, 1]) == 1,
            damages_view: pick(&[0, 0, 0, 1]) == 1,
            stalled: match pick(&[0, 0, 0, 0, 0, 0, 1, 2]) {
                1 => Some(Stream::Uplink),
                2 => Some(Stream::Downlink),
                _ => None,
            },
            planted,
        };
        if planted == Some(Planted::XorDigest) {
            // Nothing else that differs, and would have the pair repaired; and few
            // cells, since it is seen only hours later.
            plan.damages_view = true;
            plan.burst = 1;
            plan.hub_crash_every = None;
            (plan.has_unknown, plan.has_poison, plan.has_killers) = (false, false, false);
        }
        plan
    }
}
