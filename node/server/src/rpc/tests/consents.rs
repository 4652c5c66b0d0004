//! Consents over the wire: a lift drive by paper and token, a vote whose count
//! stays closed, a mandate, and who sees what.

use super::*;

type Consents = ConsentServiceClient<Through>;

fn hash(digit: char) -> String {
    digit.to_string().repeat(64)
}

fn line(entry: u64, unit: &str, resident: &str) -> pb::RollLine {
    pb::RollLine {
        entry: format!("entries/{entry}"),
        unit: unit.into(),
        area_cm2: 900_000,
        resident: resident.into(),
    }
}

async fn opened(staff: &mut Consents, kind: &str) -> pb::Consent {
    let open = pb::OpenConsentRequest {
        kind: kind.into(),
        title: "3 幢 1 单元加装电梯".into(),
        unit: "3-1".into(),
        text_sha256: hash('a'),
        ..Default::default()
    };
    let answer = staff.open_consent(open).await.unwrap();
    answer.into_inner().consent.unwrap()
}

fn freeze(name: &str, lines: Vec<pb::RollLine>) -> pb::FreezeConsentRollRequest {
    pb::FreezeConsentRollRequest {
        name: name.into(),
        lines,
        ..Default::default()
    }
}

fn paper(name: &str, entry: u64) -> pb::AnswerConsentRequest {
    pb::AnswerConsentRequest {
        name: name.into(),
        entry: format!("entries/{entry}"),
        says: pb::Says::Yes.into(),
        channel: pb::Channel::Paper.into(),
        document_sha256: hash('b'),
        text_sha256: hash('a'),
        ..Default::default()
    }
}

async fn answered(
    by: &mut Consents,
    request: pb::AnswerConsentRequest,
) -> Result<pb::Consent, Status> {
    let answer = by.answer_consent(request).await?;
    Ok(answer.into_inner().consent.unwrap())
}

/// A resident's token: its secret and its name.
async fn resident(node: &Node, scope: &str) -> (String, String) {
    let asked = pb::CreateTokenRequest {
        role: pb::Role::Resident.into(),
        scope: scope.into(),
        ..Default::default()
    };
    let made = node.tokens(&node.admin).create_token(asked).await.unwrap();
    let made = made.into_inner();
    (made.secret, made.token.unwrap().name)
}

#[tokio::test]
async fn a_lift_drive_is_met_when_the_whole_stairwell_has_signed() {
    let node = Node::start_with(&[PLAYBOOK, TIANNING]).await;
    let mut staff = node.consents(&node.token(pb::Role::Staff, "").await);
    let (secret, token) = resident(&node, "wx-1").await;
    let (other, _) = resident(&node, "wx-2").await;
    let consent = opened(&mut staff, "lift").await;
    assert_eq!(
        (
            consent.name.as_str(),
            consent.rules.as_str(),
            consent.profile.as_str()
        ),
        ("consents/1", "tianning@1", "tianning-2018")
    );
    let lines = vec![
        line(2, "3-1", ""),
        line(1, "3-1", &token),
        line(3, "9-9", ""),
    ];
    let stranger = line(4, "3-1", "tokens/99");
    let wrong = staff
        .freeze_consent_roll(freeze("consents/1", vec![stranger]))
        .await;
    assert_eq!(reason(&wrong.unwrap_err()), "NOT_A_RESIDENT");
    let frozen = staff
        .freeze_consent_roll(freeze("consents/1", lines.clone()))
        .await;
    let frozen = frozen.unwrap().into_inner().consent.unwrap();
    let text = "1\t3-1\t900000\n2\t3-1\t900000\n3\t9-9\t900000\n";
    let sha256 = {
        use sha2::Digest as _;
        let digest: [u8; 32] = sha2::Sha256::digest(text).into();
        node_domain::sha256::Sha256(digest).to_string()
    };
    assert_eq!((frozen.roll_sha256, frozen.heads), (sha256, 3));
    let again = staff.freeze_consent_roll(freeze("consents/1", lines)).await;
    assert_eq!(reason(&again.unwrap_err()), "ROLL_FROZEN");
    // The neighbour has no business here, and sees nothing.
    let mut neighbour = node.consents(&other);
    let hidden = neighbour
        .get_consent(pb::GetConsentRequest {
            name: "consents/1".into(),
        })
        .await;
    assert_eq!(reason(&hidden.unwrap_err()), "UNKNOWN_PROCESS");
    answered(&mut staff, paper("consents/1", 2)).await.unwrap();
    let mut owner = node.consents(&secret);
    let online = pb::AnswerConsentRequest {
        entry: String::new(),
        channel: pb::Channel::Online.into(),
        ..paper("consents/1", 1)
    };
    let met = answered(&mut owner, online).await.unwrap();
    assert_eq!(
        (met.phase.as_str(), met.met_day.as_str()),
        ("met", "2026-03-02")
    );
    let unit = &met.thresholds[0];
    assert_eq!(
        (
            unit.of.as_str(),
            unit.want_heads.as_str(),
            unit.yes_heads,
            unit.heads,
            unit.is_met
        ),
        ("unit", "all", 2, 2, true)
    );
    let back = pb::WithdrawConsentRequest {
        name: "consents/1".into(),
        channel: pb::Channel::Online.into(),
        ..Default::default()
    };
    let undone = owner
        .withdraw_consent(back)
        .await
        .unwrap()
        .into_inner()
        .consent
        .unwrap();
    assert_eq!(
        (undone.phase.as_str(), undone.withdrawals),
        ("collecting", 1)
    );
    let page = pb::ListConsentAnswersRequest {
        name: "consents/1".into(),
        page_size: 2,
        ..Default::default()
    };
    let first = staff
        .list_consent_answers(page.clone())
        .await
        .unwrap()
        .into_inner();
    let rest = pb::ListConsentAnswersRequest {
        page_token: first.next_page_token,
        ..page.clone()
    };
    let rest = staff.list_consent_answers(rest).await.unwrap().into_inner();
    let answers = first.answers.iter().chain(&rest.answers);
    let answers: Vec<_> = answers
        .map(|one| (one.entry.as_str(), one.says()))
        .collect();
    let (silent, yes) = (pb::Says::Unspecified, pb::Says::Yes);
    assert_eq!(
        answers,
        [
            ("entries/1", silent),
            ("entries/2", yes),
            ("entries/3", silent)
        ]
    );
    assert_eq!(rest.next_page_token, "");
    let denied = owner.list_consent_answers(page).await.unwrap_err();
    assert_eq!(reason(&denied), "ROLE_FORBIDDEN");
    node.stop().await;
}

