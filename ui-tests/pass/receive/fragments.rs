//! Made by a macro of the user's, under another name of the runtime, and with every lint on.

#![deny(warnings, unused, unused_results, let_underscore_drop, unused_qualifications)]

mod otp {
    pub(crate) use cordial::*;
}

use otp::process::Mailbox;

enum Msg {
    Number(u32),
    Text(String),
    Stop,
}

impl otp::Message for Msg {
    fn kind(&self) -> &'static str {
        "msg"
    }
}

macro_rules! wait {
    ($mail:expr, $pattern:pat, $guard:expr, $value:expr, $time:expr) => {
        otp::receive! { crate = crate::otp; $mail,
            $pattern if $guard => Some($value),
            after $time => None,
        }
    };
}

macro_rules! arms {
    ($mail:ident; $($pattern:pat => $value:expr),*) => {
        otp::receive!(crate = crate::otp; $mail, $($pattern => $value),*)
    };
}

async fn read(mut mail: Mailbox<Msg>) -> u32 {
    mail.send_self(Msg::Number(1));
    mail.send_self(Msg::Text("two".to_owned()));
    mail.send_self(Msg::Stop);
    let r#type = wait!(mail, Msg::Text(text), text.len() == 3, text, otp::secs(1));
    let größe = arms!(mail; Msg::Number(n) => n, Msg::Stop | Msg::Text(_) => 0);
    größe + u32::from(r#type.is_some_and(|text| text == "two"))
}

#[otp::main(crate = crate::otp, current_thread)]
async fn main() {
    let (told, answer) = otp::ReplyTo::pair();
    let body = async |mail| told.reply(read(mail).await);
    let ended = otp::process::spawn_monitor(body).1.await;
    assert_eq!((ended.reason, answer.await), (otp::ExitReason::Normal, Some(2)));
}
