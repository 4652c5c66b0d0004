//! What a community attaches, encrypted to one centre's key: the plain bytes go no
//! further than this file. Knows no store.

use std::io::Write as _;

use age::x25519::Recipient;
use proto::support::{ATTACHMENT_BYTES, Attachment};
use proto_edge::problem::Problem;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::status;
use crate::sealing::SealingFault;

/// `recipient`: empty where the centre has no key yet.
pub fn attachment(
    centre: &str,
    recipient: &str,
    plain: &[u8],
) -> Result<Option<Attachment>, Problem> {
    if plain.is_empty() {
        return Ok(None);
    }
    if plain.len() > ATTACHMENT_BYTES {
        return Err(status::attachment_too_large(ATTACHMENT_BYTES));
    }
    let parsed = recipient.parse::<Recipient>().ok().zip(centre.parse().ok());
    let (recipient, centre) = parsed.ok_or_else(|| status::no_recipient(centre))?;
    let sealed = seal(&recipient, plain).map_err(|fault| status::fault(&fault))?;
    Ok(Some(Attachment {
        centre,
        ciphertext: sealed.into(),
    }))
}

fn seal(recipient: &Recipient, plain: &[u8]) -> std::io::Result<Vec<u8>> {
    let to: [&dyn age::Recipient; 1] = [recipient];
    let encryptor = age::Encryptor::with_recipients(to.into_iter());
    let encryptor = encryptor.map_err(std::io::Error::other)?;
    let mut sealed = Vec::new();
    let mut writer = encryptor.wrap_output(&mut sealed)?;
    writer.write_all(plain)?;
    writer.finish()?;
    Ok(sealed)
}

pub fn random_key() -> Result<u64, Problem> {
    let mut bytes = [0; 8];
    let drawn = SystemRandom::new().fill(&mut bytes);
    drawn.map_err(|_| status::fault(&SealingFault::NoEntropy))?;
    Ok(u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use proto::support::CIPHERTEXT_BYTES;

    use super::*;

    #[test]
    fn only_the_centre_reads_it_and_the_largest_fits() {
        let pair = age::x25519::Identity::generate();
        let recipient = pair.to_public().to_string();
        let plain = vec![7; ATTACHMENT_BYTES];
        let sealed = attachment("care", &recipient, &plain).unwrap().unwrap();
        assert!(sealed.ciphertext.len() <= CIPHERTEXT_BYTES);
        assert!(!sealed.ciphertext.windows(8).any(|bytes| bytes == [7; 8]));
        let open = |pair: &age::x25519::Identity| {
            let decryptor = age::Decryptor::new(&*sealed.ciphertext).unwrap();
            let keys: [&dyn age::Identity; 1] = [pair];
            let mut reader = decryptor.decrypt(keys.into_iter()).ok()?;
            let mut opened = Vec::new();
            reader.read_to_end(&mut opened).ok()?;
            Some(opened)
        };
        assert_eq!(open(&pair), Some(plain));
        assert_eq!(open(&age::x25519::Identity::generate()), None);
    }

    #[test]
    fn without_a_key_nothing_is_attached() {
        let reason = |recipient: &str, bytes: usize| {
            attachment("care", recipient, &vec![7; bytes])
                .unwrap_err()
                .reason
        };
        assert_eq!(reason("", 1), "NO_RECIPIENT");
        assert_eq!(reason("age1x", 1), "NO_RECIPIENT");
        assert_eq!(reason("", ATTACHMENT_BYTES + 1), "INVALID_FIELDS");
        assert!(attachment("care", "", &[]).unwrap().is_none());
    }
}
