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

/// What a job has to say.
#[derive(Debug, PartialEq, Eq)]
pub enum News<T> {
    /// A message.
    Message(T),
    /// Nothing more will come.
    Ended,
    /// Nothing at the moment.
    Quiet,
}

impl<T> Job<T> {
    /// A job whose task holds the sending end of the channel.
    pub(crate) fn new(messages: Receiver<T>, task: AbortHandle) -> Self {
        Self { messages, task }
    }

    /// The next message, without waiting.
    pub fn news(&self) -> News<T> {
        match self.messages.try_recv() {
            Ok(message) => News::Message(message),
            Err(TryRecvError::Empty) => News::Quiet,
            Err(TryRecvError::Disconnected) => News::Ended,
        }
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}
