//! Every form of an arm, in a module without a prelude.

#![no_implicit_prelude]

use ::cordial::process::{self, Mailbox};
use ::cordial::{Down, Exit, receive};
use ::std::assert_eq;
use ::std::string::String;

enum Msg {
    Number(u32),
    Named { name: String, age: u8 },
    List(::std::vec::Vec<u8>),
    Stop,
}

impl ::cordial::Message for Msg {
    fn kind(&self) -> &'static str {
        "msg"
    }
}

struct Reader {
    mail: Mailbox<Msg>,
    patience: ::std::time::Duration,
}

impl Reader {
    async fn read(&mut self, watched: ::cordial::Pid) -> u32 {
        receive! {
            self.mail,
            Msg::Number(1..=3) => 1,
            Msg::Number(n @ (7 | 9)) => n,
            Msg::Named { mut name, .. } if name.len() > 3 => {
                name.clear();
                2
            }
            Msg::Named { age, .. } => ::core::convert::From::from(age),
            #[cfg(any())]
            Msg::Missing => 3,
            Msg::List(list) if match &list[..] { [] => false, [first, ..] => *first == 1 } => 4,
            Down { pid, .. } if pid == watched => 5,
            ::cordial::Exit { reason, .. } => if reason.is_clean() { 6 } else { 7 },
            Msg::Stop => return 0,
            after self.patience => 8,
        }
    }
}

#[::cordial::main(current_thread)]
async fn main() {
    let body = async |mail: Mailbox<Msg>| {
        let me = mail.pid();
        let mut reader = Reader { mail, patience: ::cordial::millis(1) };
        assert_eq!(reader.read(me).await, 8);
        reader.mail.send_self(Msg::List(::std::vec![2]));
        reader.mail.send_self(Msg::Number(9));
        assert_eq!(reader.read(me).await, 9);
        reader.mail.send_self(Msg::Named { name: ::std::borrow::ToOwned::to_owned("ann"), age: 3 });
        assert_eq!(reader.read(me).await, 3);
        let any = receive!(reader.mail, message => message, Exit { .. } => return);
        if let Msg::List(list) = any {
            assert_eq!(list, [2]);
        }
    };
    let ended = process::spawn_monitor(body).1.await;
    assert_eq!(ended.reason, ::cordial::ExitReason::Normal);
}
