//! Local clients' tokens, and erasure: the administrator's calls to a serving
//! node.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use proto::pb::node as pb;
use proto_edge::node::{
    case_service_client::CaseServiceClient, token_service_client::TokenServiceClient,
};

use crate::{
    cli::{Role, Status, TokenCreate},
    client::{self, request_id, time_text},
    failure::Failure,
    output::{Sheet, column},
    say,
};

use super::serve::door;

/// The secret goes to stdout, alone on its line.
pub fn create(create: &TokenCreate) -> Result<(), Failure> {
    let life = SignedDuration::from_hours(24 * i64::from(create.valid_days));
    let expires = Timestamp::now()
        .saturating_add(life)
        .map_err(client::configuration)?;
    let answer = client::block_on(async {
        let door = door(&create.at.dir)?;
        let request = pb::CreateTokenRequest {
            request_id: request_id()?,
            role: role(create.role).into(),
            scope: create.scope.clone(),
            expires_at: Some(prost_types::Timestamp {
                seconds: expires.as_second(),
                nanos: 0,
            }),
        };
        let mut tokens = TokenServiceClient::new(door.channel.clone());
        Ok(tokens
            .create_token(door.request(request))
            .await?
            .into_inner())
    })?;
    println!("{}", answer.secret);
    let name = answer.token.map(|token| token.name).unwrap_or_default();
    say!("{}，不再显示", "{}; it is not shown again", name);
    Ok(())
}

pub fn list(list: &Status) -> Result<(), Failure> {
    let tokens = client::block_on(async {
        let door = door(&list.at.dir)?;
        let mut service = TokenServiceClient::new(door.channel.clone());
        let (mut all, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = pb::ListTokensRequest {
                page_size: 500,
                page_token,
            };
            let answer = service
                .list_tokens(door.request(request))
                .await?
                .into_inner();
            all.extend(answer.tokens);
            if answer.next_page_token.is_empty() {
                return Ok(all);
            }
            page_token = answer.next_page_token;
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("name", "令牌", "token"),
        column("role", "角色", "role"),
        column("scope", "范围", "scope"),
        column("expires_at", "失效", "expires"),
        column("revoked", "已吊销", "revoked"),
    ]);
    for token in tokens {
        let role = token
            .role()
            .as_str_name()
            .trim_start_matches("ROLE_")
            .to_lowercase();
        let revoked = if token.revoked { "yes" } else { "no" };
        sheet.rows.push(vec![
            token.name.into(),
            role.replace('_', "-").into(),
            token.scope.into(),
            token.expires_at.map(time_text).unwrap_or_default().into(),
            revoked.into(),
        ]);
    }
    Ok(sheet.print(list.output, false)?)
}

pub fn revoke(dir: &Path, name: String) -> Result<(), Failure> {
    client::block_on(async {
        let door = door(dir)?;
        let request = pb::RevokeTokenRequest {
            request_id: request_id()?,
            name: name.clone(),
        };
        TokenServiceClient::new(door.channel.clone())
            .revoke_token(door.request(request))
            .await?;
        Ok(())
    })?;
    say!("已吊销 {}", "Revoked {}", name);
    Ok(())
}

pub fn erase(dir: &Path, case: String) -> Result<(), Failure> {
    let answer = client::block_on(async {
        let door = door(dir)?;
        let request = pb::EraseSubjectRequest {
            request_id: request_id()?,
            name: case,
        };
        let mut cases = CaseServiceClient::new(door.channel.clone());
        Ok(cases
            .erase_subject(door.request(request))
            .await?
            .into_inner())
    })?;
    say!(
        "密钥已销毁，涉及 {} 件；事实与指标不变",
        "The key is destroyed; {} cases; facts and indicators stay",
        answer.cases
    );
    Ok(())
}

fn role(role: Role) -> pb::Role {
    match role {
        Role::Resident => pb::Role::Resident,
        Role::GridWorker => pb::Role::GridWorker,
        Role::Handler => pb::Role::Handler,
        Role::Staff => pb::Role::Staff,
        Role::Admin => pb::Role::Admin,
        Role::Auditor => pb::Role::Auditor,
    }
}
