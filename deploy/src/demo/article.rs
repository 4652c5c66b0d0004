//! `tongxin demo --article`: the six communities of the article live through a
//! year, each on a node of its own with its own playbook, and a hub that sees the
//! numbers. Owns the order of things; a year is planned in `year`, played in
//! `player`, and looked at in `seen`.

mod deed;
mod place;
mod plan;
mod player;
mod seen;
mod site;
mod year;

use std::{path::Path, time::Instant};

use jiff::{ToSpan as _, tz::TimeZone};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::district::{Founding, fault, in_step, members, start_hub};
use crate::{
    cli::Output,
    failure::{Exit, Failure},
    hub::catalogue,
    say, text,
};
use hub_domain::register::Row;

use place::PLACES;
use plan::{Plan, YEAR};
use site::{Lived, Site};

const ZONE: &str = "Asia/Shanghai";
/// Of the years; another one, other years.
const SEED: u64 = 2018;
/// After the year, until everything in it is due and over.
const AFTERMATH_DAYS: i64 = 45;

/// The district's, which is bundled.
fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or(TimeZone::UTC)
}

/// What a place's year is to be.
fn planned(number: u64, place: &place::Place) -> Plan {
    let mut plan = Plan::new(SEED + number, zone());
    (place.year)(&mut plan);
    plan.finish();
    plan
}

pub async fn show(
    dir: &Path,
    check: bool,
    started: Instant,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let hub_dir = dir.join("hub");
    let communities = PLACES.iter().map(|place| Row {
        code: place.code.to_owned(),
        name: place.name.to_owned(),
        street: place.district.to_owned(),
        kind: place.kind.to_owned(),
        ..Row::default()
    });
    let founding = Founding {
        district: "article",
        zone: zone(),
        communities: communities.collect(),
        catalogue: catalogue::shipped()?.items().collect(),
    };
    let hub = start_hub(&hub_dir, founding, stop.clone()).await?;
    let members = members(&hub_dir)?;
    let bars = indicatif::MultiProgress::new();
    let mut living = JoinSet::new();
    let mut plans = Vec::new();
    for (number, place) in (0..).zip(PLACES) {
        let plan = planned(number, place);
        plans.push((place, plan.expected.clone()));
        let site = Site::new(place, dir, members.clone(), bars.clone());
        living.spawn(site.live(plan, stop.clone()));
    }
    let (mut nodes, mut deeds) = (Vec::new(), 0);
    while let Some(lived) = living.join_next().await {
        let Lived { node, deeds: more } = lived.map_err(fault)??;
        nodes.push(node);
        deeds += more;
    }
    in_step(&hub_dir, nodes.len()).await?;
    let answers = seen::ask(&hub_dir).await?;
    let seconds = started.elapsed().as_secs_f64();
    let compared = seen::compare(&plans, &answers, deeds, seconds);
    if !check {
        seen::table(&compared).print(Output::Table, false)?;
        explain(&hub_dir, &compared);
        return std::future::pending().await;
    }
    println!(
        "{:#}",
        serde_json::to_value(&compared).map_err(anyhow::Error::from)?
    );
    stop.cancel();
    for node in nodes {
        node.join().await.map_err(fault)?;
    }
    hub.join().await.map_err(fault)?;
    match compared.agrees {
        true => Ok(()),
        false => Err(Failure::new(
            Exit::Failure,
            text!("与所记的不符", "Differs from what was recorded"),
        )),
    }
}

fn explain(hub_dir: &Path, compared: &seen::Compared) {
    say!(
        "\n文章里的六个社区过完了 {} 年：{} 件事，由各自的预案管着，在各自的节点上照常登记，用时 {:.1} 秒。枢纽里没有一件事、没有一个人，只有上表这样的分子和分母；“约”的是涉及住户的，离开社区之前随机取整到五。",
        "\nThe six communities of the article lived through {}: {} things happened, each recorded on its own node under its own playbook, in {:.1} seconds. The hub holds none of them and nobody, only numerators and denominators such as these; what is about households was rounded to fives before it left.",
        YEAR,
        compared.deeds,
        compared.seconds
    );
    let differs = match compared.agrees {
        true => String::new(),
        false => text!("（与所记的不符！）", " (differs from what was recorded!)"),
    };
    say!("继续提问{}：", "Go on asking{}:", differs);
    let program = std::env::current_exe().unwrap_or_else(|_| "tongxin".into());
    for question in [
        "query QS.R02 --from 2025 --by community",
        "query QS.R01 --from 202501 --to 202512 --by period --compare previous",
        "query TN.E01 TN.F02.N BBT.P03.R WJ.G01.N CZY.M01 QH.C01 --from 2025 --by community,indicator",
        "query QS.R04 --from 2025 --by breakdown --breakdown category --output csv",
        "status",
    ] {
        eprintln!(
            "  {} hub {question} --dir {}",
            program.display(),
            hub_dir.display()
        );
    }
    say!("按 Ctrl-C 结束", "Ctrl-C ends it");
}

/// The moment at which the played time ends and the machine's goes on.
fn end(plan: &Plan) -> jiff::Timestamp {
    plan.time(Plan::day(12, 31) + AFTERMATH_DAYS.days(), 9, 0)
}
