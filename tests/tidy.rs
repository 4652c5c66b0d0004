//! House rules that fail the build: file headers and sizes, who may depend on
//! whom, what only one place may name, licences, the glossary, the systems
//! table, the catalogue of errors. Knows no behaviour; it reads the tree as text and `cargo metadata`.

#[path = "tidy/crates.rs"]
mod crates;
#[path = "tidy/documents.rs"]
mod documents;
#[path = "tidy/reasons.rs"]
mod reasons;
#[path = "tidy/sources.rs"]
mod sources;
