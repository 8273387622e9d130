//! The scenarios of `scenarios.txt` on cordial and on Erlang/OTP: the answers have to be the same.
#![allow(clippy::disallowed_methods, reason = "another program keeps real time")]
use cordial::ets::{Owned, Table, TableError, Transfer};
use cordial::prelude::*;
use cordial::process::{self, Mailbox};
use std::fmt::{Debug, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

const SCENARIOS: &str = include_str!("scenarios.txt");
/// Longer than the BEAM takes to begin on a busy machine.
const LIMIT: Duration = Duration::from_secs(100);

const BEGIN: &str =
    "{module, _} = code:load_file(parity), parity:main(init:get_plain_arguments()).";

table! { SetTable: i64 => i64, set, public }
table! { OrderedTable: i64 => i64, ordered_set, public }
table! { BagTable: i64 => i64, bag, public }
table! { DuplicateTable: i64 => i64, duplicate_bag, public }

/// ETS-1, ETS-21, TYP-12: and all that the scenarios name.
#[test]
fn tables_answer_as_those_of_otp() {
    let beam = Beam::begin();
    let mut ours = String::new();
    cordial::__private::run_test(None, async { ours = answers().await });
    let theirs = beam.finish();
    let scenarios = SCENARIOS.lines().filter(|line| line.starts_with("== ")).count();
    assert!(scenarios >= 20, "only {scenarios} scenarios");
    let mut name = "";
    for (at, (our, their)) in ours.lines().zip(theirs.lines()).enumerate() {
        name = our.strip_prefix("== ").unwrap_or(name);
        assert_eq!(our, their, "answer {at}, in {name}");
    }
    assert_eq!(ours.lines().count(), theirs.lines().count());
}

// ===== Erlang/OTP =====

struct Beam {
    program: Child,
    folder: PathBuf,
}

impl Beam {
    fn begin() -> Self {
        let name = format!("tables-{}", std::process::id());
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).expect("the build's folder can be written to");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tables/parity.erl");
        let mut compile = Command::new("erlc");
        ended(&mut begun(compile.arg("-o").arg(&folder).arg(source)));
        fs::write(folder.join("in"), SCENARIOS).expect("the build's folder can be written to");
        let mut run = Command::new("erl");
        run.args(["-noshell", "-pa"]).arg(&folder).args(["-eval", BEGIN, "-extra"]);
        run.arg(folder.join("in")).arg(folder.join("out"));
        Self { program: begun(&mut run), folder }
    }

    fn finish(mut self) -> String {
        ended(&mut self.program);
        let answers = fs::read_to_string(self.folder.join("out")).expect("it wrote its answers");
        fs::remove_dir_all(&self.folder).expect("what was made here can be removed");
        answers
    }
}

/// There is no parity without Erlang: a test that was skipped would prove nothing.
fn begun(command: &mut Command) -> Child {
    let program = command.get_program().to_string_lossy().into_owned();
    command.stdin(Stdio::null()).spawn().unwrap_or_else(|error| {
        panic!("cannot run `{program}`: {error}; install the package `erlang-base`")
    })
}

fn ended(program: &mut Child) {
    let end = Instant::now() + LIMIT;
    let status = loop {
        if let Some(status) = program.try_wait().expect("a child can be waited for") {
            break status;
        }
        if Instant::now() > end {
            let _ = program.kill();
            panic!("Erlang is not done after {} s", LIMIT.as_secs());
        }
        thread::yield_now();
    };
    assert!(status.success(), "Erlang failed: {status}");
}

// ===== cordial =====

/// A table of any kind, by what the scenarios ask.
trait Asked: Send {
    fn ask(&self, op: &str, args: &[i64]) -> Result<String, TableError>;
}

type Owner = (cordial::RawRef<()>, process::Spawned<()>);

