//! What a failed call tells: the error's kind, and its text.
use crate::calls_desk::{Desk, DeskRef, Refused, Way, desk};
use crate::gen_server_support::custom;
use cordial::gen_server;
use cordial::prelude::*;
use cordial::process;
use cordial::test::expect_down;
use std::time::Duration;

#[cordial::test]
async fn error_of_the_handler_and_of_the_call_come_as_one() {
    let desk = desk().await;
    assert_eq!(desk.check(1).await, Ok(1));
    assert_eq!(desk.check(0).await, Err(TryCallError::Handler(Refused)));
    let late = desk.check(1).timeout(Duration::ZERO).await.unwrap_err();
    assert!(late.is_timeout() && late.handler().is_none());
    gen_server::stop(&desk).await.unwrap();
    let gone = desk.check(1).no_timeout().await.unwrap_err();
    assert!(matches!(gone, TryCallError::Call(CallError::NoProc(_))));
    assert!(matches!(desk.check(1).await, Err(TryCallError::Call(_))));
}

/// `?` works from a plain call and from one with an error of its own.
async fn asks_twice(desk: &DeskRef) -> Result<u32, TryCallError<Refused>> {
    Ok(desk.echo(1).await? + desk.check(0).await?)
}

#[cordial::test]
async fn plain_calls_and_calls_with_errors_mix_with_a_question_mark() {
    let desk = desk().await;
    assert_eq!(asks_twice(&desk).await, Err(TryCallError::Handler(Refused)));
}

#[cordial::test]
async fn texts_of_call_errors_say_who_what_and_how_long() {
    let state = Desk::default();
    let gate = state.gate.clone();
    let desk = Desk::start(state).name("desk").await.unwrap();
    let pid = gen_server::whereis(&desk).unwrap();
    let text = |error: CallError| error.to_string();
    let error = text(desk.keep().await.unwrap_err());
    assert_eq!(error, format!("call `keep` to `desk` {pid} timed out after 5s"));
    let error = text(desk.keep_for_two().timeout(millis(1500)).await.unwrap_err());
    assert_eq!(error, format!("call `keep_for_two` to `desk` {pid} timed out after 1.5s"));
    let call = desk.keep();
    desk.let_go();
    let error = text(call.await.unwrap_err());
    let dropped = "failed: the server dropped the reply handle";
    assert_eq!(error, format!("call `keep` to `desk` {pid} {dropped}"));
    let error = text(desk.call_itself(None).await.unwrap());
    let circle = format!("would wait for ever: {pid} -> {pid}");
    assert_eq!(error, format!("call `echo` to `desk` {pid} {circle}"));
    let refused = desk.check(0).await.unwrap_err();
    assert_eq!(refused.to_string(), "refused");

    let call = desk.end(Way::Shutdown);
    gate.open();
    let error = call.await.unwrap_err();
    let source = std::error::Error::source(&error).expect("the reason is the source");
    assert_eq!(source.to_string(), "shutdown");
    // The name went with the process; the type's is left.
    let ended = "failed: the server ended: shutdown";
    assert_eq!(text(error), format!("call `end` to `Desk` {pid} {ended}"));
    let error = text(desk.echo(1).await.unwrap_err());
    assert_eq!(error, "call `echo` to `Desk` failed: no such process");
}

#[test]
fn texts_of_other_errors_are_sentences_without_a_full_stop() {
    use cordial::StopError;
    let texts = [
        (StartError::Ignore.to_string(), "`init` asked to be ignored"),
        (StartError::Timeout(secs(1)).to_string(), "`init` did not finish within 1s"),
        (StartError::Init(custom()).to_string(), "`init` failed: x"),
        (StartError::NoRuntime.to_string(), "no tokio runtime runs here"),
        (StartError::NodeStopping.to_string(), "the node is stopping"),
        (StartError::NoParent.to_string(), "`start_link` outside a process has nobody to link to"),
        (StopError::NoProc.to_string(), "no such process"),
        (StopError::Timeout(millis(5)).to_string(), "did not stop within 5ms"),
        (StopError::CallingSelf.to_string(), "a process cannot wait for its own end"),
        (StopError::Down(custom()).to_string(), "it ended for another reason: x"),
        (SendError::Full.to_string(), "the mailbox is full"),
        (SendError::NoProc.to_string(), "no such process"),
    ];
    for (text, expected) in texts {
        assert_eq!(text, expected);
        assert!(!text.ends_with('.'));
    }
}

#[cordial::test]
async fn call_says_whom_it_waits_for() {
    let desk = desk().await;
    let pid = gen_server::whereis(&desk).unwrap();
    let call = desk.keep();
    assert_eq!(format!("{call:?}"), format!("Call(call `keep` to `Desk` {pid})"));
    assert_eq!(format!("{desk:?}"), format!("Desk{pid}"));
    gen_server::stop(&desk).await.unwrap();
    assert_eq!(format!("{desk:?}"), "Desk<closed>");
    expect_down(process::monitor(&desk), ExitReason::NoProc).await;
}
