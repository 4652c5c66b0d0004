//! Tokens by the SHA-256 of their secret. Value: token id, 8 bytes.

use node_domain::token::TokenId;

use super::Space;

pub struct TokenHashes;

impl Space for TokenHashes {
    const TAG: u8 = 0x31;
    const NAME: &'static str = "tokens by secret";
    type Key = [u8; 32];
    type Value = TokenId;

    fn key(hash: &[u8; 32]) -> Vec<u8> {
        hash.to_vec()
    }

    fn key_from(bytes: &[u8]) -> Option<[u8; 32]> {
        bytes.try_into().ok()
    }

    fn encode(token: &TokenId) -> Vec<u8> {
        token.0.to_be_bytes().to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<TokenId, String> {
        super::number(bytes)
            .map(TokenId)
            .ok_or_else(|| format!("{} bytes", bytes.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let key = format!("31{}", "0b".repeat(32));
        super::super::golden::row::<TokenHashes>([11; 32], TokenId(1), &key, "0000000000000001");
    }
}
