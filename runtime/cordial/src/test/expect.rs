//! What `expect_cast!`, `expect_call!`, `assert_receive!` and `refute_receive!` call, and what they
//! say when the test fails.
//!
//! A message is tried against a pattern by value: a macro's closure takes it and gives what the
//! pattern binds, or the message back.
use super::PATIENCE;
use super::inbox::{Inbox, Receives, due};
use crate::mailbox::{Lost, with_dying};
use crate::process::Message;
use crate::rt::time::Instant;
use std::collections::VecDeque;
use std::fmt::{Debug, Write};
use std::time::Duration;

/// How long nothing may come if `refute_receive!` does not say.
const SILENCE: Duration = Duration::from_millis(100);

/// Messages that a failure shows.
const MOST_SHOWN: usize = 10;

/// What stands in a use of the macros.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The macro.
    pub verb: &'static str,
    /// The pattern as it was written.
    pub pattern: &'static str,
    pub within: Option<Duration>,
}

/// Everything has this method, so that the compiler says of what receives nothing that it does not.
pub trait Received {
    fn __received(&mut self) -> &mut Inbox<Self::Msg>
    where
        Self: Receives,
    {
        self.inbox()
    }
}

impl<T> Received for T {}

/// The next message has to match.
pub async fn next<M: Message, B>(
    inbox: &mut Inbox<M>,
    asked: Asked,
    mut attempt: impl FnMut(M) -> Result<B, M>,
    describe: impl Fn(&M) -> Option<String>,
) -> Result<B, String> {
    let Asked { verb, pattern, within } = asked;
    let Some(message) = inbox.next_by(due(within)).await else {
        let within = within.unwrap_or(PATIENCE);
        return Err(format!("{verb}!: expected `{pattern}`, but nothing came within {within:?}"));
    };
    let kind = message.kind();
    match take(&asked, kind, message, &mut attempt)? {
        Ok(bound) => Ok(bound),
        Err(other) => {
            let came = shown(&other, &describe);
            let mut text = format!("{verb}!: expected `{pattern}`, but {came} came");
            let rest = inbox.kinds();
            if !rest.is_empty() {
                let _ = write!(text, "; after it came {}", listed(rest.iter().map(quoted)));
            }
            Err(text)
        }
    }
}

/// The first message that matches; all others keep their places.
pub async fn any<M: Message, B>(
    inbox: &mut Inbox<M>,
    asked: Asked,
    attempt: impl FnMut(M) -> Result<B, M>,
    describe: impl Fn(&M) -> Option<String>,
) -> Result<B, String> {
    let Asked { verb, pattern, within } = asked;
    let (found, others) = search(inbox, asked, due(within), attempt, &describe).await?;
    found.map(|(bound, _)| bound).ok_or_else(|| {
        let within = within.unwrap_or(PATIENCE);
        let came = if others.is_empty() { "nothing".to_owned() } else { listed(others) };
        format!("{verb}!: expected `{pattern}` within {within:?}, but {came} came")
    })
}

/// No message matches, now or within some time.
pub async fn none<M: Message>(
    inbox: &mut Inbox<M>,
    asked: Asked,
    attempt: impl FnMut(M) -> Result<(), M>,
    describe: impl Fn(&M) -> Option<String>,
) -> Result<(), String> {
    let Asked { verb, pattern, within } = asked;
    let within = within.unwrap_or(SILENCE);
    match search(inbox, asked, due(Some(within)), attempt, &describe).await?.0 {
        None => Ok(()),
        Some((_, came)) => {
            Err(format!("{verb}!: expected no `{pattern}` within {within:?}, but {came} came"))
        }
    }
}

type Found<B> = Option<(B, String)>;

/// The first message that matches, and what the others are.
async fn search<M: Message, B>(
    inbox: &mut Inbox<M>,
    asked: Asked,
    due: Instant,
    mut attempt: impl FnMut(M) -> Result<B, M>,
    describe: &impl Fn(&M) -> Option<String>,
) -> Result<(Found<B>, Vec<String>), String> {
    let mut others = VecDeque::new();
    let mut found = Ok(None);
    while let Some(message) = inbox.next_by(due).await {
        let (kind, came) = (message.kind(), shown(&message, describe));
        match take(&asked, kind, message, &mut attempt) {
            Ok(Err(other)) => others.push_back(other),
            Ok(Ok(bound)) => {
                found = Ok(Some((bound, came)));
                break;
            }
            Err(why) => {
                found = Err(why);
                break;
            }
        }
    }
    let shown = others.iter().map(|other| shown(other, describe)).collect();
    inbox.put_back(others);
    found.map(|found| (found, shown))
}

/// Tries one message. A call must not be taken by a pattern that leaves its caller without an
/// answer.
fn take<M, B>(
    asked: &Asked,
    kind: &'static str,
    message: M,
    attempt: &mut impl FnMut(M) -> Result<B, M>,
) -> Result<Result<B, M>, String> {
    let (tried, callers) = with_dying(|| attempt(message));
    let is_call = !callers.is_empty();
    for caller in callers {
        caller.close(Lost::Dropped);
    }
    if is_call && tried.is_ok() && asked.verb != REFUTE {
        let Asked { verb, pattern, .. } = asked;
        return Err(format!(
            "{verb}!: expected `{pattern}`, but `{kind}` is a call, whose caller waits for an \
             answer: `expect_call!(.., .. => answer)` gives one"
        ));
    }
    Ok(tried)
}

/// What it takes it drops, and the test fails.
const REFUTE: &str = "refute_receive";

/// A message's kind, and the fields that the pattern names if it is of the pattern's kind.
fn shown<M: Message>(message: &M, describe: &impl Fn(&M) -> Option<String>) -> String {
    match describe(message).filter(|fields| !fields.is_empty()) {
        Some(fields) => format!("{} with {fields}", quoted(&message.kind())),
        None => quoted(&message.kind()),
    }
}

fn quoted(kind: &&'static str) -> String {
    format!("`{kind}`")
}

fn listed(all: impl IntoIterator<Item = String>) -> String {
    let mut all: Vec<String> = all.into_iter().collect();
    let more = all.len().saturating_sub(MOST_SHOWN);
    all.truncate(MOST_SHOWN);
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all.join(", ")
}

/// A field of a message, shown as `Debug` does where it can.
pub struct Field<'a, T: ?Sized>(pub &'a T);

/// See [`Field`]: found first, for what is `Debug`.
pub trait ShowDebug {
    fn show(&self) -> String;
}

impl<T: Debug + ?Sized> ShowDebug for Field<'_, T> {
    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// See [`Field`]: found for all else.
pub trait ShowType {
    fn show(&self) -> String;
}

impl<T: ?Sized> ShowType for &Field<'_, T> {
    fn show(&self) -> String {
        "..".to_owned()
    }
}
