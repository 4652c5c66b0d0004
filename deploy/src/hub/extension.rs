//! `tongxin hub extension …`: outside teams' services from file to retirement.

use std::{fs, path::Path};

use jiff::SignedDuration;
use proto::pb::hub as pb;
use proto_edge::hub::extension_service_client::ExtensionServiceClient;
use serde::Deserialize;

use super::{catalogue, indicator};
use crate::{
    cli::{Extension, Output},
    client::{self, asked, request_id, time_text},
    failure::{Exit, Failure},
    output::{Cell, Sheet, column},
    say,
};

/// The `[extension]` of a file; what else is in the file is a catalogue.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registration {
    code: String,
    purpose_zh: String,
    purpose_en: String,
    owner: String,
    contact: String,
    until: String,
    #[serde(default)]
    reads: Vec<String>,
    #[serde(default)]
    places: Vec<String>,
    #[serde(default)]
    dry_run_on: Vec<String>,
    /// As `--wave-hold` has it: "24h".
    #[serde(default)]
    wave_hold: String,
}

pub fn run(command: &Extension) -> Result<(), Failure> {
    match command {
        Extension::Register { at, file } => register(&at.dir, file),
        Extension::Approve {
            at,
            code,
            valid_for,
        } => approve(&at.dir, code, *valid_for),
        Extension::List(list) => {
            let extensions = client::block_on(extensions(&list.at.dir))?;
            let mut sheet = sheet();
            sheet.rows.extend(extensions.iter().map(row));
            Ok(sheet.print(list.output, false)?)
        }
        Extension::Show { at, code, output } => show(&at.dir, code, *output),
        Extension::Retire { at, code } => retire(&at.dir, code),
    }
}

fn register(dir: &Path, file: &Path) -> Result<(), Failure> {
    let request = read(file)?;
    let answer = client::block_on(async {
        let mut service = ExtensionServiceClient::new(client::hub(dir)?);
        let answer = service.register_extension(asked(request)).await?;
        Ok(answer.into_inner().extension.unwrap_or_default())
    })?;
    say!(
        "已登记 {}。看重叠和试算：tongxin hub extension show；批准：… approve CODE",
        "Registered {}. Overlaps and dry run: tongxin hub extension show; then: … approve CODE",
        bare(&answer.name)
    );
    Ok(())
}

fn read(file: &Path) -> Result<pb::RegisterExtensionRequest, Failure> {
    let named = |error: &dyn std::fmt::Display| {
        Failure::new(Exit::BadData, format!("{}: {error}", file.display()))
    };
    let text = fs::read_to_string(file).map_err(|error| named(&error))?;
    let mut table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| named(&error))?;
    let of = table.remove("extension").ok_or_else(|| {
        named(&crate::locale::pick(
            "缺少 [extension] 表",
            "the table [extension] is missing",
        ))
    })?;
    let of: Registration = of.try_into().map_err(|error| named(&error))?;
    let rest = toml::to_string(&table).map_err(|error| named(&error))?;
    let items = catalogue::parse(&rest).map_err(|failure| named(&failure.text))?;
    let hold = match of.wave_hold.as_str() {
        "" => None,
        text => Some(
            text.parse::<SignedDuration>()
                .map_err(|error| named(&format!("wave_hold: {error}")))?,
        ),
    };
    let whole = catalogue::publication(items.items(), request_id()?);
    Ok(pb::RegisterExtensionRequest {
        request_id: whole.request_id,
        extension: Some(pb::Extension {
            name: format!("extensions/{}", of.code),
            purpose_zh: of.purpose_zh,
            purpose_en: of.purpose_en,
            owner: of.owner,
            contact: of.contact,
            reads: of.reads,
            places: of.places,
            until: of.until,
            ..pb::Extension::default()
        }),
        indicators: whole.indicators,
        dimensions: whole.dimensions,
        wave_hold: hold.map(indicator::wire_duration),
        dry_run_on: of.dry_run_on,
    })
}

/// The invite goes to stdout, alone on its line, so that it can be piped.
fn approve(dir: &Path, code: &str, valid_for: SignedDuration) -> Result<(), Failure> {
    let answer = client::block_on(async {
        let mut service = ExtensionServiceClient::new(client::hub(dir)?);
        let request = pb::ApproveExtensionRequest {
            request_id: request_id()?,
            name: format!("extensions/{code}"),
            valid_for: Some(indicator::wire_duration(valid_for)),
        };
        Ok(service
            .approve_extension(asked(request))
            .await?
            .into_inner())
    })?;
    println!("{}", answer.token);
    say!(
        "{} 已批准，指标分批推行；一次性邀请 {} 前有效，不再显示",
        "{} is approved and its definitions go out; the one-time invite is good until {}; it is not shown again",
        code,
        answer.expires_at.map(time_text).unwrap_or_default()
    );
    Ok(())
}

