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
    let lists = "[server]\nlisten = '127.0.0.1:8190'\n[[listeners]]\naddress = '127.0.0.1:8080'\nfamilies = ['dts']\n\
                 [dts]\nusers = [{ name = 'r', role = 'viewer', password_sha256 = '0000000000000000000000000000000000000000000000000000000000000000' }]\n";
    std::fs::write(home.join("lists.toml"), lists).unwrap();
    let shown = run(home, &["config", "show", "--config", "lists.toml", "-o", "csv"]).stdout;
    assert!(shown.contains("listeners[0],127.0.0.1:8080 (dts),file lists.toml\n") && shown.contains("dts.users[0],r (viewer),"), "{shown}");
    let checked = run(home, &["config", "check", "--config", "lists.toml", "-o", "json"]).stdout;
    assert!(checked.replace(' ', "").contains("\"changed\":3"), "{checked}");
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
    // What cannot be read hides nothing of what cannot be meant.
    let text = "[[dms.tasks]]\nname = 't'\ntype = 'weekly'\ndays = 'x'\n[[dms.providers]]\nname = 'p'\nkind = 'csv'\nattempts = 0\n";
    std::fs::write(home.join("bad.toml"), text).unwrap();
    let shown = run(home, &["config", "check", "--config", "bad.toml"]).stderr;
    for key in ["dms.tasks[0].days: ", "dms.tasks[0].type: ", "dms.providers[0].attempts: ", "dms.providers[0].dir: "] {
        assert_eq!(shown.matches(key).count(), 1, "{key}: {shown}");
    }
    // One fault is told once, whoever finds it.
    for (text, key) in [
        (
            "[[dms.providers]]\nname = 'p'\nkind = 'http'\nurl = 'http://x/{symbol}'\nformat = 'xml'\n",
            "dms.providers[0].format: unknown variant",
        ),
        ("[[dms.slaves]]\nname = ''\nhost = 'h'\n", "dms.slaves[0].name: is empty"),
        ("[[dms.slaves]]\nhost = 'h'\n", "dms.slaves[0]: missing field `name`"),
        ("[[dms.slaves]]\nname = 'a/b'\nhost = 'h'\n", "dms.slaves[0].name: \"a/b\" must be without /"),
        ("[[dms.backups]]\nname = 'b'\nhost = 'h'\n[[dms.backups]]\nname = 'b'\nhost = 'h'\n", "dms.backups[1].name: \"b\" is there twice"),
    ] {
        std::fs::write(home.join("bad.toml"), text).unwrap();
        let shown = run(home, &["config", "check", "--config", "bad.toml"]).stderr;
        assert!(shown.starts_with("error: 1 problem in the configuration") && shown.contains(key), "{text}{shown}");
    }
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

#[test]
fn check_refuses_what_serve_refuses_in_the_same_words() {
    let home = tempfile::tempdir().unwrap();
    let home = home.path();
    let token =
        "tokens = [{ name = 'a', role = 'viewer', token_sha256 = '0000000000000000000000000000000000000000000000000000000000000000' }]";
    for (text, complaint) in [
        ("[server]\nlisten = '0.0.0.0:8190'\n", "security.allow_anonymous_network = true"),
        ("[[listeners]]\naddress = '[::]:8191'\nfamilies = ['dtle3']\n", "security.allow_anonymous_network = true"),
        ("[server]\nlisten = ''\n", "there is no listener"),
        ("[server]\nlisten = 'localhost:8190'\n[[listeners]]\naddress = 'localhost:8190'\nfamilies = ['dtle3']\n", "twice"),
        ("[server]\nlisten = '999.1.1.1:8190'\n", "cannot listen on 999.1.1.1:8190"),
        ("[security]\nallow_endpoints = ['10.0.0.0/99']\n", "security.allow_endpoints"),
        (
            "[[dms.tasks]]\nname = 't'\ntype = 'incremental'\n",
            "dms.tasks[0].provider: a task of the type incremental needs a provider: [[dms.providers]] has none",
        ),
        (
            "[[dms.providers]]\nname = 'p'\nkind = 'http'\nformat = 'yahoo'\nurl = 'http://169.254.169.254/{symbol}'\n\
             [[dms.tasks]]\nname = 't'\ntype = 'repair'\n",
            "dms.tasks[0].provider: 169.254.169.254:80 is refused: link-local",
        ),
        (
            "[[dms.slaves]]\nname = 'a'\nhost = 'h'\nport = 1\n[[dms.slaves]]\nname = 'b'\nhost = 'h'\nport = 1\n",
            "dms.slaves[1].host: the slave a is at the same place",
        ),
        (
            "[server]\nlisten = '127.0.0.1:8199'\n[[dms.slaves]]\nname = 'a'\nhost = 'localhost'\nport = 8199\n",
            "dms.slaves[0].host: localhost:8199 is this daemon itself",
        ),
    ] {
        std::fs::write(home.join("bad.toml"), text).unwrap();
        let [checked, served] = ["check", "serve"].map(|verb| match verb {
            "check" => run(home, &["config", "check", "--config", "bad.toml"]),
            _ => run(home, &["serve", "--config", "bad.toml", "--data-dir", "data"]),
        });
        assert_eq!((checked.code, served.code), (2, 2), "{text}{}{}", checked.stderr, served.stderr);
        assert!(checked.stderr.contains(complaint), "{text}{}", checked.stderr);
        assert_eq!(checked.stderr, served.stderr);
    }
    for more in [format!("[auth]\n{token}\n"), "[security]\nallow_anonymous_network = true\n".to_owned()] {
        std::fs::write(home.join("good.toml"), format!("[server]\nlisten = '0.0.0.0:8190'\n{more}")).unwrap();
        assert_eq!(run(home, &["config", "check", "--config", "good.toml"]).code, 0, "{more}");
    }
}
