//! Five levels of responsibility over the wire: the tree of areas says who has a
//! case next.

use super::*;

/// Areas from the community down, each below the one before; the last one's name.
async fn areas(node: &Node, titles: &[&str]) -> String {
    let mut registers = node.registers(&node.admin);
    let mut parent = String::new();
    for title in titles {
        let asked = pb::RegisterEntryRequest {
            register: "areas".into(),
            title: (*title).into(),
            parent,
            ..Default::default()
        };
        let made = registers.register_entry(asked).await.unwrap();
        parent = made.into_inner().entry.unwrap().name;
    }
    parent
}

fn matter(area: &str) -> pb::ReportCaseRequest {
    pb::ReportCaseRequest {
        kind: "neighbourhood-matter".into(),
        area: area.into(),
        ..report("楼道灯不亮", "003")
    }
}

#[tokio::test]
async fn a_matter_goes_up_the_tree_of_areas_until_somebody_solves_it() {
    let node = Node::start().await;
    let building = areas(&node, &["百步亭社区", "怡康苑", "二片区", "3栋"]).await;
    let mut resident = node.as_role(pb::Role::Resident, "wx-1").await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let case = resident.report_case(matter(&building)).await.unwrap();
    let case = case.into_inner().case.unwrap();
    assert_eq!(case.chain, ["3栋", "二片区", "怡康苑", "百步亭社区"]);
    let accept = pb::AcceptCaseRequest {
        name: case.name.clone(),
        ..Default::default()
    };
    let accepted = staff.accept_case(accept).await.unwrap().into_inner();
    assert_eq!(accepted.case.unwrap().handler, "3栋");
    node.pass(3 * 24 + 1);
    node.tick().await;
    let moved = get(&mut staff, &case.name).await.unwrap();
    assert_eq!(moved.handler, "二片区");
    let clock = moved.clocks.iter();
    let mut clock = clock.filter(|clock| clock.kind() == pb::ClockKind::Level);
    assert!(
        clock.next().unwrap().stopped_at.is_none(),
        "its own three days"
    );
    // Not ticked since: whoever has it by now may act, whoever had it may not.
    node.pass(3 * 24);
    let start = |name: &str| pb::StartCaseRequest {
        name: name.to_owned(),
        ..Default::default()
    };
    let mut late = node.as_role(pb::Role::Handler, "二片区").await;
    let refused = late.start_case(start(&case.name)).await.unwrap_err();
    assert_eq!(reason(&refused), "NOT_YOURS");
    node.tick().await;
    let mut court = node.as_role(pb::Role::Handler, "怡康苑").await;
    court.start_case(start(&case.name)).await.unwrap();
    completed(&mut court, &case.name).await;
    node.pass(30 * 24);
    node.tick().await;
    let solved = get(&mut staff, &case.name).await.unwrap();
    assert_eq!(solved.handler, "怡康苑");
    node.stop().await;
}

#[tokio::test]
async fn a_place_that_is_no_area_is_refused_by_name() {
    let node = Node::start().await;
    let mut staff = node.as_role(pb::Role::Staff, "").await;
    let building = areas(&node, &["百步亭社区"]).await;
    let households = pb::RegisterEntryRequest {
        register: "households".into(),
        ..Default::default()
    };
    let mut registers = node.registers(&node.admin);
    let household = registers.register_entry(households).await.unwrap();
    let household = household.into_inner().entry.unwrap().name;
    let light = pb::ReportCaseRequest {
        kind: "street-light".into(),
        ..matter(&building)
    };
    for (asked, wanted) in [
        (matter("entries/77"), "UNKNOWN_AREA"),
        (matter(&household), "UNKNOWN_AREA"),
        (matter("3栋"), "INVALID_FIELDS"),
        (light, "NO_LEVELS"),
    ] {
        let refused = staff.report_case(asked).await.unwrap_err();
        assert_eq!(reason(&refused), wanted);
    }
    node.stop().await;
}
