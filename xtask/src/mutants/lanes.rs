//! Work that several lanes share: most of them wait for a program that hangs.

use std::sync::{Mutex, MutexGuard};
use std::thread;

/// So many bugs are awake at once, each in a program of its own.
const LANES: usize = 4;

/// Does `work` with each of them, in a lane with a number; `done` is told what became of it, one at
/// a time. After its first error no other is begun.
pub(super) fn share<T: Send, R>(
    all: impl Iterator<Item = T> + Send,
    work: impl Fn(usize, &T) -> R + Sync,
    done: impl FnMut(T, R) -> Result<(), String> + Send,
) -> Result<(), String> {
    let (queue, told) = (Mutex::new(all), Mutex::new((done, Ok(()))));
    let next = || if lock(&told).1.is_ok() { lock(&queue).next() } else { None };
    thread::scope(|scope| {
        for lane in 0..LANES {
            let (next, work, told) = (&next, &work, &told);
            scope.spawn(move || {
                while let Some(one) = next() {
                    let outcome = work(lane, &one);
                    let (done, result) = &mut *lock(told);
                    if let Err(reason) = done(one, outcome) {
                        *result = Err(reason);
                    }
                }
            });
        }
    });
    told.into_inner().expect("no lane panics").1
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no lane panics")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_done_once() {
        let mut seen = Vec::new();
        share(
            0..100,
            |_, one| one * 2,
            |one, twice| {
                seen.push((one, twice));
                Ok(())
            },
        )
        .expect("none fails");
        seen.sort_unstable();
        assert_eq!(seen, (0..100).map(|one| (one, one * 2)).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_is_begun_after_an_error() {
        let mut done = 0;
        let result = share(
            0..,
            |_, _| (),
            |_, ()| {
                done += 1;
                if done == 1 { Err("enough".to_owned()) } else { Ok(()) }
            },
        );
        assert_eq!(result, Err("enough".into()));
        assert!(done <= LANES, "only what was on its way is told");
    }
}
