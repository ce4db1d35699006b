//! The daemon's settings, looked at without a daemon.

use super::{outcome, run, syncline};

#[test]
fn show_tells_values_and_where_they_come_from() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert_eq!(run(home, &["config", "show"]).stdout, "", "nothing is changed");
    std::fs::write(home.join("syncline.toml"), "[log]\nlevel = \"debug\"\n").unwrap();
    let shown = outcome(syncline(home).env("SYNCLINE_LIMITS_BODY_BYTES", "1MB").args(["config", "show", "-o", "csv"]));
    assert_eq!(shown.code, 0, "{}", shown.stderr);
    assert!(shown.stdout.starts_with("key,value,origin\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("log.level,debug,file syncline.toml\n"), "{}", shown.stdout);
    assert!(shown.stdout.contains("limits.body_bytes,1MB,env SYNCLINE_LIMITS_BODY_BYTES\n"), "{}", shown.stdout);
    let all = run(home, &["config", "show", "--effective", "--origin"]);
    assert!(all.stdout.contains("ORIGIN") && all.stdout.contains("default"), "{}", all.stdout);
}

#[test]
fn check_says_everything_that_is_wrong_at_once() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert_eq!(run(home, &["config", "check"]).code, 0);
    std::fs::write(home.join("bad.toml"), "[log]\nlevle = \"debug\"\n[limits]\nbody_bytes = \"many\"\n").unwrap();
    let shown = run(home, &["config", "check", "--config", "bad.toml"]);
    assert_eq!((shown.code, shown.stdout.as_str()), (2, ""));
    assert!(shown.stderr.contains("log.levle") && shown.stderr.contains("limits.body_bytes"), "{}", shown.stderr);
    assert_eq!(run(home, &["config", "check", "--config", "gone.toml"]).code, 2);
}

#[test]
fn init_writes_a_file_that_check_accepts_and_replaces_none_unasked() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    assert!(run(home, &["config", "init", "--dry-run"]).stdout.contains("[server]"));
    assert!(!home.join("syncline.toml").exists());
    assert_eq!(run(home, &["config", "init"]).code, 0);
    assert_eq!(run(home, &["config", "check"]).code, 0);
    let again = run(home, &["config", "init"]);
    assert!(again.code == 2 && again.stderr.contains("--yes"), "{}", again.stderr);
    assert_eq!(run(home, &["config", "init", "--yes"]).code, 0);
}
