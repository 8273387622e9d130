//! How keys are hashed where many look them up: quickly, and by a secret of each map's own.
//!
//! A step multiplies what is there with the word that comes and folds the halves of the product
//! into one another. Who does not know the secret cannot choose keys that fall together.
//! In a simulation there is one secret, and the same in every run: whoever goes over all rows or
//! entries meets them in the same order.
use std::hash::{BuildHasher, Hasher, RandomState};

/// Makes the hashers of one map.
#[derive(Clone, Debug)]
pub(crate) struct KeyHashes {
    first: u64,
    last: u64,
}

#[derive(Debug)]
pub(crate) struct KeyHasher {
    sum: u64,
    last: u64,
}

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

impl Default for KeyHashes {
    fn default() -> Self {
        #[cfg(feature = "chaos")]
        if crate::rt::sim::is_active() {
            return Self { first: STEP, last: STEP };
        }
        let secret = RandomState::new();
        Self { first: secret.hash_one(1), last: secret.hash_one(2) | 1 }
    }
}

impl BuildHasher for KeyHashes {
    type Hasher = KeyHasher;
    #[inline]
    fn build_hasher(&self) -> KeyHasher {
        KeyHasher { sum: self.first, last: self.last }
    }
}

#[inline]
fn folded(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product as u64) ^ ((product >> 64) as u64)
}

impl Hasher for KeyHasher {
    #[inline]
    fn finish(&self) -> u64 {
        folded(self.sum, self.last)
    }

    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            self.write_u64(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        // The length keeps what ends with zeros apart from what is shorter.
        self.write_u64(u64::from_le_bytes(last) ^ ((bytes.len() as u64) << 56));
    }

    #[inline]
    fn write_u64(&mut self, word: u64) {
        self.sum = folded(self.sum ^ word, STEP ^ self.last);
    }
    #[inline]
    fn write_u8(&mut self, word: u8) {
        self.write_u64(word.into());
    }
    #[inline]
    fn write_u16(&mut self, word: u16) {
        self.write_u64(word.into());
    }
    #[inline]
    fn write_u32(&mut self, word: u32) {
        self.write_u64(word.into());
    }
    #[inline]
    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::KeyHashes;
    use std::collections::HashSet;
    use std::hash::{BuildHasher, Hash};

    /// How many of so many keys fall together in their low bits, and in their high ones.
    fn together<K: Hash>(hashes: &KeyHashes, keys: impl Iterator<Item = K>) -> (usize, usize) {
        let all: Vec<u64> = keys.map(|key| hashes.hash_one(key)).collect();
        let low: HashSet<u64> = all.iter().map(|hash| hash & 0xF_FFFF).collect();
        let high: HashSet<u64> = all.iter().map(|hash| hash >> 44).collect();
        (all.len() - low.len(), all.len() - high.len())
    }

    #[test]
    fn keys_that_are_alike_fall_apart() {
        let hashes = KeyHashes::default();
        // Of 10,000 in a million places about 50 meet by chance.
        for (low, high) in [
            together(&hashes, 0..10_000_u64),
            together(&hashes, (0..10_000_u64).map(|n| n << 40)),
            together(&hashes, (0..10_000_u32).map(|n| (n, 7_u8))),
            together(&hashes, (0..10_000).map(|n| format!("user {n}"))),
            together(&hashes, (0..10_000).map(|n| "0".repeat(n % 100) + &n.to_string())),
        ] {
            assert!(low < 200 && high < 200, "{low} and {high} of 10,000");
        }
    }

    #[test]
    fn tables_hash_by_different_secrets() {
        let (one, other) = (KeyHashes::default(), KeyHashes::default());
        assert_eq!(one.hash_one("tea"), one.clone().hash_one("tea"));
        assert_ne!(one.hash_one("tea"), other.hash_one("tea"));
        assert_ne!(one.hash_one("tea"), one.hash_one("tea\0"));
    }
}
