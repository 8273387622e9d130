//! What other macros hand on: types, expressions, names, literals, blocks, visibilities.

use cordial::prelude::*;

macro_rules! server {
    (
        $(#[$meta:meta])* $vis:vis $name:ident ($state:ty) starts $start:expr, $start_ty:ty;
        $cast:ident($arg:ident: $arg_ty:ty) $body:block
        $call:ident -> $reply:ty = $value:expr, within $limit:expr
    ) => {
        $(#[$meta])*
        #[gen_server(restart = Transient)]
        $vis struct $name {
            state: $state,
            beats: u32,
        }

        #[gen_server(mailbox = 1 + 1)]
        impl $name {
            #[init]
            fn init(start: $start_ty) -> Self {
                Self { state: $start(start), beats: 0 }
            }

            #[doc = concat!("Of ", stringify!($name))]
            #[cast]
            $vis fn $cast(&mut self, $arg: $arg_ty) -> Result<(), std::fmt::Error> {
                let add: fn(&mut $state, $arg_ty) = |$arg, more| {
                    let _unused = more;
                    let _ = $arg;
                };
                add(&mut self.state, $arg);
                $body;
                Ok(())
            }

            #[call(timeout = $limit)]
            $vis fn $call(&self) -> $reply {
                let value: fn(&$state) -> $reply = $value;
                value(&self.state)
            }

            #[info]
            fn any(&mut self, _: [$state; 2]) {
                self.beats += 1;
            }
        }
    };
}

server! {
    /// Words.
    #[derive(Debug)]
    pub(crate) Words(Vec<String>) starts |word: String| vec![word], String;
    add(word: &str) { 3 }
    all -> Vec<String> = Clone::clone, within secs(2)
}

macro_rules! tree {
    ($name:ident, $child:ident: $ty:ident($arg:expr), $restart:ident, $count:literal) => {
        supervisor! {
            pub(crate) $name {
                max_restarts: $count in 5s,
                children: [$child: $ty($arg) { restart: $restart }],
            }
        }
    };
}

tree!(Tree, words: Words("a".to_owned()), Permanent, 3);

macro_rules! rows {
    ($name:ident: $key:ty => $value:ty) => {
        table! { pub(crate) $name: $key => $value, set, public }
    };
}

rows!(Rows: u32 => Vec<String>);

macro_rules! names {
    ($name:ident: $key:ty => $server:path) => {
        registry! { pub(crate) $name: $key => $server, duplicate, value = $key }
    };
}

names!(Names: (u8, String) => Words);

macro_rules! piped {
    ($value:expr, $step:expr, $method:ident) => {
        cordial::pipe!($value |> $step |> .$method())
    };
}

macro_rules! talk {
    ($value:expr, $take:expr) => {
        cordial::ping_pong! { ping $value; pong |n| ($take)(n) }
    };
}

#[cordial::main(current_thread)]
async fn main() {
    let tree = Tree::start().await.expect("it starts");
    assert!(tree.words.add("b").sent().is_ok());
    assert_eq!(tree.words.all().await, Ok(vec!["a".to_owned()]));
    assert_eq!(piped!(1 + 1, |n: i32| n * 3, to_string), "6");
    let ended = talk!(1 + 1, |n: i32| assert_eq!(n, 2)).await;
    assert_eq!(ended.reason, ExitReason::Normal);
    let _names: (Option<Rows>, Option<Names>) = (None, None);
}

/// All of it.
pub fn run() {
    main();
}
