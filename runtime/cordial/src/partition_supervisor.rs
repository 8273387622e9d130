//! Partition supervisors: the same child several times, and a key says which of them to talk to.
//!
//! They are the same process as other supervisors; its children are called `0`, `1`, `2`, ..
use crate::gen_server::{Child, Restart, Shutdown, TryCall};
use crate::pid::Pid;
use crate::process::RawRef;
use crate::rt::sync::counts::AtomicUsize;
use crate::supervisor::backoff::Backoff;
use crate::supervisor::child_spec::{Definition, IntoChild, Options, Site, default_id};
use crate::supervisor::options::spec_methods;
use crate::supervisor::plan::{ChildKind, Strategy};
use crate::supervisor::server::{Charter, Kind, SupervisorMsg};
use crate::supervisor::start::{self, StartTree};
use crate::supervisor::tree::{Flags, TreeChild};
use crate::supervisor::{ChildOf, ResizeError, Supervised, SupervisorRef};
use std::borrow::Cow;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// A supervisor of several children that share one kind of work, each its part of the keys.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use cordial::PartitionSupervisor;
///
/// #[gen_server]
/// struct Shelf(usize);
/// #[gen_server]
/// impl Shelf {
///     #[init]
///     fn init(partition: usize) -> Self {
///         Self(partition)
///     }
///     #[call]
///     fn number(&self) -> usize {
///         self.0
///     }
/// }
///
/// let shelves = PartitionSupervisor::start::<Shelf, _>(4, |partition| (partition,)).await?;
/// assert_eq!(shelves.route(&6).number().await?, 2);
/// let tea = shelves.route("tea").number().await?;
/// assert_eq!(shelves.route("tea").number().await?, tea);
/// # Ok(()) }
/// ```
///
/// # Differences from OTP
/// It needs no name: its handle routes.
#[derive(Debug)]
pub enum PartitionSupervisor {}

impl PartitionSupervisor {
    /// Starts `partitions` children, each from what `child` gives for its number.
    pub fn start<T, C>(
        partitions: usize,
        child: impl FnMut(usize) -> C + Send + 'static,
    ) -> StartTree<PartitionRef<T>>
    where
        T: Child + 'static,
        C: ChildOf<T>,
    {
        PartitionSpec::new(partitions, child).start()
    }
}

/// A partition supervisor, as a child of another supervisor or to be started by itself.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), cordial::StartError> {
/// use cordial::prelude::*;
/// use cordial::PartitionSpec;
///
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct Cache;
/// #[gen_server]
/// impl Cache {
///     #[cast]
///     fn put(&self, _key: String) {}
/// }
///
/// let mut tree = Supervisor::builder();
/// let caches = tree.add(PartitionSpec::<Cache>::per_core(|_| Cache).id("caches"));
/// tree.start().await?;
/// caches.route("tea").put("tea".to_owned());
/// # Ok(()) }
/// ```
#[must_use = "a spec starts nothing; call `start`, or give it to a supervisor"]
pub struct PartitionSpec<T: Child> {
    options: Options,
    name: Option<Arc<str>>,
    flags: Flags,
    partitions: usize,
    make: Make<T>,
}

type Make<T> = Box<dyn FnMut(usize, &mut Site) -> (<T as Child>::Handle, Definition) + Send>;

impl<T: Child + 'static> PartitionSpec<T> {
    /// `partitions` children, each from what `child` gives for its number: its start arguments as
    /// a tuple, or a spec that says more.
    ///
    /// It does not start without partitions.
    pub fn new<C: ChildOf<T>>(
        partitions: usize,
        mut child: impl FnMut(usize) -> C + Send + 'static,
    ) -> Self {
        let options = Options::of_supervisor(default_id::<T>().into());
        let make: Make<T> = Box::new(move |partition, site| child(partition).into_child_of(site));
        Self { options, name: None, flags: Flags::default(), partitions, make }
    }

    /// As many as there are cores, which is OTP's default.
    pub fn per_core<C: ChildOf<T>>(child: impl FnMut(usize) -> C + Send + 'static) -> Self {
        let cores = std::thread::available_parallelism();
        Self::new(cores.map_or(1, std::num::NonZero::get), child)
    }

    /// Registers the supervisor under this name, which is its id too.
    pub fn name(mut self, name: &str) -> Self {
        self.name = Some(name.into());
        self.id(name.to_owned())
    }

    spec_methods!(child);
    spec_methods!(flags);
    spec_methods!(strategy);
    spec_methods!(start PartitionRef<T>);

    /// PART-4.
    fn check(&self, site: &mut Site) {
        site.check_flags(&self.flags);
        if self.partitions == 0 {
            site.refuse(crate::error::StartError::InvalidFlags(NONE));
        }
        site.check(&self.options);
    }

    /// The children's ids are their numbers.
    fn children(&mut self, site: &mut Site) -> (Vec<T::Handle>, Vec<Definition>) {
        let make = |partition: usize| {
            let (handle, mut definition) = (self.make)(partition, site);
            definition.options.id = partition.to_string().into();
            site.check_partition(&definition.options);
            (handle, definition)
        };
        // A handle routes to somebody, also where there will never be a tree.
        (0..self.partitions.max(1)).map(make).unzip()
    }
}

