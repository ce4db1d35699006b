//! Files of the source tree that follow from the command tree.

use super::run;

#[test]
fn generated_files_are_fresh() {
    let home = tempfile::tempdir().unwrap();
    let checked = run(home.path(), &["generate", "--check", "--dir", env!("CARGO_MANIFEST_DIR")]);
    assert_eq!(checked.code, 0, "run `syncline generate`:\n{}", checked.stdout);
}

#[test]
fn check_names_what_is_stale_and_writes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let first = run(home.path(), &["generate", "--check", "-q"]);
    assert_eq!(first.code, 3);
    assert!(first.stdout.contains("completions/syncline.bash") && first.stdout.contains("man/syncline.1"));
    assert!(!home.path().join("man").exists());
    assert_eq!(run(home.path(), &["generate"]).code, 0);
    assert_eq!(run(home.path(), &["generate", "--check"]).code, 0);
    std::fs::write(home.path().join("man/syncline.1"), "old").unwrap();
    std::fs::write(home.path().join("man/syncline-gone.1"), "old").unwrap();
    let stale = run(home.path(), &["generate", "--check", "-o", "csv"]);
    assert_eq!((stale.code, stale.stdout.as_str()), (3, "file,was\nman/syncline.1,stale\nman/syncline-gone.1,left over\n"));
}

#[test]
fn scripts_and_pages_come_to_stdout() {
    let home = tempfile::tempdir().unwrap();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = run(home.path(), &["completions", shell]);
        assert!(script.code == 0 && script.stdout.contains("incremental") || shell == "bash", "{shell}");
        assert!(script.stdout.contains("keep-progress"), "{shell}");
    }
    assert!(run(home.path(), &["man"]).stdout.contains("EXIT STATUS"));
    assert!(run(home.path(), &["man", "jobs", "create"]).stdout.contains("source\\-password\\-file"));
    assert_eq!(run(home.path(), &["man", "nothing"]).code, 2);
}
