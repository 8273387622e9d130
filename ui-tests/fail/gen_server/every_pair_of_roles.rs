//! Every two marks on one method.

mod pair_0 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[call]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_1 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[cast]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_2 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[info]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_3 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[handle_continue]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_4 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[every(1s)]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_5 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[idle(1s)]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_6 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[terminate]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_7 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[call]
        #[cast]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_8 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[call]
        #[info]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_9 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[call]
        #[handle_continue]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_10 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[call]
        #[every(1s)]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_11 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[call]
        #[idle(1s)]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_12 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[call]
        #[terminate]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_13 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[cast]
        #[info]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_14 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[cast]
        #[handle_continue]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_15 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[cast]
        #[every(1s)]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_16 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[cast]
        #[idle(1s)]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_17 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[cast]
        #[terminate]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_18 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[info]
        #[handle_continue]
        fn both(&mut self, points: u32) {
            self.0 += points;
        }
    }
}

mod pair_19 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[info]
        #[every(1s)]
        fn both(&mut self, points: u32) {
            self.0 += points;
        }
    }
}

mod pair_20 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[info]
        #[idle(1s)]
        fn both(&mut self, points: u32) {
            self.0 += points;
        }
    }
}

mod pair_21 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[info]
        #[terminate]
        fn both(&mut self, points: u32) {
            self.0 += points;
        }
    }
}

mod pair_22 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[handle_continue]
        #[every(1s)]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_23 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[handle_continue]
        #[idle(1s)]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_24 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[handle_continue]
        #[terminate]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_25 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[every(1s)]
        #[idle(1s)]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_26 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[every(1s)]
        #[terminate]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_27 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[idle(1s)]
        #[terminate]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_28 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[init]
        #[format_status]
        fn both() -> Self {
            Self(0)
        }
    }
}

mod pair_29 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[call]
        #[format_status]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_30 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[cast]
        #[format_status]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_31 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[info]
        #[format_status]
        fn both(&mut self, points: u32) {
            self.0 += points;
        }
    }
}

mod pair_32 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[handle_continue]
        #[format_status]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_33 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[every(1s)]
        #[format_status]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_34 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[idle(1s)]
        #[format_status]
        fn both(&mut self) {
            self.0 += 1;
        }
    }
}

mod pair_35 {
    use cordial::prelude::*;

    #[gen_server]
    pub struct Board(u32);

    #[gen_server]
    impl Board {
        #[format_status]
        #[terminate]
        fn both(&self) -> u32 {
            self.0
        }
    }
}

fn main() {}
