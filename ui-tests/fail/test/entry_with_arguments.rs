//! A test that takes arguments.

#[cordial::test]
async fn sum_is_right(expected: u32) {
    assert_eq!(2 + 3, expected);
}

fn main() {}
