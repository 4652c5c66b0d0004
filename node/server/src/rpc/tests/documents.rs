//! Documents over the wire: a covenant put in force by a vote on exactly its text,
//! and read by residents.

use super::*;

fn clauses(words: &str) -> Vec<pb::Clause> {
    let clause = |code: &str, words: &str| pb::Clause {
        code: code.into(),
        words: words.into(),
    };
    vec![clause("purpose", "邻里和睦"), clause("dogs", words)]
}

/// A vote on a text, carried by two of three.
async fn carried(node: &Node, text_sha256: &str) -> String {
    let mut staff = node.consents(&node.token(pb::Role::Staff, "").await);
    let open = pb::OpenConsentRequest {
        kind: "covenant-vote".into(),
        title: "居民公约表决".into(),
        text_sha256: text_sha256.into(),
        ..Default::default()
    };
    let opened = staff
        .open_consent(open)
        .await
        .unwrap()
        .into_inner()
        .consent
        .unwrap();
    let lines = (1..=3).map(|entry| pb::RollLine {
        entry: format!("entries/{entry}"),
        ..Default::default()
    });
    let freeze = pb::FreezeConsentRollRequest {
        name: opened.name.clone(),
        lines: lines.collect(),
        ..Default::default()
    };
    staff.freeze_consent_roll(freeze).await.unwrap();
    for entry in 1..=2 {
        let answer = pb::AnswerConsentRequest {
            name: opened.name.clone(),
            entry: format!("entries/{entry}"),
            says: pb::Says::Yes.into(),
            channel: pb::Channel::Paper.into(),
            text_sha256: text_sha256.into(),
            ..Default::default()
        };
        staff.answer_consent(answer).await.unwrap();
    }
    opened.name
}

#[tokio::test]
async fn a_covenant_is_in_force_when_a_vote_on_its_very_text_is_carried() {
    let node = Node::start_with(&[PLAYBOOK, BAIBUTING]).await;
    let mut staff = node.documents(&node.token(pb::Role::Staff, "").await);
    let mut resident = node.documents(&node.token(pb::Role::Resident, "wx-1").await);
    let open = pb::OpenDocumentRequest {
        kind: "residents-covenant".into(),
        title: "居民公约".into(),
        clauses: clauses("遛狗拴绳"),
        ..Default::default()
    };
    let opened = staff
        .open_document(open)
        .await
        .unwrap()
        .into_inner()
        .document
        .unwrap();
    let (name, sha256) = (opened.name, opened.versions[0].sha256.clone());
    let expected = {
        use sha2::Digest as _;
        let text = "purpose\n邻里和睦\n\ndogs\n遛狗拴绳\n\n";
        let digest: [u8; 32] = sha2::Sha256::digest(text).into();
        node_domain::sha256::Sha256(digest).to_string()
    };
    assert_eq!((name.as_str(), &sha256), ("documents/1", &expected));
    let get = pb::GetDocumentRequest { name: name.clone() };
    let hidden = resident.get_document(get.clone()).await.unwrap_err();
    assert_eq!(reason(&hidden), "UNKNOWN_PROCESS");
    let post = pb::PostVersionRequest {
        name: name.clone(),
        place: "公告栏".into(),
        ..Default::default()
    };
    staff.post_version(post).await.unwrap();
    node.pass(24 * 8);
    let consult = pb::ConsultVersionRequest {
        name: name.clone(),
        comments: 3,
        ..Default::default()
    };
    staff.consult_version(consult).await.unwrap();
    let other = carried(&node, &"c".repeat(64)).await;
    let consent = carried(&node, &sha256).await;
    let adopt = |consent: &str| pb::AdoptVersionRequest {
        name: name.clone(),
        consent: consent.into(),
        ..Default::default()
    };
    let running = staff.adopt_version(adopt(&consent)).await.unwrap_err();
    assert_eq!(
        reason(&running),
        "NOT_CARRIED",
        "the vote is not closed yet"
    );
    node.pass(24 * 31);
    node.tick().await;
    let differs = staff.adopt_version(adopt(&other)).await.unwrap_err();
    assert_eq!(reason(&differs), "TEXT_DIFFERS");
    staff.adopt_version(adopt(&consent)).await.unwrap();
    let put = pb::PutVersionInForceRequest {
        name: name.clone(),
        ..Default::default()
    };
    let in_force = staff
        .put_version_in_force(put)
        .await
        .unwrap()
        .into_inner()
        .document
        .unwrap();
    assert_eq!(
        (in_force.in_force, in_force.versions[0].consent.as_str()),
        (1, consent.as_str())
    );
    // The next draft is the office's, what is in force everybody's.
    let draft = pb::DraftVersionRequest {
        name: name.clone(),
        clauses: clauses("遛狗拴绳，清理粪便"),
        reason: "补充".into(),
        ..Default::default()
    };
    let drafted = staff
        .draft_version(draft)
        .await
        .unwrap()
        .into_inner()
        .document
        .unwrap();
    assert_eq!(drafted.versions.len(), 2);
    let read = resident
        .get_document(get)
        .await
        .unwrap()
        .into_inner()
        .document
        .unwrap();
    assert_eq!(read.versions.len(), 1);
    let version = |number| pb::GetVersionRequest {
        name: name.clone(),
        number,
    };
    let text = resident
        .get_version(version(0))
        .await
        .unwrap()
        .into_inner()
        .version
        .unwrap();
    assert_eq!(
        (text.clauses.len(), text.clauses[1].words.as_str()),
        (2, "遛狗拴绳")
    );
    let unseen = resident.get_version(version(2)).await.unwrap_err();
    assert_eq!(reason(&unseen), "UNKNOWN_PROCESS");
    let twice = pb::RepealDocumentRequest {
        name,
        consent,
        reason: "另立".into(),
        ..Default::default()
    };
    assert_eq!(
        reason(&staff.repeal_document(twice).await.unwrap_err()),
        "SAME_VOTE"
    );
    node.stop().await;
}

#[tokio::test]
async fn a_text_that_is_none_names_its_field() {
    let node = Node::start_with(&[PLAYBOOK, TIANNING]).await;
    let mut staff = node.documents(&node.token(pb::Role::Staff, "").await);
    let mut open = pb::OpenDocumentRequest {
        kind: "lift-covenant".into(),
        title: "电梯使用公约".into(),
        ..Default::default()
    };
    let none = staff.open_document(open.clone()).await.unwrap_err();
    assert_eq!(reason(&none), "CLAUSES");
    open.clauses = clauses("");
    let empty = staff.open_document(open.clone()).await.unwrap_err();
    assert!(
        empty.message().contains("clauses.words"),
        "{}",
        empty.message()
    );
    open.clauses = clauses("拴绳");
    let missing = staff.open_document(open).await.unwrap_err();
    assert_eq!(reason(&missing), "CLAUSE_MISSING");
    node.stop().await;
}
