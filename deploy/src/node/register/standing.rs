//! What a register holds already, and whether a row of a file is one of it. Knows
//! no file.

use std::collections::HashMap;

use node_domain::registers::Form;
use proto::pb::node as pb;
use proto_edge::node::register_service_client::RegisterServiceClient;
use tonic::transport::Channel;

use super::check::{Mark, Ready, identity};
use super::column::Column;
use crate::client::NodeDoor;
use crate::failure::Failure;

const PAGE: i32 = 500;

/// Entries that have not ended, by what they are recognised by.
pub struct Standing(HashMap<String, pb::Entry>);

/// Whether a row is in the register.
pub enum Known {
    New,
    /// With all that the row says.
    Same(String),
    Otherwise(Vec<Mark>),
}

impl Standing {
    pub async fn read(door: &NodeDoor, register: &str, form: Form) -> Result<Standing, Failure> {
        let mut service: RegisterServiceClient<Channel> =
            RegisterServiceClient::new(door.channel.clone());
        let mut standing = HashMap::new();
        let mut page_token = String::new();
        loop {
            let request = pb::ListEntriesRequest {
                page_size: PAGE,
                page_token,
                register: register.to_owned(),
                ..Default::default()
            };
            let answer = service.list_entries(door.request(request)).await?;
            let answer = answer.into_inner();
            // Newest first: of two alike, the older one counts.
            for entry in answer.entries.into_iter().filter(|entry| !entry.ended) {
                let personal = entry.personal.clone().unwrap_or_default();
                let known = identity(form, &entry.title, &entry.area, &personal);
                if !entry.erased {
                    standing.insert(known, entry);
                }
            }
            if answer.next_page_token.is_empty() {
                return Ok(Standing(standing));
            }
            page_token = answer.next_page_token;
        }
    }

    pub fn knows(&self, row: &Ready) -> Known {
        let Some(entry) = self.0.get(&row.identity) else {
            return Known::New;
        };
        let marks = differences(row, entry);
        match marks.is_empty() {
            true => Known::Same(entry.name.clone()),
            false => Known::Otherwise(marks),
        }
    }
}

/// An empty cell says nothing.
fn differences(row: &Ready, entry: &pb::Entry) -> Vec<Mark> {
    let asked = &row.request;
    let own = asked.personal.clone().unwrap_or_default();
    let held = entry.personal.clone().unwrap_or_default();
    let stage = row
        .stages
        .last()
        .map_or_else(String::new, ToString::to_string);
    let area = |unit: u64| {
        if unit == 0 {
            String::new()
        } else {
            unit.to_string()
        }
    };
    let days = |pick: fn(&pb::EntryTerm) -> &String| {
        entry.terms.iter().map(pick).cloned().collect::<Vec<_>>()
    };
    let from = days(|term| &term.from_day);
    let until = days(|term| &term.until_day);
    let pairs = [
        (Column::Title, &asked.title, vec![entry.title.clone()]),
        (Column::Name, &own.name, vec![held.name]),
        (Column::Phone, &own.phone, vec![held.phone]),
        (Column::Address, &own.address, vec![held.address]),
        (Column::Text, &own.text, vec![held.text]),
        (Column::Group, &asked.group, vec![entry.group.clone()]),
        (Column::Grid, &asked.grid, vec![entry.grid.clone()]),
        (Column::Area, &asked.area, vec![entry.area.clone()]),
        (Column::Unit, &area(asked.unit), vec![area(entry.unit)]),
        (Column::From, &asked.from_day, from),
        (Column::Until, &asked.until_day, until),
        (
            Column::Consented,
            &asked.consented_on,
            vec![entry.consented_on.clone()],
        ),
        (Column::Stage, &stage, vec![entry.stage.clone()]),
    ];
    let differing = pairs
        .into_iter()
        .filter(|(_, said, held)| !said.is_empty() && !held.contains(said));
    differing
        .map(|(column, _, held)| {
            let held = held.join(", ");
            let (zh, en) = (
                format!("{} 登记的是“{held}”；要改请用修改，不是导入", entry.name),
                format!(
                    "{} has {held:?}: amend it, an import changes nothing",
                    entry.name
                ),
            );
            Mark::new(column, zh, en)
        })
        .collect()
}
