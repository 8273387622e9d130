//! `#[cfg]`, docs and `#[deprecated]` of handlers and fields reach all that is generated.

#![deny(warnings, missing_docs)]

use cordial::prelude::*;

/// A server with parts that are there only sometimes.
#[gen_server]
#[derive(Default, Clone)]
pub struct Parts {
    /// How many.
    pub count: u32,
    #[cfg(any())]
    absent: DoesNotExist,
}

#[gen_server]
impl Parts {
    #[cfg(all())]
    #[init]
    fn new(count: u32) -> Self {
        Self { count }
    }

    #[cfg(any())]
    #[init]
    fn new(count: DoesNotExist) -> Self {
        Self { count, absent: count }
    }

    /// Counts one more.
    #[cast]
    pub fn inc(&mut self) {
        self.count += 1;
    }

    /// How many there are.
    #[cfg(all())]
    #[call]
    pub async fn value(&self) -> u32 {
        self.count
    }

    #[cfg(any())]
    #[call]
    pub async fn value(&self) -> DoesNotExist {
        DoesNotExist
    }

    #[call]
    pub fn twice(&self) -> u32 {
        #![doc = "Twice as many as there are."]
        #![cfg(all())]
        #![allow(clippy::identity_op)]
        self.count * 2
    }

    #[call]
    pub fn thrice(&self) -> DoesNotExist {
        #![cfg(any())]
        DoesNotExist
    }

    /// The old name of `value`.
    #[deprecated = "use `value`"]
    #[call]
    pub fn get(&self) -> u32 {
        self.count
    }

    #[cfg(any())]
    #[info]
    fn absent(&mut self, message: DoesNotExist) {}

    #[cfg(any())]
    #[every(1s)]
    fn absent_tick(&mut self) {}

    #[cfg(any())]
    #[idle(1s)]
    fn absent_idle(&mut self) {}

    #[cfg(all())]
    #[idle(1h)]
    fn quiet(&mut self) {}

    #[cfg(any())]
    #[handle_continue]
    fn absent_continue(&mut self, from: DoesNotExist) {}

    #[cfg(any())]
    #[terminate]
    fn absent_terminate(&mut self) {}
}

#[allow(deprecated)]
fn uses_the_old_name(parts: &PartsRef) {
    let _ = parts.get();
    if let Some(PartsMsg::Inc {}) = None {}
}

fn main() {
    let _ = uses_the_old_name;
    let _ = Parts::start(3);
}
