//! Every kind of step, and what may follow one.

use cordial::pipe;

struct Store {
    taken: Vec<u32>,
    double: fn(u32) -> u32,
}

impl Store {
    fn put(&mut self, number: u32) -> usize {
        self.taken.push(number);
        self.taken.len()
    }

    fn keep(&mut self, text: &str) -> Result<usize, std::num::ParseIntError> {
        let len = pipe!(text |> str::trim |> str::parse::<u32>()? |> (self.double) |> self.put());
        Ok(len)
    }
}

fn times(number: u32, factor: u32) -> u32 {
    number * factor
}

async fn later(number: u32) -> Option<u32> {
    Some(number)
}

async fn all() -> Option<String> {
    let text = pipe!(
        2_u32
            |> times(3)
            |> times(10, _)
            |> later().await?
            |> |n| n + 1
            |> async |n| n + 1
            |> .await
            |> vec![7]
            |> .len()
            |> format!("{} {}", "len", _)
            |> .to_uppercase()
    );
    Some(text)
}

#[cordial::main(current_thread)]
async fn main() {
    let mut store = Store { taken: Vec::new(), double: |n| n * 2 };
    assert_eq!(store.keep(" 21 "), Ok(1));
    assert_eq!(store.taken, [42]);
    assert!(store.keep("x").is_err());
    assert_eq!(all().await.as_deref(), Some("LEN 2"));
    // What it borrows lives as long as in calls that are written by hand.
    assert_eq!(pipe!(String::from(" a ") |> .as_str() |> str::trim).len(), 1);
}
