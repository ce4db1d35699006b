//! Contexts: which daemon a command talks to.

use super::{run, syncline};
use std::os::unix::fs::PermissionsExt as _;

#[test]
fn a_context_is_added_used_shown_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert_eq!(run(home, &["context", "add", "a"]).code, 2, "a context needs a server");
    assert_eq!(run(home, &["context", "add", "a", "--server", "ftp://x"]).code, 2);
    assert_eq!(run(home, &["context", "add", "a", "--server", "http://127.0.0.1:1", "--dry-run"]).code, 0);
    assert_eq!(run(home, &["context", "list", "-q"]).stdout, "");
    assert_eq!(run(home, &["context", "add", "a", "--server", "http://127.0.0.1:1", "--token-file", "a.token"]).code, 0);
    assert_eq!(run(home, &["context", "add", "b", "--server", "http://127.0.0.1:2"]).code, 0);
    assert_eq!(run(home, &["context", "list", "-q"]).stdout, "a\nb\n");
    let shown: serde_json::Value = serde_json::from_str(&run(home, &["context", "show", "-o", "json"]).stdout).unwrap();
    assert_eq!((shown["name"].as_str(), shown["current"].as_bool()), (Some("a"), Some(true)));
    assert_eq!(shown["token_file"], home.join("a.token").to_str().unwrap(), "paths are kept absolute");
    assert_eq!(run(home, &["context", "use", "b"]).code, 0);
    assert!(run(home, &["version"]).stdout.contains("http://127.0.0.1:2"));
    for unknown in
        [&["context", "use", "c"][..], &["context", "show", "c"], &["context", "remove", "c", "--yes"], &["jobs", "list", "--context", "c"]]
    {
        let shown = run(home, unknown);
        assert!(shown.code == 2 && shown.stderr.contains("[unknown_context]"), "{unknown:?}: {}", shown.stderr);
    }
    let refused = run(home, &["context", "remove", "b"]);
    assert_eq!(refused.code, 2, "no terminal, no --yes");
    assert!(refused.stderr.contains("--yes"));
    assert_eq!(run(home, &["context", "remove", "b", "--yes"]).code, 0);
    let none = run(home, &["context", "show"]);
    assert!(none.code == 2 && none.stderr.contains("[no_context]"), "{}", none.stderr);
    let file = home.join("config/syncline/contexts.toml");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_token_comes_from_a_file_that_holds_one() {
    let home = tempfile::tempdir().unwrap();
    let missing = run(home.path(), &["jobs", "list", "--token-file", "gone"]);
    assert!(missing.code == 2 && missing.stderr.contains("gone"));
    std::fs::write(home.path().join("two"), "s3cret words\n").unwrap();
    let two = run(home.path(), &["jobs", "list", "--token-file", "two"]);
    assert!(two.code == 2 && !two.stderr.contains("s3cret"), "{}", two.stderr);
    assert!(two.stderr.contains("can be read by others"));
}

#[test]
fn an_unknown_context_in_the_environment_is_an_error_not_a_default() {
    let home = tempfile::tempdir().unwrap();
    let shown = super::outcome(syncline(home.path()).env("SYNCLINE_CONTEXT", "gone").args(["jobs", "list"]));
    assert!(shown.code == 2 && shown.stderr.contains("gone"));
}
