//! Playbooks as an administrator adopts and amends them on a running node.

use proto_edge::node::playbook_service_client::PlaybookServiceClient;

use super::*;

impl Node {
    fn playbooks(&self, secret: &str) -> PlaybookServiceClient<Through> {
        PlaybookServiceClient::new(self.through(secret))
    }
}

fn second() -> String {
    let amended = PLAYBOOK.replace("revision = 1", "revision = 2");
    amended.replace("complete = \"7 days\"", "complete = \"9 days\"")
}

fn ids(playbooks: &[pb::PlaybookVersion]) -> Vec<&str> {
    playbooks.iter().map(|one| one.id.as_str()).collect()
}

#[tokio::test]
async fn what_is_adopted_holds_from_the_next_command_on() {
    let node = Node::start().await;
    let mut admin = node.playbooks(&node.admin);
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let before = reported(&mut resident, "路灯不亮", "003").await;
    assert_eq!(before.rules, "qingshan@1");
    let texts = vec![PLAYBOOK.to_owned(), RUIQUAN.to_owned()];
    let asked = pb::AdoptPlaybooksRequest { texts };
    let adopted = admin.adopt_playbooks(asked.clone()).await.unwrap();
    let adopted = adopted.into_inner().playbooks;
    assert_eq!(ids(&adopted), ["qingshan@1", "ruiquan@1"]);
    assert!(adopted.iter().all(|one| one.in_force && one.replaces_all));
    assert_eq!(adopted[0].token, "tokens/1");
    let amend = pb::AmendPlaybookRequest { text: second() };
    let amended = admin.amend_playbook(amend.clone()).await.unwrap();
    let amended = amended.into_inner().playbooks;
    assert_eq!(ids(&amended), ["qingshan@2", "ruiquan@1"]);
    assert_eq!(
        (amended[1].sha256.as_str(), amended[1].zh.is_empty()),
        (adopted[1].sha256.as_str(), false)
    );
    let after = reported(&mut resident, "路灯又不亮", "003").await;
    assert_eq!(after.rules, "qingshan@2");
    assert_eq!(
        get(&mut resident, &before.name).await.unwrap().rules,
        "qingshan@1"
    );
    // A repeat changes nothing, and leaves no record.
    let position = node.office.store.marks().borrow().position;
    admin.amend_playbook(amend).await.unwrap();
    assert_eq!(node.office.store.marks().borrow().position, position);
    let versions = admin
        .list_playbook_versions(pb::ListPlaybookVersionsRequest::default())
        .await
        .unwrap()
        .into_inner()
        .versions;
    assert_eq!(ids(&versions), ["qingshan@1", "ruiquan@1", "qingshan@2"]);
    let in_force: Vec<bool> = versions.iter().map(|one| one.in_force).collect();
    assert_eq!(in_force, [false, true, true]);
    for (id, text) in [
        ("qingshan", second()),
        ("qingshan@1", PLAYBOOK.to_owned()),
        ("ruiquan", RUIQUAN.to_owned()),
    ] {
        let asked = pb::GetPlaybookRequest { id: id.into() };
        let found = admin.get_playbook(asked).await.unwrap().into_inner();
        assert_eq!(found.text, text, "{id}");
    }
    node.stop().await;
}

#[tokio::test]
async fn what_cannot_be_adopted_is_refused_with_the_way_out() {
    let node = Node::start().await;
    let mut admin = node.playbooks(&node.admin);
    let adopt = |texts: &[&str]| pb::AdoptPlaybooksRequest {
        texts: texts.iter().map(|text| (*text).to_owned()).collect(),
    };
    admin.adopt_playbooks(adopt(&[PLAYBOOK])).await.unwrap();
    let broken = PLAYBOOK.replace("complete = \"7 days\"", "complete = \"7 dayz\"");
    let other = PLAYBOOK.replace("7 days", "8 days");
    let thief = PLAYBOOK.replace("code = \"qingshan\"", "code = \"thief\"");
    let amended = second();
    for (text, why) in [
        (broken.as_str(), "INVALID_FIELDS"),
        (other.as_str(), "REVISION_REUSED"),
        (thief.as_str(), "KIND_TAKEN"),
    ] {
        let asked = pb::AmendPlaybookRequest { text: text.into() };
        let refused = admin.amend_playbook(asked).await.unwrap_err();
        assert_eq!(reason(&refused), why);
        let line = PLAYBOOK
            .lines()
            .position(|line| line == "complete = \"7 days\"")
            .unwrap()
            + 1;
        let named = refused.message().contains(&format!("line {line} "));
        assert_eq!(named, why == "INVALID_FIELDS", "{}", refused.message());
    }
    let asked = pb::AmendPlaybookRequest { text: amended };
    admin.amend_playbook(asked).await.unwrap();
    let older = pb::AmendPlaybookRequest {
        text: PLAYBOOK.into(),
    };
    let older = admin.amend_playbook(older).await.unwrap_err();
    assert_eq!(reason(&older), "REVISION_NOT_NEWER");
    let none = admin.adopt_playbooks(adopt(&[])).await.unwrap_err();
    assert_eq!(reason(&none), "NO_PLAYBOOK");
    let unknown = pb::GetPlaybookRequest {
        id: "qinghe".into(),
    };
    let unknown = admin.get_playbook(unknown).await.unwrap_err();
    assert_eq!(reason(&unknown), "UNKNOWN_PLAYBOOK");
    let mut staff = node.playbooks(&node.token(pb::Role::Staff, "").await);
    let denied = staff.adopt_playbooks(adopt(&[QINGHE])).await.unwrap_err();
    assert_eq!(reason(&denied), "ROLE_FORBIDDEN");
    let read = staff
        .list_playbooks(pb::ListPlaybooksRequest {})
        .await
        .unwrap();
    assert_eq!(ids(&read.into_inner().playbooks), ["qingshan@2"]);
    node.stop().await;
}
