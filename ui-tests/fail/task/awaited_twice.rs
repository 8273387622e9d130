//! A task is awaited once: who awaits it takes the handle.

use cordial::Task;

async fn value(task: Task<u8>) -> u8 {
    task.await.unwrap_or(0)
}

async fn twice() -> u8 {
    let task = Task::spawn(async { 7 });
    value(task).await + value(task).await
}

fn main() {}
