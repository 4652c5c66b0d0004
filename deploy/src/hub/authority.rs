//! `tongxin hub authority …`: the district's root and its replacement.

use proto::pb::hub as pb;
use proto_edge::hub::authority_service_client::AuthorityServiceClient;
use tonic::transport::Channel;

use crate::{
    cli::{Authority, Output},
    client::{self, asked, time_text},
    failure::Failure,
    output::{Sheet, column},
    say,
};

pub fn run(command: &Authority) -> Result<(), Failure> {
    match command {
        Authority::Status(status) => {
            let found = call(&status.at.dir, async |mut hub: Client| {
                let request = asked(pb::GetAuthorityRequest {});
                Ok(hub.get_authority(request).await?.into_inner())
            })?;
            show(&found, status.output)
        }
        Authority::Roll(at) => {
            let found = call(&at.dir, async |mut hub: Client| {
                let request = asked(pb::RollRootRequest {});
                Ok(hub.roll_root(request).await?.into_inner())
            })?;
            say!(
                "新根 {} 已签发。成员续期时得知新根；旧根仍受信任，直到 tongxin hub authority retire",
                "The new root {} signs. Members learn it as they renew; the old root stays trusted until tongxin hub authority retire",
                found.root_sha256
            );
            Ok(())
        }
        Authority::Retire { at, force } => {
            let force = *force;
            call(&at.dir, async |mut hub: Client| {
                let request = asked(pb::RetireRootRequest { force });
                Ok(hub.retire_root(request).await?.into_inner())
            })?;
            say!("旧根已撤下", "The old root is trusted no more");
            Ok(())
        }
    }
}

type Client = AuthorityServiceClient<Channel>;

fn call(
    dir: &std::path::Path,
    ask: impl AsyncFnOnce(Client) -> Result<pb::Authority, Failure>,
) -> Result<pb::Authority, Failure> {
    client::block_on(async { ask(AuthorityServiceClient::new(client::hub(dir)?)).await })
}

/// One row per holder of the old root; one row without when there is none.
fn show(found: &pb::Authority, output: Output) -> Result<(), Failure> {
    let mut sheet = Sheet::new(vec![
        column("root_sha256", "根", "root"),
        column("issuer_not_after", "签发证书到期", "issuer ends"),
        column("root_key", "根密钥", "root key"),
        column("old_root_sha256", "旧根", "old root"),
        column("old_root_since", "替换自", "replaced since"),
        column("held_by_total", "依赖旧根", "hang on it"),
        column("holder", "谁", "who"),
        column("holder_until", "至迟到", "until"),
    ]);
    let key = if found.root_key_present {
        "present"
    } else {
        "away"
    };
    let roll_over = found.roll_over.clone().unwrap_or_default();
    let row = |holder: String, until: String| {
        vec![
            found.root_sha256.clone().into(),
            found
                .issuer_not_after
                .map(time_text)
                .unwrap_or_default()
                .into(),
            key.into(),
            roll_over.old_root_sha256.clone().into(),
            roll_over.since.map(time_text).unwrap_or_default().into(),
            roll_over.held_by_total.into(),
            holder.into(),
            until.into(),
        ]
    };
    if roll_over.held_by.is_empty() {
        sheet.rows.push(row(String::new(), String::new()));
    }
    for holder in &roll_over.held_by {
        let kind = if holder.invite { "invite of " } else { "" };
        let until = holder.until.map(time_text).unwrap_or_default();
        sheet
            .rows
            .push(row(format!("{kind}{}", holder.subject), until));
    }
    Ok(sheet.print(output, false)?)
}
