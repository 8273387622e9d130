//! Runs every program under `pass/` and `fail/` through the compiler.

/// The programs that must compile do; those that must not say exactly what their `.stderr` says.
#[test]
fn programs_compile_or_say_why_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/**/*.rs");
    cases.compile_fail("fail/**/*.rs");
}

/// TYP-14: who reads the first error about what cannot leave its thread reads ours, and the
/// compiler adds four at most; of a reply that only the compiler sees it adds six.
#[test]
fn what_is_not_send_is_told_by_us_first_and_in_a_few_errors() {
    let folder = std::path::Path::new("fail/gen_server");
    let files = std::fs::read_dir(folder).expect("the folder can be read").flatten();
    let outputs = files.map(|file| file.path()).filter(|path| {
        let name = path.file_name().expect("a file has a name").to_string_lossy();
        // A future is the compiler's to tell, at the handler, in one error.
        name.contains("_not_send") && name.ends_with(".stderr") && !name.starts_with("future")
    });
    let mut seen = 0;
    for path in outputs {
        let output = std::fs::read_to_string(&path).expect("a file can be read");
        let ours = ["never leaves its thread", "cannot travel", "cannot be part of"];
        let first = output.lines().next().unwrap_or_default();
        let is_ours = ours.iter().any(|words| first.contains(words));
        let errors = output.lines().filter(|line| line.starts_with("error")).count();
        // What asks for a reply and what gives it ask for its type, too, where only they see it.
        let most = if path.ends_with("reply_not_send_unseen.stderr") { 7 } else { 5 };
        assert!(is_ours && errors <= most, "{}: {errors} errors, first {first}", path.display());
        seen += 1;
    }
    assert!(seen >= 7, "{seen} programs");
}
