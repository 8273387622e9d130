//! What is said is heard, in order, and nothing else.
use crate::support::check_everywhere;
use crate::{checkout, feed, quiz};
use cordial::protocol::SessionError;
use cordial::{Task, millis, secs};
use tokio::time::Instant;

async fn serve(mut till: checkout::till::Start) -> Result<u32, SessionError> {
    use checkout::till::ShoppingOffer;
    let mut total = 0;
    loop {
        till = match till.offer().await? {
            ShoppingOffer::Add(_, price, till) => {
                total += price;
                till.subtotal(total)
            }
            ShoppingOffer::Pay(cents, till) if cents < total => till.declined(),
            ShoppingOffer::Pay(_, till) => {
                till.receipt(format!("paid {total}"));
                return Ok(total);
            }
            ShoppingOffer::Leave(_) => return Ok(0),
        }
    }
}

/// Choices, loops and the end, between a process and whoever opened the conversation.
#[test]
fn conversation_goes_its_way() {
    check_everywhere(async || {
        use checkout::customer::RecvReceiptOffer;
        let (customer, till) = checkout::open();
        let sale = Task::spawn(serve(till));
        let (subtotal, customer) = customer.add("book".to_owned(), 10).subtotal().await.unwrap();
        assert_eq!(subtotal, 10);
        let (subtotal, customer) = customer.add("pen".to_owned(), 2).subtotal().await.unwrap();
        assert_eq!(subtotal, 12);
        let RecvReceiptOffer::Declined(customer) = customer.pay(11).offer().await.unwrap() else {
            panic!("11 were taken for 12");
        };
        let RecvReceiptOffer::Receipt(text, _) = customer.pay(12).offer().await.unwrap() else {
            panic!("12 were not taken for 12");
        };
        assert_eq!(text, "paid 12");
        assert_eq!(sale.await.unwrap(), Ok(12));
    });
}

/// A thousand rounds between two processes, on one worker and on two.
#[test]
fn two_processes_take_turns() {
    check_everywhere(async || {
        let (mut customer, till) = checkout::open();
        let sale = Task::spawn(serve(till));
        let shopping = Task::spawn(async move {
            for number in 1..=1000 {
                let (subtotal, next) = customer.add(String::new(), 1).subtotal().await?;
                assert_eq!(subtotal, number);
                customer = next;
            }
            customer.leave();
            Ok::<_, SessionError>(())
        });
        assert_eq!(shopping.await.unwrap(), Ok(()));
        assert_eq!(sale.await.unwrap(), Ok(0));
    });
}

/// Who speaks only is never in the way, and what it says comes in order; who hears gives others a
/// turn.
#[test]
fn many_messages_in_a_row_come_in_order() {
    check_everywhere(async || {
        let (mut writer, mut reader) = feed::open();
        for number in 0..10_000 {
            writer = writer.line(number);
        }
        let reading = Task::spawn(async move {
            for expected in 0..10_000 {
                let (number, next) = reader.line().await?;
                assert_eq!(number, expected);
                reader = next;
            }
            Ok::<_, SessionError>(reader)
        });
        assert!(reading.await.unwrap().is_ok());
        drop(writer);
    });
}

/// What was there before somebody waits is heard at once, by who is polled by hand, too.
#[cordial::test]
async fn wait_is_a_future_that_may_be_lent() {
    let (host, guest) = quiz::open();
    let mut question = guest.question();
    let early = tokio::time::timeout(millis(10), &mut question).await;
    assert!(early.is_err(), "nothing was said yet");
    let host = host.question("why?".to_owned());
    let (text, guest) = question.await.unwrap();
    assert_eq!(text, "why?");
    guest.answer("because".to_owned());
    assert_eq!(host.answer().await.unwrap().0, "because");
}

/// States say what they are and nothing of what was said.
#[cordial::test]
async fn states_are_shown_without_what_they_carry() {
    let (host, guest) = quiz::open();
    assert_eq!(format!("{host:?}"), "SendQuestion(Host of Quiz)");
    let waits = guest.question();
    assert_eq!(format!("{waits:?}"), "Receive(`Question`)");
    drop(host);
}

/// Every wait has a bound: 5 s, what the protocol says, or what the caller says.
#[cordial::test]
async fn silence_is_an_error_after_its_time() {
    async fn time_of<T>(
        wait: impl Future<Output = Result<T, SessionError>>,
    ) -> (u64, SessionError) {
        let begin = Instant::now();
        let Err(error) = wait.await else { panic!("somebody said something") };
        (u64::try_from(begin.elapsed().as_millis()).unwrap(), error)
    }
    let (customer, till) = checkout::open();
    let (took, error) = time_of(till.offer()).await;
    assert_eq!(took, 5_000);
    let text = "`Customer` of `Checkout` did not say `Add`, `Pay` or `Leave` within 5s";
    assert_eq!(error.to_string(), text);
    drop(customer);

    let (customer, _till) = checkout::open();
    assert_eq!(time_of(customer.pay(1).offer()).await.0, 30_000);

    let (host, _guest) = quiz::open();
    assert_eq!(time_of(host.question(String::new()).answer()).await.0, 2_000);

    let (host, _guest) = quiz::open();
    let wait = host.question(String::new()).answer().timeout(secs(9));
    assert_eq!(time_of(wait).await.0, 9_000);

    let (_writer, reader) = feed::open();
    let year = tokio::time::timeout(secs(31_536_000), reader.line());
    assert!(year.await.is_err(), "it waits as long as it takes");
}

/// In a process as outside of one, whether the bound is long or short.
#[test]
fn silence_ends_in_a_process_too() {
    check_everywhere(async || {
        let begin = Instant::now();
        let (_host, guest) = quiz::open();
        let short = Task::spawn(async move { guest.question().timeout(millis(5)).await });
        assert!(short.await.unwrap().unwrap_err().is_timeout());
        let (_host, guest) = quiz::open();
        let none = Task::spawn(async move { guest.question().timeout(millis(0)).await });
        assert!(none.await.unwrap().unwrap_err().is_timeout());
        let (_host, guest) = quiz::open();
        let long = Task::spawn(async move { guest.question().timeout(millis(600)).await });
        assert!(long.await.unwrap().unwrap_err().is_timeout());
        assert!(begin.elapsed() >= millis(605));
    });
}
