//! Texts that stop growing.
use std::fmt::{self, Write};

/// Bytes of what is shown of one value.
const LONGEST: usize = 64 * 1024;

/// What a text that was cut ends with.
const CUT: char = '…';

/// Takes what there is room for, then refuses the rest, so that who writes it stops.
#[derive(Default)]
pub(super) struct Bounded {
    text: String,
    pub(super) is_cut: bool,
}

impl Write for Bounded {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        let room = LONGEST.saturating_sub(self.text.len());
        if part.len() <= room {
            self.text.push_str(part);
            return Ok(());
        }
        self.text.push_str(&part[..part.floor_char_boundary(room)]);
        self.is_cut = true;
        Err(fmt::Error)
    }
}

impl Bounded {
    pub(super) fn finish(mut self) -> String {
        if self.is_cut {
            self.text.push(CUT);
        }
        self.text
    }
}

/// What these arguments say, up to the limit. One that fails half way is left there.
pub(super) fn of(words: fmt::Arguments<'_>) -> String {
    written(|text| text.write_fmt(words)).0
}

/// What is written, up to the limit, and whether it was cut.
pub(super) fn written(write: impl FnOnce(&mut Bounded) -> fmt::Result) -> (String, bool) {
    let mut text = Bounded::default();
    text.is_cut = write(&mut text).is_err();
    let is_cut = text.is_cut;
    (text.finish(), is_cut)
}

#[cfg(test)]
mod tests {
    use super::{CUT, LONGEST, of};

    #[test]
    fn long_text_is_cut_at_a_letter_and_says_so() {
        let long = "é".repeat(LONGEST);
        let text = of(format_args!("a{long}"));
        assert_eq!(text.len(), LONGEST - 1 + CUT.len_utf8());
        assert!(text.ends_with("é…"));
        assert_eq!(of(format_args!("short")), "short");
    }

    #[test]
    fn who_shows_is_stopped_when_there_is_no_room() {
        struct Endless;
        impl std::fmt::Display for Endless {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                loop {
                    f.write_str("again and again ")?;
                }
            }
        }
        assert!(of(format_args!("{Endless}")).ends_with(CUT));
    }
}
