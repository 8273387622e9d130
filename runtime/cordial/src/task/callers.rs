//! On whose behalf a task works: its owner, whose task that is, and so on. Elixir's `$callers`.
//!
//! Ancestors say who started a process, which under a supervisor is the supervisor; callers say who
//! asked for it.
use crate::pid::Pid;
use crate::process::Found;
use crate::process::{self, Local};
use std::sync::Arc;

/// The owner first.
pub(crate) type Callers = Arc<[Pid]>;

/// Of a longer chain the eldest are forgotten.
const MOST: usize = 64;

struct Key;

static CALLERS: Local<Callers> = Local::new::<Key>("CALLERS");

/// Those of the next task of the process that runs here; `None`: nobody owns it.
pub(super) fn of_next(owner: Option<&Found>) -> Option<Callers> {
    let owner = owner?.pid;
    let above = CALLERS.get();
    let above = above.iter().flat_map(|callers| callers.iter().copied());
    Some(std::iter::once(owner).chain(above).take(MOST).collect())
}

pub(super) fn set(callers: Callers) {
    CALLERS.set(callers);
}

/// On whose behalf the task that calls works: its owner, the owner's own callers if that is a task,
/// and so on. Empty outside of tasks.
///
/// A task under a [`TaskSupervisor`](crate::TaskSupervisor) has the supervisor as its first
/// ancestor, and whoever asked for it as its first caller.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::{Task, process, task};
/// let outer = Task::spawn(async {
///     let me = process::self_pid();
///     let inner = Task::spawn(async { task::callers() });
///     (me, inner.await.unwrap())
/// });
/// let (me, callers) = outer.await.unwrap();
/// assert_eq!(callers, [me]);
/// # }
/// ```
///
/// # Differences from OTP
/// Of a chain of more than 64 the eldest are forgotten.
pub fn callers() -> Vec<Pid> {
    process::current().and_then(|_| CALLERS.get()).map_or_else(Vec::new, |callers| callers.to_vec())
}
