//! One community through time. Knows no other community.

use std::{fmt, str::FromStr};

use jiff::civil::Date;
use proto::place::Place;

use super::Event;

/// The six types of the article (`reference/seed-systems.md` section 0.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommunityType {
    /// 棚改区党建引领型
    Resettlement = 1,
    /// 老旧小区居民自治型
    OldEstate = 2,
    /// 商品住宅区市场主导型
    Commercial = 3,
    /// "村改居"政府主导型
    VillageConversion = 4,
    /// 中高档住宅区社会自治型
    Upscale = 5,
    /// 专家参与型
    Expert = 6,
}

impl CommunityType {
    pub const ALL: [CommunityType; 6] = [
        CommunityType::Resettlement,
        CommunityType::OldEstate,
        CommunityType::Commercial,
        CommunityType::VillageConversion,
        CommunityType::Upscale,
        CommunityType::Expert,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            CommunityType::Resettlement => "resettlement",
            CommunityType::OldEstate => "old-estate",
            CommunityType::Commercial => "commercial",
            CommunityType::VillageConversion => "village-conversion",
            CommunityType::Upscale => "upscale",
            CommunityType::Expert => "expert",
        }
    }

    pub const fn name_zh(self) -> &'static str {
        match self {
            CommunityType::Resettlement => "棚改区党建引领型",
            CommunityType::OldEstate => "老旧小区居民自治型",
            CommunityType::Commercial => "商品住宅区市场主导型",
            CommunityType::VillageConversion => "村改居政府主导型",
            CommunityType::Upscale => "中高档住宅区社会自治型",
            CommunityType::Expert => "专家参与型",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "community type {0:?}: want resettlement, old-estate, commercial, village-conversion, upscale or expert"
)]
pub struct UnknownType(pub String);

impl FromStr for CommunityType {
    type Err = UnknownType;

    /// Takes the code or the Chinese name.
    fn from_str(text: &str) -> Result<CommunityType, UnknownType> {
        CommunityType::ALL
            .into_iter()
            .find(|kind| kind.code() == text || kind.name_zh() == text)
            .ok_or_else(|| UnknownType(text.chars().take(40).collect()))
    }
}

impl fmt::Display for CommunityType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    pub name: Box<str>,
    pub street: Box<str>,
    pub kind: Option<CommunityType>,
}

/// How a community ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// The first day on which it no longer was.
    pub on: Date,
    /// One after a merger, several after a split.
    pub successors: Vec<Place>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Community {
    pub code: Place,
    /// The first day; `None`: before records began.
    pub opened: Option<Date>,
    pub closed: Option<Closing>,
    // Never empty; ascending by the first day, the first one from the beginning.
    descriptions: Vec<(Option<Date>, Description)>,
}

impl Community {
    pub(super) fn new(code: Place, opened: Option<Date>, description: Description) -> Community {
        Community {
            code,
            opened,
            closed: None,
            descriptions: vec![(None, description)],
        }
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Opened { .. } => {}
            Event::Redated { opened, .. } => self.opened = *opened,
            Event::Closed { closing, .. } => self.closed = Some(closing.clone()),
            Event::Described {
                from, description, ..
            } => {
                // A correction from a day on also replaces what was to come later.
                self.descriptions.retain(|(day, _)| *day < *from);
                self.descriptions.push((*from, description.clone()));
            }
        }
    }

    pub fn open_on(&self, day: Date) -> bool {
        self.open_between(day, day)
    }

    /// Whether it was open on any day from `first` to `last`.
    pub fn open_between(&self, first: Date, last: Date) -> bool {
        self.opened.is_none_or(|opened| opened <= last)
            && self
                .closed
                .as_ref()
                .is_none_or(|closing| closing.on > first)
    }

    /// What it was called on `day`.
    pub fn described_on(&self, day: Date) -> &Description {
        let after = self
            .descriptions
            .partition_point(|(from, _)| from.is_none_or(|from| from <= day));
        &self.descriptions[after.saturating_sub(1)].1
    }

    /// The newest description.
    pub fn description(&self) -> &Description {
        &self.descriptions[self.descriptions.len() - 1].1
    }
}
