//! One at a time per key: a lock that is waited for without a thread, and passed on by whoever has
//! it, however he ends.
use super::store::Store;
use super::{AsKey, Registry, RegistryError, store};
use crate::rt::sync::Lock;
use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// Made for the first who comes, closed by the last who goes.
#[derive(Default)]
pub(super) struct Gate(Lock<State>);

#[derive(Default)]
struct State {
    taken: bool,
    closed: bool,
    waiting: VecDeque<Arc<Waiter>>,
}

/// One who waits; `Some(None)` before the first poll, `None` when it is his turn.
type Waiter = Lock<Option<Option<Waker>>>;

/// How it goes at a gate.
enum Came {
    In,
    Waits(Arc<Waiter>),
    Closed,
}

impl Gate {
    fn come(&self) -> Came {
        let mut state = self.0.lock();
        if state.closed {
            return Came::Closed;
        }
        if !state.taken {
            state.taken = true;
            return Came::In;
        }
        let waiter = Arc::new(Lock::new(Some(None)));
        state.waiting.push_back(waiter.clone());
        Came::Waits(waiter)
    }

    /// The next one's turn; true if there is none, and the gate is closed.
    fn pass_on(&self) -> bool {
        let mut state = self.0.lock();
        let Some(next) = state.waiting.pop_front() else {
            state.closed = true;
            return true;
        };
        drop(state);
        if let Some(Some(waker)) = next.lock().take() {
            waker.wake();
        }
        false
    }

    /// True: it was his turn already.
    fn give_up(&self, waiter: &Arc<Waiter>) -> bool {
        self.0.lock().waiting.retain(|other| !Arc::ptr_eq(other, waiter));
        waiter.lock().is_none()
    }
}

/// Of one who has the lock of a key; dropped, it passes it on.
///
/// # Examples
/// See [`Registry::lock`].
#[must_use = "the lock is passed on when this is dropped"]
pub struct KeyGuard<R: Registry> {
    store: Arc<Store<R>>,
    key: R::Key,
    gate: Arc<Gate>,
}

impl<R: Registry> KeyGuard<R> {
    fn pass_on(&self) {
        if self.gate.pass_on() {
            let is_it = |_: &R::Key, gate: &Arc<Gate>| Arc::ptr_eq(gate, &self.gate);
            let _ = self.store.gates.pin().remove_if(&self.key, is_it);
        }
    }
}

impl<R: Registry> Drop for KeyGuard<R> {
    fn drop(&mut self) {
        self.pass_on();
    }
}

impl<R: Registry> fmt::Debug for KeyGuard<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyGuard({}[{:?}])", R::NAME, self.key)
    }
}

type Parts<R> = (Arc<Store<R>>, <R as Registry>::Key, Arc<Gate>);

/// Waits at a gate; dropped, it leaves the line or passes its turn on.
struct Wait<R: Registry> {
    /// Taken when it is his turn.
    parts: Option<Parts<R>>,
    waiter: Arc<Waiter>,
}

impl<R: Registry> Unpin for Wait<R> {}

impl<R: Registry> Wait<R> {
    fn guard(&mut self) -> Option<KeyGuard<R>> {
        let (store, key, gate) = self.parts.take()?;
        Some(KeyGuard { store, key, gate })
    }
}

impl<R: Registry> Future for Wait<R> {
    type Output = KeyGuard<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<KeyGuard<R>> {
        let mut turn = self.waiter.lock();
        if let Some(waker) = turn.as_mut() {
            let before = waker.replace(cx.waker().clone());
            drop(turn);
            drop(before);
            return Poll::Pending;
        }
        drop(turn);
        Poll::Ready(self.guard().expect("a wait is over once"))
    }
}

impl<R: Registry> Drop for Wait<R> {
    fn drop(&mut self) {
        let gate = self.parts.as_ref().map(|(_, _, gate)| gate.clone());
        if gate.is_some_and(|gate| gate.give_up(&self.waiter)) {
            drop(self.guard()); // It was his turn.
        }
    }
}

pub(super) async fn lock<R: Registry, Q>(key: &Q) -> Result<KeyGuard<R>, RegistryError>
where
    Q: AsKey<R::Key> + ?Sized,
{
    let store = store::get::<R>().ok_or(RegistryError::NotRunning { registry: R::NAME })?;
    loop {
        let gate = store.gates.pin().get_or_insert_with(key.to_key(), Arc::default).clone();
        let (store, key) = (store.clone(), key.to_key());
        match gate.come() {
            Came::In => return Ok(KeyGuard { store, key, gate }),
            Came::Waits(waiter) => {
                let parts = Some((store, key, gate));
                return Ok(Wait { parts, waiter }.await);
            }
            Came::Closed => {
                let is_it = |_: &R::Key, other: &Arc<Gate>| Arc::ptr_eq(other, &gate);
                let _ = store.gates.pin().remove_if(&key, is_it);
            }
        }
    }
}
