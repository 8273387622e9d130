//! A client that stops reading: nobody waits for it, and it is told what it missed.

use crate::support::Server;

/// Enough to fill the buffers of the system many times over.
const LINES: usize = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_stops_reading_is_not_waited_for_and_told_how_much_it_missed() {
    let server = Server::start().await;
    let mut slow = server.member("lobby", "slow").await;
    let mut ann = server.member("lobby", "ann").await;
    let text = "x".repeat(1_000);
    for n in 0..LINES {
        ann.send(format!("SAY {n} {text}")).await;
        let line = ann.line().await;
        assert!(line.starts_with(&format!("lobby ann: {n} ")), "ann's own lines all come");
    }

    // Read again: every line comes once, in order, or is counted where it is missing.
    let (mut next, mut gaps) = (0, Vec::new());
    while next < LINES {
        let line = slow.line().await;
        if let Some(missed) = line.strip_prefix("! you missed ") {
            let missed = missed.strip_suffix(" lines").and_then(|number| number.parse().ok());
            let missed: usize = missed.expect("a number of lines");
            gaps.push(missed);
            next += missed;
        } else {
            assert!(line.starts_with(&format!("lobby ann: {next} ")), "{line:.40} is not {next}");
            next += 1;
        }
    }
    assert_eq!(gaps.len(), 1, "one gap, since nothing was read while it grew");
    assert!(gaps[0] > LINES / 4, "{gaps:?}");
    slow.ask("WHO", "OK ann,slow").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_its_errors_ends_when_it_hangs_up() {
    let server = Server::start().await;
    let mut ann = server.member("lobby", "ann").await;
    let mut flood = server.member("lobby", "flood").await;
    for _ in 0..2_000 {
        flood.send_raw(&b"FOO\nROOMS\nWHO\n".repeat(100)).await;
    }
    ann.ask("WHO", "OK ann,flood").await;
    drop(flood);
    ann.ask_until("WHO", "OK ann").await;
}