const NONE: &str = "a partition supervisor needs at least one partition";

impl<T: Child> fmt::Debug for PartitionSpec<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartitionSpec")
            .field("options", &self.options)
            .field("flags", &self.flags)
            .field("partitions", &self.partitions)
            .finish_non_exhaustive()
    }
}

impl<T: Child + 'static> IntoChild for PartitionSpec<T> {
    type Handle = PartitionRef<T>;

    fn into_child(mut self, site: &mut Site) -> (PartitionRef<T>, Definition) {
        self.check(site);
        let raw = RawRef::unborn(&site.node);
        let (handles, children) = self.children(site);
        let in_use = Arc::new(AtomicUsize::new(self.partitions));
        let charter = Charter {
            id: self.options.id.clone(),
            flags: self.flags,
            kind: Kind::Partitions { in_use: in_use.clone(), most: self.partitions },
            children: Arc::new(children),
            held: Arc::default(),
        };
        let supervisor = SupervisorRef(raw.clone());
        let handle =
            PartitionRef { supervisor, handles: handles.into(), in_use, child: PhantomData };
        let start = Arc::new(TreeChild { raw, name: self.name, charter, handle: handle.clone() });
        let definition = Definition { options: self.options, kind: ChildKind::Supervisor, start };
        (handle, definition)
    }
}

/// The handle of a partition supervisor whose children are `T`s.
///
/// # Examples
/// See [`PartitionSupervisor`].
pub struct PartitionRef<T: Child> {
    supervisor: SupervisorRef,
    /// Of all partitions, those that a resize stopped included.
    handles: Arc<[T::Handle]>,
    in_use: Arc<AtomicUsize>,
    child: PhantomData<fn() -> T>,
}

impl<T: Child> PartitionRef<T> {
    /// The partition that a key belongs to: an integer's absolute value modulo the number of
    /// partitions, any other key's hash. Equal keys belong to the same one, as long as nobody
    /// resizes.
    ///
    /// After a resize to none it gives a partition that is stopped; see
    /// [`try_route`](Self::try_route).
    ///
    /// # Differences from OTP
    /// A type whose `Hash` is that of one integer, as `struct UserId(u64)` derives it, is routed
    /// as the integer.
    pub fn route<K: Hash + ?Sized>(&self, key: &K) -> T::Handle {
        let partition = partition_of(key, self.partitions()).unwrap_or(0);
        self.handles[partition].clone()
    }

    /// [`route`](Self::route); `None` when there are no partitions (PART-7).
    pub fn try_route<K: Hash + ?Sized>(&self, key: &K) -> Option<T::Handle> {
        partition_of(key, self.partitions()).map(|partition| self.handles[partition].clone())
    }

    /// How many partitions keys are routed to.
    pub fn partitions(&self) -> usize {
        self.in_use.load(Relaxed)
    }

    /// Stops the partitions that are too many, or starts those that were stopped again, and gives
    /// the former number. Keys are routed anew.
    ///
    /// A restart of the supervisor brings all partitions back.
    ///
    /// # Errors
    /// [`ResizeError::TooMany`] beyond the number that it was started with; [`ResizeError::Start`]
    /// when a partition does not start, and then there are as many as before.
    ///
    /// # Cancel safety
    /// Dropped, it is resized all the same.
    pub fn resize(&self, partitions: usize) -> TryCall<usize, ResizeError> {
        start::try_ask(&self.supervisor.0, "resize", |from| SupervisorMsg::Resize(partitions, from))
    }

    /// Its living incarnation.
    pub fn pid(&self) -> Option<Pid> {
        self.supervisor.pid()
    }
}

impl<T: Child> Supervised for PartitionRef<T> {
    fn supervisor(&self) -> &SupervisorRef {
        &self.supervisor
    }
}

