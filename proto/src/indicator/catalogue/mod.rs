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
    derived::Derived,
    dimension::{Dimension, DimensionCode},
    mistake::{InvalidItem, Mistake, Problem},
};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalogue {
    definitions: BTreeMap<(IndicatorId, Revision), Arc<Definition>>,
    derived: BTreeMap<(IndicatorId, Revision), Arc<Derived>>,
    dimensions: BTreeMap<DimensionCode, Arc<Dimension>>,
    /// Of retired definitions too: numbers are never given twice.
    codes: BTreeMap<IndicatorId, IndicatorCode>,
    /// The same, by code.
    ids: BTreeMap<IndicatorCode, IndicatorId>,
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
            Item::Derived(derived) => self.take_derived(derived),
        }
    }

    fn take_definition(&mut self, definition: Arc<Definition>) -> Result<Taken, InvalidItem> {
        self.claim(definition.id, &definition.code)?;
        let key = (definition.id, definition.revision);
        if self.derived.contains_key(&key) {
            return Err(republished(&definition.code));
        }
        match self.definitions.get(&key) {
            Some(known) if *known == definition => Ok(Taken::Unchanged),
            Some(_) => Err(republished(&definition.code)),
            None => {
                self.give(definition.id, &definition.code);
                self.definitions.insert(key, definition);
                Ok(Taken::Changed)
            }
        }
    }

    fn take_derived(&mut self, derived: Arc<Derived>) -> Result<Taken, InvalidItem> {
        self.claim(derived.id, &derived.code)?;
        let key = (derived.id, derived.revision);
        if self.definitions.contains_key(&key) {
            return Err(republished(&derived.code));
        }
        match self.derived.get(&key) {
            Some(known) if *known == derived => Ok(Taken::Unchanged),
            Some(_) => Err(republished(&derived.code)),
            None => {
                self.give(derived.id, &derived.code);
                self.derived.insert(key, derived);
                Ok(Taken::Changed)
            }
        }
    }

    /// A number and a code belong together, or are both free.
    fn claim(&self, id: IndicatorId, code: &IndicatorCode) -> Result<(), InvalidItem> {
        let refused = |field, taken: String, owner: String| {
            let problem = Problem::Taken { code: taken, owner };
            Err(invalid(code.as_str(), field, problem))
        };
        if let Some(held) = self.codes.get(&id).filter(|held| *held != code) {
            return refused("id", id.0.to_string(), held.to_string());
        }
        match self.ids.get(code).filter(|held| **held != id) {
            Some(held) => refused("code", code.to_string(), held.0.to_string()),
            None => Ok(()),
        }
    }

    fn give(&mut self, id: IndicatorId, code: &IndicatorCode) {
        self.codes.insert(id, code.clone());
        self.ids.insert(code.clone(), id);
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
        let mut items = items;
        items.sort_by_key(|item| match item {
            Item::Dimension(_) => 0,
            Item::Definition(_) => 1,
            Item::Derived(_) => 2,
        });
        for item in items {
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

    /// Whether everything that an item names is here.
    fn complete(&self, item: &Item) -> Result<(), InvalidItem> {
        match item {
            Item::Dimension(_) => Ok(()),
            Item::Definition(definition) => {
                self.complete_dimensions(&definition.code, &definition.breakdowns)
            }
            Item::Derived(derived) => {
                derived.check(self)?;
                self.complete_dimensions(&derived.code, &derived.breakdowns)
            }
        }
    }

    /// The same of a file, which may derive from what was published before: that
    /// is known where it is published.
    fn complete_in_file(&self, item: &Item) -> Result<(), InvalidItem> {
        match item {
            Item::Derived(derived) if derived.is_of_others(self) => Ok(()),
            item => self.complete(item),
        }
    }

    fn complete_dimensions(
        &self,
        code: &IndicatorCode,
        breakdowns: &[DimensionCode],
    ) -> Result<(), InvalidItem> {
        let breakdowns = breakdowns.iter().enumerate();
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
            code: code.to_string(),
            mistakes,
        })
    }

    /// Withdraws an item; its numbers stay taken. `false` when it is not here.
    pub fn retire(&mut self, id: &ItemId) -> bool {
        match id {
            ItemId::Indicator(code, revision) => {
                let Some(id) = self.ids.get(code) else {
                    return false;
                };
                let key = (*id, *revision);
                self.definitions.remove(&key).is_some() || self.derived.remove(&key).is_some()
            }
            ItemId::Dimension(code) => self.dimensions.remove(code).is_some(),
        }
    }

    pub fn definition(&self, id: IndicatorId, revision: Revision) -> Option<&Arc<Definition>> {
        self.definitions.get(&(id, revision))
    }

    /// By code, and the newest revision when none is named.
    pub fn by_code(&self, code: &str, revision: Option<Revision>) -> Option<&Arc<Definition>> {
        newest(&self.definitions, *self.ids.get(code)?, revision)
    }

    /// A derived indicator by number and revision.
    pub fn derived(&self, id: IndicatorId, revision: Revision) -> Option<&Arc<Derived>> {
        self.derived.get(&(id, revision))
    }

    /// By code, and the newest revision when none is named.
    pub fn derived_by_code(&self, code: &str, revision: Option<Revision>) -> Option<&Arc<Derived>> {
        newest(&self.derived, *self.ids.get(code)?, revision)
    }

    /// Whose a number is, retired or not.
    pub fn code(&self, id: IndicatorId) -> Option<&IndicatorCode> {
        self.codes.get(&id)
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

    /// By number, then revision.
    pub fn all_derived(&self) -> impl Iterator<Item = &Arc<Derived>> {
        self.derived.values()
    }

    pub fn dimensions(&self) -> impl Iterator<Item = &Arc<Dimension>> {
        self.dimensions.values()
    }

    /// Everything, dimensions first, what is derived last.
    pub fn items(&self) -> impl Iterator<Item = Item> {
        let dimensions = self.dimensions().cloned().map(Item::Dimension);
        let definitions = self.definitions().cloned().map(Item::Definition);
        let derived = self.all_derived().cloned().map(Item::Derived);
        dimensions.chain(definitions).chain(derived)
    }
}

fn newest<T>(
    held: &BTreeMap<(IndicatorId, Revision), T>,
    id: IndicatorId,
    revision: Option<Revision>,
) -> Option<&T> {
    match revision {
        Some(revision) => held.get(&(id, revision)),
        None => {
            let mut revisions = held.range((id, Revision(0))..=(id, Revision(u32::MAX)));
            revisions.next_back().map(|(_, held)| held)
        }
    }
}

fn republished(code: &IndicatorCode) -> InvalidItem {
    invalid(code.as_str(), "revision", Problem::Republished)
}

fn invalid(code: &str, field: &str, problem: Problem) -> InvalidItem {
    let field = field.to_owned();
    InvalidItem {
        code: code.to_owned(),
        mistakes: vec![Mistake { field, problem }],
    }
}
