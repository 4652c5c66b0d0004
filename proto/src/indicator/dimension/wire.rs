//! Dimensions from and to their wire message, every mistake named.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{CODE, Dimension, DimensionMember, Members, Name};
use crate::{
    indicator::{
        cell::OTHER_MEMBER,
        mistake::{InvalidItem, Mistakes, Problem},
    },
    pb::types as pb,
};

const MEMBER_CODE: &str = "1 to 64 characters, no blanks at the ends";
const MEMBER_ID: &str = "1 to 65534";

impl TryFrom<pb::Dimension> for Dimension {
    type Error = InvalidItem;

    fn try_from(dimension: pb::Dimension) -> Result<Dimension, InvalidItem> {
        let mut mistakes = Mistakes::default();
        let code = mistakes.parsed("code", &dimension.code, CODE);
        let name = Name {
            zh: mistakes.text("name_zh", &dimension.name_zh, "a Chinese name"),
            en: mistakes.text("name_en", &dimension.name_en, "an English name"),
        };
        let members = if dimension.numbered {
            if !dimension.members.is_empty() {
                mistakes.add("members", Problem::NotUsed("a numbered dimension"));
            }
            Members::Numbered
        } else {
            listed(dimension.members, &mut mistakes)
        };
        let parsed = code.map(|code| Dimension {
            code,
            name,
            members,
        });
        mistakes.finish(&dimension.code, parsed)
    }
}

fn listed(members: Vec<pb::DimensionMember>, mistakes: &mut Mistakes) -> Members {
    if members.is_empty() {
        mistakes.add("members", Problem::Missing("members, or numbered = true"));
    }
    let (mut by_id, mut by_code) = (BTreeMap::new(), HashMap::new());
    for (at, member) in members.into_iter().enumerate() {
        let field = |name| format!("members[{at}].{name}");
        let id = u16::try_from(member.id).unwrap_or(0);
        if !(1..OTHER_MEMBER).contains(&id) {
            let found = u64::from(member.id);
            let want = MEMBER_ID;
            mistakes.add(field("id"), Problem::OutOfRange { found, want });
        }
        let code: Arc<str> = member.code.as_str().into();
        let fits = (1..=64).contains(&code.chars().count())
            && code.trim() == &*code
            && !code.contains(char::is_control);
        if !fits {
            let found = code.chars().take(40).collect();
            let want = MEMBER_CODE;
            mistakes.add(field("code"), Problem::Malformed { found, want });
        }
        let name = Name {
            zh: mistakes.text(&field("name_zh"), &member.name_zh, "a Chinese name"),
            en: mistakes.text(&field("name_en"), &member.name_en, "an English name"),
        };
        if by_code.insert(Arc::clone(&code), id).is_some() {
            mistakes.add(field("code"), Problem::Twice(code.to_string()));
        }
        if by_id.insert(id, DimensionMember { code, name }).is_some() {
            mistakes.add(field("id"), Problem::Twice(member.id.to_string()));
        }
    }
    Members::Listed { by_id, by_code }
}

impl From<&Dimension> for pb::Dimension {
    fn from(dimension: &Dimension) -> pb::Dimension {
        let members = dimension.members().map(|(id, member)| pb::DimensionMember {
            id: u32::from(id),
            code: member.code.to_string(),
            name_zh: member.name.zh.clone(),
            name_en: member.name.en.clone(),
        });
        pb::Dimension {
            code: dimension.code.to_string(),
            name_zh: dimension.name.zh.clone(),
            name_en: dimension.name.en.clone(),
            numbered: dimension.is_numbered(),
            members: members.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin() -> pb::Dimension {
        let member = |id, code: &str| pb::DimensionMember {
            id,
            code: code.into(),
            name_zh: "线上".into(),
            name_en: "Online".into(),
        };
        pb::Dimension {
            code: "origin".into(),
            name_zh: "来源".into(),
            name_en: "Origin".into(),
            numbered: false,
            members: vec![member(1, "online"), member(2, "door-knock")],
        }
    }

    #[test]
    fn members_have_numbers_and_strangers_are_other() {
        let dimension = Dimension::try_from(origin()).unwrap();
        assert_eq!(dimension.member_id("door-knock"), 2);
        assert_eq!(dimension.member_id("fax"), OTHER_MEMBER);
        assert_eq!(dimension.member_id(""), OTHER_MEMBER);
        assert_eq!(dimension.member_code(1).as_deref(), Some("online"));
        assert_eq!(pb::Dimension::from(&dimension), origin());
    }

    #[test]
    fn a_numbered_dimension_takes_the_digits() {
        let mut grid = origin();
        (grid.code, grid.numbered) = ("grid".into(), true);
        grid.members.clear();
        let grid = Dimension::try_from(grid).unwrap();
        for (code, id) in [
            ("007", 7),
            ("65534", 65534),
            ("0", OTHER_MEMBER),
            ("65535", OTHER_MEMBER),
            ("+7", OTHER_MEMBER),
            ("", OTHER_MEMBER),
        ] {
            assert_eq!(grid.member_id(code), id, "{code}");
        }
        assert_eq!(grid.member_code(7).as_deref(), Some("007"));
        assert_eq!(grid.member_code(OTHER_MEMBER), None);
    }

    #[test]
    fn all_mistakes_are_named() {
        let mut bad = origin();
        bad.code = "Origin".into();
        bad.members[0].id = 65535;
        bad.members[1].code = " x".into();
        let twice = bad.members[1].clone();
        bad.members.push(twice);
        let invalid = Dimension::try_from(bad).unwrap_err();
        let fields: Vec<&str> = invalid.mistakes.iter().map(|m| &*m.field).collect();
        let expected = [
            "code",
            "members[0].id",
            "members[1].code",
            "members[2].code",
            "members[2].code",
            "members[2].id",
        ];
        assert_eq!(fields, expected);
    }
}
