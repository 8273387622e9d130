//! `?` is that of the function around it.

use cordial::pipe;

fn main() {
    let number: u32 = pipe!("7" |> str::parse::<u32>?);
    println!("{number}");
}
