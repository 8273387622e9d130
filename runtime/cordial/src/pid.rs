//! Who a process is: one incarnation's identity, and the identity of a monitor.
//!
//! A `Pid` names one life of one process and is never given to another. What survives a restart is
//! the address, [`Ref`](crate::Ref).
use std::fmt;
use std::num::NonZeroU64;

/// Bits of a local identity that hold the slot of the process table; the generation is above them.
const SLOT_BITS: u32 = 28;
const SLOT_MASK: u64 = (1 << SLOT_BITS) - 1;

/// One incarnation of a process: node, slot of the process table, generation of the slot.
///
/// Two processes never have the same `Pid`, also when one follows the other in a restart.
/// It prints as `<node.slot.generation>`.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() {
/// use cordial::process;
/// let one = process::spawn(async |_: process::Mailbox<()>| {});
/// let other = process::spawn(async |_: process::Mailbox<()>| {});
/// assert_ne!(one.pid(), other.pid());
/// # }
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pid {
    node: u32,
    local: NonZeroU64,
}

impl Pid {
    /// The node itself, which stands as parent of what was started outside every process.
    pub(crate) fn of_node(node: u32) -> Self {
        Self { node, local: NonZeroU64::MAX }
    }

    /// Whether it stands for everybody who is no process.
    pub(crate) fn is_of_node(self) -> bool {
        self.local == NonZeroU64::MAX
    }

    pub(crate) fn new(node: u32, slot: usize, generation: u64) -> Self {
        let bits = generation << SLOT_BITS | slot as u64;
        Self { node, local: NonZeroU64::new(bits).expect("generations start at one") }
    }

    /// `None` for the bits of a closed address.
    pub(crate) fn from_bits(node: u32, bits: u64) -> Option<Self> {
        NonZeroU64::new(bits).map(|local| Self { node, local })
    }

    pub(crate) fn bits(self) -> u64 {
        self.local.get()
    }

    pub(crate) fn node(self) -> u32 {
        self.node
    }

    pub(crate) fn slot(self) -> usize {
        (self.local.get() & SLOT_MASK) as usize
    }

    pub(crate) fn generation(self) -> u64 {
        self.local.get() >> SLOT_BITS
    }
}

impl fmt::Debug for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_of_node() {
            return write!(f, "<{}.0.0>", self.node);
        }
        write!(f, "<{}.{}.{}>", self.node, self.slot(), self.generation())
    }
}

impl fmt::Display for Pid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One monitor: what [`Down`](crate::Down) carries, and what `demonitor` takes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct MonitorRef(pub(crate) NonZeroU64);

const _: () = assert!(size_of::<Pid>() == 16 && size_of::<Option<Pid>>() == 16);
