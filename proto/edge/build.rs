//! Generates the gRPC services over the message types that `proto` owns, and
//! says when this build was made: no clock is believed that is before it.

use std::{
    env, fs,
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../wire");
    println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
    let built_s = match env::var("SOURCE_DATE_EPOCH") {
        Ok(given) => given.parse()?,
        Err(_) => SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    };
    let mut compiler = protox::Compiler::new(["../wire"])?;
    compiler.include_imports(true).include_source_info(true);
    compiler.open_files([
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
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::create_dir_all(&out)?;
    let built = format!(
        "/// When this build was made, in seconds since 1970.\npub const BUILT_S: u64 = {built_s};\n"
    );
    fs::write(out.join("built.rs"), built)?;
    tonic_prost_build::configure()
        .extern_path(".tongxin", "::proto::pb::tongxin")
        .include_file("services.rs")
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
