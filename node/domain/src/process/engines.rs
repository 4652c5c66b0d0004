//! The list of engines, and the sums over it: any state, any action, anything
//! that happened. A new engine is one line here. Knows nothing of what each does.

use jiff::Timestamp;

use super::{Command, Context, Decided, Event, OutOfOrder, Process, Refusal, Told};
use crate::activities::Programme;
use crate::actor::Actor;
use crate::assessments::Assessment;
use crate::consents::Consent;
use crate::deliberations::Topic;
use crate::documents::Document;
use crate::duties::Duty;
use crate::elections::Election;
use crate::funds::Fund;
use crate::notices::{Raised, Sentence};
use crate::offers::Offer;
use crate::registers::Entry;
use crate::support::Request;
use crate::surveys::Survey;

/// Calls `$then! { … }` with a line per engine: its name, its processes' state,
/// its permanent number, its collection as resource names spell it.
#[macro_export]
macro_rules! for_each_engine {
    ($then:ident) => {
        $then! {
            Registers(Entry) = 1, "entries";
            Duties(Duty) = 2, "duties";
            Deliberations(Topic) = 3, "topics";
            Consents(Consent) = 4, "consents";
            Elections(Election) = 5, "elections";
            Funds(Fund) = 6, "funds";
            Assessments(Assessment) = 7, "assessments";
            Activities(Programme) = 8, "programmes";
            Surveys(Survey) = 9, "surveys";
            Documents(Document) = 10, "documents";
            Support(Request) = 50, "requests";
            Offers(Offer) = 51, "offers";
        }
    };
}

macro_rules! sums {
    ($($name:ident($state:ident) = $number:literal, $collection:literal;)*) => {
        /// An engine's permanent number, which stored keys and records bear.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Engine {
            $($name = $number,)*
        }

        impl Engine {
            pub const ALL: &'static [Engine] = &[$(Engine::$name,)*];

            pub fn by_number(number: u8) -> Option<Engine> {
                Engine::ALL.iter().copied().find(|engine| *engine as u8 == number)
            }

            /// By its collection, `duties`.
            pub fn by_collection(collection: &str) -> Option<Engine> {
                let mut all = Engine::ALL.iter().copied();
                all.find(|engine| engine.collection() == collection)
            }

            /// As resource names spell it: `duties` of `duties/7`.
            pub const fn collection(self) -> &'static str {
                match self {
                    $(Engine::$name => $collection,)*
                }
            }

            /// All that its notices can say.
            pub const fn sentences(self) -> &'static [&'static Sentence] {
                match self {
                    $(Engine::$name => <$state as Process>::SENTENCES,)*
                }
            }
        }

        #[derive(Clone, Debug, PartialEq)]
        pub enum State {
            $($name($state),)*
        }

        #[derive(Clone, Debug, PartialEq)]
        pub enum Action {
            $($name(<$state as Process>::Action),)*
        }

        #[derive(Clone, Debug, PartialEq)]
        pub enum Happenings {
            $($name(Vec<super::Happened<<$state as Process>::Happening>>),)*
        }

        $(impl From<<$state as Process>::Action> for Action {
            fn from(action: <$state as Process>::Action) -> Action {
                Action::$name(action)
            }
        })*

        $(impl<'a> TryFrom<&'a State> for &'a $state {
            type Error = Engine;

            #[allow(unreachable_patterns)]
            fn try_from(state: &'a State) -> Result<&'a $state, Engine> {
                match state {
                    State::$name(state) => Ok(state),
                    other => Err(other.engine()),
                }
            }
        })*

        impl State {
            pub fn engine(&self) -> Engine {
                match self {
                    $(State::$name(_) => Engine::$name,)*
                }
            }

            /// When time alone brings something.
            pub fn next_alarm(&self) -> Option<Timestamp> {
                match self {
                    $(State::$name(state) => state.alarm().map(|(at, _)| at),)*
                }
            }

            pub fn is_open(&self) -> bool {
                match self {
                    $(State::$name(state) => state.is_open(),)*
                }
            }

            pub fn is_visible_to(&self, actor: &Actor) -> bool {
                match self {
                    $(State::$name(state) => state.is_visible_to(actor),)*
                }
            }

            /// What somebody is to be told of an event.
            pub fn notices(before: Option<State>, event: &Event) -> Vec<Raised> {
                match (before, &event.happenings) {
                    $((None, Happenings::$name(happened)) => {
                        super::raise::<$state>(None, happened)
                    })*
                    $((Some(State::$name(state)), Happenings::$name(happened)) => {
                        super::raise(Some(state), happened)
                    })*
                    #[allow(unreachable_patterns)]
                    _ => Vec::new(),
                }
            }

            /// The state that an event makes; for a replay.
            pub fn follow(before: Option<State>, event: &Event) -> Result<State, OutOfOrder> {
                match (before, &event.happenings) {
                    $((None, Happenings::$name(happened)) => {
                        super::follow(None, happened).map(State::$name)
                    })*
                    $((Some(State::$name(state)), Happenings::$name(happened)) => {
                        super::follow(Some(state), happened).map(State::$name)
                    })*
                    #[allow(unreachable_patterns)]
                    _ => Err(OutOfOrder),
                }
            }
        }

        impl Action {
            pub fn engine(&self) -> Engine {
                match self {
                    $(Action::$name(_) => Engine::$name,)*
                }
            }
        }

        impl Happenings {
            pub fn engine(&self) -> Engine {
                match self {
                    $(Happenings::$name(_) => Engine::$name,)*
                }
            }
        }

        impl Happenings {
            /// In the order in which they happened.
            pub fn told(&self) -> Vec<Told> {
                match self {
                    $(Happenings::$name(happened) => {
                        happened.iter().map(told::<$state>).collect()
                    })*
                }
            }
        }

        impl Command {
            /// Decides it against the process; `None`: nothing had to happen. On
            /// a refusal nothing has.
            pub fn execute(
                &self,
                before: Option<State>,
                context: &Context<'_>,
            ) -> Result<Option<Decided>, Refusal> {
                match (before, &self.action) {
                    $((None, Some(Action::$name(action))) => {
                        let made = super::execute::<$state>(None, Some(action), context)?;
                        Ok(made.map(Decided::from))
                    })*
                    $((Some(State::$name(state)), Some(Action::$name(action))) => {
                        let made = super::execute(Some(state), Some(action), context)?;
                        Ok(made.map(Decided::from))
                    })*
                    $((Some(State::$name(state)), None) => {
                        Ok(super::execute(Some(state), None, context)?.map(Decided::from))
                    })*
                    #[allow(unreachable_patterns)]
                    _ => Err(Refusal::unknown()),
                }
            }
        }

        $(impl From<super::Made<$state>> for Decided {
            fn from(made: super::Made<$state>) -> Decided {
                Decided {
                    state: State::$name(made.state),
                    happenings: Happenings::$name(made.happened),
                    facts: made.facts,
                }
            }
        })*
    };
}

for_each_engine!(sums);

fn told<P: Process>(happened: &super::Happened<P::Happening>) -> Told {
    let (code, details) = P::told(&happened.what);
    Told {
        at: happened.at,
        by: happened.by.clone(),
        code,
        details,
    }
}
