//! Items of the catalogue as the downlink carries them: a name, a kind and the
//! payload's bytes.

use std::{fmt, str::FromStr, sync::Arc};

use prost::Message as _;

use crate::{
    indicator::{
        cell::Revision,
        definition::{Definition, IndicatorCode},
        derived::Derived,
        dimension::{Dimension, DimensionCode},
        mistake::InvalidItem,
    },
    pb::{sync::ItemKind, types as pb},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    Definition(Arc<Definition>),
    Dimension(Arc<Dimension>),
    /// Of the hub alone: nodes count nothing by it.
    Derived(Arc<Derived>),
}

/// `indicator/QS.R02@1` or `dimension/category`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemId {
    Indicator(IndicatorCode, Revision),
    Dimension(DimensionCode),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("item {0:?}: want indicator/<code>@<revision> or dimension/<code>")]
pub struct InvalidItemId(String);

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPayload {
    #[error("payload: {0}")]
    Malformed(String),
    #[error("item kind {0}: no payload of this kind is known")]
    Kind(i32),
    #[error(transparent)]
    Item(#[from] InvalidItem),
}

impl Item {
    /// Derived when it has a formula.
    pub fn from_definition(wire: pb::IndicatorDefinition) -> Result<Item, InvalidItem> {
        Ok(match wire.formula.is_empty() {
            true => Item::Definition(Arc::new(wire.try_into()?)),
            false => Item::Derived(Arc::new(wire.try_into()?)),
        })
    }

    pub fn id(&self) -> ItemId {
        match self {
            Item::Definition(definition) => {
                ItemId::Indicator(definition.code.clone(), definition.revision)
            }
            Item::Dimension(dimension) => ItemId::Dimension(dimension.code().clone()),
            Item::Derived(derived) => ItemId::Indicator(derived.code.clone(), derived.revision),
        }
    }

    pub fn kind(&self) -> ItemKind {
        match self {
            Item::Definition(_) => ItemKind::Indicator,
            Item::Dimension(_) => ItemKind::Dimension,
            Item::Derived(_) => ItemKind::Derived,
        }
    }

    /// The same item always has the same bytes.
    pub fn payload(&self) -> Vec<u8> {
        match self {
            Item::Definition(definition) => {
                pb::IndicatorDefinition::from(&**definition).encode_to_vec()
            }
            Item::Dimension(dimension) => pb::Dimension::from(&**dimension).encode_to_vec(),
            Item::Derived(derived) => pb::IndicatorDefinition::from(&**derived).encode_to_vec(),
        }
    }

    pub fn from_payload(kind: ItemKind, payload: &[u8]) -> Result<Item, InvalidPayload> {
        let malformed = |error: prost::DecodeError| InvalidPayload::Malformed(error.to_string());
        match kind {
            ItemKind::Indicator => {
                let wire = pb::IndicatorDefinition::decode(payload).map_err(malformed)?;
                Ok(Item::Definition(Arc::new(wire.try_into()?)))
            }
            ItemKind::Dimension => {
                let wire = pb::Dimension::decode(payload).map_err(malformed)?;
                Ok(Item::Dimension(Arc::new(wire.try_into()?)))
            }
            ItemKind::Derived => {
                let wire = pb::IndicatorDefinition::decode(payload).map_err(malformed)?;
                Ok(Item::Derived(Arc::new(wire.try_into()?)))
            }
            ItemKind::Unspecified | ItemKind::DryRun | ItemKind::Retired => {
                Err(InvalidPayload::Kind(kind as i32))
            }
        }
    }
}

impl fmt::Display for ItemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ItemId::Indicator(code, revision) => write!(f, "indicator/{code}@{}", revision.0),
            ItemId::Dimension(code) => write!(f, "dimension/{code}"),
        }
    }
}

impl FromStr for ItemId {
    type Err = InvalidItemId;

    fn from_str(text: &str) -> Result<ItemId, InvalidItemId> {
        let invalid = || InvalidItemId(text.chars().take(80).collect());
        match text.split_once('/') {
            Some(("indicator", rest)) => {
                let (code, revision) = rest.split_once('@').ok_or_else(invalid)?;
                let number = revision
                    .parse()
                    .ok()
                    .filter(|number: &u32| *number > 0 && number.to_string() == revision);
                let code = code.parse().map_err(|_| invalid())?;
                Ok(ItemId::Indicator(
                    code,
                    Revision(number.ok_or_else(invalid)?),
                ))
            }
            Some(("dimension", code)) => code.parse().map(ItemId::Dimension).map_err(|_| invalid()),
            _ => Err(invalid()),
        }
    }
}
