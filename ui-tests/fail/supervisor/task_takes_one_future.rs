//! Tasks of no future, of two, and of what is none.

use cordial::prelude::*;

async fn poll(every: std::time::Duration) {
    cordial::process::sleep(every).await;
}

supervisor! {
    Station(every: std::time::Duration) {
        children: [
            none: task,
            two: task(poll(every), poll(every)),
        ],
    }
}

fn main() {}
