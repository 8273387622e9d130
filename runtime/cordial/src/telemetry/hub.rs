//! Who listens on one node, and how they are told.
use super::events::HandlerFailed;
use super::{Event, Seen};
use crate::exit::ExitReason;
use crate::process::panics;
use crate::rt::sync::Lock;
use std::any::TypeId;
use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

type Run = Box<dyn Fn(&Seen<'_>) + Send + Sync>;

/// Names a handler on its node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct HandlerId(u64);

impl std::fmt::Display for HandlerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

struct Handler {
    id: HandlerId,
    /// `None`: to all.
    event: Option<TypeId>,
    /// What it wants, as bits of [`bit`].
    wants: u64,
    is_gone: AtomicBool,
    run: Run,
}

/// A node's handlers.
#[derive(Default)]
pub(crate) struct Hub {
    /// What anybody wants, by bits of names: all that is read while nobody listens.
    wanted: AtomicU64,
    /// Told to in this order (T1). Changed as a whole, so that nobody runs under the lock (T4).
    handlers: Lock<Arc<Vec<Arc<Handler>>>>,
    made: AtomicU64,
}

/// One of 64 bits by the event's name: two names that share one only cost a look.
const fn bit(name: &str) -> u64 {
    let (bytes, mut hash, mut at) = (name.as_bytes(), 0xcbf2_9ce4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    1 << (hash >> 58)
}

struct Bit<E>(std::marker::PhantomData<E>);

impl<E: Event> Bit<E> {
    const OF_NAME: u64 = bit(E::NAME);
}

thread_local! {
    /// A handler runs on this thread (T3).
    static IS_TELLING: Cell<bool> = const { Cell::new(false) };
}

impl Hub {
    pub(crate) fn attach<E: Event>(&self, run: Run) -> HandlerId {
        self.add(Some(TypeId::of::<E>()), Bit::<E>::OF_NAME, run)
    }

    pub(crate) fn attach_all(&self, run: Run) -> HandlerId {
        self.add(None, u64::MAX, run)
    }

    fn add(&self, event: Option<TypeId>, wants: u64, run: Run) -> HandlerId {
        let id = HandlerId(self.made.fetch_add(1, Relaxed));
        let handler = Handler { id, event, wants, is_gone: AtomicBool::new(false), run };
        self.change(|handlers| handlers.push(Arc::new(handler)));
        id
    }

    pub(crate) fn detach(&self, id: HandlerId) -> bool {
        let mut found = None;
        self.change(|handlers| {
            let place = handlers.iter().position(|handler| handler.id == id);
            found = place.map(|place| handlers.remove(place));
        });
        found.is_some_and(|handler| !handler.is_gone.swap(true, Relaxed))
    }

    fn change(&self, f: impl FnOnce(&mut Vec<Arc<Handler>>)) {
        let mut handlers = self.handlers.lock();
        let mut changed = handlers.to_vec();
        f(&mut changed);
        let wanted = changed.iter().fold(0, |wanted, handler| wanted | handler.wants);
        let before = std::mem::replace(&mut *handlers, Arc::new(changed));
        self.wanted.store(wanted, Relaxed);
        drop(handlers);
        drop(before); // Perhaps the last of a handler, whose drop is the user's.
    }

    /// Perhaps somebody listens.
    #[inline]
    pub(crate) fn wants<E: Event>(&self) -> bool {
        self.wanted.load(Relaxed) & Bit::<E>::OF_NAME != 0
    }

    #[inline]
    pub(crate) fn emit<E: Event>(&self, make: impl FnOnce() -> E) {
        if self.wants::<E>() {
            self.tell(&make());
        }
    }

    #[cold]
    fn tell<E: Event>(&self, event: &E) {
        if IS_TELLING.replace(true) {
            return; // T3
        }
        let handlers = self.handlers.lock().clone();
        let seen = Seen::new(event);
        let wants = |handler: &&Arc<Handler>| {
            handler.event.is_none_or(|event| event == TypeId::of::<E>())
                && !handler.is_gone.load(Relaxed)
        };
        let mut failed = Vec::new();
        for handler in handlers.iter().filter(wants) {
            if let Err(reason) = panics::contain(|| (handler.run)(&seen)) {
                failed.push((handler.id, reason));
            }
        }
        let _ = panics::contain(|| drop(handlers));
        IS_TELLING.set(false);
        for (id, reason) in failed {
            self.give_up(id, E::NAME, reason);
        }
    }

    /// T2.
    fn give_up(&self, handler: HandlerId, event: &'static str, reason: ExitReason) {
        if panics::contain(|| self.detach(handler)) == Ok(false) {
            return; // Detached meanwhile, or told of already.
        }
        #[cfg(feature = "tracing")]
        let _ = panics::contain(|| {
            tracing::error!(
                target: "cordial::telemetry",
                handler = handler.0, event, reason = %reason,
                "handler {handler} of `{event}` {reason}; it was detached"
            );
        });
        self.emit(|| HandlerFailed { handler: handler.0, event, reason });
    }
}
