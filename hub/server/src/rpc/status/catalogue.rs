//! What a refused publication says. Decides nothing.

use proto::indicator::mistake::{InvalidItem, Problem as Wrong};
use proto_edge::problem::Problem;

use super::{Mistake, Mistakes};

/// Fields are named as `QS.R02 accumulator.of.filter`: items by their code.
pub fn catalogue_problem(refused: &[InvalidItem]) -> Problem {
    let all = refused.iter().flat_map(|item| {
        item.mistakes.iter().map(|mistake| {
            Mistake::new(
                format!("{} {}", item.code, mistake.field),
                mistake.problem.to_string(),
                chinese(&mistake.problem),
            )
        })
    });
    let mistakes = Mistakes(all.collect());
    mistakes.problem("CATALOGUE_INVALID", mistakes.0.len())
}

fn chinese(wrong: &Wrong) -> String {
    match wrong {
        Wrong::Missing(want) => format!("缺少：{want}"),
        Wrong::Malformed { found, want } => format!("{found:?} 不合格式，应为 {want}"),
        Wrong::OutOfRange { found, want } => format!("{found} 超出范围，应为 {want}"),
        Wrong::Unknown { found, known } => format!("没有 {found:?}；现有 {known}"),
        Wrong::Twice(found) => format!("{found:?} 重复，每项只列一次"),
        Wrong::NotUsed(by) => format!("{by} 不用此项：请删去"),
        Wrong::Filter(invalid) => format!("筛选式有误：{invalid}"),
        Wrong::Formula(invalid) => format!("公式有误：{invalid}"),
        Wrong::KindOfClass { class, kind, kinds } => {
            format!("{class:?} 类无法保护 {kind}，应为 {kinds}")
        }
        Wrong::GridOfClassB => "B 类不得按网格细分，网格人数可能过少：请删去".to_owned(),
        Wrong::BreakdownOfClassC => "C 类不得细分：请删去".to_owned(),
        Wrong::GrainOfClassC => "C 类粒度应为季、半年或年".to_owned(),
        Wrong::Republished => "与已发布的版次不同，版次一经发布不改：请提高版次".to_owned(),
        Wrong::Taken { code, owner } => {
            format!("{code:?} 已属于 {owner:?}：编号与代码永久有效，请换新的")
        }
        Wrong::MemberGone(member) => format!("成员不可删除，缺 {member:?}：请补回"),
        Wrong::Renumbered => "维度的编号方式不可改变：请另立维度".to_owned(),
    }
}
