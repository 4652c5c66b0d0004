//! Registers over the wire: a household and its grid, roles, a garden, a roll, and
//! what is left after an erasure.

use super::*;

const RUIQUAN: &str = include_str!("../../../../../deploy/playbooks/ruiquan.toml");

type Registers = RegisterServiceClient<Through>;

fn household(name: &str, grid: &str) -> pb::RegisterEntryRequest {
    pb::RegisterEntryRequest {
        register: "households".into(),
        grid: grid.into(),
        area: "building-1".into(),
        unit: 9_050,
        personal: Some(pb::Personal {
            name: name.into(),
            phone: "13800000000".into(),
            ..Default::default()
        }),
        ..Default::default()
    }
}

async fn registered(registers: &mut Registers, asked: pb::RegisterEntryRequest) -> pb::Entry {
    let answer = registers.register_entry(asked).await.unwrap();
    answer.into_inner().entry.unwrap()
}

async fn get(registers: &mut Registers, name: &str) -> Result<pb::Entry, Status> {
    let name = name.into();
    let answer = registers.get_entry(pb::GetEntryRequest { name }).await?;
    Ok(answer.into_inner().entry.unwrap())
}

async fn listed(registers: &mut Registers, asked: pb::ListEntriesRequest) -> Vec<String> {
    let page = registers.list_entries(asked).await.unwrap().into_inner();
    page.entries.into_iter().map(|entry| entry.name).collect()
}

#[tokio::test]
async fn a_household_is_known_to_its_grid_and_erased_on_request() {
    let node = Node::start_with(&[PLAYBOOK, RUIQUAN]).await;
    let mut staff = node.registers(&node.token(pb::Role::Staff, "").await);
    let ask = pb::RegisterEntryRequest {
        request_id: "r-1".into(),
        resident: "wx-1".into(),
        ..household("李娜", "003")
    };
    let made = registered(&mut staff, ask.clone()).await;
    assert_eq!(
        (made.name.as_str(), made.active, made.bound),
        ("entries/1", true, true)
    );
    assert_eq!(made.personal.as_ref().unwrap().name, "李娜");
    assert_eq!(made.rules, "qingshan@1");
    assert_eq!(registered(&mut staff, ask).await, made, "a repeat");
    // The resident's own token, the grid's worker, and everybody else.
    let mut own = node.registers(&node.token(pb::Role::Resident, "wx-1").await);
    let mut worker = node.registers(&node.token(pb::Role::GridWorker, "003").await);
    for by in [&mut own, &mut worker] {
        let seen = get(by, "entries/1").await.unwrap();
        assert_eq!(seen.personal, made.personal);
    }
    let mut auditor = node.registers(&node.token(pb::Role::Auditor, "").await);
    assert_eq!(get(&mut auditor, "entries/1").await.unwrap().personal, None);
    for (role, scope) in [
        (pb::Role::Resident, "wx-2"),
        (pb::Role::GridWorker, "004"),
        (pb::Role::Handler, "物业"),
    ] {
        let mut other = node.registers(&node.token(role, scope).await);
        let hidden = get(&mut other, "entries/1").await.unwrap_err();
        assert_eq!(reason(&hidden), "UNKNOWN_PROCESS");
        assert_eq!(listed(&mut other, Default::default()).await, [""; 0]);
    }
    let name = "entries/1".to_owned();
    let erase = pb::EraseEntryRequest {
        request_id: String::new(),
        name: name.clone(),
    };
    let refused = staff.erase_entry(erase.clone()).await.unwrap_err();
    assert_eq!(reason(&refused), "ROLE_FORBIDDEN");
    let mut admin = node.registers(&node.admin);
    admin.erase_entry(erase).await.unwrap();
    let erased = get(&mut staff, "entries/1").await.unwrap();
    assert_eq!((erased.personal, erased.erased), (None, true));
    let again = pb::AmendEntryRequest {
        name,
        personal: household("李娜", "").personal,
        ..Default::default()
    };
    let again = staff.amend_entry(again).await.unwrap_err();
    assert_eq!(reason(&again), "SUBJECT_ERASED");
    node.stop().await;
}

