//! Node and hub on disks that lose power, fail, fill up and rot. What was
//! answered is there afterwards, or the process says in words what is wrong.

mod harness;

#[path = "disk/damage.rs"]
mod damage;
#[path = "disk/failing.rs"]
mod failing;
#[path = "disk/full.rs"]
mod full;
#[path = "disk/held.rs"]
mod held;
#[path = "disk/holding.rs"]
mod holding;
#[path = "disk/image.rs"]
mod image;
#[path = "disk/mutation.rs"]
mod mutation;
#[path = "disk/power_cut.rs"]
mod power_cut;
