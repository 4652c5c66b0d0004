//! Which fields of a case a reader asks for (`read_mask`).

use proto::pb::node as pb;

use super::super::fields::Fields;

/// Names of fields of `Case`, or all of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask(Option<Vec<&'static str>>);

macro_rules! fields_of_case {
    ($($name:ident),* $(,)?) => {
        const FIELDS: &[&str] = &[$(stringify!($name)),*];

        fn clear(case: &mut pb::Case, keeps: impl Fn(&str) -> bool) {
            $(
                if !keeps(stringify!($name)) {
                    case.$name = Default::default();
                }
            )*
        }
    };
}

fields_of_case!(
    name,
    kind,
    category,
    origin,
    grid,
    lifecycle,
    outcome,
    reported_at,
    completed_at,
    first_completed_at,
    handler,
    bounces,
    reopenings,
    escalated,
    rating,
    clocks,
    pauses,
    duplicate_of,
    refusal,
    personal,
    erased,
    rules,
    revision,
    updated_at,
    source_id,
    referred_to,
    chain,
);

impl Mask {
    pub const ALL: Mask = Mask(None);

    /// Every field.
    pub const fn all() -> Mask {
        Mask(None)
    }

    pub fn parse(fields: &mut Fields, given: Option<prost_types::FieldMask>) -> Option<Mask> {
        let paths = given.unwrap_or_default().paths;
        if paths.is_empty() || paths.iter().any(|path| path == "*") {
            return Some(Mask::ALL);
        }
        let known = |path: &String| FIELDS.iter().find(|field| *field == path).copied();
        match paths.iter().map(known).collect() {
            Some(names) => Some(Mask(Some(names))),
            None => fields.wrong(
                "read_mask",
                "want names of fields of Case, for example name,lifecycle",
                "应为 Case 的字段名，例如 name,lifecycle",
            ),
        }
    }

    pub fn keeps(&self, field: &str) -> bool {
        self.0.as_ref().is_none_or(|names| names.contains(&field))
    }

    pub fn apply(&self, mut case: pb::Case) -> pb::Case {
        if self.0.is_some() {
            clear(&mut case, |field| self.keeps(field));
        }
        case
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;

    use super::*;

    fn mask(paths: &[&str]) -> Option<Mask> {
        let paths = paths.iter().map(|path| (*path).to_owned()).collect();
        Mask::parse(
            &mut Fields::default(),
            Some(prost_types::FieldMask { paths }),
        )
    }

    #[test]
    fn every_field_of_a_case_can_be_asked_for() {
        let set = prost_types::FileDescriptorSet::decode(proto::pb::DESCRIPTORS).unwrap();
        let mut messages = set.file.iter().flat_map(|file| &file.message_type);
        let case = messages.find(|message| message.name() == "Case").unwrap();
        let names: Vec<&str> = case.field.iter().map(|field| field.name()).collect();
        assert_eq!(FIELDS, names);
    }

    #[test]
    fn only_what_was_asked_for_stays() {
        let case = pb::Case {
            name: "cases/1".into(),
            revision: 3,
            ..pb::Case::default()
        };
        assert_eq!(Mask::ALL.apply(case.clone()), case);
        let kept = mask(&["name"]).unwrap().apply(case.clone());
        assert_eq!((kept.name.as_str(), kept.revision), ("cases/1", 0));
        for all in [&[][..], &["*"], &["name", "*"]] {
            assert_eq!(mask(all), Some(Mask::ALL));
        }
        for bad in ["Name", "personal.name", ""] {
            assert_eq!(mask(&["name", bad]), None, "{bad}");
        }
    }
}
