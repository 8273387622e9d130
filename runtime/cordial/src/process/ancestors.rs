//! Who started whom: each process knows the chain of those it descends from (PROC-42).
//!
//! The chain is shared: all children of one process hold the same link, which holds that of the
//! process itself. It names pids and keeps nobody alive.
use super::Process;
use crate::pid::Pid;
use crate::rt::sync::counts::AtomicU16;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

/// A chain does not grow longer: where each process starts its successor without end, the eldest
/// half is forgotten.
const MOST: u32 = 32_768;

/// A process that another one descends from, as it was called when it started its child.
///
/// It prints as its name, and as its pid where it had none.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Ancestor {
    pid: Pid,
    name: Option<Arc<str>>,
}

impl Ancestor {
    /// Who it is, or was: it may have ended.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// The name under which it was registered at that time.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

impl fmt::Debug for Ancestor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => f.write_str(name),
            None => self.pid.fmt(f),
        }
    }
}

impl fmt::Display for Ancestor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The processes that the calling one descends from: who started it, who started that one, and so
/// on. Empty for a process that was started outside of all others, and outside of processes.
///
/// Each is named as it was called when it started its child; it may have ended since.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process::{self, Mailbox};
/// let parent = process::spawn_monitor(async |_: Mailbox<()>| {
///     process::register("parent", &process::self_pid()).unwrap();
///     let child = process::spawn_monitor(async |_: Mailbox<()>| {
///         assert_eq!(process::ancestors()[0].to_string(), "parent");
///     });
///     assert_eq!(child.1.await.reason, cordial::ExitReason::Normal);
/// });
/// assert_eq!(parent.1.await.reason, cordial::ExitReason::Normal);
/// # }
/// ```
///
/// # Differences from OTP
/// Every process knows its ancestors; in OTP those do that were started through `proc_lib`. Of a
/// chain of more than 32,768 the eldest are forgotten.
pub fn ancestors() -> Vec<Ancestor> {
    super::current().map_or_else(Vec::new, |me| me.process.ancestors(me.pid))
}

/// One link of the chain.
pub(crate) struct Lineage {
    who: Ancestor,
    up: Option<Arc<Self>>,
    depth: u32,
}

impl Lineage {
    /// What the children of `pid` hold.
    pub(crate) fn of(pid: Pid, name: Option<Arc<str>>, up: Option<&Arc<Self>>) -> Arc<Self> {
        let up = match up {
            Some(up) if up.depth == MOST => Self::youngest_half(up),
            up => up.cloned(),
        };
        let depth = up.as_ref().map_or(1, |up| up.depth + 1);
        Arc::new(Self { who: Ancestor { pid, name }, up, depth })
    }

    /// Youngest first.
    pub(crate) fn list(youngest: Option<&Arc<Self>>) -> Vec<Ancestor> {
        let links = std::iter::successors(youngest, |link| link.up.as_ref());
        links.map(|link| link.who.clone()).collect()
    }

    #[cold]
    fn youngest_half(chain: &Arc<Self>) -> Option<Arc<Self>> {
        let kept = Self::list(Some(chain)).into_iter().take(MOST as usize / 2).rev();
        kept.fold(None, |up, who| Some(Self::of(who.pid, who.name, up.as_ref())))
    }
}

/// One after the other: the drop of a long chain must not recurse.
impl Drop for Lineage {
    fn drop(&mut self) {
        let mut up = self.up.take();
        while let Some(mut link) = up.and_then(Arc::into_inner) {
            up = link.up.take();
        }
    }
}

/// Who a new process descends from: its parent, or whoever starts it without a link.
pub(crate) fn lineage(parent: Option<&(Pid, Arc<dyn Process>)>) -> Option<Arc<Lineage>> {
    match parent {
        Some((pid, process)) => process.lineage(*pid),
        None => super::current().and_then(|me| me.process.lineage(me.pid)),
    }
}

/// The order of births, in 6 bytes: beside it a cell has room for its lineage.
#[derive(Default)]
pub(crate) struct Born([AtomicU16; 3]);

impl Born {
    pub(crate) fn set(&self, at: u64) {
        for (word, shift) in self.0.iter().zip([0, 16, 32]) {
            word.store((at >> shift & 0xFFFF) as u16, Relaxed);
        }
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.iter().rev().fold(0, |at, word| at << 16 | u64::from(word.load(Relaxed)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_chain_is_dropped_without_recursion_and_does_not_grow_for_ever() {
        let mut chain = None;
        for n in 1..=100_000 {
            chain = Some(Lineage::of(Pid::new(0, 0, n), None, chain.as_ref()));
        }
        let list = Lineage::list(chain.as_ref());
        assert!((MOST as usize / 2..=MOST as usize).contains(&list.len()), "{}", list.len());
        assert!(list.iter().zip(0..).all(|(one, n)| one.pid == Pid::new(0, 0, 100_000 - n)));
    }

    #[test]
    fn births_keep_their_order_up_to_48_bits() {
        let born = Born::default();
        for at in [1, u64::from(u32::MAX), 1 << 32, (1 << 48) - 1] {
            born.set(at);
            assert_eq!(born.get(), at);
        }
    }
}
