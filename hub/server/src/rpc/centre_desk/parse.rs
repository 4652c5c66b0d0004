//! Requests at a centre's desk, parsed: every wrong field is named with what it
//! wants. Decides nothing.

use hub_domain::support::{NewOffer, Stage};
use proto::{
    identity::Label,
    pb::hub as pb,
    place::{Level, Place},
    support::{CIPHERTEXT_BYTES, Form, OfferKey, OfferKind, Recipient, RequestKey, Text},
};
use proto_edge::problem::Problem;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::rpc::{
    field::{date, foreign_page_token},
    status::{Mistake, Mistakes},
};

pub const COMMUNITIES: &str = "communities/";
pub const OFFERS: &str = "offers/";

/// `communities/510115003064/requests/00ab…`
pub fn request_name(name: &str) -> Result<(Place, RequestKey), Problem> {
    let parsed = (|| {
        let (community, key) = name.strip_prefix(COMMUNITIES)?.split_once("/requests/")?;
        let community: Place = community.parse().ok()?;
        let is_community = community.level() == Level::Community;
        Some((community, key.parse().ok()?)).filter(|_| is_community)
    })();
    let wrong = || {
        Mistake::new(
            "name",
            "want a name as a list shows it: communities/<12 digits>/requests/<16 hex digits>",
            "应为列表所示的名称：communities/<十二位>/requests/<十六位>",
        )
    };
    Ok(parsed.ok_or_else(wrong)?)
}

/// `offers/00ab…`
pub fn offer_name(name: &str) -> Result<OfferKey, Problem> {
    let key = name.strip_prefix(OFFERS).and_then(|key| key.parse().ok());
    let wrong = || {
        Mistake::new(
            "name",
            "want a name as a list shows it: offers/<16 hex digits>",
            "应为列表所示的名称：offers/<十六位>",
        )
    };
    Ok(key.ok_or_else(wrong)?)
}

/// How many are older than the page.
pub fn before(token: &str) -> Result<usize, Mistake> {
    match token {
        "" => Ok(usize::MAX),
        token => token.parse().map_err(|_| foreign_page_token()),
    }
}

pub fn stage(code: &str) -> Result<Option<Stage>, Mistake> {
    let mut all = Stage::ALL.into_iter();
    match code {
        "" => Ok(None),
        code => all
            .find(|stage| stage.code() == code)
            .map(Some)
            .ok_or_else(|| {
                let all = Stage::ALL.map(Stage::code).join(", ");
                Mistake::new(
                    "stage",
                    format!("want one of {all}"),
                    format!("应为 {all} 之一"),
                )
            }),
    }
}

pub fn recipient(text: &str) -> Result<Recipient, Problem> {
    let parsed = text
        .parse()
        .map_err(|wrong: proto::support::InvalidRecipient| {
            Mistake::new(
                "recipient",
                wrong.to_string(),
                "应为 age-keygen 打印的 X25519 公钥，以 age1 开头，共 62 个字符",
            )
        });
    Ok(parsed?)
}

pub fn centre(field: &str, code: &str) -> Result<Label, Problem> {
    let parsed = code.parse().map_err(|_| {
        Mistake::new(
            field,
            "want a centre's code, for example care",
            "应为中心代码，如 care",
        )
    });
    Ok(parsed?)
}

pub fn text(field: &str, text: &str) -> Result<Text, Problem> {
    Ok(words(field, text)?)
}

fn words(field: &str, text: &str) -> Result<Text, Mistake> {
    text.parse().map_err(|wrong: proto::plain::InvalidPlain| {
        Mistake::new(field, wrong.to_string(), "应为 1 至 2000 字，不含控制字符")
    })
}

/// Nothing, or an `age` file.
pub fn ciphertext(bytes: &[u8]) -> Result<Option<Box<[u8]>>, Problem> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let fits = bytes.len() <= CIPHERTEXT_BYTES && bytes.starts_with(b"age-encryption.org/v1\n");
    let wrong = || {
        Mistake::new(
            "attachment",
            "want an age file of at most 24 KiB, encrypted to the other centre's key",
            "应为用对方中心公钥加密的 age 文件，最多 24 KiB",
        )
    };
    Ok(Some(fits.then(|| bytes.into()).ok_or_else(wrong)?))
}

pub fn offer(wire: &pb::PublishOfferRequest) -> Result<NewOffer, Problem> {
    let mut mistakes = Mistakes::default();
    let choice = |field: &str, wrong: &dyn std::fmt::Display| {
        Mistake::new(field, wrong.to_string(), wrong.to_string())
    };
    let kind = wire.kind.parse::<OfferKind>();
    let kind = mistakes.take(kind.map_err(|wrong| choice("kind", &wrong)));
    let title = mistakes.take(words("title", &wire.title));
    let text = mistakes.take(words("text", &wire.text));
    let until = mistakes.take(date("until_day", &wire.until_day));
    let form = match wire.form.as_str() {
        "" => Ok(None),
        form => form.parse::<Form>().map(Some),
    };
    let form = mistakes.take(form.map_err(|wrong| choice("form", &wrong)));
    let parsed = (|| {
        Some(NewOffer {
            kind: kind?,
            title: title?,
            text: text?,
            until: until?,
            places: wire.places,
            form: form?,
            fen: wire.fen,
        })
    })();
    mistakes.finish(parsed)
}

/// `None`: the system gives no random numbers.
pub fn random_key() -> Option<OfferKey> {
    let mut bytes = [0; 8];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(OfferKey(u64::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        let name = "communities/510115003064/requests/00000000000000ab";
        let (community, key) = request_name(name).unwrap();
        assert_eq!(
            (community.to_string().as_str(), key.0),
            ("510115003064", 0xab)
        );
        for name in [
            "",
            "communities/510115003/requests/00000000000000ab",
            "communities/510115003064/requests/ab",
            "510115003064/00000000000000ab",
        ] {
            assert_eq!(
                request_name(name).unwrap_err().reason,
                "INVALID_FIELDS",
                "{name}"
            );
        }
        assert_eq!(
            offer_name("offers/00000000000000ab").unwrap(),
            OfferKey(0xab)
        );
        assert!(offer_name("offers/7").is_err());
    }

    #[test]
    fn only_age_files_are_attached() {
        assert_eq!(ciphertext(b"").unwrap(), None);
        assert!(ciphertext(b"age-encryption.org/v1\nx").unwrap().is_some());
        assert!(ciphertext("王秀英".as_bytes()).is_err());
        assert!(
            ciphertext(
                &[
                    b"age-encryption.org/v1\n".as_slice(),
                    &[0; CIPHERTEXT_BYTES]
                ]
                .concat()
            )
            .is_err()
        );
    }
}
