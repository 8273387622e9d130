//! A task of a server, whose end comes as one message.
use super::work::{Report, Told};
use super::{Tie, launch_for};
use crate::error::StartError;
use crate::exit::ExitReason;
use crate::gen_server::{Accepts, Ctx, GenServer};
use crate::mailbox::{self, Lost, Mail, Owed};
use crate::pid::Pid;
use crate::process::{IntoExit, RawRef};
use crate::rt::sync::Lock;
use std::any::type_name;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

/// A task that a server started with [`Ctx::spawn`] has ended: what its `#[info]` handler gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended<Tag, T> {
    /// What the task was started with, so that it is told from others.
    pub tag: Tag,
    /// The future's output, or why there is none.
    pub result: Result<T, ExitReason>,
}

impl<S: GenServer> Ctx<S> {
    /// Runs a future beside this server, in a task of its own; its end comes as one [`Ended`] to
    /// the `#[info]` handler that takes it, whatever the end is.
    ///
    /// The server goes on meanwhile. A crash of the task is told, and does not end the server; the
    /// server's own end, unless it is `Normal`, ends the task. The message is never dropped for
    /// lack of room.
    ///
    /// # Errors
    /// [`StartError::NodeStopping`]; then nothing is told.
    ///
    /// # Examples
    /// ```
    /// # #[cordial::main(current_thread)] async fn main() {
    /// use cordial::prelude::*;
    /// use cordial::task::Ended;
    ///
    /// #[gen_server]
    /// #[derive(Clone, Default)]
    /// struct Library(Vec<String>);
    /// #[gen_server]
    /// impl Library {
    ///     #[cast]
    ///     fn fetch(&mut self, title: String, ctx: &mut Ctx<Self>) {
    ///         let length = title.len();
    ///         ctx.spawn(title, async move { "o".repeat(length) }).unwrap();
    ///     }
    ///     #[info]
    ///     fn fetched(&mut self, book: Ended<String, String>) {
    ///         self.0.push(format!("{}: {}", book.tag, book.result.unwrap()));
    ///     }
    ///     #[call]
    ///     fn books(&self) -> Vec<String> {
    ///         self.0.clone()
    ///     }
    /// }
    /// let library = Library::start(Library::default()).await.unwrap();
    /// library.fetch("Emma".to_owned());
    /// while library.books().await.unwrap().is_empty() {}
    /// assert_eq!(library.books().await.unwrap(), ["Emma: oooo"]);
    /// # }
    /// ```
    ///
    /// # Differences from OTP
    /// One message instead of a result and a DOWN, so there is no reference to keep and nothing to
    /// flush.
    pub fn spawn<Tag, F>(&mut self, tag: Tag, future: F) -> Result<Pid, StartError>
    where
        S: Accepts<Ended<Tag, F::Output>>,
        Tag: Send + 'static,
        F: Future<Output: Send + 'static> + Send + 'static,
    {
        let tag = Lock::new(Some(tag));
        let telling = Telling { to: self.address(), server: self.pid(), tag, of: PhantomData::<_> };
        let report = Telegram::<S, Tag, F::Output>(Some(Arc::new(telling)));
        launch_for(Box::pin(future), type_name::<F>(), Tie::Down, report)
    }

    /// Runs a future in a task that is linked to this server and tells it nothing: a crash of one
    /// is the other's, too. What the future ends with is how the task ends: an `Err` is a crash.
    ///
    /// # Errors
    /// [`StartError::NodeStopping`].
    pub fn spawn_link<F>(&mut self, future: F) -> Result<Pid, StartError>
    where
        F: Future<Output: IntoExit> + Send + 'static,
    {
        super::start_as(future, Tie::Link)
    }
}

/// The message that a server is owed.
struct Telling<S: GenServer, Tag, T> {
    to: RawRef<S::Msg>,
    /// The incarnation that started the task.
    server: Pid,
    /// Gone when it was told.
    tag: Lock<Option<Tag>>,
    of: PhantomData<fn(T)>,
}

impl<S: Accepts<Ended<Tag, T>>, Tag, T> Telling<S, Tag, T> {
    fn tell(&self, result: Result<T, ExitReason>) {
        let Some(tag) = self.tag.lock().take() else { return };
        let message = S::accept(Ended { tag, result });
        drop(self.to.0.deliver(self.server, Mail::Own(Box::new(message))));
    }
}

/// With the callers of a task that ends, a server that started it is told.
impl<S: Accepts<Ended<Tag, T>>, Tag: Send, T> Owed for Telling<S, Tag, T> {
    fn close(&self, _: Lost) {
        self.tell(Err(ExitReason::NodeStopped));
    }
    fn caller(&self) -> Pid {
        self.server
    }
    fn close_at_end_of(&self, _: Pid, reason: &ExitReason) {
        self.tell(Err(reason.clone()));
    }
    fn nudge(&self) {}
    fn give_away(&self) {}
    fn is_handed_out(&self) -> bool {
        true
    }
    fn is_awaited(&self) -> bool {
        false
    }
}

/// What the task holds.
struct Telegram<S, Tag, T>(Option<Arc<Telling<S, Tag, T>>>)
where
    S: Accepts<Ended<Tag, T>>,
    Tag: Send + 'static,
    T: 'static;

impl<S, Tag, T> Report<T> for Telegram<S, Tag, T>
where
    S: Accepts<Ended<Tag, T>>,
    Tag: Send + 'static,
    T: Send + 'static,
{
    fn end(mut self, value: T) -> (ExitReason, Option<Told>) {
        let telling = self.0.take();
        let told = telling.map(|telling| -> Told { Box::new(move || telling.tell(Ok(value))) });
        (ExitReason::Normal, told)
    }
}

impl<S, Tag, T> Drop for Telegram<S, Tag, T>
where
    S: Accepts<Ended<Tag, T>>,
    Tag: Send + 'static,
    T: 'static,
{
    fn drop(&mut self) {
        if let Some(telling) = self.0.take() {
            mailbox::tell_at_end(telling);
        }
    }
}
