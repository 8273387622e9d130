//! `#[derive(Inspect)]` on what has no fields of its own.

#[derive(cordial::Inspect)]
union Bits {
    int: u32,
    float: f32,
}

fn main() {}
