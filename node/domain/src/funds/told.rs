//! What a fund's history says.

use super::{Answer, Happening};
use crate::code::Code;

type Told = (&'static str, Vec<(&'static str, String)>);

pub(super) fn told(what: &Happening) -> Told {
    let entry = |name: &'static str, id: &u64| (name, format!("entries/{id}"));
    let fen = |fen: &i64| ("fen", fen.to_string());
    let of = |building: &Code| ("building", building.to_string());
    match what {
        Happening::Opened {
            kind,
            rules,
            tiers,
            recipient,
            amount,
            ..
        } => {
            let mut details = vec![
                ("kind", kind.to_string()),
                ("rules", rules.playbook.to_string()),
            ];
            let tiers: Vec<String> = tiers.iter().map(|tier| tier.percent.to_string()).collect();
            details.extend((!tiers.is_empty()).then(|| ("tiers", tiers.join(","))));
            details.extend(recipient.as_ref().map(|id| entry("recipient", id)));
            details.extend((*amount > 0).then(|| fen(amount)));
            ("OPENED", details)
        }
        Happening::Appointed { payer, auditor } => (
            "APPOINTED",
            vec![entry("payer", payer), entry("auditor", auditor)],
        ),
        Happening::Planned { total, shares } => (
            "PLANNED",
            vec![
                ("total", total.to_string()),
                ("owners", shares.len().to_string()),
            ],
        ),
        Happening::Agreed { owner, agrees } => {
            let code = if *agrees {
                "AGREED"
            } else {
                "AGREEMENT_WITHDRAWN"
            };
            (code, vec![entry("owner", owner)])
        }
        Happening::Started => ("STARTED", Vec::new()),
        Happening::SharePaid { owner, fen: paid } => {
            ("SHARE_PAID", vec![entry("owner", owner), fen(paid)])
        }
        Happening::Received { from, fen: paid } => {
            ("RECEIVED", vec![("from", from.to_string()), fen(paid)])
        }
        Happening::Requested {
            fen: asked,
            purpose,
            by,
        } => (
            "REQUESTED",
            vec![
                fen(asked),
                ("purpose", purpose.to_string()),
                entry("by", by),
            ],
        ),
        Happening::Answered {
            expense,
            by,
            answer,
        } => {
            let mut details = vec![("expense", expense.to_string()), entry("by", by)];
            let code = match answer {
                Answer::Approved => "APPROVED",
                Answer::Countersigned => "COUNTERSIGNED",
                Answer::Paid => "PAID",
                Answer::Rejected { reason } => {
                    details.push(("reason", reason.to_string()));
                    "REJECTED"
                }
            };
            (code, details)
        }
        Happening::Published { expenses } => {
            let numbers: Vec<String> = expenses.iter().map(u32::to_string).collect();
            ("PUBLISHED", vec![("expenses", numbers.join(","))])
        }
        Happening::Applied {
            building,
            agreed_on,
            applied_on,
            tier,
            percent,
            total,
        } => (
            "APPLIED",
            vec![
                of(building),
                ("agreed_on", agreed_on.to_string()),
                ("applied_on", applied_on.to_string()),
                ("tier", tier.to_string()),
                ("percent", percent.to_string()),
                ("total", total.to_string()),
            ],
        ),
        Happening::Pledged {
            building,
            fen: paid,
        } => ("PLEDGED", vec![of(building), fen(paid)]),
        Happening::BuildingStarted { building } => ("BUILDING_STARTED", vec![of(building)]),
        Happening::BuildingDone { building } => ("BUILDING_DONE", vec![of(building)]),
        Happening::SubsidyPaid {
            building,
            fen: paid,
        } => ("SUBSIDY_PAID", vec![of(building), fen(paid)]),
        Happening::GrantApproved { by } => ("GRANT_APPROVED", vec![entry("by", by)]),
        Happening::Moved { to } => ("MOVED", vec![("to", to.to_string())]),
        Happening::Closed { reason } => ("CLOSED", vec![("reason", reason.to_string())]),
    }
}
