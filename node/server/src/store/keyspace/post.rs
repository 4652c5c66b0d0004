//! What the district knows by names of its own: requests and offers, and which of
//! this node's processes they are; centres, and their keys. Key: 1, 2 or 3, then the
//! key of the request or offer (8 bytes) or the centre's code. Value: the process (8)
//! or the key in text.

use node_domain::process::ProcessId;
use proto::identity::Label;
use proto::support::{OfferKey, Recipient, RequestKey};

use super::Space;

pub struct Post;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostKey {
    Request(RequestKey),
    Offer(OfferKey),
    Centre(Label),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PostRow {
    Process(ProcessId),
    Recipient(Recipient),
}

impl Space for Post {
    const TAG: u8 = 0x23;
    const NAME: &'static str = "post";
    type Key = PostKey;
    type Value = PostRow;

    fn key(key: &PostKey) -> Vec<u8> {
        let (kind, rest) = match key {
            PostKey::Request(key) => (1, key.0.to_be_bytes().to_vec()),
            PostKey::Offer(key) => (2, key.0.to_be_bytes().to_vec()),
            PostKey::Centre(label) => (3, label.as_str().as_bytes().to_vec()),
        };
        [vec![kind], rest].concat()
    }

    fn key_from(bytes: &[u8]) -> Option<PostKey> {
        let (kind, rest) = bytes.split_first()?;
        Some(match kind {
            1 => PostKey::Request(RequestKey(super::number(rest)?)),
            2 => PostKey::Offer(OfferKey(super::number(rest)?)),
            3 => PostKey::Centre(std::str::from_utf8(rest).ok()?.parse().ok()?),
            _ => return None,
        })
    }

    fn encode(row: &PostRow) -> Vec<u8> {
        match row {
            PostRow::Process(process) => process.0.to_be_bytes().to_vec(),
            PostRow::Recipient(recipient) => recipient.as_str().as_bytes().to_vec(),
        }
    }

    fn decode(bytes: &[u8]) -> Result<PostRow, String> {
        if let Some(number) = super::number(bytes) {
            return Ok(PostRow::Process(ProcessId(number)));
        }
        let text = std::str::from_utf8(bytes).map_err(|wrong| wrong.to_string())?;
        let recipient: Result<Recipient, _> = text.parse();
        recipient
            .map(PostRow::Recipient)
            .map_err(|wrong| wrong.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let process = || PostRow::Process(ProcessId(7));
        let row = "0000000000000007";
        let request = PostKey::Request(RequestKey(258));
        super::super::golden::row::<Post>(request, process(), "23010000000000000102", row);
        let offer = PostKey::Offer(OfferKey(258));
        super::super::golden::row::<Post>(offer, process(), "23020000000000000102", row);
        let key = Post::key(&PostKey::Centre("care".parse().unwrap()));
        assert_eq!(crate::store::fault::hex(&key), "0363617265");
        assert_eq!(
            Post::key_from(&key),
            Some(PostKey::Centre("care".parse().unwrap()))
        );
        let recipient = format!("age1{}", "q".repeat(58));
        let row = PostRow::Recipient(recipient.parse().unwrap());
        assert_eq!(Post::encode(&row), recipient.as_bytes());
        assert_eq!(Post::decode(recipient.as_bytes()), Ok(row));
    }
}
