//! Rules that hold for every leaf of the command tree.

use clap::{Command, CommandFactory as _};
use syncline::cli::Cli;

fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
    for child in command.get_subcommands() {
        let path = format!("{path} {}", child.get_name());
        if child.get_subcommands().next().is_none() || !child.is_subcommand_required_set() {
            found.push((path.clone(), child.clone()));
        }
        leaves(child, &path, found);
    }
}

fn all() -> Vec<(String, Command)> {
    let mut root = Cli::command();
    root.build();
    let mut found = Vec::new();
    leaves(&root, "syncline", &mut found);
    found
}

fn has(command: &Command, long: &str) -> bool {
    command.get_arguments().any(|arg| arg.get_long() == Some(long))
}

#[test]
fn the_tree_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_leaf_takes_the_global_flags_and_shows_an_example() {
    let leaves = all();
    assert!(leaves.len() > 25, "only {} leaves", leaves.len());
    for (path, leaf) in leaves {
        for flag in ["output", "quiet", "context", "server", "token-file", "timeout"] {
            assert!(has(&leaf, flag), "{path} lacks --{flag}");
        }
        let after = leaf.get_after_help().map(ToString::to_string).unwrap_or_default();
        assert!(after.contains("Example") && after.contains("syncline "), "{path} shows no example");
        assert!(leaf.get_about().is_some(), "{path} says not what it does");
    }
}

#[test]
fn every_leaf_that_changes_something_has_dry_run_and_yes_and_job_verbs_wait() {
    for (path, leaf) in all() {
        let words: Vec<&str> = path.split(' ').skip(1).collect();
        let mutates = match words.as_slice() {
            ["jobs", verb] => ["create", "update", "apply", "pause", "resume", "finish", "retry", "delete"].contains(verb),
            ["tasks", verb] => ["create", "update", "apply", "delete", "enable", "disable", "run", "cancel"].contains(verb),
            ["sync", "targets", verb, ..] => ["add", "remove", "enable", "disable"].contains(verb),
            ["hosts", verb] => ["add", "update", "remove", "import"].contains(verb),
            ["context", verb] => ["add", "use", "remove"].contains(verb),
            ["config", verb] => *verb == "init",
            ["server", verb] => *verb == "log-level",
            _ => false,
        };
        assert!(!mutates || (has(&leaf, "dry-run") && has(&leaf, "yes")), "{path} lacks --dry-run or --yes");
        assert!(!mutates || words[0] != "jobs" || has(&leaf, "wait"), "{path} lacks --wait");
    }
}

#[test]
fn no_flag_takes_a_password() {
    for (path, leaf) in all() {
        let value = |long: &str| long.ends_with("password") || long.ends_with("token") || long.ends_with("secret");
        assert!(!leaf.get_arguments().any(|arg| arg.get_long().is_some_and(value)), "{path} takes a secret on the command line");
    }
}
