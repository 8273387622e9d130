//! What was measured of one peer in one row: medians, spreads, and which of two is better.

/// What a figure counts, and whether more of it is better.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) enum Unit {
    PerSecond,
    Nanoseconds,
    Bytes,
    Percent,
}

impl Unit {
    pub(super) fn read(word: &str) -> Option<Self> {
        match word {
            "ops/s" => Some(Self::PerSecond),
            "ns" => Some(Self::Nanoseconds),
            "B" => Some(Self::Bytes),
            "%" => Some(Self::Percent),
            _ => None,
        }
    }

    fn more_is_better(self) -> bool {
        matches!(self, Self::PerSecond | Self::Percent)
    }

    /// How many times as good `own` is as `other`; of shares of a whole that says nothing.
    pub(super) fn ratio(self, own: f64, other: f64) -> Option<f64> {
        let ratio = if self.more_is_better() { own / other } else { other / own };
        (self != Self::Percent && ratio.is_finite()).then_some(ratio)
    }

    pub(super) fn is_better(self, own: f64, other: f64) -> bool {
        if self.more_is_better() { own > other } else { own < other }
    }

    /// The figure with a unit that a person reads at a glance.
    pub(super) fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond if value >= 1e6 => format!("{} M/s", digits(value / 1e6)),
            Self::PerSecond => format!("{} k/s", digits(value / 1e3)),
            Self::Nanoseconds if value >= 1e4 => format!("{} µs", digits(value / 1e3)),
            Self::Nanoseconds => format!("{} ns", digits(value)),
            Self::Bytes => format!("{} B", digits(value)),
            Self::Percent => format!("{} %", digits(value)),
        }
    }
}

/// Three digits that count.
pub(super) fn digits(value: f64) -> String {
    match value.abs() {
        small if small < 10.0 => format!("{value:.2}"),
        middle if middle < 100.0 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

/// One peer in one row, once per round.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Figures {
    pub(super) unit: Unit,
    values: Vec<f64>,
}

impl Figures {
    pub(super) fn new(unit: Unit) -> Self {
        Self { unit, values: Vec::new() }
    }

    pub(super) fn add(&mut self, value: f64) {
        self.values.push(value);
        self.values.sort_by(f64::total_cmp);
    }

    /// The one in the middle; of two, their mean.
    pub(super) fn median(&self) -> f64 {
        let (lower, upper) = ((self.values.len() - 1) / 2, self.values.len() / 2);
        f64::midpoint(self.values[lower], self.values[upper])
    }

    /// The median, and in parentheses the least and the most of all rounds.
    pub(super) fn show(&self) -> String {
        let median = self.unit.show(self.median());
        let (Some(least), Some(most)) = (self.values.first(), self.values.last()) else {
            return median;
        };
        if self.values.len() == 1 {
            return median;
        }
        format!("{median} ({}..{})", self.unit.show(*least), self.unit.show(*most))
    }
}

#[cfg(test)]
mod tests {
    use super::{Figures, Unit};

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let mut figures = Figures::new(Unit::Nanoseconds);
        for value in [30.0, 10.0, 500.0] {
            figures.add(value);
        }
        assert_eq!(figures.median(), 30.0);
        figures.add(40.0);
        assert_eq!(figures.median(), 35.0);
        assert_eq!(figures.show(), "35.0 ns (10.0 ns..500 ns)");
    }

    #[test]
    fn a_ratio_above_one_is_better_whatever_the_unit() {
        assert_eq!(Unit::PerSecond.ratio(30.0, 10.0), Some(3.0));
        assert_eq!(Unit::Nanoseconds.ratio(30.0, 10.0).map(|ratio| ratio < 1.0), Some(true));
        assert_eq!(Unit::Percent.ratio(99.0, -1.0), None);
        assert!(Unit::Bytes.is_better(128.0, 2048.0) && Unit::Percent.is_better(99.0, 0.0));
    }

    #[test]
    fn large_figures_get_large_units() {
        assert_eq!(Unit::PerSecond.show(38_100_000.0), "38.1 M/s");
        assert_eq!(Unit::PerSecond.show(4_000.0), "4.00 k/s");
        assert_eq!(Unit::Nanoseconds.show(21_800.0), "21.8 µs");
    }
}
