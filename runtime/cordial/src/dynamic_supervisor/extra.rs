//! Arguments that all children of a dynamic supervisor begin with.
use super::{ChildOf, DynamicRef};
use crate::gen_server::Child;
use crate::supervisor::StartChildError;
use std::future::Future;

/// A handle of a dynamic supervisor that puts the same arguments before those of every child that
/// it starts; what [`DynamicRef::extra_arguments`] gives.
///
/// # Examples
/// ```
/// # #[cordial::main(current_thread)] async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use cordial::prelude::*;
/// use cordial::DynamicSupervisor;
///
/// #[gen_server]
/// struct Room(String);
/// #[gen_server]
/// impl Room {
///     #[init]
///     fn init(house: String, number: u32) -> Self {
///         Self(format!("{house} {number}"))
///     }
///     #[call]
///     fn name(&self) -> String {
///         self.0.clone()
///     }
/// }
///
/// let rooms = DynamicSupervisor::start::<Room>().await?;
/// let rooms = rooms.extra_arguments(("tea house".to_owned(),));
/// assert_eq!(rooms.start_child((7,)).await?.name().await?, "tea house 7");
/// # Ok(()) }
/// ```
///
/// # Differences from OTP
/// They belong to the handle, not to the supervisor: who has another handle gives all arguments.
/// So their types are known where a child is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraArguments<T, E> {
    children: DynamicRef<T>,
    extra: E,
}

impl<T: Child, E: Clone> ExtraArguments<T, E> {
    pub(super) fn new(children: DynamicRef<T>, extra: E) -> Self {
        Self { children, extra }
    }

    /// [`DynamicRef::start_child`], from the rest of the arguments; a restart begins with all of
    /// them, too.
    ///
    /// # Errors
    /// As [`DynamicRef::start_child`].
    ///
    /// # Cancel safety
    /// Dropped, the child is started all the same.
    pub fn start_child<A>(
        &self,
        rest: A,
    ) -> impl Future<Output = Result<T::Handle, StartChildError>> + Send + use<T, E, A>
    where
        E: Prepend<A, All: ChildOf<T>>,
    {
        self.children.start_child(self.extra.clone().prepend(rest))
    }

    /// The handle without them.
    pub fn children(&self) -> &DynamicRef<T> {
        &self.children
    }
}

/// Two tuples as one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` and `{Rest}` are not the arguments of one child",
    label = "neither a tuple of at most four, nor after one of at most three"
)]
pub trait Prepend<Rest> {
    /// Both, in order.
    type All;
    /// Puts them together.
    fn prepend(self, rest: Rest) -> Self::All;
}

macro_rules! prepend {
    ($($extra:ident)* : $($rest:ident)*) => {
        impl<$($extra,)* $($rest,)*> Prepend<($($rest,)*)> for ($($extra,)*) {
            type All = ($($extra,)* $($rest,)*);
            #[allow(non_snake_case, reason = "a value is called as its type")]
            fn prepend(self, rest: ($($rest,)*)) -> Self::All {
                let (($($extra,)*), ($($rest,)*)) = (self, rest);
                ($($extra,)* $($rest,)*)
            }
        }
    };
}

prepend!(E1: );
prepend!(E1: A1);
prepend!(E1: A1 A2);
prepend!(E1: A1 A2 A3);
prepend!(E1: A1 A2 A3 A4);
prepend!(E1 E2: );
prepend!(E1 E2: A1);
prepend!(E1 E2: A1 A2);
prepend!(E1 E2: A1 A2 A3);
prepend!(E1 E2: A1 A2 A3 A4);
prepend!(E1 E2 E3: );
prepend!(E1 E2 E3: A1);
prepend!(E1 E2 E3: A1 A2);
prepend!(E1 E2 E3: A1 A2 A3);
prepend!(E1 E2 E3: A1 A2 A3 A4);
