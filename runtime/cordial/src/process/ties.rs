//! A set of ties: pure, ordered by nothing, small while it is small.
//!
//! Most processes have one link and no monitor; a supervisor of 100,000 has as many links. One tie
//! lies in place, up to `FEW` in a vector, more in a map, so that none pays for the others.
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};

const FEW: usize = 8;

/// A map of identities.
pub(crate) type IdMap<K, V> = HashMap<K, V, BuildHasherDefault<IdHasher>>;

pub(crate) enum Ties<K, V> {
    One(K, V),
    Few(Vec<(K, V)>),
    Many(IdMap<K, V>),
}

impl<K, V> Default for Ties<K, V> {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl<K: Eq + Hash + Copy, V> Ties<K, V> {
    /// False: it was there already, and stays as it is.
    pub(crate) fn add(&mut self, key: K, value: V) -> bool {
        if self.contains(key) {
            return false;
        }
        match self {
            Self::Few(ties) if ties.capacity() == 0 => {
                *self = Self::One(key, value);
                return true;
            }
            #[cfg(feature = "chaos")]
            Self::Few(ties) if crate::rt::sim::is_active() => {
                ties.push((key, value)); // In the order of their making, in every run.
                return true;
            }
            Self::Few(ties) if ties.len() < FEW => {
                ties.push((key, value));
                return true;
            }
            Self::One(..) => {
                let mut ties = Vec::with_capacity(2);
                self.drain(None, |key, value| ties.push((key, value)));
                ties.push((key, value));
                *self = Self::Few(ties);
                return true;
            }
            Self::Few(ties) => *self = Self::Many(ties.drain(..).collect()),
            Self::Many(_) => {}
        }
        if let Self::Many(ties) = self {
            ties.insert(key, value);
        }
        true
    }

    pub(crate) fn remove(&mut self, key: K) -> Option<V> {
        match self {
            Self::One(own, _) if *own != key => None,
            Self::One(..) => match std::mem::take(self) {
                Self::One(_, value) => Some(value),
                Self::Few(_) | Self::Many(_) => None,
            },
            Self::Few(ties) => {
                let at = ties.iter().position(|tie| tie.0 == key)?;
                Some(ties.swap_remove(at).1)
            }
            Self::Many(ties) => {
                let value = ties.remove(&key);
                if ties.is_empty() {
                    *self = Self::default();
                }
                value
            }
        }
    }

    pub(crate) fn get_mut(&mut self, key: K) -> Option<&mut V> {
        match self {
            Self::One(own, value) => (*own == key).then_some(value),
            Self::Few(ties) => ties.iter_mut().find(|tie| tie.0 == key).map(|tie| &mut tie.1),
            Self::Many(ties) => ties.get_mut(&key),
        }
    }

    pub(crate) fn iter(&self) -> Box<dyn Iterator<Item = (K, &V)> + '_> {
        match self {
            Self::One(key, value) => Box::new(std::iter::once((*key, value))),
            Self::Few(ties) => Box::new(ties.iter().map(|(key, value)| (*key, value))),
            Self::Many(ties) => Box::new(ties.iter().map(|(key, value)| (*key, value))),
        }
    }

    pub(crate) fn contains(&self, key: K) -> bool {
        match self {
            Self::One(own, _) => *own == key,
            Self::Few(ties) => ties.iter().any(|tie| tie.0 == key),
            Self::Many(ties) => ties.contains_key(&key),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::One(..) => false,
            Self::Few(ties) => ties.is_empty(),
            Self::Many(ties) => ties.is_empty(),
        }
    }

    /// Hands all of them to `f`, that of `last` at the end.
    pub(crate) fn drain(&mut self, last: Option<K>, mut f: impl FnMut(K, V)) {
        let mut ties: Vec<_> = match std::mem::take(self) {
            Self::One(key, value) => return f(key, value),
            Self::Few(ties) => ties,
            Self::Many(ties) => ties.into_iter().collect(),
        };
        if let Some(at) = ties.iter().position(|tie| Some(tie.0) == last) {
            let end = ties.len() - 1;
            ties.swap(at, end);
        }
        for (key, value) in ties {
            f(key, value);
        }
    }
}

/// For identities and addresses, which nobody can choose.
#[derive(Default)]
pub(crate) struct IdHasher(u64);

impl Hasher for IdHasher {
    fn finish(&self) -> u64 {
        // The product's upper half is well mixed also where the low bits are all alike.
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(32)
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, word: u64) {
        self.0 = self.0.rotate_left(32) ^ word;
    }
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_a_set_whether_few_or_many() {
        let mut ties = Ties::default();
        for n in 0..100u64 {
            assert!(ties.add(n, n));
            assert!(!ties.add(n, 0));
        }
        for n in 0..100u64 {
            assert_eq!(ties.remove(n), Some(n));
            assert_eq!(ties.remove(n), None);
        }
        assert!(ties.is_empty());
    }
}
