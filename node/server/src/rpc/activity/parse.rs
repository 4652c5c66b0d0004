//! Requests about programmes, parsed. Decides nothing.

use node_domain::activities::{Action, Announce, Harvest, Income, Money, Open, Size};
use proto::pb::node as pb;
use proto_edge::problem::Problem;

use super::super::fields::Fields;
use super::super::process::{Ask, on_process, opening};
use super::ENGINE;

impl TryFrom<pb::OpenProgrammeRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::OpenProgrammeRequest) -> Result<Ask, Problem> {
        opening(&asked.request_id, |fields| {
            let kind = fields.code("kind", &asked.kind);
            let title = fields.name("title", &asked.title);
            let team = fields.optional_name("team", &asked.team);
            let grid = fields.grid("grid", &asked.grid);
            let from = fields.optional_day("from_day", &asked.from_day);
            Some(Action::Open(Open {
                kind: kind?,
                title: title?,
                team: team?,
                grid: grid?,
                from: from?,
            }))
        })
    }
}

impl TryFrom<pb::AnnounceSessionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::AnnounceSessionRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| {
                let title = fields.name("title", &asked.title);
                let size = match asked.size() {
                    pb::SessionSize::Unspecified => None,
                    pb::SessionSize::Small => Some(Size::Small),
                    pb::SessionSize::Large => Some(Size::Large),
                };
                let size = fields.choice("size", size, "SMALL, LARGE");
                let theme = fields.optional_code("theme", &asked.theme);
                let on = fields.day("on", &asked.on);
                let capacity = small(fields, "capacity", asked.capacity);
                Some(Action::Announce(Announce {
                    title: title?,
                    size: size?,
                    theme: theme?,
                    on: on?,
                    capacity: capacity?,
                }))
            },
        )
    }
}

fn small(fields: &mut Fields, field: &'static str, number: u32) -> Option<u16> {
    let small = u16::try_from(number).ok();
    small.or_else(|| fields.choice(field, None, "0 … 65535"))
}

impl TryFrom<pb::ChangeProgrammeRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::ChangeProgrammeRequest) -> Result<Ask, Problem> {
        use pb::change_programme_request::Act;
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            None,
            |fields| match asked.act {
                Some(Act::Postpone(postpone)) => {
                    let to = fields.day("postpone.to", &postpone.to);
                    let reason = fields.words("postpone.reason", &postpone.reason);
                    Some(Action::Postpone {
                        session: postpone.session,
                        to: to?,
                        reason: reason?,
                    })
                }
                Some(Act::CallOff(call_off)) => {
                    let reason = fields.words("call_off.reason", &call_off.reason)?;
                    let session = call_off.session;
                    Some(Action::CallOff { session, reason })
                }
                Some(Act::End(end)) => {
                    let reason = fields.words("end.reason", &end.reason)?;
                    Some(Action::End { reason })
                }
                None => fields.choice("act", None, "postpone, call_off, end"),
            },
        )
    }
}

impl TryFrom<pb::SignUpRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::SignUpRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.optional_entry("entry", &asked.entry)?;
            let session = asked.session;
            Some(Action::SignUp { session, entry })
        })
    }
}

impl TryFrom<pb::CancelSignUpRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::CancelSignUpRequest) -> Result<Ask, Problem> {
        on_process(ENGINE, &asked.request_id, &asked.name, None, |fields| {
            let entry = fields.optional_entry("entry", &asked.entry)?;
            let session = asked.session;
            Some(Action::CancelSignUp { session, entry })
        })
    }
}

impl TryFrom<pb::HoldSessionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::HoldSessionRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |_| {
                Some(Action::Hold {
                    session: asked.session,
                    attended: asked.attended,
                    came: asked.came,
                })
            },
        )
    }
}

impl TryFrom<pb::RecordSessionRequest> for Ask {
    type Error = Problem;

    fn try_from(asked: pb::RecordSessionRequest) -> Result<Ask, Problem> {
        on_process(
            ENGINE,
            &asked.request_id,
            &asked.name,
            asked.happened_at,
            |fields| match asked.act {
                Some(act) => record(fields, asked.session, act),
                None => fields.choice(
                    "act",
                    None,
                    "log_hours, confirm_hours, book, publish_accounts, harvest",
                ),
            },
        )
    }
}

fn record(
    fields: &mut Fields,
    session: u32,
    act: pb::record_session_request::Act,
) -> Option<Action> {
    use pb::record_session_request::Act;
    match act {
        Act::LogHours(log) => {
            let volunteer = fields.entry("log_hours.volunteer", &log.volunteer);
            let minutes = small(fields, "log_hours.minutes", log.minutes);
            let logged_by = fields.entry("log_hours.logged_by", &log.logged_by);
            Some(Action::LogHours {
                session,
                volunteer: volunteer?,
                minutes: minutes?,
                logged_by: logged_by?,
            })
        }
        Act::ConfirmHours(confirm) => {
            let by = fields.entry("confirm_hours.confirmed_by", &confirm.confirmed_by)?;
            Some(Action::ConfirmHours {
                session,
                hours: confirm.hours,
                confirmed_by: by,
                is_right: confirm.right,
            })
        }
        Act::Book(money) => {
            let what = fields.name("book.what", &money.what)?;
            let income = match money.source() {
                pb::IncomeSource::Unspecified => None,
                pb::IncomeSource::Shared => Some(Income::Shared),
                pb::IncomeSource::Donation => Some(Income::Donation),
                pb::IncomeSource::Crowdfunding => Some(Income::Crowdfunding),
                pb::IncomeSource::Purchase => Some(Income::Purchase),
            };
            let fen = money.fen;
            let money = Money { income, fen, what };
            Some(Action::Book { session, money })
        }
        Act::PublishAccounts(publish) => {
            let channel = fields.code("publish_accounts.channel", &publish.channel)?;
            Some(Action::PublishAccounts { session, channel })
        }
        Act::Harvest(harvest) => {
            let crop = fields.code("harvest.crop", &harvest.crop);
            let homes = small(fields, "harvest.homes", harvest.homes);
            let harvest = Harvest {
                crop: crop?,
                grams: harvest.grams,
                homes: homes?,
            };
            Some(Action::Harvest { session, harvest })
        }
    }
}
