//! Assessments, topics and surveys.

use proto::pb::node as pb;
use proto_edge::node::{
    assessment_service_client::AssessmentServiceClient,
    deliberation_service_client::DeliberationServiceClient,
    survey_service_client::SurveyServiceClient,
};

use super::super::deed::Deed;
use super::super::plan::{Thing, YEAR};
use super::Player;
use crate::failure::Failure;
use pb::{
    conclude_survey_request as conclude, follow_topic_request as after,
    hand_over_issues_request as hand_over, meet_on_topic_request as meet,
};

const PARTIES: [&str; 4] = [
    "residents-committee",
    "owners-committee",
    "property",
    "social-organisations",
];
const DEPARTMENTS: [(&str, &str); 2] = [("停车", "城管科"), ("加装电梯", "房管科")];

impl Player {
    pub(super) async fn decision(&mut self, deed: &Deed) -> Result<(), Failure> {
        match deed {
            Deed::Assess {
                kind,
                subject,
                number,
                scores,
            } => {
                let made = call!(
                    self,
                    AssessmentServiceClient.open_assessment,
                    assessment,
                    OpenAssessmentRequest {
                        kind: (*kind).to_owned(),
                        subject: self.name(*subject),
                        year: YEAR.into(),
                        number: *number,
                    }
                );
                self.score(made.name, scores).await
            }
            Deed::Propose {
                topic,
                kind,
                title,
                on,
                members,
            } => {
                let made = call!(
                    self,
                    DeliberationServiceClient.propose_topic,
                    topic,
                    ProposeTopicRequest {
                        kind: (*kind).to_owned(),
                        title: (*title).to_owned(),
                        source: pb::TopicSource::Grid.into(),
                        supporters: 20,
                    }
                );
                self.keep(*topic, made.name.clone());
                call!(
                    self,
                    DeliberationServiceClient.triage_topic,
                    topic,
                    TriageTopicRequest {
                        name: made.name.clone(),
                        grade: pb::TopicGrade::Important.into(),
                        route: pb::TopicRoute::Agenda.into(),
                        reason: "诉求居民较多".to_owned(),
                    }
                );
                let seats = self.all(members).into_iter().zip(PARTIES);
                let seats = seats.map(|(entry, party)| pb::TopicParticipant {
                    entry,
                    seat: Some(pb::topic_participant::Seat::Party(party.to_owned())),
                });
                let convene = meet::Act::Convene(meet::Convene {
                    on: on.to_string(),
                    participants: seats.collect(),
                });
                self.meet(&made.name, convene).await
            }
            Deed::Decide {
                topic,
                members,
                due,
            } => {
                let (name, present) = (self.name(*topic), self.all(members));
                let chair = present[0].clone();
                self.meet(&name, meet::Act::Hold(meet::Hold { present, chair }))
                    .await?;
                let decide = meet::Act::Decide(meet::Decide {
                    text: "按方案整改".to_owned(),
                    yes: 3,
                    no: 0,
                    abstained: 0,
                });
                self.meet(&name, decide).await?;
                let follow_up = after::Act::SetFollowUp(after::SetFollowUp {
                    owner: "物业公司".to_owned(),
                    what: "整改".to_owned(),
                    due_day: due.to_string(),
                });
                self.follow(&name, follow_up).await?;
                let channel = "wechat".to_owned();
                self.follow(&name, after::Act::Announce(after::Announce { channel }))
                    .await
            }
            Deed::Verify(topic) => {
                let name = self.name(*topic);
                let done = after::Act::ReportDone(after::ReportDone { follow_up: 1 });
                self.follow(&name, done).await?;
                for by in ["社区两委", "业委会"] {
                    let check = after::Act::Check(after::Check {
                        follow_up: 1,
                        by: by.to_owned(),
                        passed: true,
                        note: String::new(),
                    });
                    self.follow(&name, check).await?;
                }
                Ok(())
            }
            _ => self.survey(deed).await,
        }
    }

