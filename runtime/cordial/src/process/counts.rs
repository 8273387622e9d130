//! What the servers of each type handle, by kind, while somebody wants to know; and who traces
//! them.
//!
//! Each server counts by itself, so no two ever wait for each other; who looks adds it up. A type
//! that nobody asked for costs one relaxed load when one of its servers starts.
use super::watch::Tracing;
use crate::rt::sync::Lock;
use crate::rt::sync::atomic::AtomicBool;
use crate::rt::time::Instant;
use std::any::{TypeId, type_name};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// What servers of one type have handled on this node since it was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Counts {
    /// The type.
    pub server: &'static str,
    /// For how long it has been counted.
    pub during: Duration,
    /// Messages whose handling has begun, of all servers of the type, those that are gone included.
    pub handled: u64,
    /// The same by kind: the handlers' names.
    pub by_kind: BTreeMap<&'static str, u64>,
}

type ByKind = BTreeMap<&'static str, u64>;

/// What one server has handled: written by it, and read by who adds up.
#[derive(Default)]
pub(crate) struct Shard(Lock<ByKind>);

/// A server that counts; it does so until nobody wants to know any more.
pub(crate) struct Counting {
    shard: Arc<Shard>,
    of: Arc<OfType>,
}

impl Counting {
    /// False: nobody wants to know any more.
    pub(crate) fn add(&self, kind: &'static str) -> bool {
        let is_on = self.of.is_on.load(Relaxed);
        if is_on {
            *self.shard.0.lock().entry(kind).or_default() += 1;
        }
        is_on
    }

    fn is_of(&self, of: &Arc<OfType>) -> bool {
        Arc::ptr_eq(&self.of, of)
    }
}

/// One type.
struct OfType {
    server: &'static str,
    since: Instant,
    is_on: AtomicBool,
    shards: Lock<Shards>,
}

#[derive(Default)]
struct Shards {
    living: Vec<Arc<Shard>>,
    /// Of servers that are gone.
    gone: ByKind,
    /// So many living ones are looked through for such that are gone.
    sweep_at: usize,
}

impl Shards {
    /// Nobody but us holds what nobody adds to any more.
    fn sweep(&mut self) {
        let Self { living, gone, sweep_at } = self;
        living.retain(|shard| {
            let lives = Arc::strong_count(shard) > 1;
            if !lives {
                add(gone, &shard.0.lock());
            }
            lives
        });
        *sweep_at = (2 * living.len()).max(64);
    }
}

fn add(to: &mut ByKind, more: &ByKind) {
    for (kind, count) in more {
        *to.entry(kind).or_default() += count;
    }
}

impl OfType {
    fn new(server: &'static str) -> Self {
        let (is_on, shards) = (AtomicBool::new(true), Lock::default());
        Self { server, since: Instant::now(), is_on, shards }
    }

    fn join(self: &Arc<Self>) -> Counting {
        let shard = Arc::<Shard>::default();
        let mut shards = self.shards.lock();
        if shards.living.len() >= shards.sweep_at {
            shards.sweep();
        }
        shards.living.push(shard.clone());
        drop(shards);
        Counting { shard, of: self.clone() }
    }

    fn counts(&self) -> Counts {
        let mut shards = self.shards.lock();
        shards.sweep();
        let mut by_kind = shards.gone.clone();
        for shard in &shards.living {
            add(&mut by_kind, &shard.0.lock());
        }
        drop(shards);
        let (server, during) = (self.server, self.since.elapsed());
        Counts { server, during, handled: by_kind.values().sum(), by_kind }
    }
}

/// The types of a node.
#[derive(Default)]
pub(crate) struct Types {
    /// Some are counted or traced: all that is read while none is.
    is_any: AtomicBool,
    asked: Lock<Asked>,
}

