//! Bytes that are almost right: seeds changed at random places, spliced, cut,
//! repeated, or made up as protobuf. Everything follows from a seed. Knows no
//! decoder.

use proto::sync::jitter::Jitter;

pub const LONGEST: usize = 64 * 1024;
/// Sizes and counts at which arithmetic goes wrong.
const EDGES: [u64; 10] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    0x7fff_ffff_ffff_ffff,
    u64::MAX,
];

pub struct Mutator(Jitter);

impl Mutator {
    pub fn new(seed: u64) -> Mutator {
        Mutator(Jitter::new(seed))
    }

    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.0.next_u64() % bound as u64) as usize
    }

    /// Something near one of `seeds`, or nothing like any.
    pub fn input(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = match self.below(16) {
            0 => self.noise(64),
            1 => self.message(3),
            _ if seeds.is_empty() => self.message(3),
            _ => seeds[self.below(seeds.len())].clone(),
        };
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, seeds);
        }
        bytes.truncate(LONGEST);
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len() + 1);
        let end = at + self.below((bytes.len() - at).min(32) + 1);
        match self.below(9) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => drop(bytes.splice(at..end, self.noise(8))),
            5 => drop(bytes.splice(at..end, self.number())),
            6 => {
                let part = bytes[at..end].to_vec();
                let times = 1 + self.below(64);
                drop(bytes.splice(at..at, part.repeat(times)));
            }
            7 if !seeds.is_empty() => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                let part = other[from..(from + 64).min(other.len())].to_vec();
                drop(bytes.splice(at..end, part));
            }
            _ => {
                let message = self.message(2);
                drop(bytes.splice(at..end, message));
            }
        }
    }

    fn noise(&mut self, most: usize) -> Vec<u8> {
        let length = self.below(most + 1);
        (0..length).map(|_| self.below(256) as u8).collect()
    }

    /// An edge, as a varint or as big-endian bytes.
    fn number(&mut self) -> Vec<u8> {
        let edge = EDGES[self.below(EDGES.len())];
        match self.below(3) {
            0 => edge.to_be_bytes().to_vec(),
            1 => (edge as u32).to_be_bytes().to_vec(),
            _ => varint(edge),
        }
    }

    /// A protobuf message with fields 1 to 24, or nearly one.
    pub fn message(&mut self, depth: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        for _ in 0..self.below(6) {
            let field = 1 + self.below(24) as u64;
            let is_number = depth == 0 || self.below(3) == 0;
            if is_number {
                bytes.extend(varint(field << 3));
                let value = match self.below(2) {
                    0 => self.below(300) as u64,
                    _ => EDGES[self.below(EDGES.len())],
                };
                bytes.extend(varint(value));
                continue;
            }
            let body = match self.below(3) {
                0 => self.noise(20),
                _ => self.message(depth - 1),
            };
            let lies = self.below(24) == 0;
            let length = if lies { u32::MAX as usize } else { body.len() };
            bytes.extend(varint(field << 3 | 2));
            bytes.extend(varint(length as u64));
            bytes.extend(body);
        }
        bytes
    }
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}
