//! Bad input is refused before anything is sent: the daemon here is a dead port, so exit 7 means "it would have gone".

use super::{outcome, run, syncline};
use crate::support::port::unused;

const FLAGS: [&str; 10] = ["jobs", "create", "--name", "a", "--kind", "sync", "--source", "u@h", "--target", "u@t"];

#[test]
fn parse_table() {
    let home = tempfile::tempdir().unwrap();
    let server = format!("http://127.0.0.1:{}", unused());
    std::fs::write(home.path().join("pw"), "x\n").unwrap();
    std::fs::write(home.path().join("ok.toml"), "name='a'\nkind='sync'\n[source]\nhost='h'\nuser='u'\n[target]\nhost='t'\nuser='u'\n")
        .unwrap();
    std::fs::write(home.path().join("sub.yaml"), "name: a\nkind: subscription\nsource: {host: h, user: u}\nsink: kafka\n").unwrap();
    std::fs::write(home.path().join("typo.toml"), "name='a'\nknid='sync'\n").unwrap();
    let passwords = ["--source-password-file", "pw", "--target-password-file", "pw"];
    let with = |args: &[&'static str]| [&FLAGS[..], &passwords[..], args].concat();
    let feed = |args: &[&'static str]| {
        let base = ["jobs", "create", "--name", "a", "--kind", "subscription", "--source", "u@h", "--source-password-file", "pw"];
        [&base[..], args].concat()
    };
    for (args, code, stderr) in [
        (with(&[]), 7, "cannot be reached"),
        (with(&["--include", "shop.orders,shop.items"]), 7, ""),
        (with(&["--include", "a.b.c"]), 2, "db or db.table"),
        (with(&["--existing-tables", "drop"]), 2, "--yes"),
        (with(&["--existing-tables", "drop", "--yes"]), 7, ""),
        (with(&["--wait=sometime"]), 2, "incremental"),
        (with(&["-f", "ok.toml"]), 2, "--file cannot be used with --name, --kind, --source, --target, --source-password-file"),
        (
            vec!["jobs", "create", "-f", "ok.toml", "--existing-tables", "upsert"],
            2,
            "error: --file cannot be used with --existing-tables [usage]\n",
        ),
        (vec!["jobs", "verify", "a", "--repair"], 2, "--yes answers the question"),
        (vec!["jobs", "verify", "a", "--repair", "--yes"], 7, ""),
        (vec!["jobs", "verify", "a"], 7, ""),
        (vec!["jobs", "update", "a"], 2, "nothing to change"),
        (vec!["jobs", "update", "a", "-f", "ok.toml", "--include", "x"], 2, "--file cannot be used with --include [usage]\n"),
        (vec!["jobs", "update", "a", "--include", "x"], 7, ""),
        (vec!["jobs", "apply", "-f", "ok.toml"], 7, ""),
        (with(&["-o", "csv"]), 7, ""),
        (FLAGS.to_vec(), 2, "--source-password-file"),
        (vec!["jobs", "create", "--name", "a"], 2, "--kind, --source, --target are missing"),
        (
            vec!["jobs", "create", "--name", "a", "--kind", "subscription", "--source", "u@h", "--target", "u@t"],
            2,
            "--kafka, --topic are missing",
        ),
        (feed(&["--kafka", "k1:9092,k2:9092", "--topic", "{table}", "--format", "maxwell"]), 7, ""),
        (feed(&["--kafka", "k1:9092", "--topic", "t", "--target", "u@t"]), 2, "cannot be used with"),
        (feed(&["--kafka", "k1:9092", "--topic", "t", "--on-conflict", "skip"]), 2, "--on-conflict cannot be used with a subscription"),
        (with(&["--topic", "t"]), 2, "--topic cannot be used with a job that writes to a target"),
        (vec!["jobs", "create", "--name", "a", "--kind", "sync", "--source", "u:s3cret@h", "--target", "u@t"], 2, "-password-file"),
        (vec!["jobs", "create", "-f", "ok.toml"], 7, ""),
        (vec!["jobs", "create", "-f", "gone.toml"], 2, "gone.toml"),
        (vec!["jobs", "create", "-f", "sub.yaml"], 2, "table kafka"),
        (vec!["jobs", "validate", "-f", "typo.toml"], 2, "line 2"),
        (vec!["jobs", "wait", "a", "--for", "lag<fast"], 2, "no duration"),
        (vec!["jobs", "wait", "a", "--for", "lag<5s"], 7, ""),
        (vec!["jobs", "show", "a", "-o", "csv"], 2, "csv"),
        (vec!["jobs", "show", "a"], 7, ""),
        (vec!["jobs", "delete", "a"], 7, ""),
        (vec!["jobs", "delete", "a", "--yes"], 7, ""),
        (vec!["jobs", "list", "--state", "sleeping"], 2, "streaming"),
        (vec!["jobs", "list", "--timeout", "soon"], 2, "duration"),
        (vec!["jobs", "list", "--timeout", "0"], 2, "leaves no time"),
        (vec!["jobs", "list", "-o", "xml"], 2, "ndjson"),
        (vec!["logs", "nonsense"], 2, "job/ID"),
        (vec!["logs", "-f", "-o", "json"], 2, "ndjson"),
        (vec!["logs", "--since", "yesterday"], 2, "is no time"),
        (vec!["mysql", "check", "u@h"], 2, "--password-file"),
        (vec!["mysql", "check", "u@h", "--password-file", "pw"], 7, ""),
        (vec!["nodes", "show", "x", "-o", "csv"], 2, "csv"),
        (vec!["server", "status"], 7, ""),
        (vec![], 2, "Usage"),
    ] {
        let shown = outcome(syncline(home.path()).env("SYNCLINE_SERVER", &server).args(&args));
        assert_eq!(shown.code, code, "{args:?}\n{}", shown.stderr);
        assert!(shown.stderr.contains(stderr), "{args:?}: {stderr:?} is not in\n{}", shown.stderr);
        assert!(!shown.stderr.contains("s3cret"), "{args:?} repeats a password");
        assert_eq!(shown.stdout, "", "{args:?}");
    }
}

#[test]
fn a_job_comes_from_stdin_in_any_syntax() {
    let home = tempfile::tempdir().unwrap();
    let server = format!("http://127.0.0.1:{}", unused());
    for text in [
        "name = 'a'\nkind = 'sync'\n[source]\nhost = 'h'\nuser = 'u'\n[target]\nhost = 't'\nuser = 'u'\n",
        "name: a\nkind: sync\nsource: {host: h, user: u}\ntarget: {host: t, user: u}\n",
        r#"{"name":"a","kind":"sync","source":{"host":"h","user":"u"},"target":{"host":"t","user":"u"}}"#,
    ] {
        let shown = outcome(syncline(home.path()).args(["jobs", "validate", "-f", "-", "--server", &server]).write_stdin(text));
        assert_eq!(shown.code, 7, "{text}\n{}", shown.stderr);
    }
}

#[test]
fn nothing_is_coloured_in_a_pipe() {
    let home = tempfile::tempdir().unwrap();
    for args in [&["help"][..], &["jobs", "--help"], &["jobs", "list", "--server", "http://127.0.0.1:1"]] {
        let shown = run(home.path(), args);
        assert!(!shown.stdout.contains('\u{1b}') && !shown.stderr.contains('\u{1b}'), "{args:?}");
    }
}
