//! Whether numbers are plausible: what lies far from the others, and what breaks
//! a rule between indicators. Judges rows of an answer; reads and changes nothing.

mod outlier;
mod rule;

pub use outlier::{BOUND, FEWEST, Outlier, outliers};
pub use rule::{Missing, Operator, Verdict, judge};
