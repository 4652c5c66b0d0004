//! Generates the gRPC services over the message types that `proto` owns.

use std::{env, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../wire");
    let mut compiler = protox::Compiler::new(["../wire"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files([
        "tongxin/sync/v1/sync.proto",
        "tongxin/enrol/v1/enrol.proto",
        "tongxin/node/v1/case.proto",
        "tongxin/node/v1/admin.proto",
        "tongxin/node/v1/duty.proto",
        "tongxin/node/v1/deliberation.proto",
        "tongxin/node/v1/activity.proto",
        "tongxin/node/v1/survey.proto",
        "tongxin/hub/v1/indicator.proto",
        "tongxin/hub/v1/admin.proto",
    ])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::create_dir_all(&out)?;
    tonic_prost_build::configure()
        .extern_path(".tongxin", "::proto::pb::tongxin")
        .include_file("services.rs")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
