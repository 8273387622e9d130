//! `#[info(stream = self.field)]`: a server that takes messages from a stream.
use cordial::gen_server::poll_fn;
use cordial::prelude::*;
use cordial::test::sync;
use cordial::{InfoStream, process, sys};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering::SeqCst;
use std::task::Poll;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, Interval, interval};

/// Keeps what it is given, from its stream and from its mail.
#[gen_server]
struct Reader {
    lines: Option<mpsc::Receiver<u32>>,
    got: Vec<Got>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Got {
    Item(u32),
    End,
    Mail(u32),
}

#[gen_server]
impl Reader {
    #[init]
    fn init(lines: mpsc::Receiver<u32>) -> Self {
        Self { lines: Some(lines), got: Vec::new() }
    }

    #[info(stream = self.lines)]
    fn line(&mut self, line: Option<u32>) {
        self.got.push(line.map_or(Got::End, Got::Item));
    }

    #[cast]
    fn mail(&mut self, number: u32) {
        self.got.push(Got::Mail(number));
    }

    /// Waits until it may go on.
    #[cast]
    async fn hold(&mut self, until: oneshot::Receiver<()>) {
        let _ = until.await;
    }

    #[cast]
    fn read_from(&mut self, lines: mpsc::Receiver<u32>) {
        self.lines = Some(lines);
    }

    #[call]
    fn got(&self) -> Vec<Got> {
        self.got.clone()
    }

