//! History of another ticket system: which column means what, and rows read as
//! records that the case engine decides on. Knows no store; the node's ledger
//! enters the records.

pub mod driver;
pub mod mapping;
pub mod reader;
pub mod rejected;

pub use driver::{ImportFault, ImportOptions, Imported, Progress, import, import_into};
pub use mapping::{InvalidMapping, Mapping};
pub use reader::{Row, RowReader, Skipped};
pub use rejected::RejectedFile;
