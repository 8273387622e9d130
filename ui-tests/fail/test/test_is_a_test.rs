//! A test that is a test twice.

#[cordial::test]
#[test]
async fn two_and_three_are_five() {
    assert_eq!(2 + 3, 5);
}

fn main() {}
