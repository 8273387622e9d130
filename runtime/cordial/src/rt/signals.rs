//! The signals by which a program is asked to stop.
use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM; elsewhere than on unix, Ctrl-C.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

impl Signals {
    /// From now on they no longer end the program.
    ///
    /// # Errors
    /// When the operating system refuses.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        let interrupt = signal(SignalKind::interrupt())?;
        Ok(Self { interrupt, terminate: signal(SignalKind::terminate())? })
    }

    /// The number of the next one.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> u8 {
        use super::{Raced, race};
        match race(self.interrupt.recv(), self.terminate.recv()).await {
            Raced::First(_) => 2,
            Raced::Second(_) => 15,
        }
    }

    /// See above.
    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    /// See above.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> u8 {
        let _ = tokio::signal::ctrl_c().await;
        2
    }
}
