//! One line of a trace. The machinery of `fmt` would take a fifth of a history's time.
use std::sync::Arc;

/// A part of a line.
pub(super) trait Put {
    fn put(&self, line: &mut String);
}

/// Appends all of them to a string.
macro_rules! put {
    ($line:expr, $($part:expr),+ $(,)?) => {{
        let line: &mut String = $line;
        $($crate::chaos::line::Put::put(&$part, line);)+
    }};
}

pub(super) use put;

impl Put for &str {
    fn put(&self, line: &mut String) {
        line.push_str(self);
    }
}

impl Put for Arc<str> {
    fn put(&self, line: &mut String) {
        line.push_str(self);
    }
}

impl Put for u32 {
    fn put(&self, line: &mut String) {
        u64::from(*self).put(line);
    }
}

impl Put for u64 {
    fn put(&self, line: &mut String) {
        let (mut digits, mut left, mut at) = ([0; 20], *self, 20);
        loop {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        line.extend(digits[at..].iter().copied().map(char::from));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_stand_as_fmt_writes_them() {
        for number in [0, 7, 10, 99, 100, 12_345, u64::MAX] {
            let mut line = String::new();
            put!(&mut line, "#", number);
            assert_eq!(line, format!("#{number}"));
        }
    }
}
