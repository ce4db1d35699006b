use super::*;

fn load(text: &str, env: &[(&str, &str)], flags: &Flags) -> Result<Config, Complaints> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("c.toml");
    std::fs::write(&file, text).unwrap();
    Config::load(Some(&file), env.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())), flags)
}

fn origin<'a>(config: &'a Config, key: &str) -> &'a Entry {
    config.entries().iter().find(|e| e.key == key).unwrap()
}

#[test]
fn later_sources_win_and_say_so() {
    let text = "[server]\nlisten = '127.0.0.1:1'\nshutdown_seconds = 5\n[replication]\nmemory_bytes = '32MB'\n";
    let flags = Flags { listen: Some("127.0.0.1:3".into()), ..Flags::default() };
    let config = load(text, &[("SYNCLINE_SERVER_LISTEN", "127.0.0.1:2"), ("SYNCLINE_SERVER_SHUTDOWN_SECONDS", "6")], &flags).unwrap();
    assert_eq!(config.listeners[0].address, "127.0.0.1:3");
    assert_eq!(origin(&config, "server.listen").origin, "flag --listen");
    assert_eq!(origin(&config, "server.shutdown_seconds").origin, "env SYNCLINE_SERVER_SHUTDOWN_SECONDS");
    assert!(origin(&config, "replication.memory_bytes").origin.starts_with("file "));
    assert_eq!(origin(&config, "log.level").origin, "default");
    assert_eq!((config.server.shutdown_seconds, config.replication.memory_bytes), (6, 32 << 20));
}

#[test]
fn all_complaints_come_at_once_with_their_keys() {
    let text = "[server]\nlissten = 'x'\nshutdown_seconds = 'soon'\n[nonsense]\na = 1\n[log]\nformat = 'xml'\nlisten = ''\n\
        [[listeners]]\naddress = 'nowhere'\nfamilies = ['dms', 'foo']\n[auth]\ntokens = [{ name = 'a', role = 'king', token = 'x' }]\n\
        [[dms.providers]]\nname = 'p'\nkind = 'csv'\nfrm = 1\n[[dms.tasks]]\nname = 't'\n\
        [[dms.backups]]\nname = 'b'\nhost = 'h'\n[[dms.backups]]\nname = 'b'\nhost = 'i'\n[[dms.slaves]]\nname = 'bad name/..'\nhost = 'h'\n[[dms.slaves]]\nname = 's'\nhost = 'h'\nport = 'x'\n";
    let Complaints(lines) = load(text, &[("SYNCLINE_LOG_LEVLE", "x"), ("SYNCLINE_SERVER", "http://x")], &Flags::default()).unwrap_err();
    for part in [
        "server.lissten: unknown key",
        "server.shutdown_seconds: must be a whole number",
        "nonsense: unknown section",
        "log.format",
        "did you mean server.listen",
        "listeners[0].address",
        "dms.providers[0].frm: unknown field",
        "dms.tasks[0]: missing field `type`",
        "dms.backups[1].name: \"b\" is there twice",
        "dms.slaves[0].name: \"bad name/..\" must be without /",
        "dms.slaves[1].port: ",
        "unknown family \"foo\"",
        "auth.tokens[0].role",
        "never stand in clear",
        "SYNCLINE_LOG_LEVLE",
    ] {
        assert!(lines.iter().any(|l| l.contains(part)), "{part}: {lines:#?}");
    }
    assert!(!lines.iter().any(|l| l.contains("http://x")));
}

#[test]
fn no_file_at_all_is_fine_and_a_named_one_must_exist() {
    let config = Config::load(None, [("HOME".to_owned(), "/nowhere".to_owned())], &Flags::default()).unwrap();
    assert_eq!(config.server.data_dir, Path::new("/nowhere/.local/state/syncline"));
    assert!(Config::load(Some(Path::new("/nowhere/x.toml")), [], &Flags::default()).is_err());
}

