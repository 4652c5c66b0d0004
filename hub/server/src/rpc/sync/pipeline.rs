//! Futures that are begun and answered in the order in which they came, though
//! they go on side by side. So batches reach the writer in order and wait for
//! the disk together.

use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
};

pub struct Pipeline<T>(VecDeque<Step<T>>);

enum Step<T> {
    Going(Pin<Box<dyn Future<Output = T> + Send>>),
    Done(T),
}

impl<T> Default for Pipeline<T> {
    fn default() -> Pipeline<T> {
        Pipeline(VecDeque::new())
    }
}

impl<T: Unpin> Pipeline<T> {
    pub fn push(&mut self, future: impl Future<Output = T> + Send + 'static) {
        self.0.push_back(Step::Going(Box::pin(future)));
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The oldest's answer; never, while there is none. Nothing is lost when
    /// this is dropped and called again.
    pub async fn next(&mut self) -> T {
        poll_fn(|context| {
            for step in &mut self.0 {
                if let Step::Going(future) = step
                    && let Poll::Ready(answer) = future.as_mut().poll(context)
                {
                    *step = Step::Done(answer);
                }
            }
            match self.0.pop_front() {
                Some(Step::Done(answer)) => Poll::Ready(answer),
                Some(going) => {
                    self.0.push_front(going);
                    Poll::Pending
                }
                None => Poll::Pending,
            }
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn answers_come_in_order_whichever_is_ready_first() {
        let mut pipeline = Pipeline::default();
        let (first, waits) = oneshot::channel();
        pipeline.push(async move { waits.await.unwrap() });
        pipeline.push(async { 2 });
        let early = tokio::select! {
            biased;
            answer = pipeline.next() => Some(answer),
            () = std::future::ready(()) => None,
        };
        assert_eq!((early, pipeline.len()), (None, 2));
        first.send(1).unwrap();
        assert_eq!((pipeline.next().await, pipeline.next().await), (1, 2));
    }
}
