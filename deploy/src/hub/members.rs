//! Inviting and revoking.

use proto::pb::hub as pb;
use proto_edge::hub::member_service_client::MemberServiceClient;

use crate::{
    cli::{Invite, Output, Revoke},
    client::{self, asked, request_id, time_text},
    failure::Failure,
    output::{Sheet, column},
    say,
};

/// The invite goes to stdout, alone on its line, so that it can be piped.
pub fn invite(invite: &Invite) -> Result<(), Failure> {
    let named = [
        ("community", &invite.community),
        ("child", &invite.child),
        ("centre", &invite.centre),
        ("extension", &invite.extension),
        ("auditor", &invite.auditor),
        ("operator", &invite.operator),
    ];
    let named = named
        .into_iter()
        .find_map(|(role, name)| Some((role, name.as_ref()?)));
    let subject = named.map_or(String::new(), |(role, name)| format!("{role}/{name}"));
    let answer = client::block_on(async {
        let request = pb::CreateInviteRequest {
            request_id: request_id()?,
            subject: subject.clone(),
            valid_for: Some(prost_types::Duration {
                seconds: invite.valid_for.as_secs(),
                nanos: 0,
            }),
        };
        let mut members = MemberServiceClient::new(client::hub(&invite.at.dir)?);
        Ok(members.create_invite(asked(request)).await?.into_inner())
    })?;
    let expires = answer.expires_at.map(time_text).unwrap_or_default();
    if invite.output == Output::Table {
        println!("{}", answer.token);
        say!(
            "给 {} 的一次性邀请，{} 前有效，不再显示",
            "One-time invite for {}, good until {}; it is not shown again",
            subject,
            expires
        );
        return Ok(());
    }
    let mut sheet = Sheet::new(vec![
        column("subject", "身份", "subject"),
        column("token", "邀请", "token"),
        column("expires_at", "失效", "expires"),
    ]);
    sheet
        .rows
        .push(vec![subject.into(), answer.token.into(), expires.into()]);
    Ok(sheet.print(invite.output, false)?)
}

pub fn revoke(revoke: &Revoke) -> Result<(), Failure> {
    client::block_on(async {
        let request = pb::RevokeMemberRequest {
            request_id: request_id()?,
            name: format!("members/{}", revoke.subject),
            reason: revoke.reason.clone(),
        };
        let mut members = MemberServiceClient::new(client::hub(&revoke.at.dir)?);
        members.revoke_member(asked(request)).await?;
        Ok(())
    })?;
    say!("已吊销 {}", "Revoked {}", revoke.subject);
    Ok(())
}
