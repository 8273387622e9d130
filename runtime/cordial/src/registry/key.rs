//! How entries are asked for: by a key, or by what it is borrowed as.
use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

/// What a key `K` can be asked for by: a `String` by a `str`, and everything by itself, as
/// `HashMap::get` has it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no key of this registry",
    label = "its keys are `{K}`"
)]
pub trait AsKey<K>: Hash {
    /// Whether it is this key.
    #[doc(hidden)]
    fn is(&self, key: &K) -> bool;
    /// The key itself.
    #[doc(hidden)]
    fn to_key(&self) -> K;
}

#[diagnostic::do_not_recommend]
impl<K: Borrow<Q>, Q: Hash + Eq + ToOwned<Owned = K> + ?Sized> AsKey<K> for Q {
    #[inline]
    fn is(&self, key: &K) -> bool {
        self == key.borrow()
    }
    fn to_key(&self) -> K {
        self.to_owned()
    }
}

/// As a map is asked.
pub(super) struct Asked<'a, Q: ?Sized>(pub(super) &'a Q);

impl<Q: Hash + ?Sized> Hash for Asked<'_, Q> {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K, Q: AsKey<K> + ?Sized> papaya::Equivalent<K> for Asked<'_, Q> {
    #[inline]
    fn equivalent(&self, key: &K) -> bool {
        self.0.is(key)
    }
}
