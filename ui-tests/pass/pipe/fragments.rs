//! Made by a macro of the user's, under another name of the runtime, and with every lint on.

#![deny(warnings, unused, unused_results, let_underscore_drop, unused_qualifications)]

mod otp {
    pub(crate) use cordial::*;
}

fn pipe(number: u8) -> u8 {
    number + 1
}

macro_rules! twice {
    ($value:expr, $step:expr) => {
        otp::pipe!(crate = crate::otp; $value |> $step |> $step)
    };
}

fn main() {
    let piped = 1_u8;
    assert_eq!(twice!(piped, pipe), 3);
    assert_eq!(twice!(piped, |n| n * 3), 9);
}