async fn answers() -> String {
    let mut answers = String::new();
    let mut table: Option<(Box<dyn Asked>, Option<Owner>)> = None;
    for line in SCENARIOS.lines() {
        let words: Vec<&str> = line.split(' ').filter(|word| !word.is_empty()).collect();
        match words[..] {
            [] | ["rules", ..] => {}
            ["==", ..] => writeln!(answers, "{line}").unwrap(),
            ["table", kind] => table = Some(begin(kind, false).await),
            ["table", kind, "heir"] => table = Some(begin(kind, true).await),
            ["die"] => {
                let (_, owner) = table.as_mut().expect("a scenario begins with its table");
                let (owner, down) = owner.take().expect("it dies once");
                owner.send(());
                down.await;
            }
            [op, ref args @ ..] => {
                let args: Vec<i64> = args.iter().map(|arg| arg.parse().unwrap()).collect();
                let (table, _) = table.as_ref().expect("a scenario begins with its table");
                let answer = table.ask(op, &args).unwrap_or_else(|_| "error".into());
                writeln!(answers, "{answer}").unwrap();
            }
        }
    }
    answers
}

async fn begin(kind: &str, heir: bool) -> (Box<dyn Asked>, Option<Owner>) {
    match kind {
        "set" => begin_as(SetTable::of_owned, heir).await,
        "ordered_set" => begin_as(OrderedTable::of_owned, heir).await,
        "bag" => begin_as(BagTable::of_owned, heir).await,
        "duplicate_bag" => begin_as(DuplicateTable::of_owned, heir).await,
        other => panic!("no kind `{other}`"),
    }
}

async fn begin_as<T>(_: fn(Owned<T>) -> T, heir: bool) -> (Box<dyn Asked>, Option<Owner>)
where
    T: Table,
    cordial::ets::TableRef<T>: Asked,
    Keeper: cordial::Accepts<Transfer<T>>,
{
    let keeper = Keeper::start().await.unwrap();
    let (from, table) = ReplyTo::pair();
    let owner = process::spawn_monitor(async move |mut mail: Mailbox<()>| {
        let table: T = cordial::ets::new(&mail);
        let owned = table.into_owned();
        if heir {
            owned.set_heir(&keeper, ()).unwrap();
        }
        from.reply(owned.reader());
        mail.next().await;
    });
    (Box::new(table.await.unwrap()), Some(owner))
}

/// Inherits, and does nothing with it.
#[gen_server]
struct Keeper;

#[gen_server]
impl Keeper {
    #[init]
    fn init() -> Self {
        Self
    }
    #[info]
    fn set(&mut self, _: Transfer<SetTable>) {}
    #[info]
    fn ordered(&mut self, _: Transfer<OrderedTable>) {}
    #[info]
    fn bag(&mut self, _: Transfer<BagTable>) {}
    #[info]
    fn duplicate(&mut self, _: Transfer<DuplicateTable>) {}
}

fn rows(args: &[i64]) -> Vec<(i64, i64)> {
    args.chunks(2).map(|row| (row[0], row[1])).collect()
}

fn list<T: Debug>(values: impl IntoIterator<Item = T>) -> String {
    let texts: Vec<String> = values.into_iter().map(|value| format!("{value:?}")).collect();
    format!("[{}]", texts.join(","))
}

fn pairs(rows: &[(i64, i64)]) -> String {
    let texts: Vec<String> = rows.iter().map(|(key, value)| format!("{{{key},{value}}}")).collect();
    format!("[{}]", texts.join(","))
}

