//! Compiles `wire/` to message types with no protoc; services are the edge crate's.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use prost::Message as _;

mod files;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=wire");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new(["wire"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(files::below(Path::new("wire"))?)?;
    let set = compiler.file_descriptor_set();
    fs::write(out.join("descriptors.bin"), set.encode_to_vec())?;
    prost_build::Config::new()
        .bytes(["."])
        .include_file("packages.rs")
        .compile_fds(set)?;
    Ok(())
}