    #[call]
    fn stop(&mut self, ctx: &mut Ctx<Self>) {
        ctx.stop(ExitReason::Normal);
    }
}

async fn reader() -> (mpsc::Sender<u32>, ReaderRef) {
    let (lines, receiver) = mpsc::channel(64);
    (lines, Reader::start(receiver).await.unwrap())
}

/// As soon as it has so much.
async fn got(reader: &ReaderRef, many: usize) -> Vec<Got> {
    loop {
        let got = reader.got().await.unwrap();
        if got.len() >= many {
            return got;
        }
        tokio::task::yield_now().await;
    }
}

#[cordial::test]
async fn items_come_in_order_and_the_end_is_told_once() {
    let (lines, reader) = reader().await;
    for number in 0..40 {
        lines.send(number).await.unwrap();
    }
    drop(lines);
    let mut wanted: Vec<Got> = (0..40).map(Got::Item).collect();
    wanted.push(Got::End);
    assert_eq!(got(&reader, 41).await, wanted);
    reader.mail(1);
    sync(&reader).await;
    assert_eq!(got(&reader, 42).await.len(), 42);
}

#[cordial::test]
async fn stream_and_mail_take_turns() {
    let (lines, reader) = reader().await;
    let (go_on, held) = oneshot::channel();
    reader.hold(held);
    for number in 0..8 {
        lines.send(number).await.unwrap();
        reader.mail(number);
    }
    go_on.send(()).unwrap();
    let got = got(&reader, 16).await;
    let place = |wanted| got.iter().position(|got| *got == wanted).unwrap();
    // All mail stood in the line before the first item was taken, which waits for no more of it.
    assert!(place(Got::Item(0)) < place(Got::Mail(7)) + 2, "{got:?}");
    assert!((0..7).all(|n| place(Got::Item(n)) < place(Got::Item(n + 1))), "{got:?}");
    assert!((0..7).all(|n| place(Got::Mail(n)) < place(Got::Mail(n + 1))), "{got:?}");
}

/// A stream that is always ready keeps no mail from being handled.
#[cordial::test]
async fn endless_stream_lets_mail_through() {
    #[gen_server]
    struct Busy {
        stream: Box<dyn InfoStream<Item = u64> + Send>,
        items: u64,
    }
    #[gen_server]
    impl Busy {
        #[init]
        fn init() -> Self {
            let mut next = 0;
            let stream = poll_fn(move |_| {
                next += 1;
                Poll::Ready(Some(next))
            });
            Self { stream: Box::new(stream), items: 0 }
        }
        #[info(stream = self.stream)]
        fn item(&mut self, _: u64) {
            self.items += 1;
        }
        #[call]
        fn items(&self) -> u64 {
            self.items
        }
    }
    let busy = Busy::start().await.unwrap();
    let before = busy.items().await.unwrap();
    sync(&busy).await;
    assert!(busy.items().await.unwrap() > before);
    gen_server::stop(&busy).await.unwrap();
}

/// Nothing is taken from a stream that is not handled: not before a stop, not beside a handler that
/// awaits, not while the server is suspended.
#[cordial::test]
async fn nothing_is_taken_that_is_not_handled() {
    let (lines, receiver) = mpsc::channel(64);
    let (taken, handled) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    #[gen_server]
    struct Counting {
        stream: Box<dyn InfoStream<Item = u32> + Send>,
        handled: Arc<AtomicUsize>,
    }
    #[gen_server]
    impl Counting {
        #[init]
        fn init(
            mut lines: mpsc::Receiver<u32>,
            taken: Arc<AtomicUsize>,
            handled: Arc<AtomicUsize>,
        ) -> Self {
            let stream = poll_fn(move |cx| {
                let polled = lines.poll_recv(cx);
                if polled.is_ready() {
                    taken.fetch_add(1, SeqCst);
                }
                polled
            });
            Self { stream: Box::new(stream), handled }
        }
        #[info(stream = self.stream)]
        async fn item(&mut self, _: u32) {
            tokio::task::yield_now().await;
            self.handled.fetch_add(1, SeqCst);
        }
        #[cast]
        async fn hold(&mut self, until: oneshot::Receiver<()>) {
            let _ = until.await;
        }
    }
    let counting = Counting::start(receiver, taken.clone(), handled.clone()).await.unwrap();
    let (go_on, held) = oneshot::channel();
    counting.hold(held);
    for number in 0..10 {
        lines.send(number).await.unwrap();
    }
    let stands_still = sys::suspend(&counting);
    go_on.send(()).unwrap();
    stands_still.await.unwrap();
    let before = (taken.load(SeqCst), handled.load(SeqCst));
    assert_eq!(before.0, before.1);
    lines.send(10).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!((taken.load(SeqCst), handled.load(SeqCst)), before);
    sys::resume(&counting).await.unwrap();
    gen_server::stop(&counting).await.unwrap();
    assert_eq!(taken.load(SeqCst), handled.load(SeqCst));
}

#[cordial::test]
async fn stream_in_the_place_of_another_is_read() {
    let (lines, reader) = reader().await;
    lines.send(1).await.unwrap();
    assert_eq!(got(&reader, 1).await, [Got::Item(1)]);
    let (others, receiver) = mpsc::channel(8);
    others.send(2).await.unwrap();
    reader.read_from(receiver);
    assert_eq!(got(&reader, 2).await, [Got::Item(1), Got::Item(2)]);
    others.send(3).await.unwrap();
    assert_eq!(got(&reader, 3).await.len(), 3);
    assert!(lines.is_closed());
    drop(others);
    assert_eq!(got(&reader, 4).await[3], Got::End);
}

#[cordial::test]
async fn stream_of_a_replaced_state_is_read() {
    for suspended in [false, true] {
        let (lines, reader) = reader().await;
        if suspended {
            sys::suspend(&reader).await.unwrap();
        }
        let (others, receiver) = mpsc::channel(8);
        others.send(5).await.unwrap();
        let cell = std::sync::Mutex::new(Some(receiver));
        let replace = move |old: &Reader| {
            let receiver = cell.lock().unwrap().take();
            Reader { lines: receiver, got: old.got.clone() }
        };
        sys::replace_state(&reader, replace).await.unwrap();
        if suspended {
            sys::resume(&reader).await.unwrap();
        }
        assert_eq!(got(&reader, 1).await, [Got::Item(5)]);
        assert!(lines.is_closed());
    }
}

/// The kind of an item is the handler's, in a log as in a crash report.
#[cordial::test]
async fn items_are_logged_like_messages() {
    let (lines, reader) = reader().await;
    sys::keep_log(&reader, 8).unwrap();
    sync(&reader).await;
    lines.send(1).await.unwrap();
    got(&reader, 1).await;
    assert!(sys::log(&reader).iter().any(|handled| handled.kind == "line"));
}

#[cordial::test]
async fn panic_of_a_stream_is_the_servers() {
    #[gen_server]
    struct Broken {
        stream: Box<dyn InfoStream<Item = u32> + Send>,
    }
    #[gen_server]
    impl Broken {
        #[init]
        fn init(mut when: oneshot::Receiver<()>) -> Self {
            let stream = poll_fn(move |cx| {
                let polled = Future::poll(std::pin::Pin::new(&mut when), cx);
                assert!(polled.is_pending(), "the stream is broken");
                Poll::Pending
            });
            Self { stream: Box::new(stream) }
        }
        #[info(stream = self.stream)]
        fn item(&mut self, _: u32) {}
    }
    let (go_on, when) = oneshot::channel();
    let broken = Broken::start(when).await.unwrap();
    let down = process::monitor(&broken);
    go_on.send(()).unwrap();
    assert!(matches!(down.await.reason, ExitReason::Panic(_)));
}

/// Who holds the other end holds nothing of the server.
#[cordial::test]
async fn server_that_has_ended_is_woken_no_more() {
    let (lines, reader) = reader().await;
    sync(&reader).await;
    reader.stop().await.unwrap();
    drop(reader);
    assert!(lines.send(1).await.is_err());
}

/// Several streams, one of which never ends.
#[cordial::test]
async fn server_may_have_several_streams() {
    #[gen_server]
    struct Both {
        beat: Interval,
        words: mpsc::UnboundedReceiver<&'static str>,
        beats: u32,
        heard: Vec<&'static str>,
    }
    #[gen_server]
    impl Both {
        #[init]
        fn init(words: mpsc::UnboundedReceiver<&'static str>) -> Self {
            Self { beat: interval(secs(1)), words, beats: 0, heard: Vec::new() }
        }
        #[info(stream = self.beat)]
        fn beat(&mut self, _: Instant) {
            self.beats += 1;
        }
        #[info(stream = self.words)]
        fn word(&mut self, word: &'static str) {
            self.heard.push(word);
        }
        #[call]
        fn state(&self) -> (u32, Vec<&'static str>) {
            (self.beats, self.heard.clone())
        }
    }
    let (words, receiver) = mpsc::unbounded_channel();
    let both = Both::start(receiver).await.unwrap();
    words.send("one").unwrap();
    cordial::test::advance(millis(2_500)).await;
    words.send("two").unwrap();
    sync(&both).await;
    while both.state().await.unwrap().1.len() < 2 {
        tokio::task::yield_now().await;
    }
    assert_eq!(both.state().await.unwrap(), (3, vec!["one", "two"]));
}

/// The end of one stream is told, and the next one is read from its first item.
#[cordial::test]
async fn stream_in_the_place_of_one_that_has_ended_is_read() {
    let (lines, reader) = reader().await;
    drop(lines);
    assert_eq!(got(&reader, 1).await, [Got::End]);
    let (more, receiver) = mpsc::channel(8);
    reader.read_from(receiver);
    sync(&reader).await;
    more.send(7).await.unwrap();
    assert_eq!(got(&reader, 2).await, [Got::End, Got::Item(7)]);
}
