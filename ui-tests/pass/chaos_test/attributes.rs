//! Simulated tests keep their other attributes and their visibility, and may fail by an error.

#![deny(warnings)]

#[cordial::chaos_test]
async fn passes(_c: cordial::chaos::Chaos) {}

#[cordial::chaos_test(seeds = 10, steps = 100, crate = cordial)]
#[should_panic(expected = "no")]
async fn panics(mut c: cordial::chaos::Chaos) {
    c.run_for(cordial::secs(1)).await;
    panic!("no");
}

#[cordial::chaos_test(seeds = 10)]
#[ignore = "it is slow"]
pub(crate) async fn may_fail(_: cordial::chaos::Chaos) -> Result<(), Box<dyn std::error::Error>> {
    let _: u32 = "5".parse()?;
    Ok(())
}

fn main() {}
