//! Counters inside of rows: by how much, and what happens at a threshold.

/// What a counter can be.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no counter",
    label = "not a number that can count",
    note = "counters are `i64`, `u64`, `i32` and `u32`"
)]
pub trait Count: Copy + Ord + Send + 'static {
    /// So much more, or less; `None` beyond the range of the type.
    fn moved(self, by: i64) -> Option<Self>;
}

macro_rules! count {
    ($($signed:ty)* ; $($unsigned:ty)*) => {
        $(impl Count for $signed {
            fn moved(self, by: i64) -> Option<Self> {
                Self::try_from(i128::from(self) + i128::from(by)).ok()
            }
        })*
        $(impl Count for $unsigned {
            fn moved(self, by: i64) -> Option<Self> {
                Self::try_from(i128::from(self) + i128::from(by)).ok()
            }
        })*
    };
}
count!(i32 i64; u32 u64);

/// One step of a counter: so much more or less, and where it starts again.
///
/// A plain number is a step without a threshold.
///
/// # Examples
/// ```
/// use cordial::ets::Step;
/// // 1 more; beyond 9 it starts again at 0.
/// let step: Step<u64> = Step::by(1).wrapping(9, 0);
/// assert_eq!(step.apply(4), Some(5));
/// assert_eq!(step.apply(9), Some(0));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step<C> {
    by: i64,
    wrap: Option<(C, C)>,
}

impl<C: Count> Step<C> {
    /// So much more; negative: less.
    pub const fn by(by: i64) -> Self {
        Self { by, wrap: None }
    }

    /// Counting up beyond `threshold`, or down below it, gives `start`.
    pub const fn wrapping(self, threshold: C, start: C) -> Self {
        Self { wrap: Some((threshold, start)), ..self }
    }

    /// What this step makes of a counter; `None`: it would leave the range of its type.
    pub fn apply(&self, before: C) -> Option<C> {
        let after = before.moved(self.by);
        let Some((threshold, start)) = self.wrap else { return after };
        let is_over = match after {
            Some(after) if self.by >= 0 => after > threshold,
            Some(after) => after < threshold,
            None => true,
        };
        if is_over { Some(start) } else { after }
    }
}

impl<C: Count> From<i64> for Step<C> {
    fn from(by: i64) -> Self {
        Self::by(by)
    }
}