impl<T: Child> Clone for PartitionRef<T> {
    fn clone(&self) -> Self {
        let (supervisor, handles) = (self.supervisor.clone(), self.handles.clone());
        Self { supervisor, handles, in_use: self.in_use.clone(), child: PhantomData }
    }
}

impl<T: Child> PartialEq for PartitionRef<T> {
    fn eq(&self, other: &Self) -> bool {
        self.supervisor == other.supervisor
    }
}

impl<T: Child> Eq for PartitionRef<T> {}

impl<T: Child> Hash for PartitionRef<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.supervisor.hash(state);
    }
}

impl<T: Child> fmt::Debug for PartitionRef<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PartitionRef<{}>({:?})", default_id::<T>(), self.supervisor)
    }
}

// ===== Routing =====

fn partition_of<K: Hash + ?Sized>(key: &K, partitions: usize) -> Option<usize> {
    let mut hasher = Router::default();
    key.hash(&mut hasher);
    let rest = hasher.number().checked_rem(partitions as u128)?;
    usize::try_from(rest).ok()
}

/// PART-2. A key that hashes as one integer is that integer; any other is what it hashes to, the
/// same in every process.
#[derive(Default)]
struct Router {
    hasher: DefaultHasher,
    /// The first thing that was written, if it is an integer.
    first: Option<u128>,
    writes: usize,
}

impl Router {
    fn number(&self) -> u128 {
        match (self.writes, self.first) {
            (1, Some(integer)) => integer,
            _ => self.hasher.finish().into(),
        }
    }
}

macro_rules! write_integers {
    ($($write:ident($integer:ident, $size:ident);)*) => {
        $(fn $write(&mut self, value: $integer) {
            self.write(&value.to_ne_bytes());
            self.first = Some(u128::from($size!(value)));
        })*
    };
}

macro_rules! unsigned {
    ($value:ident) => {
        $value
    };
}

macro_rules! signed {
    ($value:ident) => {
        $value.unsigned_abs()
    };
}

macro_rules! word {
    ($value:ident) => {
        $value as u64
    };
}

macro_rules! signed_word {
    ($value:ident) => {
        $value.unsigned_abs() as u64
    };
}

impl Hasher for Router {
    fn finish(&self) -> u64 {
        self.hasher.finish()
    }

    fn write(&mut self, bytes: &[u8]) {
        self.writes += 1;
        self.hasher.write(bytes);
    }

    write_integers! {
        write_u8(u8, unsigned);
        write_u16(u16, unsigned);
        write_u32(u32, unsigned);
        write_u64(u64, unsigned);
        write_u128(u128, unsigned);
        write_usize(usize, word);
        write_i8(i8, signed);
        write_i16(i16, signed);
        write_i32(i32, signed);
        write_i64(i64, signed);
        write_i128(i128, signed);
        write_isize(isize, signed_word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PART-2
    // break: PART-2 runtime/cordial/src/partition_supervisor.rs `(1, Some(integer)) => integer,` =>
    //     `(1, Some(integer)) => integer + 1,`
    #[test]
    fn integer_belongs_to_its_absolute_value_modulo_the_partitions() {
        assert_eq!([0, 1, 2, 3, -1, -3, -4].map(|key| partition_of(&key, 3)), {
            [0, 1, 2, 0, 1, 0, 1].map(Some)
        });
        assert_eq!(partition_of(&i64::MIN, 7), Some((1 << 63) % 7));
        assert_eq!(partition_of(&u128::MAX, 10), Some(5));
        assert_eq!(partition_of(&7_usize, 4), partition_of(&7_u8, 4));
    }

    /// PART-2
    #[test]
    fn other_keys_belong_to_their_hash_and_spread() {
        let names: Vec<String> = (0..1_000).map(|n| format!("room {n}")).collect();
        let mut hits = [0; 4];
        for name in &names {
            let partition = partition_of(name, 4).expect("there are partitions");
            assert_eq!(partition_of(name.as_str(), 4), Some(partition));
            hits[partition] += 1;
        }
        assert!(hits.iter().all(|hits| (200..300).contains(hits)), "{hits:?}");
        assert_eq!(partition_of(&(1, 2), 1_000), partition_of(&(1, 2), 1_000));
    }

    /// PART-7
    // break: PART-7 runtime/cordial/src/partition_supervisor.rs
    //     `.checked_rem(partitions as u128)?` =>
    //     `.checked_rem((partitions as u128).max(1))?`
    #[test]
    fn no_key_belongs_to_none_of_no_partitions() {
        assert_eq!(partition_of(&1, 0), None);
        assert_eq!(partition_of("tea", 0), None);
    }
}