    /// Scored, told, replied to, and published.
    async fn score(&mut self, name: String, scores: &[(&str, Thing, u32)]) -> Result<(), Failure> {
        for (part, by, points) in scores {
            call!(
                self,
                AssessmentServiceClient.appoint_assessor,
                assessment,
                AppointAssessorRequest {
                    name: name.clone(),
                    part: (*part).to_owned(),
                    by: self.name(*by),
                }
            );
            call!(
                self,
                AssessmentServiceClient.score_assessment,
                assessment,
                ScoreAssessmentRequest {
                    name: name.clone(),
                    by: self.name(*by),
                    points: *points,
                }
            );
        }
        call!(
            self,
            AssessmentServiceClient.notify_assessment,
            assessment,
            NotifyAssessmentRequest { name: name.clone() }
        );
        call!(
            self,
            AssessmentServiceClient.reply_to_assessment,
            assessment,
            ReplyToAssessmentRequest {
                name: name.clone(),
                text: "收到".to_owned(),
            }
        );
        call!(
            self,
            AssessmentServiceClient.finalise_assessment,
            assessment,
            FinaliseAssessmentRequest { name: name.clone() }
        );
        call!(
            self,
            AssessmentServiceClient.publish_assessment,
            assessment,
            PublishAssessmentRequest { name: name }
        );
        Ok(())
    }

    async fn meet(&mut self, name: &str, act: meet::Act) -> Result<(), Failure> {
        call!(
            self,
            DeliberationServiceClient.meet_on_topic,
            topic,
            MeetOnTopicRequest {
                name: name.to_owned(),
                act: Some(act),
            }
        );
        Ok(())
    }

    async fn follow(&mut self, name: &str, act: after::Act) -> Result<(), Failure> {
        call!(
            self,
            DeliberationServiceClient.follow_topic,
            topic,
            FollowTopicRequest {
                name: name.to_owned(),
                act: Some(act),
            }
        );
        Ok(())
    }

    async fn survey(&mut self, deed: &Deed) -> Result<(), Failure> {
        match deed {
            Deed::OpenSurvey {
                survey,
                households,
                until,
            } => {
                let choices = DEPARTMENTS.map(|(text, department)| pb::SurveyChoice {
                    text: text.to_owned(),
                    department: department.to_owned(),
                });
                let form = pb::survey_question::Form::One(pb::OneChoice {
                    choices: choices.into(),
                });
                let question = pb::SurveyQuestion {
                    text: "最想解决什么".to_owned(),
                    form: Some(form),
                };
                let made = call!(
                    self,
                    SurveyServiceClient.open_survey,
                    survey,
                    OpenSurveyRequest {
                        kind: "full-sample".to_owned(),
                        title: "全样本入户调研".to_owned(),
                        questions: vec![question],
                    }
                );
                self.keep(*survey, made.name.clone());
                call!(
                    self,
                    SurveyServiceClient.start_survey,
                    survey,
                    StartSurveyRequest {
                        name: made.name,
                        lines: self.roll(households, ""),
                        until_day: until.to_string(),
                    }
                );
            }
            Deed::Answer {
                survey,
                households,
                choice,
            } => {
                let mark = pb::survey_mark::Mark::One(*choice);
                let sheets = self.all(households).into_iter();
                let sheets = sheets.map(|household| pb::SurveySheet {
                    household,
                    marks: vec![pb::SurveyMark {
                        mark: Some(mark.clone()),
                    }],
                });
                call!(
                    self,
                    SurveyServiceClient.answer_survey,
                    survey,
                    AnswerSurveyRequest {
                        name: self.name(*survey),
                        origin: pb::Origin::DoorKnock.into(),
                        sheets: sheets.collect(),
                    }
                );
            }
            Deed::CloseSurvey(survey) => {
                let name = self.name(*survey);
                let close = conclude::Act::Close(conclude::Close {});
                call!(
                    self,
                    SurveyServiceClient.conclude_survey,
                    survey,
                    ConcludeSurveyRequest {
                        name: name.clone(),
                        act: Some(close),
                    }
                );
                self.hand_over(&name, hand_over::Act::Compile(hand_over::Compile {}))
                    .await?;
                for (_, department) in DEPARTMENTS {
                    let department = department.to_owned();
                    let send = hand_over::Act::Send(hand_over::Send { department });
                    self.hand_over(&name, send).await?;
                }
            }
            Deed::Reply { survey, department } => {
                let reply = hand_over::Act::Reply(hand_over::Reply {
                    department: (*department).to_owned(),
                    text: "已列入计划".to_owned(),
                });
                let name = self.name(*survey);
                self.hand_over(&name, reply).await?;
            }
            _ => {}
        }
        Ok(())
    }

    async fn hand_over(&mut self, name: &str, act: hand_over::Act) -> Result<(), Failure> {
        call!(
            self,
            SurveyServiceClient.hand_over_issues,
            survey,
            HandOverIssuesRequest {
                name: name.to_owned(),
                act: Some(act),
            }
        );
        Ok(())
    }
}
