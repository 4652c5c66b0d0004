//! What a direction asks of the store, one after the other, so that what was
//! asked later is never on disk earlier. Knows no machine.

use tokio::{sync::mpsc, task::JoinSet};

use crate::store::{
    Store,
    ledger::command::{Answer, Command},
};

/// A machine waits for one errand of each kind; old ones may be under way.
const WAITING: usize = 32;

/// `E` names an errand for whom its answer is.
pub struct Errands<E> {
    asks: mpsc::Sender<(E, Command)>,
    answers: mpsc::Receiver<(E, Answer)>,
    /// Ends with its owner; what the writer has taken by then it finishes.
    _task: JoinSet<()>,
}

impl<E: Send + 'static> Errands<E> {
    pub fn new(store: Store) -> Errands<E> {
        let (asks, asked) = mpsc::channel(WAITING);
        let (answer, answers) = mpsc::channel(WAITING);
        let mut tasks = JoinSet::new();
        tasks.spawn(run(store, asked, answer));
        Errands {
            asks,
            answers,
            _task: tasks,
        }
    }

    /// `false`: more waits than a machine in order asks for.
    pub fn ask(&self, errand: E, command: Command) -> bool {
        self.asks.try_send((errand, command)).is_ok()
    }

    /// `None`: the store has stopped.
    pub async fn next(&mut self) -> Option<(E, Answer)> {
        self.answers.recv().await
    }
}

async fn run<E>(
    store: Store,
    mut asked: mpsc::Receiver<(E, Command)>,
    answers: mpsc::Sender<(E, Answer)>,
) {
    while let Some((errand, command)) = asked.recv().await {
        let Ok(answer) = store.ask_in_turn(command).await else {
            return;
        };
        if answers.send((errand, answer)).await.is_err() {
            return;
        }
    }
}
