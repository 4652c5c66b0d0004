//! Assessments: what a story asks of scores, counts and lists. Knows no story.

use proto_edge::node::assessment_service_client::AssessmentServiceClient;

use crate::harness::calls::calls;

calls! { AssessmentServiceClient => assessment: Assessment;
    open_assessment(kind: &str, subject: &str, year: i32, number: u32) = open_assessment OpenAssessmentRequest {
        kind: kind.to_owned(), subject: subject.to_owned(), year: year, number: number
    };
    appoint_assessor(name: &str, part: &str, by: &str) = appoint_assessor AppointAssessorRequest {
        name: name.to_owned(), part: part.to_owned(), by: by.to_owned()
    };
    score(name: &str, by: &str, points: u32) = score_assessment ScoreAssessmentRequest {
        name: name.to_owned(), by: by.to_owned(), points: points
    };
    count_satisfied(name: &str, satisfied: u32, valid: u32) = count_assessment CountAssessmentRequest {
        name: name.to_owned(), satisfied: satisfied, valid: valid
    };
    notify(name: &str) = notify_assessment NotifyAssessmentRequest { name: name.to_owned() };
    reply_to(name: &str, text: &str) = reply_to_assessment ReplyToAssessmentRequest { name: name.to_owned(), text: text.to_owned() };
    finalise(name: &str) = finalise_assessment FinaliseAssessmentRequest { name: name.to_owned() };
    publish(name: &str) = publish_assessment PublishAssessmentRequest { name: name.to_owned() };
}
