//! A building under a subsidy: pledged by its households, started when that is
//! whole, done, paid by the street.

use super::{Action, Form, Fund, Happening, amount, of_form};
use crate::code::Code;
use crate::funds::{Application, BuildingState};
use crate::process::Refusal;

pub(super) fn decide(fund: &Fund, action: &Action) -> Result<Vec<Happening>, Refusal> {
    of_form(fund, Form::Scheme)?;
    match action {
        Action::Pledge { building, fen } => {
            let one = applied(fund, building, BuildingState::Applied)?;
            let fen = within(*fen, one.household_part() - one.pledged)?;
            let building = building.clone();
            Ok(vec![Happening::Pledged { building, fen }])
        }
        Action::StartBuilding { building } => {
            let one = applied(fund, building, BuildingState::Applied)?;
            let left = one.household_part() - one.pledged;
            if left > 0 {
                let zh = format!("居民出资部分还差 {left} 分，不能开工");
                let en = format!("the households still lack {left} fen of their part");
                return Err(Refusal::state("NOT_PLEDGED", zh, en).with("left", left));
            }
            let building = building.clone();
            Ok(vec![Happening::BuildingStarted { building }])
        }
        Action::FinishBuilding { building } => {
            applied(fund, building, BuildingState::Started)?;
            let building = building.clone();
            Ok(vec![Happening::BuildingDone { building }])
        }
        Action::PaySubsidy { building, fen } => {
            let one = known(fund, building)?;
            if one.state == BuildingState::Applied {
                return Err(other_state(one));
            }
            let fen = within(*fen, one.subsidy() - one.paid)?;
            let building = building.clone();
            Ok(vec![Happening::SubsidyPaid { building, fen }])
        }
        _ => Err(Refusal::unknown()),
    }
}

fn known<'a>(fund: &'a Fund, building: &Code) -> Result<&'a Application, Refusal> {
    fund.application(building).ok_or_else(|| {
        let (zh, en) = ("这栋楼没有申请", "this building has not applied");
        Refusal::input("building", "UNKNOWN_BUILDING", zh, en)
    })
}

fn applied<'a>(
    fund: &'a Fund,
    building: &Code,
    state: BuildingState,
) -> Result<&'a Application, Refusal> {
    let one = known(fund, building)?;
    match one.state == state {
        true => Ok(one),
        false => Err(other_state(one)),
    }
}

fn other_state(one: &Application) -> Refusal {
    let (zh, en) = (
        "这栋楼现在的状态不允许",
        "the building is not in a state for it",
    );
    Refusal::state("BUILDING_STATE", zh, en).with("state", one.state.code())
}

fn within(fen: i64, left: i64) -> Result<i64, Refusal> {
    let fen = amount("fen", fen)?;
    if fen <= left {
        return Ok(fen);
    }
    let zh = format!("超出应付的部分，还应付 {left} 分");
    let en = format!("that is more than the {left} fen that are left");
    Err(Refusal::input("fen", "MORE_THAN_IS_LEFT", zh, en).with("left", left))
}

impl BuildingState {
    pub const fn code(self) -> &'static str {
        match self {
            BuildingState::Applied => "applied",
            BuildingState::Started => "started",
            BuildingState::Done => "done",
        }
    }
}
