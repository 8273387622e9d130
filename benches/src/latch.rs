//! How the end of a workload is told by the actors themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;

/// Opens when it was hit as often as it was made for; one task may wait.
#[derive(Clone)]
pub(crate) struct Latch(Arc<(AtomicUsize, Notify)>);

impl Latch {
    pub(crate) fn new(hits: usize) -> Self {
        Self(Arc::new((AtomicUsize::new(hits), Notify::new())))
    }

    pub(crate) fn hit(&self) {
        if self.0.0.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.1.notify_one();
        }
    }

    pub(crate) async fn opened(&self) {
        self.0.1.notified().await;
    }
}