/// What is asked of servers by their types.
#[derive(Default)]
struct Asked {
    types: HashMap<TypeId, Arc<OfType>>,
    /// Those that nobody has named are counted, too.
    is_all: bool,
    traces: HashMap<TypeId, Vec<Arc<Tracing>>>,
}

/// What a server is to do because it is of its type.
pub(crate) struct Joined {
    /// How it is to count, unless it does already.
    pub(crate) counting: Option<Counting>,
    /// Who traces it.
    pub(crate) traces: Vec<Arc<Tracing>>,
}

impl Types {
    /// A type that is counted already goes on.
    pub(crate) fn count<S: 'static>(&self, on: bool) {
        self.change(|asked| match on {
            true => drop(asked.of::<S>()),
            false => {
                let before = asked.types.remove(&TypeId::of::<S>());
                before.into_iter().for_each(|of| of.is_on.store(false, Relaxed));
            }
        });
    }

    pub(crate) fn count_all(&self, on: bool) {
        self.change(|asked| {
            asked.is_all = on;
            if !on {
                let before = std::mem::take(&mut asked.types);
                before.into_values().for_each(|of| of.is_on.store(false, Relaxed));
            }
        });
    }

    /// Every server of this type that starts from now on is traced.
    pub(crate) fn trace<S: 'static>(&self, trace: Arc<Tracing>) {
        self.change(|asked| asked.traces.entry(TypeId::of::<S>()).or_default().push(trace));
    }

    /// It is over, or nobody reads it any more.
    pub(crate) fn end_trace(&self, trace: &Arc<Tracing>) {
        let mut ended = Vec::new(); // Its filter is the user's.
        self.change(|asked| {
            asked.traces.retain(|_, traces| {
                ended.extend(traces.extract_if(.., |other| Arc::ptr_eq(other, trace)));
                !traces.is_empty()
            });
        });
    }

    fn change(&self, f: impl FnOnce(&mut Asked)) {
        let mut asked = self.asked.lock();
        f(&mut asked);
        let Asked { types, is_all, traces } = &*asked;
        self.is_any.store(*is_all || !types.is_empty() || !traces.is_empty(), Relaxed);
    }

    /// What a server of this type is to do, which may count already.
    #[inline]
    pub(crate) fn join<S: 'static>(&self, already: Option<&Counting>) -> Option<Joined> {
        if !self.is_any.load(Relaxed) {
            return None;
        }
        self.join_asked::<S>(already)
    }

    #[cold]
    fn join_asked<S: 'static>(&self, already: Option<&Counting>) -> Option<Joined> {
        let mut asked = self.asked.lock();
        let of = match asked.is_all {
            true => Some(asked.of::<S>()),
            false => asked.types.get(&TypeId::of::<S>()).cloned(),
        };
        let traces = asked.traces.get(&TypeId::of::<S>()).cloned().unwrap_or_default();
        drop(asked);
        let (over, traces): (Vec<_>, Vec<_>) = traces.into_iter().partition(|it| it.is_over());
        drop(over);
        let is_new = |of: &Arc<OfType>| !already.is_some_and(|already| already.is_of(of));
        Some(Joined { counting: of.filter(is_new).map(|of| of.join()), traces })
    }

    pub(crate) fn counts<S: 'static>(&self) -> Option<Counts> {
        let of = self.asked.lock().types.get(&TypeId::of::<S>()).cloned();
        of.map(|of| of.counts())
    }

    /// By the names of the types.
    pub(crate) fn all(&self) -> Vec<Counts> {
        let types: Vec<_> = self.asked.lock().types.values().cloned().collect();
        let mut all: Vec<_> = types.iter().map(|of| of.counts()).collect();
        all.sort_by_key(|counts| counts.server);
        all
    }
}

impl Asked {
    fn of<S: 'static>(&mut self) -> Arc<OfType> {
        let new = || Arc::new(OfType::new(type_name::<S>()));
        self.types.entry(TypeId::of::<S>()).or_insert_with(new).clone()
    }
}
