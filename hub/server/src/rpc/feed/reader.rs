//! Who follows: a centre or an extension, and what it sees by now. No extension has
//! a centre's code. Knows no stream.

use hub_domain::{
    centre::{Fed, Scope},
    extension::Extension,
};
use proto::identity::{Label, Subject};
use proto_edge::problem::Problem;

use crate::{
    rpc::status::{extension_not_live, unknown_centre},
    store::Store,
};

#[derive(Clone, Debug)]
pub struct Reader {
    subject: Subject,
    pub code: Label,
}

/// How a reader stands with the hub.
pub struct Standing {
    /// Another one: what it sees has changed.
    pub scope_version: u64,
    /// What the journal knows of its feed; of centres alone.
    pub fed: Option<Fed>,
}

impl Reader {
    /// `None`: whoever this is has no feed.
    pub fn of(subject: Subject) -> Option<Reader> {
        let code = match &subject {
            Subject::Centre(code) | Subject::Extension(code) => code.clone(),
            _ => return None,
        };
        Some(Reader { subject, code })
    }

    pub fn centre(code: Label) -> Reader {
        Reader {
            subject: Subject::Centre(code.clone()),
            code,
        }
    }

    pub fn is_centre(&self) -> bool {
        matches!(self.subject, Subject::Centre(_))
    }

    pub fn standing(&self, store: &Store) -> Result<Standing, Problem> {
        if self.is_centre() {
            let centres = store.centres();
            let known = centres.centre(&self.code);
            let known = known.ok_or_else(|| unknown_centre(&self.code))?;
            return Ok(Standing {
                scope_version: known.scope_version,
                fed: known.fed,
            });
        }
        let extensions = store.extensions();
        let known = extensions.extension(&self.code);
        let known = known.filter(|known| Extension::is_live(known));
        let known = known.ok_or_else(|| extension_not_live(&self.code))?;
        Ok(Standing {
            scope_version: known.version,
            fed: None,
        })
    }

    pub fn scope(&self, store: &Store) -> Scope {
        store.scope(&self.subject)
    }
}
