//! The six places of the article: who they are, by which playbooks they live, and
//! their year. Digits of streets and communities are made up; names, districts and
//! numbers of residents are the article's where it gives them.

use super::plan::Plan;
use super::year;

pub struct Place {
    pub code: &'static str,
    pub name: &'static str,
    pub district: &'static str,
    /// As the register of communities knows it.
    pub kind: &'static str,
    /// By the codes of those that ship; the first counts first.
    pub playbooks: &'static [&'static str],
    pub residents: u32,
    pub year: fn(&mut Plan),
}

pub const PLACES: &[Place] = &[
    Place {
        code: "420107001001",
        name: "青和居",
        district: "武汉青山区",
        kind: "resettlement",
        playbooks: &["qingshan"],
        residents: 9_000,
        year: year::qingshan,
    },
    Place {
        code: "320402001001",
        name: "天宁老旧小区",
        district: "常州天宁区",
        kind: "old-estate",
        playbooks: &["tianning", "qingshan"],
        residents: 4_000,
        year: year::tianning,
    },
    Place {
        code: "420102001001",
        name: "百步亭",
        district: "武汉百步亭",
        kind: "commercial",
        playbooks: &["baibuting", "qingshan"],
        residents: 160_000,
        year: year::baibuting,
    },
    Place {
        code: "510115003064",
        name: "瑞泉馨城",
        district: "成都温江区",
        kind: "village-conversion",
        playbooks: &["ruiquan", "qingshan"],
        residents: 12_000,
        year: year::ruiquan,
    },
    Place {
        code: "320114001001",
        name: "翠竹园",
        district: "南京雨花台区",
        kind: "upscale",
        playbooks: &["cuizhuyuan", "qingshan"],
        residents: 8_000,
        year: year::cuizhuyuan,
    },
    Place {
        code: "110108001001",
        name: "清河",
        district: "北京海淀区",
        kind: "expert",
        playbooks: &["qinghe", "qingshan"],
        residents: 6_000,
        year: year::qinghe,
    },
];
