//! An option of `#[cordial::main]` on a test.

#[cordial::test(current_thread)]
async fn two_and_three_are_five() {
    assert_eq!(2 + 3, 5);
}

fn main() {}
