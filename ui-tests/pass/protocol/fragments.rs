//! What comes from macros of the user's own; names of any kind; messages that are called as
//! anything that is generated.

#![deny(warnings)]

macro_rules! talk {
    ($name:ident, $one:ident, $other:ident, $msg:ident, $ty:ty, $time:expr) => {
        cordial::protocol! {
            $name: $one => $other {
                loop Round {
                    $one -> $other: $msg($ty);
                    $other -> $one: Reply(Option<$ty>) within $time;
                }
            }
        }
    };
}

talk!(Chat, Ann, Bob, Say, Vec<u8>, cordial::secs(3));

cordial::protocol! {
    Names: Offer => Wait {
        Offer -> Wait: Half(u8);
        Wait -> Offer: Word(half: u8);
        Offer -> Wait: Open(word: u8, of: u8);
        choice Wait { Timeout => end, NoTimeout(u8) => Offer -> Wait: Größe(u16), Over => end }
        Wait -> Offer: Self_;
    }
}

#[cordial::main]
async fn main() {
    let (ann, bob) = chat::open();
    let ann = ann.say(vec![1]);
    let (heard, bob) = bob.say().await.expect("she is there");
    let bob = bob.reply(Some(heard));
    let (reply, ann) = ann.reply().await.expect("he is there");
    assert_eq!(reply, Some(vec![1]));
    drop((ann, bob));

    let (one, other) = names::open();
    let one = one.half(1);
    let (half, other) = other.half().await.expect("it was said");
    let other = other.word(half + 1);
    let (word, one) = one.word().await.expect("it was said");
    let one = one.open(word, 3);
    let (word, of, other) = other.open().await.expect("it was said");
    assert_eq!((word, of), (2, 3));
    let _end = other.timeout();
    let offer = one.offer().await.expect("it was said");
    assert_eq!(format!("{offer:?}"), "Timeout");
}
