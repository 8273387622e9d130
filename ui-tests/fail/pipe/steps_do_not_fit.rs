//! A step takes something else than the one before gives.

use cordial::pipe;

fn greet(name: String) -> String {
    format!("hello {name}")
}

fn main() {
    let greeting = pipe!(1_u8 |> greet);
    println!("{greeting}");
}
