//! Runs the crate.

use cordial as _;

fn main() {
    user::run();
}
