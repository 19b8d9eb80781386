//! A running task of the background: what it has sent so far, and its end.
//!
//! The channel is the identity of the run: a new run has a new channel, so an answer to an old
//! question cannot arrive.

use std::sync::mpsc::{Receiver, TryRecvError};

use tokio::task::AbortHandle;

/// A task that sends messages while it runs. Dropping it cancels it and frees its sockets.
#[derive(Debug)]
pub struct Job<T> {
    messages: Receiver<T>,
    task: AbortHandle,
}

/// How a job stands after its messages were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Whether there was any message.
    pub any: bool,
    /// Whether nothing more will come.
    pub ended: bool,
}

impl<T> Job<T> {
    /// A job whose task holds the sending end of the channel.
    pub(crate) fn new(messages: Receiver<T>, task: AbortHandle) -> Self {
        Self { messages, task }
    }

    /// Takes every message that has arrived, without waiting.
    pub fn take(&self, mut each: impl FnMut(T)) -> Taken {
        let mut any = false;
        loop {
            match self.messages.try_recv() {
                Ok(message) => {
                    each(message);
                    any = true;
                }
                Err(error) => {
                    let ended = error == TryRecvError::Disconnected;
                    return Taken { any, ended };
                }
            }
        }
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
