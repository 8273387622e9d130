//! Handles of servers that start later than whoever holds them.
use super::{GenServer, Ref};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A handle of a server that may not have started yet: it has the casts, and no calls.
///
/// Children start in order, so a child can hold the handles of those above it only. `late` gives it
/// the handle of one below, written `Late<CountRef>`. A cast never waits for anybody, so no circle
/// of calls can come of it.
///
/// What is cast before the server's first start waits, in order, and is the first that the server
/// handles; casts never block. From the first start on it is as any [`Ref`]: while the server is
/// down, casts are dropped. When the tree does not start, or the server's `init` asks to be
/// ignored, what waits is dropped, and so are all later casts.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
///
/// #[gen_server]
/// #[derive(Clone)]
/// struct Source(Late<CountRef>);
/// #[gen_server]
/// impl Source {
///     #[cast]
///     fn push(&self, n: u32) {
///         self.0.add(n);
///     }
/// }
///
/// #[gen_server]
/// #[derive(Clone, Default)]
/// struct Count(u32);
/// #[gen_server]
/// impl Count {
///     #[cast]
///     fn add(&mut self, n: u32) {
///         self.0 += n;
///     }
///     #[call]
///     fn total(&self) -> u32 {
///         self.0
///     }
/// }
///
/// supervisor! {
///     Pipeline {
///         strategy: RestForOne,
///         children: [
///             source: Source(Source(late count)),
///             count: Count(Count::default()),
///         ],
///     }
/// }
///
/// let pipeline = Pipeline::start().await?;
/// pipeline.source.push(3);
/// # cordial::supervisor::stop(&pipeline).await?;
/// # Ok(()) }
/// ```
///
/// # Differences from OTP
/// There a name does this, and whoever sends to it before it is registered sends to nobody.
pub struct Late<R>(R);

impl<S: GenServer> Late<Ref<S>> {
    /// Associated: after the dot stand the server's casts.
    pub(crate) fn of(server: Ref<S>) -> Self {
        Self(server)
    }
}

impl<S: GenServer<Client: Deref>> Deref for Late<Ref<S>> {
    type Target = <S::Client as Deref>::Target;

    #[inline]
    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<R: Clone> Clone for Late<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R: PartialEq> PartialEq for Late<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<R: Eq> Eq for Late<R> {}

impl<R: Hash> Hash for Late<R> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<R: fmt::Debug> fmt::Debug for Late<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Late({:?})", self.0)
    }
}
