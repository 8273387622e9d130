//! A table without the macro.
use crate::support::in_process;
use cordial::ets::{self, Owned, Set, Table, TableRef};

/// Names by number.
struct Names(Owned<Self>);

impl Table for Names {
    type Key = u32;
    type Value = String;
    type Kind = Set;
    type Access = ets::Protected;
    const NAME: &'static str = "names";

    fn of_owned(owned: Owned<Self>) -> Self {
        Self(owned)
    }
    fn into_owned(self) -> Owned<Self> {
        self.0
    }
}

/// All that the macro writes can be written by hand.
#[cordial::test]
async fn table_by_hand_works() {
    in_process(async |mail| {
        let names: Names = ets::new(&mail);
        names.0.insert(7, "ada".into()).unwrap();
        let reader: TableRef<Names> = names.0.reader();
        let pinned = reader.pin().unwrap();
        assert_eq!(pinned.get(&7).unwrap().map(String::as_str), Some("ada"));
        drop(pinned);
        ets::delete(names).unwrap();
        assert!(reader.pin().is_err());
    })
    .await;
}
