//! What a message carries.

/// So many words of eight bytes, moved by value with the message.
#[derive(Clone, Copy)]
pub(crate) struct Payload<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> Payload<WORDS> {
    pub(crate) fn new(number: u64) -> Self {
        Self([number; WORDS])
    }

    /// One word is read, as a handler would.
    pub(crate) fn number(&self) -> u64 {
        self.0[0]
    }
}
