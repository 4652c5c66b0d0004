//! A centre of the support cloud: it joins with an invite, its receiver stores
//! what it may read, in files and in PostgreSQL, is killed, and ends with what the
//! hub answers; the same where the hub dials.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwap;
use proto_edge::{
    centre::centre_inbox_client::CentreInboxClient,
    clock::Clock,
    connector,
    membership::Membership,
    problem::reason_of,
    tls::{mutual_client, pinned_client},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use crate::{
    harness::{
        District,
        calls::Caller,
        district::{RUIQUAN, free_port},
        eventually,
        process::{Server, tongxin, tongxin_ok},
        this_year,
    },
    postgres::Cluster,
};

const KILLS: usize = 5;

struct Centre {
    dir: PathBuf,
    to: String,
    more: Vec<&'static str>,
}

impl Centre {
    /// Invited and joined; nothing is received yet.
    fn joined(district: &District, code: &str, to: String, more: &[&'static str]) -> Centre {
        let invite = district.invited(&["--centre", code]);
        let dir = district.path().join(format!("centre-{code}"));
        let token = invite["token"].as_str().expect("a token");
        tongxin_ok(&["centre", "join", "--dir", &dir.to_string_lossy(), token]);
        Centre {
            dir,
            to,
            more: more.to_vec(),
        }
    }

    fn args<'a>(&'a self, dir: &'a str) -> Vec<&'a str> {
        let mut args = vec!["centre", "follow", "--dir", dir, "--to", &self.to];
        args.extend(&self.more);
        args
    }

    fn start(&self) -> Server {
        let dir = self.dir.to_string_lossy();
        Server::start(&self.args(&dir), &self.dir.with_extension("log"))
    }

    /// Until everything up to now is stored.
    fn catch_up(&self) {
        let dir = self.dir.to_string_lossy();
        let mut args = self.args(&dir);
        args.push("--until-current");
        tongxin_ok(&args);
    }
}

/// Reports a case and accepts it, `times` times.
fn report(staff: &mut Caller, times: usize) {
    for _ in 0..times {
        staff.report_surely("street-light");
    }
}

/// The sum of a column's numbers over all stored files of an indicator.
fn stored(to: &Path, indicator: &str) -> f64 {
    let mut sum = 0.0;
    let Ok(series) = fs::read_dir(to.join("data").join(indicator)) else {
        return sum;
    };
    for file in series {
        let path = file.expect("a file").path();
        if path.extension().is_none_or(|extension| extension != "csv") {
            continue;
        }
        let mut rows = csv::Reader::from_path(path).expect("a CSV file");
        let heading = rows.headers().expect("a heading").clone();
        let at = heading.iter().position(|name| name == "number");
        for row in rows.records() {
            let row = row.expect("a row");
            let number = &row[at.expect("a column number")];
            sum += number.parse::<f64>().expect("a number");
        }
    }
    sum
}

#[test]
fn a_killed_receiver_ends_with_what_the_hub_counts() {
    let district = District::start("centre-files");
    let ruiquan = district.joined(RUIQUAN);
    let to = district.path().join("rows");
    let to_text = to.to_string_lossy().into_owned();
    let centre = Centre::joined(&district, "support", to_text, &["--format", "csv"]);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    for round in 1..=KILLS {
        let receiver = centre.start();
        report(&mut staff, 3);
        let before = (3 * (round - 1)) as f64;
        eventually("rows arrive", || {
            (stored(&to, "QS.R01@1") > before).then_some(())
        });
        receiver.kill();
    }
    district.settled(&ruiquan);
    let all = (3 * KILLS) as f64;
    district.counted("QS.R01", &this_year(), all);
    centre.catch_up();
    assert_eq!(stored(&to, "QS.R01@1"), all);
    // The hub knows how far it came; it is away now.
    let listed = centres(&district);
    let support = listed.iter().find(|row| row["code"] == "support").unwrap();
    assert_eq!(
        (&support["enrolled"], &support["connected"]),
        (&"yes".into(), &"no".into())
    );
    assert!(support["acked_seq"].as_u64() > Some(0), "{support}");
    assert_eq!(listed.len(), 9);
}

#[test]
fn a_centre_is_set_up_by_operators_and_shut_out_by_them() {
    let district = District::start("centre-set");
    let hub = district.hub_dir();
    tongxin_ok(&[
        "hub",
        "centre",
        "set",
        "--dir",
        &hub,
        "care",
        "--contact",
        "周敏",
        "--reads",
        "QS.R02,WJ",
        "--places",
        "510115003",
        "--finest",
        "month",
    ]);
    let listed = centres(&district);
    let care = listed.iter().find(|row| row["code"] == "care").unwrap();
    assert_eq!(care["contact"], "周敏");
    assert_eq!(care["reads"], serde_json::json!(["QS.R02", "WJ"]));
    assert_eq!(care["finest_grain"], "month");
    let to = district.path().join("rows").to_string_lossy().into_owned();
    let centre = Centre::joined(&district, "care", to, &[]);
    centre.catch_up();
    let own = centre.dir.to_string_lossy().into_owned();
    let beyond = tongxin(&["hub", "query", "--dir", &own, "QS.R01", "--from", "202601"]);
    assert_eq!(beyond.status.code(), Some(77));
    let mut receiver = centre.start();
    eventually("it follows", || {
        let listed = centres(&district);
        let care = listed.iter().find(|row| row["code"] == "care").unwrap();
        (care["connected"] == "yes").then_some(())
    });
    tongxin_ok(&[
        "hub",
        "revoke",
        "--dir",
        &hub,
        "centre/care",
        "--reason",
        "试",
    ]);
    assert_eq!(receiver.ends(), Some(77));

    // Only an auditor reads what was decided.
    let auditor = district
        .path()
        .join("auditor")
        .to_string_lossy()
        .into_owned();
    let invite = district.invited(&["--auditor", "shen"]);
    let token = invite["token"].as_str().expect("a token");
    tongxin_ok(&["hub", "join", "--dir", &auditor, token]);
    let refused = tongxin(&["hub", "audit-log", "--dir", &hub]);
    assert_eq!(refused.status.code(), Some(77));
    eventually("the decisions are journalled", || {
        let log = ["hub", "audit-log", "--dir", &auditor, "--output", "json"];
        let log: Vec<Value> = serde_json::from_str(&tongxin_ok(&log)).expect("JSON");
        let has = |identity: &str, result: &str| {
            let mut rows = log.iter();
            rows.any(|row| row["identity"] == identity && row["result"] == result)
        };
        (has("centre/care", "SCOPE_INDICATOR") && has("operator/admin", "ROLE_FORBIDDEN"))
            .then_some(())
    });
}

#[test]
fn the_hub_delivers_to_a_receiver_that_is_killed_and_ends_with_what_it_counts() {
    let district = District::start("centre-inbox");
    let ruiquan = district.joined(RUIQUAN);
    let to = district.path().join("rows");
    let to_text = to.to_string_lossy().into_owned();
    let centre = Centre::joined(&district, "support", to_text.clone(), &["--format", "csv"]);
    let dir = centre.dir.to_string_lossy().into_owned();
    let (hub, listen) = (district.hub_dir(), format!("127.0.0.1:{}", free_port()));
    let receive = ["centre", "receive", "--dir", &dir, "--listen", &listen];
    let receive = [&receive[..], &["--to", &to_text, "--format", "csv"]].concat();
    let deliver = ["hub", "centre", "deliver", "--dir", &hub, "support"];
    let shown = || {
        let args = ["hub", "centre", "show", "support", "--dir", &hub];
        let shown = tongxin_ok(&[&args[..], &["--output", "json"]].concat());
        let mut shown: Vec<Value> = serde_json::from_str(&shown).expect("JSON");
        shown.remove(0)
    };
    tongxin_ok(&[&deliver[..], &["--to", &listen]].concat());
    eventually("nobody is there, and the hub says so", || {
        (shown()["trouble"].as_str() > Some("")).then_some(())
    });

    let mut staff = Caller::new(&ruiquan, "staff", "");
    let start = || Server::start(&receive, &centre.dir.with_extension("log"));
    for killed in 0..2 {
        let receiver = start();
        report(&mut staff, 3);
        eventually("rows arrive", || {
            (stored(&to, "QS.R01@1") > f64::from(3 * killed)).then_some(())
        });
        receiver.kill();
    }
    let receiver = start();
    report(&mut staff, 3);
    district.settled(&ruiquan);
    district.counted("QS.R01", &this_year(), 9.0);
    eventually("everything is delivered", || {
        (stored(&to, "QS.R01@1") == 9.0).then_some(())
    });
    eventually("it has acknowledged everything", || {
        let shown = shown();
        let is_current = shown["lag"] == 0 && shown["connected"] == "yes";
        (is_current && shown["trouble"].is_null() && shown["inbox"] == *listen).then_some(())
    });
    // The hub alone is let in: not even the centre itself.
    let own = Membership::load(&centre.dir).expect("a membership");
    let name = own.holder().expect("a holder").identity;
    let clock = Clock::system(0);
    let config = mutual_client(&own.credential, &own.roots, &name, &clock).expect("TLS");
    let address = listen.parse().expect("an address");
    let runtime = Runtime::new().expect("a runtime");
    let dialled = connector::dial(&address, Arc::new(config));
    assert!(runtime.block_on(dialled).is_err());
    let pin = Sha256::digest(&own.roots[0]).into();
    let nobody = pinned_client(pin, &name, &clock).expect("TLS");
    let refused = runtime.block_on(async {
        let nobody = Arc::new(ArcSwap::from_pointee(nobody));
        let channel = connector::channel(&address, nobody).expect("a channel");
        let mut inbox = CentreInboxClient::new(channel);
        inbox.deliver(tokio_stream::empty()).await.unwrap_err()
    });
    assert_eq!(reason_of(&refused).as_deref(), Some("ROLE_FORBIDDEN"));

    tongxin_ok(&[&deliver[..], &["--stop"]].concat());
    eventually("the hub has hung up", || {
        let shown = shown();
        (shown["connected"] == "no" && shown["inbox"].is_null()).then_some(())
    });
    assert_eq!(receiver.stop(), Some(0));
    // It goes on as a client from the same files.
    centre.catch_up();
    assert_eq!(stored(&to, "QS.R01@1"), 9.0);
}

fn centres(district: &District) -> Vec<Value> {
    let hub = district.hub_dir();
    let listed = tongxin_ok(&["hub", "centre", "list", "--dir", &hub, "--output", "json"]);
    serde_json::from_str(&listed).expect("JSON")
}

#[test]
fn a_receiver_keeps_rows_and_cursor_in_one_transaction_of_postgresql() {
    let district = District::start("centre-postgres");
    let Some(cluster) = Cluster::start(&district.path().join("postgres")) else {
        return;
    };
    let ruiquan = district.joined(RUIQUAN);
    let url = cluster.url();
    let ca = cluster.ca().to_string_lossy().into_owned();
    let ca: &'static str = Box::leak(ca.into_boxed_str());
    let centre = Centre::joined(&district, "support", url, &["--postgres-ca", ca]);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let counted = || {
        cluster
            .number("SELECT coalesce(sum(number), 0) FROM tongxin.cells WHERE indicator = 'QS.R01'")
    };
    for round in 1..=KILLS {
        let receiver = centre.start();
        report(&mut staff, 3);
        let before = (3 * (round - 1)) as f64;
        eventually("rows arrive", || {
            (counted().is_some_and(|sum| sum > before)).then_some(())
        });
        receiver.kill();
    }
    district.settled(&ruiquan);
    let all = (3 * KILLS) as f64;
    district.counted("QS.R01", &this_year(), all);
    centre.catch_up();
    assert_eq!(counted(), Some(all));
    let feeds =
        cluster.number("SELECT count(*)::float8 FROM tongxin.feed WHERE centre = 'support'");
    assert_eq!(feeds, Some(1.0));
    cluster.stop();
}
