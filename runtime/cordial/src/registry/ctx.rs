//! What a server does with registries: join and leave.
use super::{AsKey, MemberOf, Registry, RegistryError, enter_as, leave_as};
use crate::gen_server::{Ctx, GenServer};

impl<S: GenServer> Ctx<S> {
    /// Registers this server under a key of the registry `R`, as `Registry.register` of Elixir; in
    /// one with duplicate keys as often as it is called.
    ///
    /// The entry goes when the server leaves or ends.
    ///
    /// # Examples
    /// See [`Registry`].
    ///
    /// # Errors
    /// [`RegistryError::Taken`] says who has a unique key, and for how long;
    /// [`RegistryError::NotRunning`].
    pub fn join<R>(
        &self,
        key: &(impl AsKey<R::Key> + ?Sized),
        value: R::Value,
    ) -> Result<(), RegistryError>
    where
        R: Registry<Member: MemberOf<S>>,
    {
        enter_as::<R>(&self.found(), key.to_key(), MemberOf::of_ctx(self), value)
    }

    /// Takes away what this server has under a key of the registry `R`, and nothing of anybody
    /// else. That it has nothing there is no error.
    pub fn leave<R: Registry>(&self, key: &(impl AsKey<R::Key> + ?Sized)) {
        leave_as::<R>(&self.found(), |record| key.is(&record.key));
    }
}
