//! What is generated pleases every lint of the language, without a prelude and with another name
//! for the runtime.

#![no_implicit_prelude]
#![deny(warnings, missing_docs, unreachable_pub, unused, unused_qualifications, unnameable_types)]
#![deny(missing_debug_implementations, trivial_bounds)]
#![deny(single_use_lifetimes, unused_lifetimes, let_underscore_drop, elided_lifetimes_in_paths)]
#![deny(non_ascii_idents, private_interfaces, private_bounds)]

use ::cordial as mine;
use ::std::string::String;

/// Names that generated code must not take for its own.
#[allow(dead_code)]
#[derive(Debug)]
struct Option;
#[allow(dead_code)]
#[derive(Debug)]
struct Half;
#[allow(dead_code)]
#[derive(Debug)]
struct Receive;

/// What is carried.
#[derive(Debug)]
struct Own(#[allow(dead_code)] u8);

/// What is carried far.
#[derive(Debug)]
pub struct Far(
    /// So far.
    pub u8,
);

mine::protocol! {
    crate = mine;
    /// Everything that can be said.
    pub Whole: Left => Right within 1h {
        loop Outer {
            choice Left as Mood within infinity {
                /// With two values, one of them named.
                Two(word: String, u8) => { Right -> Left: half(::std::vec::Vec<u8>) within 5s; }
                Loop(Far) => loop Inner {
                    Right -> Left: Self_;
                    choice Left { Again => continue Inner, r#Match => continue Outer, Out => {} }
                    Left -> Right: Fn(fn(&str) -> u8);
                },
                Stop => end,
            }
        }
    }
}

mine::protocol! {
    crate = mine;
    Private: A => B {
        A -> B: Hello(Own);
        A -> B: Hello(Own);
        B -> A: Half;
    }
}

mod inner {
    ::cordial::protocol! {
        pub(super) Above: A => B {
            A -> B: Hello(super::Own);
        }
    }
    ::cordial::protocol! {
        pub(in crate::inner) Here: A => B {
            A -> B: Hello(&'static str);
        }
    }
    pub(crate) fn talk() {
        let (a, b) = here::open();
        let _end = a.hello("hi");
        ::std::mem::drop(b);
    }
}

#[mine::main(crate = mine)]
async fn main() {
    let (left, right) = whole::open();
    let _end = left.stop();
    ::std::mem::drop(right.offer().await);
    let (a, b) = private::open();
    let a = a.hello(Own(1)).hello(Own(2));
    let b = b.hello().await;
    ::std::mem::drop((a, b));
    let (a, _b) = inner::above::open();
    let _end = a.hello(Own(3));
    inner::talk();
}
