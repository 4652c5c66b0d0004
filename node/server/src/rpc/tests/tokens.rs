//! Tokens over the wire: what opens the door, and what does no more.

use super::*;
use crate::rpc::fields::wire_time;

fn create(role: pb::Role, scope: &str) -> pb::CreateTokenRequest {
    pb::CreateTokenRequest {
        role: role.into(),
        scope: scope.into(),
        ..Default::default()
    }
}

#[tokio::test]
async fn only_a_good_token_opens_the_door() {
    let node = Node::start().await;
    let mut tokens = node.tokens(&node.admin);
    let expires_at = Some(wire_time(start() + SignedDuration::from_hours(1)));
    let short = pb::CreateTokenRequest {
        expires_at,
        ..create(pb::Role::Staff, "")
    };
    let short = tokens.create_token(short).await.unwrap().into_inner();
    let long = tokens
        .create_token(create(pb::Role::Staff, ""))
        .await
        .unwrap()
        .into_inner();
    for secret in [&short.secret, &long.secret] {
        assert_eq!(
            names(&mut node.cases(secret), Default::default())
                .await
                .len(),
            0
        );
    }
    node.pass(2);
    let revoke = pb::RevokeTokenRequest {
        name: long.token.unwrap().name,
        ..Default::default()
    };
    let revoked = tokens.revoke_token(revoke).await.unwrap().into_inner();
    assert!(revoked.token.unwrap().revoked);
    let unknown = Secret::random().unwrap();
    let rows = [
        ("", "TOKEN_REQUIRED"),
        ("secret", "TOKEN_MALFORMED"),
        (unknown.reveal(), "TOKEN_UNKNOWN"),
        (&short.secret, "TOKEN_EXPIRED"),
        (&long.secret, "TOKEN_REVOKED"),
    ];
    for (secret, expected) in rows {
        let list = node
            .cases(secret)
            .list_cases(pb::ListCasesRequest::default())
            .await;
        let status = list.unwrap_err();
        assert_eq!(status.code(), tonic::Code::Unauthenticated);
        assert_eq!(reason(&status), expected);
        let made = node
            .tokens(secret)
            .create_token(create(pb::Role::Admin, ""))
            .await;
        assert_eq!(reason(&made.unwrap_err()), expected);
    }
    node.stop().await;
}

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_nowhere() {
    let node = Node::start().await;
    let mut tokens = node.tokens(&node.admin);
    let asked = pb::CreateTokenRequest {
        request_id: "t-1".into(),
        ..create(pb::Role::Resident, "wx-1")
    };
    let first = tokens
        .create_token(asked.clone())
        .await
        .unwrap()
        .into_inner();
    let again = tokens.create_token(asked).await.unwrap().into_inner();
    assert_eq!(
        (again.token.as_ref(), again.secret.as_str()),
        (first.token.as_ref(), "")
    );
    let hash = Secret::parse(&first.secret).unwrap().hash();
    let (mut secrets, mut hashes) = (0, 0);
    let mut waiting = vec![node.home.path().to_owned()];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let inside = std::fs::read_dir(path).unwrap();
            waiting.extend(inside.map(|entry| entry.unwrap().path()));
            continue;
        }
        let bytes = std::fs::read(path).unwrap();
        let holds = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
        secrets += usize::from(holds(first.secret.as_bytes()));
        hashes += usize::from(holds(&hash));
    }
    assert_eq!(secrets, 0);
    assert!(hashes > 0, "the journal holds its hash");
    let mut listed = Vec::new();
    let mut asked = pb::ListTokensRequest {
        page_size: 1,
        ..Default::default()
    };
    loop {
        let page = tokens
            .list_tokens(asked.clone())
            .await
            .unwrap()
            .into_inner();
        let shown = page.tokens.into_iter();
        listed.extend(shown.map(|token| (token.role(), token.name, token.scope)));
        asked.page_token = page.next_page_token;
        if asked.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(
        listed,
        [
            (pb::Role::Admin, "tokens/1".to_owned(), String::new()),
            (pb::Role::Resident, "tokens/2".to_owned(), "wx-1".to_owned()),
        ]
    );
    node.stop().await;
}

#[tokio::test]
async fn a_role_has_the_scope_that_belongs_to_it() {
    let node = Node::start().await;
    let mut tokens = node.tokens(&node.admin);
    let rows = [
        (pb::Role::Unspecified, "", "role"),
        (pb::Role::Resident, " ", "scope"),
        (pb::Role::GridWorker, "3", "scope"),
        (pb::Role::GridWorker, "", "scope"),
        (pb::Role::Handler, "", "scope"),
        (pb::Role::Staff, "003", "scope"),
        (pb::Role::Admin, "x", "scope"),
        (pb::Role::Auditor, "x", "scope"),
    ];
    for (role, scope, field) in rows {
        let status = tokens.create_token(create(role, scope)).await.unwrap_err();
        let details = tonic_types::StatusExt::get_error_details(&status);
        let named = &details.bad_request().unwrap().field_violations;
        assert_eq!(
            (named.len(), named[0].field.as_str()),
            (1, field),
            "{role:?} {scope:?}"
        );
    }
    let expires_at = Some(wire_time(start()));
    let past = pb::CreateTokenRequest {
        expires_at,
        ..create(pb::Role::Staff, "")
    };
    assert_eq!(
        reason(&tokens.create_token(past).await.unwrap_err()),
        "EXPIRES_TOO_SOON"
    );
    let revoke = |name: &str| pb::RevokeTokenRequest {
        name: name.into(),
        ..Default::default()
    };
    let own = tokens.revoke_token(revoke("tokens/1")).await.unwrap_err();
    assert_eq!(reason(&own), "OWN_TOKEN");
    let missing = tokens.revoke_token(revoke("tokens/99")).await.unwrap_err();
    assert_eq!(reason(&missing), "UNKNOWN_TOKEN");
    let staff = node.token(pb::Role::Staff, "").await;
    let denied = node
        .tokens(&staff)
        .list_tokens(pb::ListTokensRequest::default())
        .await;
    assert_eq!(reason(&denied.unwrap_err()), "ROLE_FORBIDDEN");
    node.stop().await;
}
