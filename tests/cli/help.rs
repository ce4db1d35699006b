//! What a person reads first.

use super::run;

#[test]
fn help_of_the_main_leaves() {
    let home = tempfile::tempdir().unwrap();
    for (name, args) in [
        ("syncline", &["--help"][..]),
        ("jobs", &["jobs", "--help"]),
        ("jobs_create", &["jobs", "create", "--help"]),
        ("jobs_show", &["jobs", "show", "--help"]),
        ("jobs_wait", &["jobs", "wait", "--help"]),
        ("jobs_verify", &["jobs", "verify", "--help"]),
        ("logs", &["logs", "--help"]),
        ("exit_codes", &["help", "exit-codes"]),
        ("environment", &["help", "environment"]),
        ("output", &["help", "output"]),
        ("security", &["help", "security"]),
    ] {
        let shown = run(home.path(), args);
        assert_eq!((shown.code, shown.stderr.as_str()), (0, ""), "{name}");
        insta::assert_snapshot!(name, shown.stdout);
    }
}

#[test]
fn help_is_found_by_every_way() {
    let home = tempfile::tempdir().unwrap();
    let wanted = run(home.path(), &["jobs", "pause", "--help"]).stdout;
    assert_eq!(run(home.path(), &["help", "jobs", "pause"]).stdout, wanted);
    assert_eq!(run(home.path(), &["jobs", "pause", "-h"]).stdout, wanted);
    let unknown = run(home.path(), &["help", "jobs", "explode"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("hint:"));
}

#[test]
fn a_typing_error_gets_a_suggestion_and_runs_nothing() {
    let home = tempfile::tempdir().unwrap();
    let shown = run(home.path(), &["jobs", "pasue", "x"]);
    assert_eq!(shown.code, 2);
    assert!(shown.stderr.contains("pause"), "{}", shown.stderr);
}
