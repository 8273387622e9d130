//! A server that does as it is told.
use cordial::prelude::*;

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
    pub(crate) fn burst(&self) {
        panic!("burst");
    }
    #[call]
    pub(crate) fn done(&self) -> Vec<u32> {
        self.done.clone()
    }
}
