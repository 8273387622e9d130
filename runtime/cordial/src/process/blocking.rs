//! The way out for work that blocks its thread: it runs beside the workers, and its process waits.
use super::node::Node;
use super::panics;
use crate::pid::Pid;
use crate::rt::dispatch::{self, Identity};
use crate::rt::sync::atomic::AtomicBool;
use crate::rt::{self, Beside};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::task::{Context, Poll};

/// Runs work that blocks its thread, or computes for long, on a thread that is no worker, and waits
/// for what it returns.
///
/// Processes share a few workers, and nobody takes one away from a handler: one that reads a file,
/// asks a database without `async`, waits for a lock or computes for more than a few milliseconds
/// keeps others from running. Inside this it keeps nobody but its own process, which handles no
/// message until the work is over, as at any `.await`. A server whose mailbox must not wait starts
/// a process for the work instead ([`spawn`](super::spawn)) and parks the caller's `from`.
///
/// The work runs as the process that asked for it: [`self_pid`](super::self_pid) and what is sent
/// are its own, and a call to itself is refused at once. The threads are those of the runtime's
/// pool for blocking work (512 unless the runtime says otherwise); what finds none free waits.
/// Nothing runs before the future is polled. It works in plain tasks, too.
///
/// # Panics
/// When the work panics: that is a panic of the process that waits, with the message and the place
/// of the first. Also outside a runtime.
///
/// # Cancel safety
/// Dropping it waits for nothing: work that has not begun never does; work that has goes on to its
/// end, and what it returns is dropped. The same if the process is killed meanwhile: it is gone at
/// once, and a warning with the target `cordial::blocking` tells of the work that goes on.
///
/// # Differences from OTP
/// A BEAM process cannot block its scheduler. Native code can there, too, and has dirty schedulers
/// for that, which are what this is.
///
/// # Examples
/// ```
/// use cordial::prelude::*;
/// use cordial::process;
///
/// #[gen_server]
/// struct Files;
///
/// #[gen_server]
/// impl Files {
///     #[call]
///     async fn read(&self, path: String) -> Result<String, std::io::Error> {
///         process::blocking(move || std::fs::read_to_string(path)).await
///     }
/// }
///
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let files = Files::start(Files).await?;
/// assert!(files.read("Cargo.toml".into()).await?.contains("cordial"));
/// # Ok(()) }
/// ```
pub async fn blocking<T, F>(work: F) -> T
where
    T: Send + 'static,
    F: FnOnce() -> T + Send + 'static,
{
    let node = Node::current().expect("`blocking` needs a runtime: it was called outside of one");
    let runtime = node.runtime().expect("the node of a process has a runtime");
    let (pid, has_begun) = (dispatch::running(), Arc::new(AtomicBool::new(false)));
    #[cfg(feature = "tracing")]
    let span = tracing::Span::current();
    let begins = has_begun.clone();
    let work = move || {
        begins.store(true, Relaxed);
        #[cfg(feature = "tracing")]
        let _span = span.entered();
        let _me = Identity::assume(pid);
        panics::contain(work)
    };
    match (Waiting { work: rt::beside(runtime, work), pid, has_begun }).await {
        Some(Ok(value)) => value,
        Some(Err(reason)) => panics::go_on(reason),
        // The runtime goes away, and every process with it.
        None => std::future::pending().await,
    }
}

/// Waits for work, and tells if nobody does any more.
struct Waiting<T> {
    work: Beside<T>,
    pid: Option<Pid>,
    has_begun: Arc<AtomicBool>,
}

impl<T> Future for Waiting<T> {
    type Output = Option<T>;
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        Pin::new(&mut self.work).poll(cx)
    }
}

impl<T> Drop for Waiting<T> {
    fn drop(&mut self) {
        self.work.abort();
        if self.has_begun.load(Relaxed) && !self.work.is_over() {
            tell_left_alone(self.pid);
        }
    }
}

#[cold]
fn tell_left_alone(pid: Option<Pid>) {
    #[cfg(feature = "tracing")]
    if let Some(pid) = pid {
        tracing::warn!(
            target: "cordial::blocking",
            pid = %pid,
            "blocking work of {pid} goes on, and nobody waits for it"
        );
    }
    #[cfg(not(feature = "tracing"))]
    let _ = pid;
}
