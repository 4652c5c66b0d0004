//! Services: the kinds of cases that residents may report, as GeoReport lists and
//! defines them; and where all of it is found. Knows no case.

use node_domain::actor::Role;
use node_domain::code::Code;
use node_domain::playbook::{Kind, Playbook, Playbooks};

use super::answer::{Refused, Told};
use super::route::ROOT;
use super::value::Value;

/// A kind that residents may report, with its playbook.
pub fn offered<'a>(playbooks: &'a Playbooks, code: &str) -> Result<&'a Kind, Refused> {
    let code: Option<Code> = code.parse().ok();
    let kind = code.and_then(|code| playbooks.kind(&code));
    let kind = kind.filter(|kind| is_offered(kind));
    kind.map(std::convert::AsRef::as_ref).ok_or_else(|| {
        Refused::not_found(
            "service_code: no such service, see services · 没有这项服务，请见 services",
        )
    })
}

fn is_offered(kind: &Kind) -> bool {
    kind.reporters.contains(&Role::Resident)
}

pub fn list(playbooks: &Playbooks) -> Told {
    let mut services = Vec::new();
    for playbook in playbooks.iter() {
        let kinds = playbook.kinds().filter(|kind| is_offered(kind));
        services.extend(kinds.map(|kind| service(playbook, kind)));
    }
    Told::new("services", Value::List("service", services))
}

fn service(playbook: &Playbook, kind: &Kind) -> Value {
    let group = playbook.categories.get(&kind.category);
    let group = group.map_or(Value::Null, |title| Value::text(&*title.zh));
    Value::Fields(vec![
        ("service_code", Value::text(kind.code.as_str())),
        ("service_name", Value::text(&*kind.title.zh)),
        ("description", Value::text(&*kind.title.en)),
        ("metadata", Value::Flag(true)),
        ("type", Value::text("realtime")),
        ("keywords", Value::text(kind.category.as_str())),
        ("group", group),
    ])
}

pub fn definition(playbooks: &Playbooks, code: &str) -> Result<Told, Refused> {
    let kind = offered(playbooks, code)?;
    let mut attributes = vec![attribute(
        "grid",
        "string",
        1,
        "网格，三位数字 · Grid, three digits",
        "例如 003 · for example 003",
    )];
    if kind.is_appointment {
        attributes.push(attribute(
            "due_at",
            "datetime",
            2,
            "约定的时间 · For when it is agreed",
            "带时区，一年之内，例如 2026-03-04T11:00:00+08:00 · with offset, within a year",
        ));
    }
    let definition = Value::Fields(vec![
        ("service_code", Value::text(kind.code.as_str())),
        ("attributes", Value::List("attribute", attributes)),
    ]);
    Ok(Told::new("service_definition", definition))
}

fn attribute(
    code: &'static str,
    datatype: &'static str,
    order: i64,
    description: &'static str,
    how: &'static str,
) -> Value {
    Value::Fields(vec![
        ("variable", Value::Flag(true)),
        ("code", Value::text(code)),
        ("datatype", Value::text(datatype)),
        ("required", Value::Flag(false)),
        ("datatype_description", Value::text(how)),
        ("order", Value::Whole(order)),
        ("description", Value::text(description)),
        ("values", Value::List("value", Vec::new())),
    ])
}

pub fn discovery(community: &str) -> Told {
    let formats = ["application/json", "text/xml"].map(Value::text).to_vec();
    let endpoint = Value::Fields(vec![
        (
            "specification",
            Value::text("http://wiki.open311.org/GeoReport_v2"),
        ),
        ("url", Value::text(ROOT.trim_end_matches('/'))),
        ("changeset", Value::text("2011-03-17 00:00")),
        ("type", Value::text("production")),
        ("formats", Value::List("format", formats)),
    ]);
    let discovery = Value::Fields(vec![
        ("changeset", Value::text("2026-03-01 00:00")),
        (
            "contact",
            Value::text(format!("社区 {community} · community")),
        ),
        (
            "key_service",
            Value::text("向节点管理员索取令牌 · ask the node's administrator for a token"),
        ),
        ("endpoints", Value::List("endpoint", vec![endpoint])),
    ]);
    Told::new("discovery", discovery)
}
