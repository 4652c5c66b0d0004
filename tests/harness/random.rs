//! Seeded chance and how much of a campaign to run: small in the normal run, as
//! the environment says in a long one. Every seed is printed.

/// SplitMix64: the same seed, the same campaign.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Less than `end`; 0 when `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub fn bytes(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.next() as u8).collect()
    }
}

/// A number from the environment, or `normal`.
pub fn count(variable: &str, normal: usize) -> usize {
    let given = std::env::var(variable).ok();
    given.map_or(normal, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{variable}={text}: want a number"))
    })
}

/// `TONGXIN_SEED`, or one that is different every time.
pub fn seed(campaign: &str) -> u64 {
    let clock = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let drawn = clock.map_or(0, |since| since.as_nanos() as u64);
    let seed = count("TONGXIN_SEED", drawn as usize) as u64;
    eprintln!("{campaign}: TONGXIN_SEED={seed}");
    seed
}
