//! Under another name of the runtime, without a prelude, with names that are the language's or the
//! runtime's, with letters that are not ASCII, and with every lint on.

#![no_implicit_prelude]
#![deny(warnings, unused, unused_results, let_underscore_drop, unused_qualifications)]

mod otp {
    pub(crate) use ::cordial::*;
}

mod contract {
    /// What a wheel does.
    #[crate::otp::behaviour(crate = crate::otp)]
    pub trait Rad<Type: ::core::cmp::Ord = u8> {
        /// Turns it.
        #[call(timeout = 1s)]
        fn drehe(&mut self, um: u8, r#fn: Type) -> ::core::primitive::u8;
        /// Named as what every server has.
        #[call]
        async fn handle(&mut self, msg: Type) -> ::core::result::Result<u8, u8>;
        /// Another of these names.
        #[cast]
        fn init(&self) {}
        /// Not there.
        #[cfg(any())]
        #[cast]
        fn missing(&mut self, of: Missing);
        /// Was there.
        #[deprecated]
        #[cast]
        fn alt(&mut self) {}
    }
}

use contract::Rad as Wheel;

mod server {
    use super::{Wheel, otp};

    #[otp::gen_server(crate = otp)]
    #[derive(::core::clone::Clone)]
    pub struct Räder(pub u8);

    #[otp::gen_server(crate = otp, behaviours(Wheel<u16>))]
    impl Räder {}
}

use server::Räder;

impl Wheel<u16> for Räder {
    fn drehe(&mut self, um: u8, r#fn: u16) -> u8 {
        self.0 += um + (r#fn as u8);
        self.0
    }
    async fn handle(&mut self, msg: u16) -> ::core::result::Result<u8, u8> {
        if msg == 0 { ::core::result::Result::Err(1) } else { ::core::result::Result::Ok(self.0) }
    }
}

#[otp::main(crate = crate::otp, current_thread)]
async fn main() {
    let räder = ::core::result::Result::unwrap(Räder::start(Räder(1)).await);
    let rad: contract::RadRef<u16> = ::core::convert::From::from(räder);
    let _cast = rad.init();
    ::std::assert_eq!(rad.drehe(1, 2).await, ::core::result::Result::Ok(4));
    ::std::assert!(rad.handle(0).await.is_err());
    ::std::assert!(::std::matches!(rad.handle(1).await, ::core::result::Result::Ok(4)));
}
