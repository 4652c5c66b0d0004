//! Compiles `wire/` to message types with no protoc; services are the edge crate's.

use std::{env, fs, path::PathBuf};

use prost::Message as _;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=wire");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let mut compiler = protox::Compiler::new(["wire"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files([
        "tongxin/type/v1/indicator.proto",
        "tongxin/sync/v1/sync.proto",
        "tongxin/enrol/v1/enrol.proto",
        "tongxin/node/v1/case.proto",
        "tongxin/node/v1/admin.proto",
        "tongxin/node/v1/register.proto",
        "tongxin/node/v1/duty.proto",
        "tongxin/node/v1/fund.proto",
        "tongxin/node/v1/assessment.proto",
        "tongxin/node/v1/consent.proto",
        "tongxin/node/v1/election.proto",
        "tongxin/node/v1/document.proto",
        "tongxin/node/v1/deliberation.proto",
        "tongxin/node/v1/activity.proto",
        "tongxin/node/v1/survey.proto",
        "tongxin/hub/v1/indicator.proto",
        "tongxin/hub/v1/admin.proto",
        "tongxin/hub/v1/rollout.proto",
        "tongxin/hub/v1/quality.proto",
    ])?;
    let set = compiler.file_descriptor_set();
    fs::write(out.join("descriptors.bin"), set.encode_to_vec())?;
    prost_build::Config::new()
        .bytes(["."])
        .include_file("packages.rs")
        .compile_fds(set)?;
    Ok(())
}
