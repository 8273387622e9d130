//! An option with a typing error.

#[cordial::test(workres = 4)]
async fn two_and_three_are_five() {
    assert_eq!(2 + 3, 5);
}

fn main() {}