#[tokio::test]
async fn a_garden_is_allotted_and_roles_are_granted() {
    let node = Node::start_with(&[RUIQUAN, PLAYBOOK]).await;
    let mut staff = node.registers(&node.token(pb::Role::Staff, "").await);
    let mut households = Vec::new();
    for name in ["甲", "乙"] {
        households.push(registered(&mut staff, household(name, "001")).await.name);
    }
    let garden = pb::RegisterEntryRequest {
        register: "gardens".into(),
        title: "安禾园".into(),
        ..Default::default()
    };
    let name = registered(&mut staff, garden).await.name;
    let add = pb::AddPlotsRequest {
        name: name.clone(),
        count: 1,
        ..Default::default()
    };
    staff.add_plots(add).await.unwrap();
    let open = pb::OpenPlotsRequest {
        name: name.clone(),
        ..Default::default()
    };
    staff.open_plots(open).await.unwrap();
    for by in &households {
        let ask = pb::AskForPlotRequest {
            name: name.clone(),
            by: by.clone(),
            ..Default::default()
        };
        staff.ask_for_plot(ask).await.unwrap();
    }
    let allot = pb::AllotPlotsRequest {
        name: name.clone(),
        ..Default::default()
    };
    let allotted = staff.allot_plots(allot).await.unwrap().into_inner();
    let allotted = allotted.entry.unwrap();
    assert_eq!(allotted.plots[0].holder, households[0]);
    assert_eq!(allotted.waiting, households[1..]);
    let odd = pb::ChangePlotRequest {
        name: name.clone(),
        plot: 1,
        to: pb::PlotState::Open.into(),
        ..Default::default()
    };
    let odd = staff.change_plot(odd).await.unwrap_err();
    assert!(odd.message().contains("to: want"), "{}", odd.message());
    let council = pb::RegisterEntryRequest {
        register: "councils".into(),
        title: "安和苑议事会".into(),
        ..Default::default()
    };
    let council = registered(&mut staff, council).await.name;
    let grant = pb::GrantRoleRequest {
        name: council.clone(),
        role: "council-member".into(),
        holder: households[0].clone(),
        ..Default::default()
    };
    let granted = staff.grant_role(grant.clone()).await.unwrap().into_inner();
    let role = granted.entry.unwrap().roles.remove(0);
    assert_eq!((role.granted_by.as_str(), role.running), ("staff", true));
    let nobody = pb::GrantRoleRequest {
        holder: "entries/99".into(),
        ..grant
    };
    let nobody = staff.grant_role(nobody).await.unwrap_err();
    assert_eq!(reason(&nobody), "UNKNOWN_ENTRY");
    let history = pb::ListEntryEventsRequest {
        name,
        ..Default::default()
    };
    let told = staff.list_entry_events(history).await.unwrap().into_inner();
    let told: Vec<_> = told
        .events
        .iter()
        .map(|event| event.r#type.as_str())
        .collect();
    assert_eq!(told[..3], ["REGISTERED", "JOINED", "PLOTS_ADDED"]);
    assert_eq!(told.last(), Some(&"PLOT_CLAIMED"));
    node.stop().await;
}

#[tokio::test]
async fn lists_and_rolls_are_of_a_register_an_area_and_a_day() {
    let node = Node::start().await;
    let mut staff = node.registers(&node.token(pb::Role::Staff, "").await);
    registered(&mut staff, household("甲", "001")).await;
    let other = pb::RegisterEntryRequest {
        area: "building-2".into(),
        ..household("乙", "002")
    };
    registered(&mut staff, other).await;
    let later = pb::RegisterEntryRequest {
        from_day: "2026-04-01".into(),
        ..household("丙", "001")
    };
    registered(&mut staff, later).await;
    let of_day = |active_on: &str| pb::ListEntriesRequest {
        register: "households".into(),
        active_on: active_on.into(),
        ..Default::default()
    };
    assert_eq!(
        listed(&mut staff, of_day("2026-03-31")).await,
        ["entries/2", "entries/1"]
    );
    assert_eq!(listed(&mut staff, of_day("2026-04-01")).await.len(), 3);
    let of_grid = pb::ListEntriesRequest {
        grid: "002".into(),
        ..of_day("2026-04-01")
    };
    assert_eq!(listed(&mut staff, of_grid).await, ["entries/2"]);
    let mut auditor = node.registers(&node.token(pb::Role::Auditor, "").await);
    let mut roll = async |area: &str, on_day: &str| {
        let asked = pb::GetRollRequest {
            register: "households".into(),
            area: area.into(),
            on_day: on_day.into(),
        };
        auditor.get_roll(asked).await.unwrap().into_inner()
    };
    let today = roll("", "").await;
    let entries: Vec<_> = today.lines.iter().map(|line| line.entry.as_str()).collect();
    assert_eq!(
        (entries, today.on_day.as_str()),
        (vec!["entries/1", "entries/2"], "2026-03-02")
    );
    assert_eq!((today.sha256.len(), today.lines[0].unit), (32, 9_050));
    assert_eq!(roll("", "2026-03-02").await.sha256, today.sha256);
    assert_ne!(roll("building-1", "").await.sha256, today.sha256);
    assert_eq!(roll("", "2026-04-01").await.lines.len(), 3);
    let mut worker = node.registers(&node.token(pb::Role::GridWorker, "001").await);
    let refused = worker.get_roll(pb::GetRollRequest::default()).await;
    assert_eq!(reason(&refused.unwrap_err()), "ROLE_FORBIDDEN");
    node.stop().await;
}
