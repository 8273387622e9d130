//! The end of the program, asked for from inside: the exit code, and who waits to hear of it.
use crate::rt::sync::Notify;
use std::sync::OnceLock;

/// Asked for at most once; the first code counts.
#[derive(Default)]
pub(super) struct Halt {
    code: OnceLock<u8>,
    told: Notify,
}

impl Halt {
    /// False: somebody asked before.
    pub(super) fn ask(&self, code: u8) -> bool {
        let is_first = self.code.set(code).is_ok();
        self.told.notify_waiters();
        is_first
    }

    pub(super) fn code(&self) -> Option<u8> {
        self.code.get().copied()
    }

    /// Waits for the code.
    pub(super) async fn asked(&self) -> u8 {
        loop {
            // Made before the look: who asks in between is heard.
            let told = self.told.notified();
            if let Some(code) = self.code() {
                return code;
            }
            told.await;
        }
    }
}
