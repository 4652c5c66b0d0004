//! What the demo's district is configured with: examples that ship with the
//! project and can be taken for one's own data.

use proto::indicator::catalogue::{Item, ItemId};

use crate::{failure::Failure, hub::catalogue};

pub const PLAYBOOK: &str = include_str!("../../examples/boston/playbook.toml");
pub const MAPPING: &str = include_str!("../../examples/boston/mapping.toml");
const CATEGORIES: &str = include_str!("../../examples/boston/catalogue.toml");

/// The first indicators, over the file's categories in place of ours, and the
/// demo's own two.
pub fn catalogue() -> Result<Vec<Item>, Failure> {
    let own = catalogue::parse(CATEGORIES)?;
    let shipped = catalogue::parse(catalogue::FIRST)?;
    let replaced: Vec<ItemId> = own.items().map(|item| item.id()).collect();
    let kept = shipped
        .items()
        .filter(|item| !replaced.contains(&item.id()));
    Ok(kept.chain(own.items()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use node_domain::playbook::Playbook;
    use node_server::import::Mapping;
    use proto::indicator::catalogue::Catalogue;

    #[test]
    fn the_examples_fit_together() {
        let playbook = Playbook::parse(PLAYBOOK).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
        let mapping = Mapping::from_toml(MAPPING).unwrap();
        let mut whole = Catalogue::default();
        for item in catalogue().unwrap() {
            whole.take(item).unwrap();
        }
        assert_eq!(whole.definitions().count(), 9);
        for community in crate::demo::boston::Boston::read().unwrap().reasons() {
            let kind = mapping.kind.of(&community).unwrap();
            assert!(
                playbook.kind(&kind).is_some(),
                "{community}: no kind {kind}"
            );
        }
    }
}
