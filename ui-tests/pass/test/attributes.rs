//! Tests keep their other attributes, their visibility and what they return.

#![deny(warnings)]

#[cordial::test]
async fn passes() {}

#[cordial::test(workers = 2)]
#[should_panic(expected = "no")]
async fn panics() {
    panic!("no");
}

#[cordial::test]
#[ignore = "it is slow"]
pub(crate) async fn may_fail() -> Result<(), Box<dyn std::error::Error>> {
    let _: u32 = "5".parse()?;
    Ok(())
}

#[cordial::test(crate = cordial)]
async fn knows_the_crate() {}

fn main() {}
