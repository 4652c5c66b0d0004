//! Catalogue items that are active, by their id. Key: the item id's UTF-8 bytes.
//! Value: the item as it came down.

use prost::Message as _;

use super::Space;

pub struct Items;

/// Also the journalled form.
#[derive(Clone, PartialEq, prost::Message)]
pub struct StoredItem {
    #[prost(string, tag = "1")]
    pub item_id: String,
    /// `tongxin.sync.v1.ItemKind`.
    #[prost(int32, tag = "2")]
    pub kind: i32,
    #[prost(bytes = "vec", tag = "3")]
    pub payload: Vec<u8>,
}

impl Space for Items {
    const TAG: u8 = 0x50;
    const NAME: &'static str = "catalogue";
    type Key = String;
    type Value = StoredItem;

    fn key(item_id: &String) -> Vec<u8> {
        item_id.as_bytes().to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<String> {
        String::from_utf8(bytes.to_vec()).ok()
    }

    fn encode(item: &StoredItem) -> Vec<u8> {
        item.encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<StoredItem, String> {
        StoredItem::decode(bytes).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let item = StoredItem {
            item_id: "a".to_owned(),
            kind: 1,
            payload: vec![9],
        };
        let key = super::super::key::<Items>(&"indicator/QS.R01@1".to_owned());
        assert_eq!(&key[..4], b"\x50ind");
        assert_eq!(Items::encode(&item), [0x0a, 1, b'a', 0x10, 1, 0x1a, 1, 9]);
        assert_eq!(Items::decode(&Items::encode(&item)), Ok(item));
    }
}