fn retire(dir: &Path, code: &str) -> Result<(), Failure> {
    client::block_on(async {
        let mut service = ExtensionServiceClient::new(client::hub(dir)?);
        let request = pb::RetireExtensionRequest {
            request_id: request_id()?,
            name: format!("extensions/{code}"),
        };
        service.retire_extension(asked(request)).await?;
        Ok(())
    })?;
    say!(
        "{} 已停用：指标停收，身份吊销，数据流断开",
        "{} is retired: its definitions, its identity and its feed have ended",
        code
    );
    Ok(())
}

fn show(dir: &Path, code: &str, output: Output) -> Result<(), Failure> {
    let extensions = client::block_on(extensions(dir))?;
    let found = extensions.iter().find(|held| bare(&held.name) == code);
    let found = found.ok_or_else(|| {
        let said = crate::locale::pick("没有这个扩展", "there is no such extension");
        Failure::new(Exit::Failure, format!("{code}: {said}"))
    })?;
    let mut sheet = sheet();
    let mut row = row(found);
    sheet.columns.extend([
        column("rollout", "推行号", "rollout"),
        column("rollout_stage", "推行阶段", "rollout stage"),
        column("nodes_done", "已算节点", "nodes done"),
        column("halted", "停因", "halted because"),
        column("dry_runs", "试算", "dry runs"),
        column("overlaps", "重叠", "overlaps"),
    ]);
    row.extend(match &found.rollout {
        Some(rollout) => vec![
            rollout.number.into(),
            indicator::stage(rollout).into(),
            rollout.nodes_done.into(),
            rollout.halt_reason.as_str().into(),
            Cell::Rows(indicator::dry_runs(rollout)),
            Cell::Rows(indicator::overlaps(rollout)),
        ],
        None => std::iter::repeat_with(|| Cell::Empty).take(6).collect(),
    });
    sheet.rows.push(row);
    Ok(sheet.transposed_when(output).print(output, false)?)
}

fn sheet() -> Sheet {
    Sheet::new(vec![
        column("extension", "扩展", "extension"),
        column("stage", "阶段", "stage"),
        column("since", "自", "since"),
        column("until", "截止", "until"),
        column("owner", "团队", "owner"),
        column("contact", "责任处室", "contact"),
        column("purpose_zh", "用途", "purpose (zh)"),
        column("purpose_en", "用途（英文）", "purpose"),
        column("indicators", "新指标", "new indicators"),
        column("reads", "另读", "reads too"),
        column("places", "地点", "places"),
        column("enrolled", "已入网", "enrolled"),
        column("connected", "在线", "connected"),
        column("acked_seq", "已收至", "acknowledged"),
    ])
}

fn row(of: &pb::Extension) -> Vec<Cell> {
    let stage = of.stage().as_str_name();
    let stage = stage.trim_start_matches("EXTENSION_STAGE_").to_lowercase();
    let rollout = of.rollout.as_ref();
    vec![
        bare(&of.name).into(),
        match of.ended {
            true => "ended".into(),
            false => stage.into(),
        },
        of.since.map(time_text).unwrap_or_default().into(),
        of.until.as_str().into(),
        of.owner.as_str().into(),
        of.contact.as_str().into(),
        of.purpose_zh.as_str().into(),
        of.purpose_en.as_str().into(),
        Cell::List(
            rollout
                .map(|held| held.indicators.clone())
                .unwrap_or_default(),
        ),
        Cell::List(of.reads.clone()),
        Cell::List(of.places.clone()),
        yes(of.enrolled).into(),
        yes(of.connected).into(),
        Cell::Whole(i64::try_from(of.acked_seq).unwrap_or(i64::MAX)),
    ]
}

const fn yes(is_so: bool) -> &'static str {
    match is_so {
        true => "yes",
        false => "no",
    }
}

async fn extensions(dir: &Path) -> Result<Vec<pb::Extension>, Failure> {
    let mut service = ExtensionServiceClient::new(client::hub(dir)?);
    let (mut all, mut page_token) = (Vec::new(), String::new());
    loop {
        let request = pb::ListExtensionsRequest {
            page_size: 100,
            page_token,
        };
        let answer = service.list_extensions(asked(request)).await?.into_inner();
        all.extend(answer.extensions);
        if answer.next_page_token.is_empty() {
            return Ok(all);
        }
        page_token = answer.next_page_token;
    }
}

fn bare(name: &str) -> &str {
    name.strip_prefix("extensions/").unwrap_or(name)
}
