//! A test that is not `async`.

#[cordial::test]
fn two_and_three_are_five() {
    assert_eq!(2 + 3, 5);
}

fn main() {}
