//! Fakes: a probe in the place of whoever has a behaviour.
use cordial::Task;
use cordial::prelude::*;
use cordial::test::{expect_call, expect_cast, refute_receive};
use cordial_tests_contract::{NoRoom, Storage, StorageMsg, StorageRef};

async fn rename(storage: StorageRef, from: &str, to: &str) -> Result<bool, CallError> {
    let Some(text) = storage.get(from).await? else { return Ok(false) };
    storage.put(to, text);
    Ok(true)
}

/// A test answers for the storage; nobody writes a mock.
#[cordial::test]
async fn probe_stands_for_whoever_has_the_behaviour() {
    let (storage, mut probe) = cordial::probe::<dyn Storage>();
    let renames = Task::spawn(rename(storage.clone(), "a", "b"));
    expect_call!(probe, StorageMsg::Get { name } => (name == "a").then(|| "one".to_owned()));
    let text = expect_cast!(probe, StorageMsg::Put { name, text } if name == "b" => text);
    assert_eq!(text, "one");
    assert_eq!(renames.await, Ok(Ok(true)));

    let refused = storage.try_put("c", "two".to_owned());
    expect_call!(probe, StorageMsg::TryPut { .. } => Err(NoRoom { limit: 0 }));
    assert_eq!(refused.await.unwrap_err().handler(), Some(NoRoom { limit: 0 }));
    refute_receive!(probe, StorageMsg::Close { .. });
    assert!(format!("{storage:?}").starts_with("Storage<"), "{storage:?}");
}
