//! Indicators: definitions, accumulators and cells. What a node counted, a hub
//! merges with this same code.

pub mod accumulator;
pub mod cell;
