//! Who follows what. Key: engine (1 byte; 0: a case), id (8), the follower in
//! postcard's form. No value.

use node_domain::notices::{Matter, Recipient};

use super::index::Index;

pub struct Followers;

impl Followers {
    /// What all followers of a matter begin with.
    pub fn prefix(matter: Matter) -> Vec<u8> {
        let (engine, id) = matter.into();
        let mut bytes = vec![engine];
        bytes.extend_from_slice(&id.to_be_bytes());
        bytes
    }
}

impl Index for Followers {
    const TAG: u8 = 0x1a;
    const NAME: &'static str = "followers";
    type Key = (Matter, Recipient);

    fn key((matter, follower): &(Matter, Recipient)) -> Vec<u8> {
        // Numbers and names: nothing that has no form.
        postcard::to_extend(follower, Followers::prefix(*matter)).unwrap_or_default()
    }

    fn key_from(bytes: &[u8]) -> Option<(Matter, Recipient)> {
        let (engine, rest) = bytes.split_first()?;
        let (id, follower) = rest.split_at_checked(8)?;
        let matter = Matter::try_from((*engine, super::number(id)?)).ok()?;
        match postcard::take_from_bytes(follower) {
            Ok((follower, [])) => Some((matter, follower)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use node_domain::actor::Pseudonym;
    use node_domain::cases::CaseId;
    use node_domain::process::{Engine, ProcessId};

    use super::*;

    #[test]
    fn bytes_are_frozen() {
        let case = Matter::Case(CaseId(258));
        super::super::golden::row::<Followers>(
            (case, Recipient::Resident(Pseudonym(300))),
            (),
            "1a00000000000000010200ac02",
            "",
        );
        let topic = Matter::Process(Engine::Deliberations, ProcessId(1));
        super::super::golden::row::<Followers>(
            (topic, Recipient::Handler("a".parse().unwrap())),
            (),
            "1a030000000000000001020161",
            "",
        );
    }
}
