//! `receive!`: selective receive with patterns, guards and a time to give up.
#![allow(clippy::unwrap_used, reason = "in a test it is a claim; helpers are tests too")]

mod arms;
#[path = "../support/mod.rs"]
#[allow(dead_code, reason = "other binaries use the rest")]
mod support;
mod waits;

use cordial::Message;
use cordial::process::Mailbox;

/// What the processes of these tests get.
#[derive(Debug, PartialEq)]
pub(crate) enum Post {
    Number(u32),
    Text(String),
    Pair(u32, u32),
    Stop,
}

impl Message for Post {
    fn kind(&self) -> &'static str {
        "post"
    }
}

pub(crate) fn text(text: &str) -> Post {
    Post::Text(text.to_owned())
}

/// Puts all of them into the process's own mailbox.
pub(crate) fn post(mail: &Mailbox<Post>, all: impl IntoIterator<Item = Post>) {
    all.into_iter().for_each(|one| mail.send_self(one));
}

/// What is left, in the order in which it is received.
pub(crate) async fn rest(mail: &mut Mailbox<Post>) -> Vec<Post> {
    let mut rest = Vec::new();
    while let Some(one) = cordial::receive!(mail, one => Some(one), after 0s => None) {
        rest.push(one);
    }
    rest
}