/// What every kind answers.
macro_rules! common {
    ($table:ident, $op:ident, $args:ident, $kind:literal) => {
        match ($op, $args) {
            ("insert", rows) => {
                $table.insert_all(self::rows(rows))?;
                "ok".to_owned()
            }
            ("insert_new", rows) => $table.insert_all_new(self::rows(rows))?.to_string(),
            ("lookup", [key]) => list($table.lookup(key)?),
            ("member", [key]) => $table.member(key)?.to_string(),
            ("take", [key]) => list($table.take(key)?),
            ("delete", [key]) => {
                $table.delete(key)?;
                "ok".to_owned()
            }
            ("delete_object", [key, value]) => {
                $table.delete_object(key, value)?;
                "ok".to_owned()
            }
            ("delete_all", []) => {
                $table.delete_all_objects()?;
                "ok".to_owned()
            }
            ("all", []) => {
                let mut rows = $table.to_vec()?;
                rows.sort_by_key(|row| row.0);
                pairs(&rows)
            }
            ("fold", []) => $table.fold(0, |sum, _, value| sum + value)?.to_string(),
            ("above", [bound]) => {
                let mut keys = $table.select(|key, value| (value > bound).then_some(*key))?;
                keys.sort_unstable();
                list(keys)
            }
            ("count_above", [bound]) => $table.select_count(|_, value| value > bound)?.to_string(),
            ("delete_above", [bound]) => {
                $table.select_delete(|_, value| value > bound)?.to_string()
            }
            ("size", []) => $table.size()?.to_string(),
            ("owned", []) => $table.owner().is_some().to_string(),
            ("type", []) => $kind.to_owned(),
            _ => return Err(TableError::NoKey { table: $kind }),
        }
    };
}

/// What those answer, too, that have one row per key.
macro_rules! single {
    ($table:ident, $op:ident, $args:ident) => {
        match ($op, $args) {
            ("element", [key]) => Some($table.lookup_element(key, |value| *value)?.to_string()),
            ("counter", [key, by]) => {
                Some($table.update_counter(key, |value| value, *by)?.to_string())
            }
            ("counter_or", [key, by, default]) => {
                Some($table.update_counter_or(key, |value| value, *by, *default)?.to_string())
            }
            ("counter_wrap", [key, by, threshold, start]) => {
                let step = cordial::ets::Step::by(*by).wrapping(*threshold, *start);
                Some($table.update_counter(key, |value| value, step)?.to_string())
            }
            ("counters", [key, steps @ ..]) => {
                let part: fn(&mut i64) -> &mut i64 = |value| value;
                let steps: Vec<_> = steps.iter().map(|by| (part, (*by).into())).collect();
                Some(list($table.update_counters(key, &steps)?))
            }
            ("update", [key, value]) => {
                Some($table.update_element(key, |there| *there = *value)?.to_string())
            }
            ("replace_above", [bound, new]) => {
                let replaced = $table.select_replace(|_, value| (value > bound).then_some(*new))?;
                Some(replaced.to_string())
            }
            _ => None,
        }
    };
}

impl Asked for SetTableRef {
    fn ask(&self, op: &str, args: &[i64]) -> Result<String, TableError> {
        if let Some(answer) = single!(self, op, args) {
            return Ok(answer);
        }
        Ok(common!(self, op, args, "set"))
    }
}

impl Asked for OrderedTableRef {
    fn ask(&self, op: &str, args: &[i64]) -> Result<String, TableError> {
        let key = |row: Option<(i64, i64)>| row.map_or("none".to_owned(), |row| row.0.to_string());
        if let Some(answer) = single!(self, op, args) {
            return Ok(answer);
        }
        Ok(match (op, args) {
            ("first", []) => key(self.first()?),
            ("last", []) => key(self.last()?),
            ("next", [from]) => key(self.next(from)?),
            ("prev", [from]) => key(self.prev(from)?),
            ("reverse", []) => list(self.select_reverse(|key, _| Some(*key))?),
            ("chunks", [limit]) => {
                let mut chunks =
                    self.chunks(usize::try_from(*limit).unwrap(), |key, _| Some(*key))?;
                let mut all = Vec::new();
                while let Some(chunk) = chunks.next_chunk()? {
                    all.push(list(chunk));
                }
                format!("[{}]", all.join(","))
            }
            _ => common!(self, op, args, "ordered_set"),
        })
    }
}

impl Asked for BagTableRef {
    fn ask(&self, op: &str, args: &[i64]) -> Result<String, TableError> {
        Ok(common!(self, op, args, "bag"))
    }
}

impl Asked for DuplicateTableRef {
    fn ask(&self, op: &str, args: &[i64]) -> Result<String, TableError> {
        Ok(common!(self, op, args, "duplicate_bag"))
    }
}