#[tokio::test]
async fn a_votes_count_is_nobodys_before_its_deadline() {
    let node = Node::start_with(&[PLAYBOOK, BAIBUTING]).await;
    let mut staff = node.consents(&node.token(pb::Role::Staff, "").await);
    let name = opened(&mut staff, "residents-vote").await.name;
    let lines = (1..=3).map(|entry| line(entry, "", "")).collect();
    staff
        .freeze_consent_roll(freeze(&name, lines))
        .await
        .unwrap();
    let other = pb::AnswerConsentRequest {
        text_sha256: hash('c'),
        ..paper(&name, 1)
    };
    assert_eq!(
        reason(&answered(&mut staff, other).await.unwrap_err()),
        "TEXT_DIFFERS"
    );
    answered(&mut staff, paper(&name, 1)).await.unwrap();
    let running = answered(&mut staff, paper(&name, 2)).await.unwrap();
    assert_eq!((running.answered_heads, running.thresholds.len()), (2, 0));
    let history = pb::ListConsentEventsRequest {
        name: name.clone(),
        ..Default::default()
    };
    let told = staff
        .list_consent_events(history)
        .await
        .unwrap()
        .into_inner()
        .events;
    let said = told.iter().flat_map(|event| event.details.values());
    assert!(said.clone().count() > 0 && said.clone().all(|detail| detail != "yes"));
    let late = pb::AnswerConsentRequest {
        request_id: "late".into(),
        ..paper(&name, 3)
    };
    node.pass(24 * 31);
    assert_eq!(
        reason(&answered(&mut staff, late).await.unwrap_err()),
        "WRONG_PHASE"
    );
    node.tick().await;
    let get = pb::GetConsentRequest { name };
    let closed = staff
        .get_consent(get)
        .await
        .unwrap()
        .into_inner()
        .consent
        .unwrap();
    let count = &closed.thresholds[0];
    assert_eq!(
        (closed.phase.as_str(), count.yes_heads, count.is_met),
        ("carried", 2, true)
    );
    node.stop().await;
}

#[tokio::test]
async fn a_resident_gives_a_mandate_and_the_team_acts_on_it() {
    let node = Node::start().await;
    let (secret, _) = resident(&node, "wx-1").await;
    let (mut own, mut team) = (
        node.consents(&secret),
        node.consents(&node.token(pb::Role::Handler, "法务代办组").await),
    );
    let open = pb::OpenConsentRequest {
        kind: "legal-errand".into(),
        title: "代办公证".into(),
        ..Default::default()
    };
    let bare = own.open_consent(open.clone()).await.unwrap_err();
    assert_eq!(reason(&bare), "MANDATE_INCOMPLETE");
    let open = pb::OpenConsentRequest {
        mandatary: "法务代办组".into(),
        ..open
    };
    let granted = own
        .open_consent(open)
        .await
        .unwrap()
        .into_inner()
        .consent
        .unwrap();
    assert_eq!(
        (granted.phase.as_str(), granted.until_day.as_str()),
        ("granted", "2027-03-02")
    );
    let begin = pb::BeginMandateRequest {
        name: granted.name.clone(),
        ..Default::default()
    };
    team.begin_mandate(begin).await.unwrap();
    let finish = pb::FinishMandateRequest {
        name: granted.name,
        ..Default::default()
    };
    let done = team
        .finish_mandate(finish)
        .await
        .unwrap()
        .into_inner()
        .consent
        .unwrap();
    assert_eq!(done.phase, "done");
    let listed = own
        .list_consents(pb::ListConsentsRequest::default())
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.consents.len(), 1);
    node.stop().await;
}
