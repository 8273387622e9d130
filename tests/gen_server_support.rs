//! What the tests of servers share: a log, a gate, and a process to run a test's steps in.
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use cordial::{Message, RawRef};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, oneshot};
use tokio::time::timeout;

/// What happened, in order, over everybody who shares it.
#[derive(Clone, Default, Debug)]
pub(crate) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(crate) fn write(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    /// What was written since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A place where a callback waits until the test lets it go on.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<(Semaphore, Semaphore)>);

impl Default for Gate {
    fn default() -> Self {
        Self(Arc::new((Semaphore::new(0), Semaphore::new(0))))
    }
}

impl Gate {
    /// Says that it is here, and waits.
    pub(crate) async fn pass(&self) {
        self.0.0.add_permits(1);
        self.0.1.acquire().await.unwrap().forget();
    }

    /// Waits until somebody is at the gate.
    pub(crate) async fn reached(&self) {
        self.0.0.acquire().await.unwrap().forget();
    }

    /// Lets one through, the next to come if nobody is there.
    pub(crate) fn open(&self) {
        self.0.1.add_permits(1);
    }
}

/// Runs steps in a plain process, and gives what they come to.
pub(crate) async fn in_process<T, Fut>(steps: impl FnOnce(Mailbox<()>) -> Fut) -> T
where
    T: Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    process::spawn(|mail| {
        let steps = steps(mail);
        async move {
            let _ = tell.send(steps.await);
        }
    });
    told.await.expect("the process ran to its end")
}

/// Whether nothing comes of it within a tenth of a second.
pub(crate) async fn is_silent<F: Future>(fut: F) -> bool {
    timeout(Duration::from_millis(100), fut).await.is_err()
}

/// Time that passes, on the clock that stands still.
pub(crate) async fn pass(time: Duration) {
    let _ = timeout(time, std::future::pending::<()>()).await;
}

/// What a parent ends with.
pub(crate) struct End(pub(crate) ExitReason);

impl Message for End {
    fn kind(&self) -> &'static str {
        "end"
    }
}

/// A server, and the process that has started it linked to itself and waits for its `End`.
pub(crate) async fn with_parent<S: GenServer>(start: Start<S>) -> (RawRef<End>, Ref<S>) {
    let (tell, told) = oneshot::channel();
    let parent = process::spawn(async |mut mail: Mailbox<End>| {
        let _ = tell.send(start.link().await.expect("the server starts"));
        mail.next().await.0
    });
    (parent, told.await.expect("the parent tells once the server runs"))
}

/// A reason that is no clean end.
pub(crate) fn custom() -> ExitReason {
    ExitReason::custom("x")
}
