//! Who gets in, and who is shut out.

use crate::harness::{
    District,
    calls::Caller,
    district::{HEPING, RUIQUAN},
    eventually,
    process::tongxin,
};

fn join(dir: &str, token: &str) -> (Option<i32>, String) {
    let output = tongxin(&["node", "join", "--dir", dir, token]);
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

#[test]
fn a_used_token_lets_nobody_in() {
    let district = District::start("used-token");
    let token = district.invite(RUIQUAN);
    let (first, second) = (district.community(RUIQUAN), district.community(HEPING));
    assert_eq!(join(&first.dir(), &token).0, Some(0));
    let (code, said) = join(&second.dir(), &token);
    assert_eq!(code, Some(77), "{said}");
}

#[test]
fn an_expired_token_lets_nobody_in() {
    let district = District::start("expired-token");
    let community = district.community(RUIQUAN);
    let invite = district.invited(&["--community", RUIQUAN, "--valid-for", "1s"]);
    let expires_at: jiff::Timestamp = invite["expires_at"].as_str().unwrap().parse().unwrap();
    eventually("its second is over", || {
        (jiff::Timestamp::now() > expires_at).then_some(())
    });
    let (code, said) = join(&community.dir(), invite["token"].as_str().unwrap());
    assert_eq!(code, Some(77), "{said}");
    assert!(said.contains("expired"), "{said}");
}

#[test]
fn a_hub_with_another_root_is_not_believed() {
    let (real, other) = (
        District::start("wrong-root-real"),
        District::start("wrong-root-other"),
    );
    let token = real.invite(RUIQUAN);
    drop(real);
    // The other district answers at its own address with its own root.
    let forged = crate::identity::redirected(&token, &other.address);
    let community = other.community(RUIQUAN);
    let (code, said) = join(&community.dir(), &forged);
    assert_eq!(code, Some(77), "{said}");
}

/// The same token, dialling somewhere else.
fn redirected(token: &str, address: &str) -> String {
    let mut joining: proto_edge::token::JoinToken = token.parse().unwrap();
    joining.hub = address.parse().unwrap();
    joining.to_string()
}

#[test]
fn a_revoked_node_is_cut_off_and_counts_no_more() {
    let district = District::start("revoked");
    let ruiquan = district.joined(RUIQUAN);
    let mut staff = Caller::new(&ruiquan, "staff", "");
    let case = staff.report("street-light", "路灯").unwrap().name;
    staff.accept(&case).unwrap();
    district.settled(&ruiquan);

    let subject = format!("community/{RUIQUAN}");
    let revoked = tongxin(&[
        "hub",
        "revoke",
        "--dir",
        &district.hub_dir(),
        &subject,
        "--reason",
        "stolen",
    ]);
    assert!(revoked.status.success());
    eventually("the node is blocked", || {
        (ruiquan.status()["link_state"] == "BLOCKED").then_some(())
    });
    assert_eq!(district.node_status(RUIQUAN)["state"], "revoked");

    let acked = district.node_status(RUIQUAN)["acked_seq"].clone();
    let case = staff.report("street-light", "还是路灯").unwrap().name;
    staff.accept(&case).unwrap();
    assert_eq!(district.node_status(RUIQUAN)["acked_seq"], acked);
}
