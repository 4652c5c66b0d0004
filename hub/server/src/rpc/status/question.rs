//! What a refused question says. Decides nothing.

use hub_domain::query::{
    Beyond, COLUMN_LIMIT, INDICATOR_LIMIT, PERIOD_LIMIT, RANK_LIMIT, REVISION_LIMIT, ROW_LIMIT,
    Refusal,
};
use proto_edge::problem::Problem;
use tonic::Code;

pub fn question_problem(refusal: &Refusal) -> Problem {
    let field = refusal.field();
    Problem::field(
        refusal.reason(),
        field,
        refusal.to_string(),
        format!("{field}：{}", chinese(refusal)),
    )
}

/// A question that its asker may not ask.
pub fn beyond_scope(beyond: &Beyond) -> Problem {
    let field = beyond.field();
    let text_zh = match beyond {
        Beyond::Indicator(code) => format!("指标 {code} 不在您的可读范围内"),
        Beyond::Place(place) => format!("地点 {place:?} 不在您的可读范围内：请查范围内的地点"),
        Beyond::Grain { asked, finest } => format!("粒度 {asked} 过细，您最细可读 {finest}"),
        Beyond::TypeMedian => "与全区同类社区对比超出您的可读范围".to_owned(),
    };
    Problem {
        code: Code::PermissionDenied,
        ..Problem::field(
            beyond.reason(),
            field,
            beyond.to_string(),
            format!("{field}：{text_zh}"),
        )
    }
}

fn chinese(refusal: &Refusal) -> String {
    match refusal {
        Refusal::IndicatorCount(count) => {
            format!("应给出 1 至 {INDICATOR_LIMIT} 个指标，现为 {count} 个")
        }
        Refusal::UnknownIndicator(code) => format!("目录中没有指标 {code}"),
        Refusal::UnknownRevision {
            code,
            revision,
            known,
        } => format!("指标 {code} 没有第 {revision} 版；现有 {known}"),
        Refusal::UnknownKind(code) => {
            format!("指标 {code} 的类型比本枢纽新：只保存，不读取；请升级枢纽")
        }
        Refusal::UnknownDimension {
            code,
            dimension,
            known,
        } => format!("指标 {code} 没有维度 {dimension}；现有 {known}"),
        Refusal::UnknownMember { dimension, member } => {
            format!("维度 {dimension} 没有成员 {member}")
        }
        Refusal::FilteredTwice(dimension) => format!("维度 {dimension} 只能筛选一次"),
        Refusal::Range { from, to } => {
            format!("{from} 至 {to}：两端粒度应相同，且起始在前")
        }
        Refusal::RangeGrain { asked, range } => {
            format!("粒度 {asked} 应与区间粒度 {range} 相同，或能嵌入其中")
        }
        Refusal::Grain {
            code,
            asked,
            allowed,
        } => format!("指标 {code} 不能按 {asked} 读取；可用 {allowed}"),
        Refusal::TooManyPeriods(count) => format!("{count} 个周期，最多 {PERIOD_LIMIT} 个"),
        Refusal::TooManyColumns(count) => {
            format!("要读 {count} 列，最多 {COLUMN_LIMIT} 列；请减少指标或周期")
        }
        Refusal::TooManyRows(count) => {
            format!("{count} 行，最多 {ROW_LIMIT} 行；请缩小地点或改为排名")
        }
        Refusal::TooManyRevisions(count) => {
            format!("要看 {count} 条修订，最多 {REVISION_LIMIT} 条；请缩小地点或减少周期")
        }
        Refusal::PlaceLevel(level) => {
            format!("按社区、街道、区、市或省分行，不能按 {level}")
        }
        Refusal::ComparisonRange => {
            "与以往对比须每行一个周期：按周期分组，或只问一个周期".to_owned()
        }
        Refusal::MedianPlace => "与同类中位数对比须按社区分行".to_owned(),
        Refusal::RankLimit(limit) => format!("排名应为 1 至 {RANK_LIMIT} 行，不是 {limit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto_edge::problem::{localized, reason_of};
    use tonic::Status;

    #[test]
    fn a_refusal_names_its_field_and_what_there_is() {
        let refusal = Refusal::UnknownDimension {
            code: "QS.R02".into(),
            dimension: "age".into(),
            known: "category, origin".into(),
        };
        let status = Status::from(question_problem(&refusal));
        assert_eq!(reason_of(&status).as_deref(), Some("UNKNOWN_DIMENSION"));
        assert_eq!(
            localized(&status),
            "filters：指标 QS.R02 没有维度 age；现有 category, origin"
        );
    }
}
