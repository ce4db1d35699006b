//! Nothing points up: who may use whom, read from the `crate::…` paths of the source.

use std::path::{Path, PathBuf};

/// Each top module with all that it may use. `secret` is for everybody.
const MAY_USE: [(&str, &[&str]); 16] = [
    ("wire", &[]),
    ("secret", &[]),
    ("shutdown", &[]),
    ("model", &[]),
    ("config", &[]),
    ("client", &["wire"]),
    ("cli", &["client", "wire", "config", "serve"]),
    ("store", &["model"]),
    ("replicate", &["model"]),
    ("hosts", &["model"]),
    ("bars", &["model"]),
    ("cluster", &["model", "store"]),
    ("scheduler", &["model", "store", "replicate", "hosts", "bars", "cluster"]),
    ("telemetry", &["config"]),
    ("api", &["scheduler", "hosts", "bars", "store", "model", "wire", "config", "telemetry", "cluster"]),
    ("serve", &["api", "scheduler", "hosts", "bars", "model", "store", "config", "telemetry", "cluster", "shutdown"]),
];

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Returns the modules named after `crate::` outside of comments, those of a braced list too.
fn used(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let Some(list) = rest.strip_prefix('{') else {
            names.push(word(rest));
            continue;
        };
        // Only names at depth 0 of the list are modules of the crate.
        let (mut depth, mut start) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => start = true,
                c if start && (c.is_alphanumeric() || c == '_') => {
                    names.push(word(&list[at..]));
                    start = false;
                }
                _ => {}
            }
        }
    }
    names
}

#[test]
fn nothing_points_up() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(&root).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let (_, allowed) =
            MAY_USE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{module} has no place in the layers"));
        for name in used(&std::fs::read_to_string(&file).unwrap()) {
            let module_of_ours = MAY_USE.iter().any(|(m, _)| *m == name);
            if module_of_ours && name != module && name != "secret" && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{} uses {name}", relative.display()));
            }
        }
    }
    wrong.dedup();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn only_the_serve_and_config_verbs_reach_past_the_client() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli");
    let mut files = Vec::new();
    sources(&root, &mut files);
    for file in files {
        let name = file.strip_prefix(&root).unwrap().display().to_string();
        let reaches = used(&std::fs::read_to_string(&file).unwrap()).iter().any(|m| ["serve", "config"].contains(&m.as_str()));
        assert!(!reaches || ["serve.rs", "config.rs", "generate.rs"].contains(&name.as_str()), "cli/{name} reaches past the client");
    }
}

#[test]
fn the_reader_of_paths_sees_lists_and_skips_comments() {
    let text = "use crate::{a, b::{c, d}, e};\n// crate::no\nlet x = crate::f::g();\nuse crate::h;";
    assert_eq!(used(text), ["a", "b", "e", "f", "h"]);
}
