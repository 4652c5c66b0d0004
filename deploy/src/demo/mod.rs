//! `tongxin demo`: a whole district on real data, with real files and real
//! mutual TLS on loopback. Owns the order of things; what is asked and what is
//! expected stand in its modules.

mod article;
mod boston;
mod district;
mod input;
mod report;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use tokio_util::sync::CancellationToken;

use crate::{
    cli::{Demo, Output},
    failure::{Exit, Failure},
    say, service, text,
};

use boston::Boston;
use district::District;

pub fn run(demo: &Demo) -> Result<(), Failure> {
    let place = Place::new(demo)?;
    if std::env::var_os("RUST_LOG").is_some() {
        service::log();
    }
    let started = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let outcome = runtime.block_on(async {
        let stop = CancellationToken::new();
        tokio::select! {
            outcome = shown(demo, place.path(), started, stop.clone()) => outcome,
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    });
    // Servers end with the runtime; what they acknowledged is on disk already.
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    place.leave();
    outcome
}

async fn shown(
    demo: &Demo,
    dir: &Path,
    started: Instant,
    stop: CancellationToken,
) -> Result<(), Failure> {
    if demo.article {
        return article::show(dir, demo.check, started, stop).await;
    }
    let mut boston = Boston::read()?;
    boston.communities.truncate(demo.communities.into());
    show(demo, &boston, dir, started, stop).await
}

async fn show(
    demo: &Demo,
    boston: &Boston,
    dir: &Path,
    started: Instant,
    stop: CancellationToken,
) -> Result<(), Failure> {
    let district = District::build(dir, boston, &stop).await?;
    let answers = report::ask(&district.hub_dir).await?;
    let seconds = started.elapsed().as_secs_f64();
    let check = report::check(&boston.communities, &answers, district.rejected, seconds);
    if demo.check {
        println!(
            "{:#}",
            serde_json::to_value(&check).map_err(anyhow::Error::from)?
        );
        district.end(stop).await?;
        return match check.agrees {
            true => Ok(()),
            false => Err(Failure::new(
                Exit::Failure,
                text!("与原文件不符", "Differs from the file"),
            )),
        };
    }
    report::table(&boston.communities, &answers).print(Output::Table, false)?;
    explain(&district, &check);
    std::future::pending().await
}

fn explain(district: &District, check: &report::Check) {
    say!(
        "\n波士顿 2015 年的 {} 件真实报事，进了 {} 个社区节点，{} 件因先办结后报事被拒；节点把它们算成指标，经双向 TLS 同步到枢纽，用时 {:.1} 秒。枢纽里没有一件报事，只有上表这样的数：按时办结率是到期件中按时办结的份额，中位用时来自可合并的分位草图（误差百分之一），覆盖是已报与应报的社区数。",
        "\n{} real requests of Boston, 2015, went into {} community nodes, {} were refused because they closed before they opened; the nodes derived indicators and synced them to the hub over mutual TLS, all in {:.1} seconds. The hub holds no request, only numbers such as these: on time is the share of those fallen due, the median comes from a mergeable sketch (1 % error), coverage is communities reporting of those expected.",
        check.rows,
        check.communities.len(),
        check.rejected,
        check.seconds
    );
    let differs = if check.agrees {
        ""
    } else {
        text!("（与原文件不符！）", " (differs from the file!)").leak()
    };
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("tongxin"));
    let (program, dir) = (program.display(), district.hub_dir.display());
    say!("继续提问{}：", "Go on asking{}:", differs);
    for question in [
        "query QS.R02 --from 2015 --by community --top 5",
        "query QS.R01 --from 201501 --to 201512 --by period --compare previous",
        "query QS.R03 --from 2015Q3 --by breakdown --breakdown category --output csv",
        "status",
    ] {
        eprintln!("  {program} hub {question} --dir {dir}");
    }
    say!("按 Ctrl-C 结束", "Ctrl-C ends it");
}

/// Where the demo's files are, and whether they stay.
struct Place {
    path: PathBuf,
    keep: bool,
}

impl Place {
    fn new(demo: &Demo) -> Result<Place, Failure> {
        let path = match &demo.dir {
            Some(dir) => dir.clone(),
            None => {
                let name = format!("tongxin-demo-{}", std::process::id());
                std::env::temp_dir().join(name)
            }
        };
        fs::create_dir_all(&path)?;
        if fs::read_dir(&path)?.next().is_some() {
            let text = text!("{}：不是空目录", "{}: not empty", path.display());
            return Err(Failure::new(Exit::Usage, text));
        }
        Ok(Place {
            path,
            keep: demo.keep,
        })
    }

    fn path(&self) -> &Path {
        &self.path
    }

    fn leave(&self) {
        if self.keep {
            say!("文件留在 {}", "The files stay in {}", self.path.display());
        } else if let Err(error) = fs::remove_dir_all(&self.path) {
            say!(
                "{} 未能删除：{}",
                "{} could not be removed: {}",
                self.path.display(),
                error
            );
        }
    }
}
