//! The runtime under another name, and what stands around a machine under none.

mod re_exported {
    pub(crate) use ::cordial as otp;
}

mod door {
    use crate::re_exported::otp::gen_statem;
    use crate::re_exported::otp::gen_statem::{goto, repeat_state};

    #[gen_statem(crate = crate::re_exported::otp)]
    #[derive(Clone)]
    pub(crate) struct Door;

    #[gen_statem(Closed | Open, crate = crate::re_exported::otp)]
    impl Door {
        #[on(Closed)]
        #[call]
        pub(crate) fn push(&mut self, text: &str) -> (usize, to![Open]) {
            (text.len(), goto(Open))
        }
        #[on(Open)]
        #[call]
        pub(crate) fn push(&mut self, _text: &str) -> (usize, to![Closed]) {
            (0, repeat_state())
        }
        #[on(Open)]
        #[after(1s)]
        fn closes(&mut self) -> to![Closed] {
            goto(Closed)
        }
    }
}

fn main() {
    let _ = door::Door::start(door::Door);
}
