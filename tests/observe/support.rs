//! A server that does as it is told.
use cordial::prelude::*;
use std::sync::Arc;
use tokio::sync::Notify;

/// A handler waits before it until the test opens it.
#[derive(Clone, Default)]
pub(crate) struct Door(pub(crate) Arc<Notify>);

impl Door {
    pub(crate) fn open(&self) {
        self.0.notify_one();
    }
}

/// What a test does to it.
#[gen_server]
#[derive(Clone, Default)]
pub(crate) struct Clerk {
    pub(crate) done: Vec<u32>,
}

#[gen_server]
impl Clerk {
    #[cast]
    pub(crate) fn note(&mut self, number: u32) {
        self.done.push(number);
    }
    #[cast]
    pub(crate) async fn wait_for(&mut self, door: Door, number: u32) {
        door.0.notified().await;
        self.done.push(number);
    }
    #[cast]
    pub(crate) fn burst(&self) {
        panic!("burst");
    }
    #[call]
    pub(crate) fn done(&self) -> Vec<u32> {
        self.done.clone()
    }
    #[terminate]
    fn terminate(&mut self, reason: &ExitReason) {
        ENDED.with_borrow_mut(|ended| ended.push((self.done.clone(), reason.clone())));
    }
    #[format_status]
    fn format_status(&self) -> String {
        format!("{} done", self.done.len())
    }
}

thread_local! {
    /// With what each clerk of this test, which runs on one thread, has ended.
    pub(crate) static ENDED: std::cell::RefCell<Vec<(Vec<u32>, ExitReason)>> =
        const { std::cell::RefCell::new(Vec::new()) };
}
