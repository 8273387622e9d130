//! The fixed names that a child takes, as constants: `supervisor!` asserts with them that no name
//! is taken twice in a tree and none under `dynamic`.
use crate::gen_server::ServerStruct;
use std::marker::PhantomData;

/// The names of one child: its own, or those below it.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    own: Option<&'static str>,
    below: &'static [Self],
}

impl Names {
    /// Of a child without fixed names.
    pub const NONE: Self = Self { own: None, below: &[] };

    /// Of a tree with these children.
    pub const fn of_tree(below: &'static [Self]) -> Self {
        Self { own: None, below }
    }

    /// Whether there is no name at all.
    pub const fn are_none(&self) -> bool {
        let mut at = 0;
        while at < self.below.len() {
            if !self.below[at].are_none() {
                return false;
            }
            at += 1;
        }
        self.own.is_none()
    }

    /// Whether no name of `all[at]` is one of those before it.
    pub const fn are_new(all: &[Self], at: usize) -> bool {
        let mut earlier = 0;
        while earlier < at {
            if all[earlier].meet(&all[at]) {
                return false;
            }
            earlier += 1;
        }
        true
    }

    const fn meet(&self, other: &Self) -> bool {
        let mut at = 0;
        while at < self.below.len() {
            if self.below[at].meet(other) {
                return true;
            }
            at += 1;
        }
        match self.own {
            Some(name) => other.have(name),
            None => false,
        }
    }

    const fn have(&self, name: &str) -> bool {
        let mut at = 0;
        while at < self.below.len() {
            if self.below[at].have(name) {
                return true;
            }
            at += 1;
        }
        match self.own {
            Some(own) => is_same(own.as_bytes(), name.as_bytes()),
            None => false,
        }
    }
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// A child type whose names are known: a server, or a tree that `supervisor!` wrote.
pub trait Named {
    /// Its names.
    const NAMES: Names;
}

impl<S: ServerStruct> Named for S {
    const NAMES: Names = Names { own: S::NAME, below: &[] };
}

/// `NamesOf::<T>::NAMES` is found for every `T`: inherent for those that are [`Named`], from
/// [`Nameless`] for all others, about which other errors say more.
#[derive(Debug)]
pub struct NamesOf<T>(PhantomData<T>);

impl<T: Named> NamesOf<T> {
    /// The names of `T`.
    pub const NAMES: Names = T::NAMES;
}

/// See [`NamesOf`].
pub trait Nameless {
    /// None.
    const NAMES: Names = Names::NONE;
}

impl<T> Nameless for NamesOf<T> {}

#[cfg(test)]
mod tests {
    use super::*;

    const A: Names = Names { own: Some("a"), below: &[] };
    const AB: Names = Names { own: Some("ab"), below: &[] };

    #[test]
    fn name_taken_before_is_found_at_any_depth() {
        const DEEP: Names = Names::of_tree(&[Names::NONE, Names::of_tree(&[AB, A])]);
        assert!(Names::are_new(&[A, AB, Names::NONE, Names::NONE], 3));
        assert!(Names::are_new(&[A, AB], 1));
        assert!(!Names::are_new(&[A, AB, A], 2));
        assert!(!Names::are_new(&[A, DEEP], 1));
        assert!(!Names::are_new(&[DEEP, A], 1));
        assert!(!DEEP.are_none() && Names::of_tree(&[Names::NONE]).are_none());
    }
}
