//! What an entry's history says. Numbers of entries, never what is personal.

use super::{Happening, PlotChange, Term};

type Told = (&'static str, Vec<(&'static str, String)>);

pub(super) fn told(what: &Happening) -> Told {
    let entry = |id: &u64| format!("entries/{id}");
    match what {
        Happening::Registered(made) => {
            let mut details = vec![
                ("register", made.register.to_string()),
                ("rules", made.rules.playbook.to_string()),
            ];
            details.extend(term(&made.term));
            ("REGISTERED", details)
        }
        Happening::Amended {
            title,
            group,
            grid,
            area,
            unit,
            personal,
            resident,
        } => {
            let mut details: Vec<(&str, String)> = Vec::new();
            details.extend(title.as_ref().map(|title| ("title", title.to_string())));
            details.extend(group.as_ref().map(|group| ("group", group.to_string())));
            details.extend(grid.as_ref().map(|grid| ("grid", grid.to_string())));
            details.extend(area.as_ref().map(|area| ("area", area.to_string())));
            details.extend(unit.as_ref().map(|unit| ("unit", unit.to_string())));
            details.extend(personal.as_ref().map(|_| ("personal", "changed".into())));
            details.extend(resident.as_ref().map(|_| ("resident", "bound".into())));
            ("AMENDED", details)
        }
        Happening::Renewed { term: given } => ("RENEWED", term(given)),
        Happening::Joined { on } => ("JOINED", vec![("on", on.to_string())]),
        Happening::Left { on, reason } => (
            "LEFT",
            vec![("on", on.to_string()), ("reason", reason.to_string())],
        ),
        Happening::Moved { to, reason } => {
            let mut details = vec![("to", to.to_string())];
            details.extend(reason.as_ref().map(|reason| ("reason", reason.to_string())));
            ("MOVED", details)
        }
        Happening::Accepted { party } => ("ACCEPTED", vec![("party", entry(party))]),
        Happening::RoleGranted {
            role,
            holder,
            term: given,
        } => {
            let mut details = vec![("role", role.to_string())];
            details.extend(holder.as_ref().map(|holder| ("holder", entry(holder))));
            details.extend(term(given));
            ("ROLE_GRANTED", details)
        }
        Happening::RoleBegan { role, holder, on } => {
            let mut details = vec![("role", role.to_string()), ("on", on.to_string())];
            details.extend(holder.as_ref().map(|holder| ("holder", entry(holder))));
            ("ROLE_BEGAN", details)
        }
        Happening::RoleEnded {
            role,
            holder,
            on,
            reason,
        } => {
            let mut details = vec![
                ("role", role.to_string()),
                ("on", on.to_string()),
                ("reason", reason.to_string()),
            ];
            details.extend(holder.as_ref().map(|holder| ("holder", entry(holder))));
            ("ROLE_ENDED", details)
        }
        Happening::PlotsAdded { count, is_school } => (
            "PLOTS_ADDED",
            vec![
                ("count", count.to_string()),
                ("school", is_school.to_string()),
            ],
        ),
        Happening::PlotsOpened => ("PLOTS_OPENED", Vec::new()),
        Happening::PlotAsked { by, .. } => ("PLOT_ASKED", vec![("by", entry(by))]),
        Happening::PlotWithdrawn { by } => ("PLOT_WITHDRAWN", vec![("by", entry(by))]),
        Happening::Drawn { seed } => ("DRAWN", vec![("seed", seed.to_string())]),
        Happening::PlotClaimed { plot, by } => (
            "PLOT_CLAIMED",
            vec![("plot", plot.to_string()), ("by", entry(by))],
        ),
        Happening::Bound { conditions } => {
            let stages = conditions.iter().map(|one| one.stage.as_str());
            let stages = stages.collect::<Vec<_>>().join(", ");
            ("BOUND", vec![("stages", stages)])
        }
        Happening::PlotChanged { plot, change } => {
            let plot = ("plot", plot.to_string());
            match change {
                PlotChange::Cultivated => ("PLOT_CULTIVATED", vec![plot]),
                PlotChange::Warned => ("PLOT_WARNED", vec![plot]),
                PlotChange::Released { reason } => {
                    ("PLOT_RELEASED", vec![plot, ("reason", reason.to_string())])
                }
            }
        }
    }
}

fn term(term: &Term) -> Vec<(&'static str, String)> {
    let mut details = vec![("from", term.from.to_string())];
    details.extend(term.until.map(|until| ("until", until.to_string())));
    details
}
