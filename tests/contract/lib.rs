//! What stores and clocks can do: it knows nobody who is one.

use cordial::prelude::*;

/// Why something could not be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoRoom {
    /// What there is room for.
    pub limit: usize,
}

impl std::fmt::Display for NoRoom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is room for {}", self.limit)
    }
}

/// Texts by their names.
#[behaviour]
pub trait Storage {
    /// What is stored under a name.
    #[call]
    fn get(&self, name: &str) -> Option<String>;
    /// Stores a text; what was there before is gone.
    #[cast]
    fn put(&mut self, name: &str, #[into] text: String);
    /// Stores a text, if there is room.
    #[call]
    fn try_put(&mut self, name: &str, text: String) -> Result<usize, NoRoom> {
        self.put(name, text);
        Ok(self.size())
    }
    /// Waits until everything is safe.
    #[call(timeout = 50ms)]
    async fn flush(&mut self) -> usize {
        self.size()
    }
    /// The text under a name, as soon as there is one.
    #[call(timeout = infinity)]
    fn wait(&mut self, name: String, from: ReplyTo<String>);
    /// Ends the server.
    #[cast]
    fn close(&mut self) -> Flow {
        Flow::Stop(ExitReason::Shutdown)
    }

    /// How many there are: no message, asked by the default bodies.
    fn size(&self) -> usize;
}

/// What time it is.
#[behaviour]
pub trait Clock: std::fmt::Debug {
    /// Seconds.
    #[call]
    async fn now(&self) -> u64;
    /// What the clock is called, and who lives there.
    #[call]
    fn name(&self, ctx: &mut Ctx<Self>) -> (&'static str, Pid);
}

/// Values of one type; the last so many of them.
#[behaviour]
pub trait Ring<T: Clone> {
    /// Puts one in.
    #[cast]
    fn push(&mut self, value: T);
    /// All that are there.
    #[call]
    fn all(&self) -> Vec<T>;
}
