//! What a caller may see: indicators, places, periods. What is not named here is
//! seen by nobody. Knows no call and no cell.

use std::{fmt, str::FromStr};

use proto::{
    identity::{Label, Subject},
    indicator::definition::{Definition, IndicatorCode},
    period::Grain,
    place::Place,
};

use super::State;

/// The beginning of indicator codes, or `*` for all of them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("group {0:?}: want the beginning of an indicator code, such as WJ.T, or *")]
pub struct InvalidGroup(String);

impl Group {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn holds(&self, code: &str) -> bool {
        self.0 == "*" || code.starts_with(&self.0)
    }
}

impl FromStr for Group {
    type Err = InvalidGroup;

    fn from_str(text: &str) -> Result<Group, InvalidGroup> {
        let sound = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'.';
        let fits = (1..=32).contains(&text.len())
            && text.bytes().all(sound)
            && text.as_bytes()[0].is_ascii_uppercase();
        (fits || text == "*")
            .then(|| Group(text.to_owned()))
            .ok_or_else(|| InvalidGroup(text.chars().take(40).collect()))
    }
}

impl fmt::Display for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The district's own people.
    Whole,
    Reader(Reader),
    Nothing,
}

/// A centre's or an extension's part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reader {
    /// Definitions that name it in `centres` are read beside the groups.
    pub code: Option<Label>,
    pub reads: Vec<Group>,
    /// None: the whole hub.
    pub places: Vec<Place>,
    pub finest: Option<Grain>,
}

impl Scope {
    pub fn reads(&self, definition: &Definition) -> bool {
        self.reads_code(&definition.code, &definition.centres)
    }

    /// Also of what is derived; `named`: the centres that its definition names.
    pub fn reads_code(&self, code: &IndicatorCode, named: &[Label]) -> bool {
        match self {
            Scope::Whole => true,
            Scope::Nothing => false,
            Scope::Reader(reader) => reader.reads(code.as_str(), named),
        }
    }

    /// Whether all of `place` may be seen.
    pub fn sees(&self, place: Place) -> bool {
        match self {
            Scope::Whole => true,
            Scope::Nothing => false,
            Scope::Reader(reader) => {
                reader.places.is_empty() || reader.places.iter().any(|seen| seen.contains(place))
            }
        }
    }

    pub fn allows(&self, grain: Grain) -> bool {
        match self {
            Scope::Whole => true,
            Scope::Nothing => false,
            Scope::Reader(reader) => reader.finest.is_none_or(|finest| grain >= finest),
        }
    }

    /// The one place that a question about the whole hub comes down to.
    pub fn only_place(&self) -> Option<Place> {
        match self {
            Scope::Reader(reader) => match reader.places.as_slice() {
                [place] => Some(*place),
                _ => None,
            },
            _ => None,
        }
    }

    /// The whole hub is in sight.
    pub fn is_everywhere(&self) -> bool {
        self.sees(Place::COUNTRY)
    }
}

impl Reader {
    fn reads(&self, code: &str, named: &[Label]) -> bool {
        let is_named = |code: &Label| named.contains(code);
        self.code.as_ref().is_some_and(is_named) || self.reads.iter().any(|group| group.holds(code))
    }
}

impl State {
    pub fn scope(&self, subject: &Subject) -> Scope {
        match subject {
            Subject::Operator(_) | Subject::Auditor(_) => Scope::Whole,
            Subject::Centre(code) => match self.centre(code) {
                Some(centre) => Scope::Reader(Reader {
                    code: Some(code.clone()),
                    reads: centre.settings.reads.clone(),
                    places: centre.settings.places.clone(),
                    finest: centre.settings.finest,
                }),
                None => Scope::Nothing,
            },
            // Of an extension, `extension::State` knows.
            _ => Scope::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::indicator::catalogue::Catalogue;

    fn read(scope: &Scope) -> Vec<String> {
        let first = include_str!("../../../../deploy/catalogue/first.toml");
        let named = first.replacen("owner = ", "centres = [\"care\", \"flood\"]\nowner = ", 1);
        let catalogue = Catalogue::from_toml(&named).unwrap();
        let read = catalogue.definitions().filter(|of| scope.reads(of));
        read.map(|of| of.code.to_string()).collect()
    }

    #[test]
    fn a_reader_reads_its_groups_and_what_names_it() {
        let state = State::default();
        let of = |subject: &str| read(&state.scope(&subject.parse().unwrap()));
        assert_eq!(of("operator/li").len(), 7);
        assert_eq!(of("centre/support").len(), 7);
        assert_eq!(of("centre/care"), ["QS.R01"]);
        assert_eq!(of("centre/social-work"), [""; 0]);
        for nobody in [
            "community/510115001001",
            "centre/weather",
            "extension/flood",
            "child/510115",
            "hub",
        ] {
            assert_eq!(
                state.scope(&nobody.parse().unwrap()),
                Scope::Nothing,
                "{nobody}"
            );
        }
        assert!(!Scope::Nothing.sees(Place::COUNTRY) && !Scope::Nothing.allows(Grain::Year));
    }

    #[test]
    fn places_and_grains_bound_a_reader() {
        let place = |code: &str| code.parse::<Place>().unwrap();
        let scope = Scope::Reader(Reader {
            places: vec![place("510115003"), place("510115001001")],
            finest: Some(Grain::Month),
            ..Reader::default()
        });
        for (code, seen) in [
            ("510115003064", true),
            ("510115003", true),
            ("510115001001", true),
            ("510115001002", false),
            ("510115", false),
            ("", false),
        ] {
            assert_eq!(scope.sees(place(code)), seen, "{code}");
        }
        assert!(scope.allows(Grain::Month) && scope.allows(Grain::Year));
        assert!(!scope.allows(Grain::Week) && !scope.allows(Grain::Day));
        assert_eq!((scope.only_place(), scope.is_everywhere()), (None, false));
    }

    #[test]
    fn groups_are_beginnings_of_codes() {
        for sound in ["*", "WJ", "WJ.", "WJ.T", "WJ.T01"] {
            assert!(sound.parse::<Group>().is_ok(), "{sound}");
        }
        for unsound in ["", "wj", ".W", "**", "W J", "W*"] {
            assert!(unsound.parse::<Group>().is_err(), "{unsound}");
        }
        let group: Group = "WJ.T".parse().unwrap();
        assert!(group.holds("WJ.T01") && !group.holds("WJ.C01"));
    }
}
