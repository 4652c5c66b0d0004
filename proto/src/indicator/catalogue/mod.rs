//! A catalogue: every definition by number and revision, and the dimensions.
//! What it has once taken stays true: a revision never changes, a number never
//! gets another code, a member never leaves. Knows no log and no store.

mod file;
#[cfg(test)]
mod first_test;
mod item;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

pub use file::{InvalidCatalogue, LocatedMistake};
pub use item::{InvalidItemId, InvalidPayload, Item, ItemId};

use crate::indicator::{
    cell::{IndicatorId, Revision},
    definition::{Definition, IndicatorCode},
    dimension::{Dimension, DimensionCode},
    mistake::{InvalidItem, Mistake, Problem},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    definitions: BTreeMap<(IndicatorId, Revision), Arc<Definition>>,
    dimensions: BTreeMap<DimensionCode, Arc<Dimension>>,
    /// Of retired definitions too: numbers are never given twice.
    codes: BTreeMap<IndicatorId, IndicatorCode>,
}

/// What an item did to a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// New, or a dimension with new members or names.
    Changed,
    Unchanged,
}

/// A catalogue after a publication, and what in it is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    pub catalogue: Catalogue,
    /// Dimensions first, so that a reader in this order never lacks one.
    pub changed: Vec<Item>,
    pub unchanged: usize,
}

impl Catalogue {
    /// Takes one item, in whatever order items arrive: a definition may come
    /// before its dimensions. Refused items change nothing.
    pub fn take(&mut self, item: Item) -> Result<Taken, InvalidItem> {
        match item {
            Item::Definition(definition) => self.take_definition(definition),
            Item::Dimension(dimension) => self.take_dimension(dimension),
        }
    }

    fn take_definition(&mut self, definition: Arc<Definition>) -> Result<Taken, InvalidItem> {
        let refused = |field, problem| Err(invalid(definition.code.as_str(), field, problem));
        if let Some(code) = self.codes.get(&definition.id)
            && *code != definition.code
        {
            let taken = Problem::Taken {
                code: definition.id.0.to_string(),
                owner: code.to_string(),
            };
            return refused("id", taken);
        }
        let mut codes = self.codes.iter();
        if let Some((id, _)) =
            codes.find(|(id, code)| **id != definition.id && **code == definition.code)
        {
            let taken = Problem::Taken {
                code: definition.code.to_string(),
                owner: id.0.to_string(),
            };
            return refused("code", taken);
        }
        let key = (definition.id, definition.revision);
        match self.definitions.get(&key) {
            Some(known) if *known == definition => Ok(Taken::Unchanged),
            Some(_) => refused("revision", Problem::Republished),
            None => {
                self.codes.insert(definition.id, definition.code.clone());
                self.definitions.insert(key, definition);
                Ok(Taken::Changed)
            }
        }
    }

    fn take_dimension(&mut self, dimension: Arc<Dimension>) -> Result<Taken, InvalidItem> {
        if let Some(known) = self.dimensions.get(dimension.code()) {
            if *known == dimension {
                return Ok(Taken::Unchanged);
            }
            let broken = known.broken_by(&dimension);
            if !broken.is_empty() {
                let mistakes = broken
                    .into_iter()
                    .map(|(field, problem)| Mistake { field, problem });
                return Err(InvalidItem {
                    code: dimension.code().to_string(),
                    mistakes: mistakes.collect(),
                });
            }
        }
        self.dimensions.insert(dimension.code().clone(), dimension);
        Ok(Taken::Changed)
    }