#[test]
fn example_shows_every_default_and_loads() {
    let all = super::super::example();
    load(&all, &[], &Flags::default()).unwrap();
    let setting = |line: &str| {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        let name = bare.split_once(" = ").map(|(name, _)| name);
        let known = name.is_some_and(|n| n != "data_dir" && KEYS.iter().any(|k| k.name.ends_with(&format!(".{n}"))));
        (line.starts_with('[') || known).then(|| format!("{bare}\n"))
    };
    let uncommented: String = all.lines().filter_map(setting).collect();
    let config = load(&uncommented, &[], &Flags::default()).unwrap();
    let default = load("", &[], &Flags::default()).unwrap();
    for (a, b) in config.entries().iter().zip(default.entries()) {
        assert_eq!((&a.key, &a.value), (&b.key, &b.value));
    }
}

#[test]
fn a_dts_user_has_a_password_from_a_file_a_variable_or_as_a_hash() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("pw");
    std::fs::write(&file, "file-password\n").unwrap();
    let hash = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8"; // password
    let text = format!(
        "[dts]\nusers = [{{ name = 'a', role = 'operator', password_file = '{}' }}, {{ name = 'b', role = 'viewer', password_env = 'PW' }}, \
         {{ name = 'c', role = 'admin', password_sha256 = '{hash}' }}]\n",
        file.display()
    );
    let config = load(&text, &[("PW", "from-environment")], &Flags::default()).unwrap();
    for (user, name, password) in
        config.dts_users.iter().zip([("a", "file-password"), ("b", "from-environment"), ("c", "password")]).map(|(u, (n, p))| (u, n, p))
    {
        assert!(user.matches(name, password) && !user.matches(name, "other") && !user.matches("other", password), "{name}");
    }
    assert!(!format!("{config:?}").contains("from-environment"));
    for (user, complaint) in [
        ("name = 'a', role = 'viewer', password = 'hunter2hunter2'", "dts.users[0].password: passwords never stand in clear"),
        ("name = 'a', role = 'viewer', password_env = 'NONE'", "dts.users[0].password_env: NONE is not set"),
        ("name = 'a', role = 'viewer', password_env = 'SHORT'", "SHORT must hold a password of at least 8 characters"),
        ("name = 'a', role = 'viewer'", "exactly one of password_file, password_env and password_sha256"),
        ("name = 'a:b', role = 'viewer', password_env = 'PW'", "dts.users[0].name: HTTP Basic has no names with a colon"),
        ("name = 'a', password_env = 'PW'", "dts.users[0].role: is missing"),
    ] {
        let text = format!("[dts]\nusers = [{{ {user} }}]\n");
        let Complaints(lines) = load(&text, &[("PW", "from-environment"), ("SHORT", "short")], &Flags::default()).unwrap_err();
        assert!(lines.iter().any(|l| l.contains(complaint)), "{complaint}: {lines:#?}");
        assert!(!lines.iter().any(|l| l.contains("hunter2") || l.contains("from-environment")), "{lines:#?}");
    }
}

#[test]
fn a_port_is_told_with_its_bounds() {
    let Complaints(lines) = load("[[dms.slaves]]\nname = 's'\nhost = 'h'\nport = 70000\n", &[], &Flags::default()).unwrap_err();
    assert!(lines.len() == 1 && lines[0].ends_with("`70000`, expected a port, 1 to 65535"), "{lines:#?}");
}

#[test]
fn one_entry_of_a_list_may_be_wrong_in_many_ways() {
    let text = "[[dms.tasks]]\nfrm = 1\ndays = 'x'\nsymbols = 'A'\n[[dms.tasks]]\nname = 't'\ntype = 7\ncrn = ''\n\
        [[dms.providers]]\nkind = 'ftp'\nurll = ''\nattempts = -1\n";
    let Complaints(lines) = load(text, &[], &Flags::default()).unwrap_err();
    for part in [
        "dms.tasks[0].frm: unknown field",
        "dms.tasks[0].days: invalid type",
        "dms.tasks[0].symbols: invalid type",
        "dms.tasks[0]: missing field `name`",
        "dms.tasks[0]: missing field `type`",
        "dms.tasks[1].type: invalid type",
        "dms.tasks[1].crn: unknown field",
        "dms.providers[0]: missing field `name`",
        "dms.providers[0].kind: unknown variant `ftp`",
        "dms.providers[0].urll: unknown field",
        "dms.providers[0].attempts: invalid value",
    ] {
        assert_eq!(lines.iter().filter(|l| l.contains(part)).count(), 1, "{part}: {lines:#?}");
    }
    assert_eq!(lines.len(), 11, "{lines:#?}");
}
