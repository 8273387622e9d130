//! What `behaviour` makes of the example `storage`.

pub trait Storage: ::core::marker::Send + 'static {
    /// What is stored under a name.
    fn get(&self, name: &str) -> Option<u64>
    where
        Self: ::core::marker::Sized;
    /// Stores a number.
    fn put(&mut self, name: &str, value: u64)
    where
        Self: ::core::marker::Sized;
    /// Waits until everything is safe, and says how many steps that took; who keeps nothing
    /// elsewhere leaves it out.
    fn sync(&mut self) -> impl ::core::future::Future<Output = usize> + ::core::marker::Send
    where
        Self: ::core::marker::Sized,
    {
        async move {
            0
        }
    }

    #[doc(hidden)]
    #[allow(unreachable_patterns)]
    fn __cordial_handle(
        &mut self,
        msg: StorageMsg,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> impl ::core::future::Future<Output = ::cordial::Flow> + ::core::marker::Send
    where
        Self: ::cordial::GenServer,
    {
        async move {
            match msg {
                StorageMsg::Sync { from } => {
                    let reply = ::cordial::__private::sendable(<Self as Storage>::sync(self)).await;
                    ::cordial::__private::answer(from, reply, ctx)
                }
                other => {
                    ::cordial::__private::on_the_spot(<Self as Storage>::__cordial_handle_sync(
                        self,
                        other,
                        ctx,
                    ))
                }
            }
        }
    }

    #[doc(hidden)]
    #[allow(unreachable_patterns)]
    fn __cordial_handle_sync(
        &mut self,
        msg: StorageMsg,
        ctx: &mut ::cordial::Ctx<Self>,
    ) -> ::core::result::Result<::cordial::Flow, StorageMsg>
    where
        Self: ::cordial::GenServer,
    {
        use ::cordial::__private::{answer, forget, into_flow, into_flow_after};
        match msg {
            StorageMsg::Get { name, from } => {
                answer(from, <Self as Storage>::get(self, &name), ctx)
            }
            StorageMsg::Put { name, value } => {
                into_flow(<Self as Storage>::put(self, &name, value))
            }
            other => ::core::result::Result::Err(other),
        }
    }
}
const _: () = {
    struct _Held(::cordial::__private::Sent<Option<u64>>);
};
/// What `Storage` understands: one variant per handler.
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
pub enum StorageMsg {
    /// What is stored under a name.
    Get {
        name: <str as ::cordial::__private::ToOwned>::Owned,
        from: ::cordial::ReplyTo<Option<u64>>,
    },
    /// Stores a number.
    Put {
        name: <str as ::cordial::__private::ToOwned>::Owned,
        value: u64,
    },
    /// Waits until everything is safe, and says how many steps that took; who keeps nothing
    /// elsewhere leaves it out.
    Sync {
        from: ::cordial::ReplyTo<usize>,
    },
}

impl ::cordial::Message for StorageMsg {
    fn kind(&self) -> &'static str {
        match *self {
            Self::Get { .. } => "get",
            Self::Put { .. } => "put",
            Self::Sync { .. } => "sync",
        }
    }
    const REGULATED: bool = true;
    #[allow(unreachable_patterns)]
    fn on_full(&self) -> ::cordial::OnFull {
        match self {
            Self::Get { .. } => ::cordial::OnFull::MakeRoom,
            Self::Put { .. } => ::cordial::OnFull::DropOldest,
            Self::Sync { .. } => ::cordial::OnFull::MakeRoom,
            _ => ::cordial::OnFull::Reject,
        }
    }

    #[allow(unreachable_patterns)]
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Get { from, .. } => from.is_abandoned(),
            Self::Sync { from, .. } => from.is_abandoned(),
            _ => false,
        }
    }
}

/// The casts of `Storage`, which do not wait.
pub struct StorageCasts(::cordial::__private::Part<dyn Storage>);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl StorageCasts {
    /// Stores a number.
    pub fn put(&self, name: &str, value: u64) -> ::cordial::Cast {
        let name = ::cordial::__private::ToOwned::to_owned(name);
        ::cordial::__private::part::cast(&self.0, StorageMsg::Put { name, value })
    }
}

/// The client of `Storage`: what its handle derefs to.
pub struct StorageClient(StorageCasts);
#[allow(dead_code, missing_docs, private_interfaces, unreachable_pub)]
impl StorageClient {
    /// What is stored under a name.
    pub fn get(&self, name: &str) -> ::cordial::Call<Option<u64>> {
        let name = ::cordial::__private::ToOwned::to_owned(name);
        ::cordial::__private::part::ask(&self.0.0, |from| StorageMsg::Get { name, from })
    }

    /// Waits until everything is safe, and says how many steps that took; who keeps nothing
    /// elsewhere leaves it out.
    pub fn sync(&self) -> ::cordial::Call<usize> {
        ::cordial::__private::part::call(&self.0.0, |from| StorageMsg::Sync { from })
    }
}
::cordial::__private::behaviour_shell!([][][][dyn Storage] StorageMsg StorageCasts StorageClient);
/// The handle of any server that has the behaviour [`Storage`].
#[allow(dead_code)]
pub type StorageRef = ::cordial::BehaviourRef<StorageClient>;
impl<__S: Storage + ::cordial::GenServer> ::cordial::__private::PartOf<__S> for StorageMsg {
    async fn handle(self, server: &mut __S, ctx: &mut ::cordial::Ctx<__S>) -> ::cordial::Flow {
        <__S as Storage>::__cordial_handle(server, self, ctx).await
    }

    fn handle_sync(
        self,
        server: &mut __S,
        ctx: &mut ::cordial::Ctx<__S>,
    ) -> ::core::result::Result<::cordial::Flow, Self> {
        <__S as Storage>::__cordial_handle_sync(server, self, ctx)
    }
}