    /// All items or none, with every refusal named; definitions must find
    /// their dimensions.
    pub fn publish(&self, items: Vec<Item>) -> Result<Publication, Vec<InvalidItem>> {
        let mut catalogue = self.clone();
        let (mut changed, mut unchanged, mut refused) = (Vec::new(), 0, Vec::new());
        let (dimensions, definitions): (Vec<Item>, Vec<Item>) = items
            .into_iter()
            .partition(|item| matches!(item, Item::Dimension(_)));
        for item in dimensions.into_iter().chain(definitions) {
            let taken = catalogue.take(item.clone());
            match taken.and_then(|taken| catalogue.complete(&item).map(|()| taken)) {
                Ok(Taken::Changed) => changed.push(item),
                Ok(Taken::Unchanged) => unchanged += 1,
                Err(invalid) => refused.push(invalid),
            }
        }
        if !refused.is_empty() {
            return Err(refused);
        }
        Ok(Publication {
            catalogue,
            changed,
            unchanged,
        })
    }

    /// Whether an item's dimensions are all here.
    fn complete(&self, item: &Item) -> Result<(), InvalidItem> {
        let Item::Definition(definition) = item else {
            return Ok(());
        };
        let breakdowns = definition.breakdowns.iter().enumerate();
        let missing = breakdowns.filter(|(_, code)| !self.dimensions.contains_key(*code));
        let mistakes = missing.map(|(at, code)| {
            let codes = self.dimensions.keys();
            let codes: Vec<&str> = codes.map(DimensionCode::as_str).collect();
            Mistake {
                field: format!("breakdowns[{at}]"),
                problem: Problem::Unknown {
                    found: code.to_string(),
                    known: codes.join(", "),
                },
            }
        });
        let mistakes: Vec<Mistake> = mistakes.collect();
        if mistakes.is_empty() {
            return Ok(());
        }
        Err(InvalidItem {
            code: definition.code.to_string(),
            mistakes,
        })
    }

    /// Withdraws an item; its numbers stay taken. `false` when it is not here.
    pub fn retire(&mut self, id: &ItemId) -> bool {
        match id {
            ItemId::Indicator(code, revision) => {
                let key = self
                    .definitions
                    .values()
                    .find(|held| held.code == *code && held.revision == *revision)
                    .map(|held| (held.id, held.revision));
                key.is_some_and(|key| self.definitions.remove(&key).is_some())
            }
            ItemId::Dimension(code) => self.dimensions.remove(code).is_some(),
        }
    }

    pub fn definition(&self, id: IndicatorId, revision: Revision) -> Option<&Arc<Definition>> {
        self.definitions.get(&(id, revision))
    }

    /// By code, and the newest revision when none is named.
    pub fn by_code(&self, code: &str, revision: Option<Revision>) -> Option<&Arc<Definition>> {
        let mut definitions = self.definitions.values().rev();
        definitions.find(|held| {
            held.code.as_str() == code && revision.is_none_or(|wanted| held.revision == wanted)
        })
    }

    pub fn dimension(&self, code: &str) -> Option<&Arc<Dimension>> {
        self.dimensions.get(&code.parse().ok()?)
    }

    /// A definition's dimensions in its order; `None` while one is not here.
    pub fn dimensions_of(&self, definition: &Definition) -> Option<Vec<Arc<Dimension>>> {
        let codes = definition.breakdowns.iter();
        codes
            .map(|code| self.dimensions.get(code).cloned())
            .collect()
    }

    /// By number, then revision.
    pub fn definitions(&self) -> impl Iterator<Item = &Arc<Definition>> {
        self.definitions.values()
    }

    pub fn dimensions(&self) -> impl Iterator<Item = &Arc<Dimension>> {
        self.dimensions.values()
    }

    /// Everything, dimensions first.
    pub fn items(&self) -> impl Iterator<Item = Item> {
        let dimensions = self.dimensions().cloned().map(Item::Dimension);
        dimensions.chain(self.definitions().cloned().map(Item::Definition))
    }
}

fn invalid(code: &str, field: &str, problem: Problem) -> InvalidItem {
    let field = field.to_owned();
    InvalidItem {
        code: code.to_owned(),
        mistakes: vec![Mistake { field, problem }],
    }
}
