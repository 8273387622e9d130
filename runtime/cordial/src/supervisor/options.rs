//! What every spec of a supervisor can say about itself, written once.

/// Methods of a spec that has `options` and `flags`, by groups:
///
/// - `child`: what it is as a child of another supervisor;
/// - `flags`: how many restarts it tolerates, and `strategy`: which children they restart;
/// - `start`: how it is started by itself, and the type of the handle that this gives.
macro_rules! spec_methods {
    (child) => {
        /// What the supervisor is called as a child and in reports.
        pub fn id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
            self.options.id = id.into();
            self
        }

        /// When it is restarted as a child; permanent until this is said.
        pub fn restart(mut self, restart: Restart) -> Self {
            self.options.restart = restart;
            self
        }

        /// As a child it is never restarted.
        pub fn temporary(self) -> Self {
            self.restart(Restart::Temporary)
        }

        /// How long it may take to stop as a child; as long as its children take until this is
        /// said.
        pub fn shutdown(mut self, shutdown: impl Into<Shutdown>) -> Self {
            self.options.shutdown = shutdown.into();
            self
        }

        /// See [`ChildSpec::significant`](crate::ChildSpec::significant).
        pub fn significant(mut self, significant: bool) -> Self {
            self.options.significant = significant;
            self
        }

        /// See [`ChildSpec::backoff`](crate::ChildSpec::backoff).
        pub fn backoff(mut self, backoff: Backoff) -> Self {
            self.options.backoff = Some(backoff);
            self
        }
    };
    (flags) => {
        /// How many restarts within `period` it takes not to give up, all children together; one
        /// more ends the supervisor.
        pub fn max_restarts(mut self, max_restarts: u32, period: Duration) -> Self {
            self.flags = Flags { max_restarts, period, ..self.flags };
            self
        }
    };
    (strategy) => {
        /// Which children are restarted when one of them crashes.
        pub fn strategy(mut self, strategy: Strategy) -> Self {
            self.flags.strategy = strategy;
            self
        }
    };
    (start $handle:ty) => {
        /// Starts it.
        pub fn start(self) -> StartTree<$handle> {
            StartTree::of(self)
        }

        /// [`start`](Self::start), linked to the process that calls.
        pub fn start_link(self) -> StartTree<$handle> {
            self.start().link()
        }
    };
}

pub(crate) use spec_methods;
