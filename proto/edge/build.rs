//! Generates the gRPC services over the message types that `proto` owns, and
//! says when this build was made: no clock is believed that is before it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

#[path = "../files.rs"]
mod files;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../wire");
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let built_s = match env::var("SOURCE_DATE_EPOCH") {
        Ok(given) => given.parse()?,
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    };
    let mut compiler = protox::Compiler::new(["../wire"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files(files::below(Path::new("../wire"))?)?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::create_dir_all(&out)?;
    let built = format!(
        "/// When this build was made, in seconds since 1970.\npub const BUILT_S: u64 = {built_s};\n"
    );
    fs::write(out.join("built.rs"), built)?;
    tonic_prost_build::configure()
        .extern_path(".tongxin", "::proto::pb::tongxin")
        .codec_path("crate::codec::Codec")
        .include_file("services.rs")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
