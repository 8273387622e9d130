//! Who is measured: one file per peer, each of which says what was chosen and why.
//!
//! All share the system's allocator, the payload, the state and the workers.

use crate::job::{Figure, Job};
use crate::workloads::{Workload, measure, measure_bounded};

#[cfg(feature = "peers")]
mod actix;
mod by_hand;
mod cordial;
#[cfg(feature = "peers")]
mod kameo;
#[cfg(feature = "peers")]
mod kanal;
#[cfg(feature = "peers")]
mod ractor;
#[cfg(feature = "peers")]
mod spawned;
mod tokio;
#[cfg(feature = "peers")]
mod xtra;

/// Measures one workload of one peer.
type Measure = fn(Workload, Job) -> Option<Figure>;

/// A peer by its name, with mailboxes as large as they get and with bounded ones.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    open: Measure,
    bounded: Option<Measure>,
}

/// cordial first, then what one writes by hand, then the others.
pub(crate) const ALL: &[Row] = &[
    Row {
        name: "cordial",
        open: measure::<cordial::Cordial>,
        bounded: Some(measure_bounded::<cordial::Bounded>),
    },
    Row {
        name: "tokio",
        open: measure::<tokio::Unbounded>,
        bounded: Some(measure_bounded::<tokio::Bounded>),
    },
    #[cfg(feature = "peers")]
    Row {
        name: "kanal",
        open: measure::<kanal::Unbounded>,
        bounded: Some(measure_bounded::<kanal::Bounded>),
    },
    #[cfg(feature = "peers")]
    Row { name: "ractor", open: measure::<ractor::Ractor>, bounded: None },
    #[cfg(feature = "peers")]
    Row {
        name: "kameo",
        open: measure::<kameo::Kameo<0>>,
        bounded: Some(measure_bounded::<kameo::Kameo<BOUND>>),
    },
    #[cfg(feature = "peers")]
    Row {
        name: "actix-same",
        open: measure::<actix::SameThread<0>>,
        bounded: Some(measure_bounded::<actix::SameThread<BOUND>>),
    },
    #[cfg(feature = "peers")]
    Row {
        name: "actix-cross",
        open: measure::<actix::CrossThread<0>>,
        bounded: Some(measure_bounded::<actix::CrossThread<BOUND>>),
    },
    #[cfg(feature = "peers")]
    Row { name: "spawned", open: measure::<spawned::Spawned>, bounded: None },
    #[cfg(feature = "peers")]
    Row {
        name: "xtra",
        open: measure::<xtra::Xtra<0>>,
        bounded: Some(measure_bounded::<xtra::Xtra<BOUND>>),
    },
];

#[cfg(feature = "peers")]
const BOUND: usize = crate::peer::BOUND;

impl Row {
    /// `None` where the peer has no such ability.
    pub(crate) fn measure(&self, workload: Workload, job: Job) -> Option<Figure> {
        match workload.is_bounded() {
            true => self.bounded.and_then(|measure| measure(workload, job)),
            false => (self.open)(workload, job),
        }
    }
}
