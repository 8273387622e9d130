//! Runs every program under `pass/` and `fail/` through the compiler.

/// The programs that must compile do; those that must not say exactly what their `.stderr` says.
#[test]
fn programs_compile_or_say_why_not() {
    let cases = trybuild::TestCases::new();
    cases.pass("pass/**/*.rs");
    cases.compile_fail("fail/**/*.rs");
}
