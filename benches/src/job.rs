//! What is asked for, and what comes out of it.

use std::fmt;
use std::future::Future;
use std::time::Duration;

/// The threads of the runtime.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Workers {
    /// The thread that asks, and no other.
    Current,
    Threads(usize),
}

impl Workers {
    /// Runs `work` as a task, so that it talks to actors from inside the scheduler, as users do.
    pub(crate) fn run<T, F>(self, work: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let mut builder = match self {
            Self::Current => tokio::runtime::Builder::new_current_thread(),
            Self::Threads(_) => tokio::runtime::Builder::new_multi_thread(),
        };
        if let Self::Threads(threads) = self {
            builder.worker_threads(threads);
        }
        let runtime = builder.enable_all().build().expect("a runtime starts");
        let done = runtime.block_on(async { tokio::spawn(work).await });
        // A million actors need not be taken down one by one.
        runtime.shutdown_background();
        done.expect("a workload does not panic")
    }
}

impl fmt::Display for Workers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => f.write_str("current"),
            Self::Threads(threads) => write!(f, "{threads}"),
        }
    }
}

/// One measurement that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    pub(crate) workers: Workers,
    pub(crate) bytes: usize,
    pub(crate) processes: u64,
    pub(crate) operations: Option<u64>,
    pub(crate) share: f64,
}

impl Default for Job {
    fn default() -> Self {
        let workers = Workers::Threads(2);
        Self { workers, bytes: 8, processes: 1000, operations: None, share: 1.0 }
    }
}

impl Job {
    /// How often: what was asked for, or the workload's own number, of which a share may do.
    pub(crate) fn times(&self, own: u64) -> u64 {
        self.operations.unwrap_or((own as f64 * self.share) as u64).max(1)
    }
}

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Figure {
    /// Operations per second: more is better.
    Rate(f64),
    /// Nanoseconds per operation: less is better.
    Nanoseconds(f64),
    /// Bytes each: less is better.
    Bytes(f64),
    /// Per cent: more is better.
    Percent(f64),
}

impl Figure {
    pub(crate) fn rate(times: u64, took: Duration) -> Self {
        Self::Rate(times as f64 / took.as_secs_f64())
    }

    pub(crate) fn each(times: u64, took: Duration) -> Self {
        Self::Nanoseconds(took.as_nanos() as f64 / times as f64)
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(value) => write!(f, "{value:.0}\tops/s"),
            Self::Nanoseconds(value) => write!(f, "{value:.1}\tns"),
            Self::Bytes(value) => write!(f, "{value:.1}\tB"),
            Self::Percent(value) => write!(f, "{value:.1}\t%"),
        }
    }
}
