//! A test with type parameters.

#[cordial::test]
async fn sum_is_right<T>() {
    assert_eq!(2 + 3, 5);
}

fn main() {}
