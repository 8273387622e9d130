//! Chance that can be repeated.

/// A sequence of numbers that its seed decides: `SplitMix64`.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// Different streams of one seed have nothing in common.
    pub(super) fn of(seed: u64, stream: u64) -> Self {
        let mut random = Self(seed ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03));
        random.next();
        random
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ self.0 >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ mixed >> 31
    }

    /// Less than `among`, which is not 0.
    pub(super) fn below(&mut self, among: u32) -> u32 {
        let high = (u128::from(self.next()) * u128::from(among)) >> 64;
        u32::try_from(high).expect("it is below a number of 32 bits")
    }

    /// Happens with this chance, from 0 to 1.
    pub(super) fn happens(&mut self, chance: f64) -> bool {
        // 53 bits are exact in a float.
        let part = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        part < chance
    }
}
