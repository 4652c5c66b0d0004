//! Pages of a list: how many rows, and the opaque token that says where the next
//! page begins. A token is good only for the list that it came from.

use sha2::{Digest as _, Sha256};

use super::fields::Fields;

const USUAL: usize = 50;
const MOST: usize = 500;

/// What a list was asked, in 64 bits: a page token of another question would
/// skip rows in silence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question(u64);

/// Where a page begins: two numbers whose meaning is the list's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(pub u64, pub u64);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    pub size: usize,
    /// `None`: at the beginning.
    pub from: Option<Place>,
    question: Question,
}

impl Question {
    pub fn of(asked: impl std::fmt::Debug) -> Question {
        let digest: [u8; 32] = Sha256::digest(format!("{asked:?}")).into();
        Question(
            digest[..8]
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
        )
    }
}

impl Page {
    pub fn parse(fields: &mut Fields, size: i32, token: &str, question: Question) -> Option<Page> {
        let size = match usize::try_from(size) {
            Ok(0) => Some(USUAL),
            Ok(size) => Some(size.min(MOST)),
            Err(_) => fields.wrong("page_size", "want 0 to 500", "应为 0 至 500"),
        };
        let from = match token {
            "" => Some(None),
            token => place(token, question).map(Some).or_else(|| {
                fields.wrong(
                    "page_token",
                    "want the next_page_token of the same list with the same filters, or nothing",
                    "应为同一列表、同样条件下返回的 next_page_token，或留空",
                )
            }),
        };
        Some(Page {
            size: size?,
            from: from?,
            question,
        })
    }

    /// The token of the page that begins at `next`; empty when there is none.
    pub fn token(&self, next: Option<Place>) -> String {
        next.map_or_else(String::new, |Place(first, second)| {
            format!("{first:016x}{second:016x}{:016x}", self.question.0)
        })
    }
}

fn place(token: &str, question: Question) -> Option<Place> {
    if token.len() != 48 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let number = |at: usize| u64::from_str_radix(&token[at..at + 16], 16).ok();
    let place = Place(number(0)?, number(16)?);
    (number(32)? == question.0).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(size: i32, token: &str, question: Question) -> Option<Page> {
        Page::parse(&mut Fields::default(), size, token, question)
    }

    #[test]
    fn a_token_is_good_for_its_own_list_only() {
        let (one, other) = (Question::of(("cases", 1)), Question::of(("cases", 2)));
        let page = parse(0, "", one).unwrap();
        assert_eq!((page.size, page.from), (USUAL, None));
        let token = page.token(Some(Place(7, u64::MAX)));
        assert_eq!(
            parse(3, &token, one).unwrap().from,
            Some(Place(7, u64::MAX))
        );
        assert_eq!(parse(3, &token, other), None);
        for bad in [
            "x",
            &token[1..],
            &format!("+{}", &token[1..]),
            &"路".repeat(16),
        ] {
            assert_eq!(parse(3, bad, one), None, "{bad}");
        }
        assert_eq!(page.token(None), "");
    }

    #[test]
    fn big_pages_are_cut_and_negative_ones_refused() {
        let question = Question::of(());
        assert_eq!(parse(i32::MAX, "", question).unwrap().size, MOST);
        assert_eq!(parse(-1, "", question), None);
    }
}
