//! Assessments over the wire: from points to a published list, who may not score,
//! what others see, and a correction beside what was published.

use super::*;

const BAIBUTING: &str = include_str!("../../../../../deploy/playbooks/baibuting.toml");

async fn entry(node: &Node, register: &str, title: &str) -> String {
    let mut staff = node.registers(&node.token(pb::Role::Staff, "").await);
    let asked = pb::RegisterEntryRequest {
        register: register.into(),
        title: title.into(),
        ..Default::default()
    };
    let made = staff.register_entry(asked).await.unwrap().into_inner();
    made.entry.unwrap().name
}

#[tokio::test]
async fn a_company_is_listed_and_what_is_published_stays() {
    let node = Node::start_with(&[BAIBUTING]).await;
    let company = entry(&node, "property-companies", "青和物业").await;
    let assessor = entry(&node, "volunteers", "").await;
    let director = entry(&node, "volunteers", "").await;
    // A cross-appointment: a member of the committee directs the company's quality.
    let mut registers = node.registers(&node.token(pb::Role::Staff, "").await);
    let grant = pb::GrantRoleRequest {
        name: company.clone(),
        role: "quality-director".into(),
        holder: director.clone(),
        ..Default::default()
    };
    registers.grant_role(grant).await.unwrap();
    let mut staff = node.assessments(&node.token(pb::Role::Staff, "").await);
    let open = pb::OpenAssessmentRequest {
        kind: "property-quarter".into(),
        subject: company.clone(),
        year: 2026,
        number: 1,
        ..Default::default()
    };
    let opened = staff.open_assessment(open).await.unwrap().into_inner();
    let name = opened.assessment.unwrap().name;
    assert_eq!(name, "assessments/4");
    let appoint = |by: &str| pb::AppointAssessorRequest {
        name: name.clone(),
        part: "community".into(),
        by: by.into(),
        ..Default::default()
    };
    for tied in [&company, &director] {
        let refused = staff.appoint_assessor(appoint(tied)).await.unwrap_err();
        assert_eq!(reason(&refused), "SCORER_IS_SCORED");
    }
    let nobody = staff.appoint_assessor(appoint("entries/99")).await;
    assert_eq!(reason(&nobody.unwrap_err()), "UNKNOWN_ENTRY");
    staff.appoint_assessor(appoint(&assessor)).await.unwrap();
    let score = |points| pb::ScoreAssessmentRequest {
        name: name.clone(),
        by: assessor.clone(),
        points,
        ..Default::default()
    };
    staff.score_assessment(score(59)).await.unwrap();
    let name = || name.clone();
    let publish = async || {
        let mut staff = node.assessments(&node.token(pb::Role::Staff, "").await);
        let notify = pb::NotifyAssessmentRequest {
            name: name(),
            ..Default::default()
        };
        staff.notify_assessment(notify).await.unwrap();
        let reply = pb::ReplyToAssessmentRequest {
            name: name(),
            text: "将整改".into(),
            ..Default::default()
        };
        staff.reply_to_assessment(reply).await.unwrap();
        let finalise = pb::FinaliseAssessmentRequest {
            name: name(),
            ..Default::default()
        };
        staff.finalise_assessment(finalise).await.unwrap();
        let publish = pb::PublishAssessmentRequest {
            name: name(),
            ..Default::default()
        };
        let published = staff.publish_assessment(publish).await.unwrap();
        published.into_inner().assessment.unwrap()
    };
    let mut resident = node.assessments(&node.token(pb::Role::Resident, "wx-1").await);
    let get = || pb::GetAssessmentRequest { name: name() };
    let hidden = resident.get_assessment(get()).await.unwrap_err();
    assert_eq!(reason(&hidden), "UNKNOWN_PROCESS");
    let published = publish().await;
    let outcome = published.versions[0].outcome.clone().unwrap();
    assert_eq!(
        (outcome.centipoints, outcome.listing()),
        (5_900, pb::Listing::Black)
    );
    let edit = staff.score_assessment(score(100)).await.unwrap_err();
    assert_eq!(reason(&edit), "ASSESSMENT_STAGE");
    let seen = resident.get_assessment(get()).await.unwrap().into_inner();
    let seen = seen.assessment.unwrap();
    assert_eq!(
        (seen.versions, seen.scores),
        (published.versions.clone(), vec![])
    );
    let correct = pb::CorrectAssessmentRequest {
        name: name(),
        reason: "漏计一票".into(),
        ..Default::default()
    };
    staff.correct_assessment(correct).await.unwrap();
    staff.score_assessment(score(60)).await.unwrap();
    let again = publish().await;
    assert_eq!(again.versions.len(), 2);
    assert_eq!(again.versions[0].outcome, published.versions[0].outcome);
    assert_eq!(again.versions[0].corrected, "漏计一票");
    let listed = pb::ListAssessmentsRequest {
        subject: company,
        year: 2026,
        ..Default::default()
    };
    let listed = resident
        .list_assessments(listed)
        .await
        .unwrap()
        .into_inner();
    assert_eq!(listed.assessments.len(), 1);
    let history = pb::ListAssessmentEventsRequest {
        name: name(),
        ..Default::default()
    };
    let told = staff.list_assessment_events(history.clone()).await.unwrap();
    let told = told.into_inner().events;
    assert_eq!(told.last().unwrap().r#type, "PUBLISHED");
    let refused = resident.list_assessment_events(history).await;
    assert_eq!(reason(&refused.unwrap_err()), "ROLE_FORBIDDEN");
    node.stop().await;
}
