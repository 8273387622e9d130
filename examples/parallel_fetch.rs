//! Fetches many pages from HTTP servers at once, a few at a time, and counts their words.
//!
//! The servers are real ones, on ports of this machine; one page is slow and one is broken. What
//! the stream of tasks gives is checked: a wrong result is an error and another exit code than 0.
//!
//! ```text
//! cargo run --example parallel_fetch
//! ```
use cordial::prelude::*;
use cordial::task::OnLate;
use cordial::{Task, TaskSpec, TaskSupervisor};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const PAGES: usize = 40;
/// Fetches at a time.
const MOST: usize = 8;
/// This page takes longer than anybody waits.
const SLOW: usize = 13;
/// This one is not there.
const MISSING: usize = 27;

/// How many fetches there are at once, and were at most.
#[derive(Clone, Default)]
struct Load(Arc<(AtomicUsize, AtomicUsize)>);

impl Load {
    fn begin(&self) -> Fetching {
        let now = self.0.0.fetch_add(1, SeqCst) + 1;
        self.0.1.fetch_max(now, SeqCst);
        Fetching(self.clone())
    }
}

/// A fetch that is counted, until it is dropped.
struct Fetching(Load);

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.0.0.fetch_sub(1, SeqCst);
    }
}

/// Page 3 has three words.
fn page(number: usize) -> String {
    vec!["word"; number].join(" ")
}

/// Serves pages for ever.
async fn serve(listener: Arc<TcpListener>) -> std::io::Result<()> {
    loop {
        let (stream, _) = listener.accept().await?;
        Task::start(answer(stream)).map_err(std::io::Error::other)?;
    }
}

async fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let (status, body) = match request(&mut stream).await {
        Some(SLOW) => {
            cordial::process::sleep(secs(30)).await;
            ("200 OK", page(SLOW))
        }
        Some(MISSING) | None => ("404 Not Found", String::new()),
        Some(number) => ("200 OK", page(number)),
    };
    let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await
}

/// The number in `GET /7 HTTP/1.1`.
async fn request(stream: &mut TcpStream) -> Option<usize> {
    let mut text = Vec::new();
    while !text.ends_with(b"\r\n\r\n") {
        text.push(stream.read_u8().await.ok()?);
    }
    let text = String::from_utf8(text).ok()?;
    text.split(['/', ' ']).nth(2)?.parse().ok()
}

/// Fetches a page, and counts its words; panics where there is none.
async fn count_words(from: SocketAddr, number: usize) -> usize {
    let mut stream = TcpStream::connect(from).await.expect("the server listens");
    let request = format!("GET /{number} HTTP/1.1\r\nhost: {from}\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut text = String::new();
    stream.read_to_string(&mut text).await.expect("it answers");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
    assert!(head.starts_with("HTTP/1.1 200"), "page {number}: {head}");
    body.split_whitespace().count()
}

#[cordial::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let load = Load::default();
    let tasks = TaskSupervisor::start().await?;

    // Two servers, which their supervisor would start again.
    let mut servers = Vec::new();
    for _ in 0..2 {
        let listener = Arc::new(TcpListener::bind("127.0.0.1:0").await?);
        servers.push(listener.local_addr()?);
        let spec = TaskSpec::new(move || serve(listener.clone()));
        tasks.start_spec(spec.restart(Restart::Permanent)).await?;
    }

    // A page that is missing or late costs one result, and nothing else.
    let counted = load.clone();
    let pages = tasks.stream_nolink(1..=PAGES, MOST, move |number| {
        let (from, fetching) = (servers[number % servers.len()], counted.begin());
        async move {
            let _fetching = fetching;
            count_words(from, number).await
        }
    });
    let mut pages = pages.timeout(millis(500)).on_timeout(OnLate::KillTask).zip_input_on_exit();

    let (mut words, mut lost) = (0, Vec::new());
    while let Some(page) = pages.next().await {
        match page {
            Ok(count) => words += count,
            Err((number, error)) => {
                println!("page {number}: {error}");
                lost.push(number);
            }
        }
    }
    let most = load.0.1.load(SeqCst);
    println!("{words} words on {} pages, {most} at a time at most", PAGES - lost.len());

    let expected = (1..=PAGES).sum::<usize>() - SLOW - MISSING;
    if (words, lost.as_slice()) != (expected, &[SLOW, MISSING]) || most > MOST {
        return Err(format!("expected {expected} words, and not {words}; lost {lost:?}").into());
    }
    Ok(())
}
