//! Indicators: definitions, accumulators and cells. What a node counted, a hub
//! merges with this same code.

pub mod accumulator;
pub mod catalogue;
pub mod cell;
pub mod columns;
pub mod definition;
pub mod derived;
pub mod dimension;
pub mod filter;
pub mod formula;
pub mod kind;
pub mod mistake;
mod packer;
mod reading;
pub mod rounded;
pub mod sketch;
pub mod state;
mod varint;

#[cfg(test)]
mod columns_test;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod laws;
