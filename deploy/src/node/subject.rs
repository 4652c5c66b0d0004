//! `tongxin node subject …`: what a person may ask of who holds data about them.

use std::{
    io::{self, Write as _},
    path::Path,
};

use prost_reflect::{DescriptorPool, DynamicMessage, SerializeOptions, prost::Message as _};
use proto::pb::node as pb;
use proto_edge::node::{
    case_service_client::CaseServiceClient, subject_service_client::SubjectServiceClient,
};

use super::serve::door;
use crate::{
    cli::Subject,
    client::{self, NodeDoor, request_id, time_text},
    failure::{Exit, Failure},
    output::{Sheet, column},
    say,
};

/// Of one person's data.
const MESSAGE_LIMIT: usize = 256 << 20;

pub fn run(command: Subject) -> Result<(), Failure> {
    match command {
        Subject::Export { at, name } => export(&at.dir, name),
        Subject::Correct {
            at,
            case,
            name,
            phone,
            address,
            text,
        } => correct(&at.dir, case, [name, phone, address, text]),
        Subject::Erase { at, name } => erase(&at.dir, name),
        Subject::Accesses(status) => accesses(&status),
    }
}

fn service(door: &NodeDoor) -> SubjectServiceClient<tonic::transport::Channel> {
    SubjectServiceClient::new(door.channel.clone()).max_decoding_message_size(MESSAGE_LIMIT)
}

fn export(dir: &Path, name: String) -> Result<(), Failure> {
    let exported = client::block_on(async {
        let door = door(dir)?;
        let request = pb::ExportSubjectRequest { name };
        let answer = service(&door).export_subject(door.request(request)).await?;
        Ok(answer.into_inner())
    })?;
    let text = json(&exported)? + "\n";
    match io::stdout().lock().write_all(text.as_bytes()) {
        // A reader that hangs up early is no failure.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        written => written?,
    }
    say!(
        "已记入日志：{} 件报事、{} 个条目、{} 项参与",
        "Journalled: {} cases, {} entries, {} deeds",
        exported.cases.len(),
        exported.entries.len(),
        exported.deeds.len()
    );
    Ok(())
}

/// As protobuf's own mapping to JSON has it, field names as in the contract.
fn json(exported: &pb::ExportSubjectResponse) -> Result<String, Failure> {
    let odd = |error: &dyn std::fmt::Display| Failure::new(Exit::Failure, error.to_string());
    let pool = DescriptorPool::decode(proto::pb::DESCRIPTORS);
    let pool = pool.map_err(|error| odd(&error))?;
    let described = pool.get_message_by_name("tongxin.node.v1.ExportSubjectResponse");
    let described = described.ok_or_else(|| odd(&"the contract has no such message"))?;
    let message = DynamicMessage::decode(described, exported.encode_to_vec().as_slice());
    let message = message.map_err(|error| odd(&error))?;
    let mut out = serde_json::Serializer::pretty(Vec::new());
    let options = SerializeOptions::new().use_proto_field_name(true);
    let written = message.serialize_with_options(&mut out, &options);
    written.map_err(|error| odd(&error))?;
    String::from_utf8(out.into_inner()).map_err(|error| odd(&error))
}

fn correct(dir: &Path, case: String, given: [Option<String>; 4]) -> Result<(), Failure> {
    let [name, phone, address, text] = given;
    client::block_on(async {
        let door = door(dir)?;
        let mut cases = CaseServiceClient::new(door.channel.clone());
        let get = pb::GetCaseRequest {
            name: case.clone(),
            read_mask: None,
        };
        let known = cases.get_case(door.request(get)).await?.into_inner().case;
        let before = known.and_then(|case| case.personal).unwrap_or_default();
        let request = pb::CorrectSubjectRequest {
            request_id: request_id()?,
            name: case,
            personal: Some(pb::Personal {
                name: name.unwrap_or(before.name),
                phone: phone.unwrap_or(before.phone),
                address: address.unwrap_or(before.address),
                text: text.unwrap_or(before.text),
            }),
        };
        service(&door)
            .correct_subject(door.request(request))
            .await?;
        Ok(())
    })?;
    say!("已更正并记入日志", "Corrected and journalled");
    Ok(())
}

fn erase(dir: &Path, name: String) -> Result<(), Failure> {
    let erased = client::block_on(async {
        let door = door(dir)?;
        let request = pb::EraseSubjectDataRequest {
            request_id: request_id()?,
            name,
        };
        let answer = service(&door).erase_subject(door.request(request)).await?;
        Ok(answer.into_inner())
    })?;
    say!(
        "密钥已销毁，涉及 {} 件；事实与指标不变",
        "The key is destroyed; {} cases; facts and indicators stay",
        erased.cases
    );
    Ok(())
}

fn accesses(status: &crate::cli::Status) -> Result<(), Failure> {
    let listed = client::block_on(async {
        let door = door(&status.at.dir)?;
        let mut request = pb::ListSubjectAccessesRequest {
            page_size: 500,
            page_token: String::new(),
        };
        let mut all = Vec::new();
        loop {
            let page = service(&door)
                .list_subject_accesses(door.request(request.clone()))
                .await?
                .into_inner();
            all.extend(page.accesses);
            if page.next_page_token.is_empty() {
                return Ok(all);
            }
            request.page_token = page.next_page_token;
        }
    })?;
    let mut sheet = Sheet::new(vec![
        column("position", "记录", "record"),
        column("at", "时间", "time"),
        column("kind", "事项", "what"),
        column("token", "令牌", "token"),
        column("subject", "当事人编号", "subject"),
    ]);
    for access in &listed {
        let (key, zh) = match access.kind() {
            pb::SubjectAccessKind::Exported => ("exported", "复制"),
            pb::SubjectAccessKind::Corrected => ("corrected", "更正"),
            pb::SubjectAccessKind::Erased => ("erased", "删除"),
            pb::SubjectAccessKind::Unspecified => ("", ""),
        };
        let kind = match status.output {
            crate::cli::Output::Table => crate::locale::pick(zh, key),
            _ => key,
        };
        sheet.rows.push(vec![
            access.position.into(),
            access.at.map_or_else(String::new, time_text).into(),
            kind.into(),
            access.token.as_str().into(),
            access.subject.into(),
        ]);
    }
    Ok(sheet.print(status.output, false)?)
}
