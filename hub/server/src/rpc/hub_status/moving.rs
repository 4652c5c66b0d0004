//! What somebody should know of communities on their way from one hub to another.
//! Reads only.

use std::collections::BTreeMap;

use hub_domain::{sync::line::Line, tree::Tree};
use proto::{pb::hub::Alarm, place::Place};

/// Of one node, or of one child hub.
pub fn alarms(tree: &Tree, lines: &BTreeMap<Place, Line>, node: Place) -> Vec<Alarm> {
    match node.is_of_a_hub() {
        true => holds_on(tree, lines, node),
        false => uncounted(tree, lines, node).into_iter().collect(),
    }
}

/// A child hub that has not said yet that it leaves a community out.
fn holds_on(tree: &Tree, lines: &BTreeMap<Place, Line>, child: Place) -> Vec<Alarm> {
    let moves = tree.assignments.waiting(lines).into_iter();
    let moves = moves.filter(|(_, waits_for)| waits_for.contains(&child));
    let alarms = moves.map(|(assigned, _)| {
        let community = assigned.community;
        let to = assigned.holder.map(|to| to.to_string()).unwrap_or_default();
        Alarm {
            kind: "moving".to_owned(),
            what_zh: format!("{community} 已归 {to}，本枢纽尚未将其撤出"),
            what_en: format!("{community} goes to {to}, and is still in these numbers"),
            why_zh: "下级枢纽下一轮即撤出；若不在线、版本过旧则不会，其间只计旧的一份".to_owned(),
            why_en: "it leaves it out in its next round, unless it is away or too old; \
                     until then only the old numbers count"
                .to_owned(),
            commands: vec![
                "tongxin hub moves".to_owned(),
                format!("tongxin hub release --child {child}"),
            ],
        }
    });
    alarms.collect()
}

/// A community that reports, and is not counted before the parent says so.
fn uncounted(tree: &Tree, lines: &BTreeMap<Place, Line>, community: Place) -> Option<Alarm> {
    let is_here = lines.get(&community)?.store_id.is_some();
    let waits = is_here && tree.assignments.takes(community) && !tree.counts(community);
    waits.then(|| Alarm {
        kind: "uncounted".to_owned(),
        what_zh: "不在本枢纽辖区，等上级枢纽确认后计入".to_owned(),
        what_en: "not counted before the parent says so".to_owned(),
        why_zh: "它属另一枢纽辖区，或曾由另一枢纽计入；那里撤出后即计入".to_owned(),
        why_en: "it belongs to another hub's place, or was counted by another hub, which has to \
                 leave it out first"
            .to_owned(),
        commands: vec!["tongxin hub moves --dir <parent>".to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use proto::identity::StoreId;

    use super::*;

    #[test]
    fn a_community_from_elsewhere_waits_and_one_from_here_does_not() {
        let mut tree = Tree::default();
        let place = |code: &str| code.parse::<Place>().unwrap();
        let line = Line {
            store_id: Some(StoreId([1; 16])),
            ..Line::default()
        };
        let (own, foreign) = (place("510115003064"), place("510114001001"));
        let lines = BTreeMap::from([(own, line.clone()), (foreign, line)]);
        let kinds = |tree: &Tree, node| -> Vec<String> {
            let alarms = alarms(tree, &lines, node).into_iter();
            alarms.map(|alarm| alarm.kind).collect()
        };
        assert!(kinds(&tree, foreign).is_empty(), "nobody is above");
        tree.apply(&hub_domain::tree::Event::Placed(place("510115")));
        assert!(kinds(&tree, own).is_empty());
        assert_eq!(kinds(&tree, foreign), ["uncounted"]);
        assert!(kinds(&tree, place("510114001002")).is_empty(), "never here");
    }
}
