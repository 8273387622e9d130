//! Random histories: each kind of table beside a model of a few lines, operation by operation.
//! `TABLES_SEED` is the first seed, `TABLES` multiplies the histories.
use crate::support::in_process;
use crate::{Nums, Repeats, Sorted, Tags};
use std::collections::BTreeMap;

const HISTORIES: u64 = 400;
const STEPS: usize = 60;

/// `SplitMix64`.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
    fn key(&mut self) -> u32 {
        u32::try_from(self.below(6)).unwrap()
    }
}

fn seeds() -> impl Iterator<Item = u64> {
    let number = |name| std::env::var(name).ok().and_then(|number| number.parse::<u64>().ok());
    let (first, times) = (number("TABLES_SEED").unwrap_or(1), number("TABLES").unwrap_or(1));
    (0..times * HISTORIES).map(move |nth| first + nth)
}

/// A set and an ordered set do what a map does.
#[cordial::test]
async fn sets_do_what_a_map_does() {
    in_process(async |mail| {
        for seed in seeds() {
            let (set, sorted) = (Nums::new(&mail), Sorted::new(&mail));
            let mut model = BTreeMap::<u32, u64>::new();
            let mut random = Random(seed);
            for step in 0..STEPS {
                let (key, value) = (random.key(), random.below(100));
                let (wide, signed) = (i64::from(key), value.cast_signed());
                let at = format!("seed {seed}, step {step}");
                match random.below(9) {
                    0 => {
                        set.insert(key, value).unwrap();
                        sorted.insert(wide, signed).unwrap();
                        model.insert(key, value);
                    }
                    1 => {
                        let new = !model.contains_key(&key);
                        assert_eq!(set.insert_new(key, value), Ok(new), "{at}");
                        assert_eq!(sorted.insert_new(wide, signed), Ok(new), "{at}");
                        model.entry(key).or_insert(value);
                    }
                    2 => {
                        let rows = [(key, value), (key + 1, value), (key, value + 1)];
                        set.insert_all(rows).unwrap();
                        let rows = rows.map(|(key, value)| (key.into(), value.cast_signed()));
                        sorted.insert_all(rows).unwrap();
                        model.extend([(key, value + 1), (key + 1, value)]);
                    }
                    3 => {
                        let before = model.remove(&key);
                        assert_eq!(set.take(&key), Ok(before), "{at}");
                        assert_eq!(sorted.take(&wide), Ok(before.map(u64::cast_signed)), "{at}");
                    }
                    4 => {
                        let counted = set.update_counter_or(&key, |value| value, 3, 1);
                        let theirs = sorted.update_counter_or(&wide, |value| value, 3, 1);
                        let there = model.entry(key).or_insert(1);
                        *there += 3;
                        assert_eq!(
                            (counted, theirs),
                            (Ok(*there), Ok(there.cast_signed())),
                            "{at}"
                        );
                    }
                    5 => {
                        let gone = model.values().filter(|value| *value % 3 == 0).count();
                        model.retain(|_, value| *value % 3 != 0);
                        assert_eq!(set.select_delete(|_, value| value % 3 == 0), Ok(gone), "{at}");
                        assert_eq!(
                            sorted.select_delete(|_, value| value % 3 == 0),
                            Ok(gone),
                            "{at}"
                        );
                    }
                    6 => {
                        let there = model.get_mut(&key).map(|there| *there += 1).is_some();
                        assert_eq!(
                            set.update_element(&key, |value| *value += 1),
                            Ok(there),
                            "{at}"
                        );
                        let theirs = sorted.update_element(&wide, |value| *value += 1);
                        assert_eq!(theirs, Ok(there), "{at}");
                    }
                    7 => {
                        let next = model.range(key + 1..).next();
                        let next = next.map(|(key, value)| (i64::from(*key), value.cast_signed()));
                        assert_eq!(sorted.next(&wide), Ok(next), "{at}");
                    }
                    _ if random.below(4) == 0 => {
                        set.delete_all_objects().unwrap();
                        sorted.delete_all_objects().unwrap();
                        model.clear();
                    }
                    _ => {}
                }
                let mut rows = set.to_vec().unwrap();
                rows.sort_unstable();
                assert!(rows.iter().copied().eq(model.iter().map(|(k, v)| (*k, *v))), "{at}");
                let ordered = sorted.to_vec().unwrap().into_iter();
                let wide = model.iter().map(|(k, v)| (i64::from(*k), v.cast_signed()));
                assert!(ordered.eq(wide), "{at}");
                assert_eq!((set.size(), sorted.size()), (Ok(model.len()), Ok(model.len())), "{at}");
            }
        }
    })
    .await;
}

/// Bags do what a list of rows does.
#[cordial::test]
async fn bags_do_what_a_list_does() {
    in_process(async |mail| {
        for seed in seeds() {
            let (bag, repeats) = (Tags::new(&mail), Repeats::new(&mail));
            let (mut once, mut all) = (Vec::new(), Vec::<(u32, String)>::new());
            let mut random = Random(seed);
            for step in 0..STEPS {
                let (key, tag) = (random.key(), random.below(3).to_string());
                let at = format!("seed {seed}, step {step}");
                match random.below(5) {
                    0 | 1 => {
                        bag.insert(key, tag.clone()).unwrap();
                        repeats.insert(key, tag.clone()).unwrap();
                        add(&mut once, (key, tag.clone()));
                        all.push((key, tag));
                    }
                    2 => {
                        let rows = [(key, tag.clone()), (key + 1, tag.clone()), (key, tag)];
                        bag.insert_all(rows.clone()).unwrap();
                        repeats.insert_all(rows.clone()).unwrap();
                        rows.iter().for_each(|row| add(&mut once, row.clone()));
                        all.extend(rows);
                    }
                    3 => {
                        bag.delete_object(&key, &tag).unwrap();
                        repeats.delete_object(&key, &tag).unwrap();
                        once.retain(|row| *row != (key, tag.clone()));
                        all.retain(|row| *row != (key, tag.clone()));
                    }
                    _ => {
                        assert_eq!(bag.take(&key).unwrap(), of(&once, key), "{at}");
                        assert_eq!(repeats.take(&key).unwrap(), of(&all, key), "{at}");
                        once.retain(|row| row.0 != key);
                        all.retain(|row| row.0 != key);
                    }
                }
                assert_eq!((bag.size(), repeats.size()), (Ok(once.len()), Ok(all.len())), "{at}");
                assert_eq!(bag.lookup(&key).unwrap(), of(&once, key), "{at}");
                assert_eq!(repeats.lookup(&key).unwrap(), of(&all, key), "{at}");
            }
        }
    })
    .await;
}

fn add(rows: &mut Vec<(u32, String)>, row: (u32, String)) {
    if !rows.contains(&row) {
        rows.push(row);
    }
}

fn of(rows: &[(u32, String)], key: u32) -> Vec<String> {
    rows.iter().filter(|row| row.0 == key).map(|row| row.1.clone()).collect()
}
