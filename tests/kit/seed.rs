//! The seed of a test: given, told when the test fails, and what it decides.
use cordial::__private::{run_test_as, run_try_test_as};
use cordial::test::{random, seed};

#[cordial::test(seed = 7)]
async fn seed_is_the_one_that_the_test_asks_for() {
    assert_eq!(seed(), 7);
}

#[cordial::test(seed = 9, workers = 2)]
async fn seed_is_known_in_processes_too() {
    let (from, answer) = cordial::ReplyTo::pair();
    cordial::process::spawn(async move |_: cordial::process::Mailbox<()>| from.reply(seed()));
    assert_eq!(answer.await, Some(9));
}

#[test]
fn random_numbers_are_the_same_for_the_same_seed_and_no_other() {
    let numbers = |seed| run_test_as(None, Some(seed), async { [random(), random(), random()] });
    assert_eq!(numbers(7), numbers(7));
    assert_ne!(numbers(7), numbers(8));
    let [first, second, third] = numbers(7);
    assert!(first != second && second != third);
}

#[test]
fn seed_is_another_one_in_each_run() {
    let any = || run_test_as(None, None, async { seed() });
    let seeds: std::collections::BTreeSet<u64> = (0..20).map(|_| any()).collect();
    assert!(std::env::var_os("CORDIAL_SEED").is_some() || seeds.len() > 15, "{seeds:?}");
}

/// Each fails on purpose, when [`seed_is_told_when_a_test_fails`] runs it.
mod failing {
    #[cordial::test(seed = 11)]
    #[ignore = "it fails, and another test looks at how"]
    async fn by_a_panic() {
        panic!("on purpose");
    }

    #[cordial::test(seed = 12)]
    #[ignore = "it fails, and another test looks at how"]
    async fn by_an_error() -> Result<(), &'static str> {
        Err("on purpose")
    }

    #[cordial::test]
    #[ignore = "it fails if CORDIAL_SEED is not 13, and another test looks at how"]
    async fn unless_the_seed_is_given() {
        assert_eq!(cordial::test::seed(), 13);
    }
}

#[test]
fn seed_is_told_when_a_test_fails() {
    for (name, seed) in [("by_a_panic", 11), ("by_an_error", 12)] {
        let told = run_failing(name, None);
        let line = format!(
            "the seed of this test was {seed}; CORDIAL_SEED={seed} runs it with the same one\n"
        );
        assert!(told.contains(&line), "{told}");
    }
}

#[test]
fn seed_can_be_given_by_a_variable() {
    let told = run_failing("unless_the_seed_is_given", Some("13"));
    assert!(told.contains("1 passed"), "{told}");
    let told = run_failing("unless_the_seed_is_given", Some("odd"));
    assert!(told.contains("CORDIAL_SEED is a whole number, and not `odd`"), "{told}");
}

/// Runs one of the ignored tests in a process of its own, and gives what it prints.
fn run_failing(name: &str, seed: Option<&str>) -> String {
    let mut command = std::process::Command::new(std::env::current_exe().unwrap());
    command.args([&format!("seed::failing::{name}"), "--exact", "--ignored", "--test-threads=1"]);
    command.env_remove("CORDIAL_SEED").env("RUST_BACKTRACE", "0");
    command.envs(seed.map(|seed| ("CORDIAL_SEED", seed)));
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

#[test]
fn test_that_returns_a_result_gives_it_back() {
    assert_eq!(run_try_test_as(None, None, async { Err::<(), _>("no") }), Err("no"));
    assert_eq!(run_try_test_as(Some(2), None, async { Ok::<_, ()>(1) }), Ok(1));
}
