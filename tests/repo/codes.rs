//! Every code that can be met has its line in `wire/native/codes.txt`, which `syncline explain` prints.

use std::path::Path;
use syncline::wire::native::codes;

/// What stands in front of a code: a maker of errors, a refusal, a finding.
const MAKERS: [&str; 10] = [
    "Error::transient(",
    "Error::permanent(",
    "Error::config(",
    "Error::failed(",
    "Refused::new(",
    "Kind::Transient, ",
    "Kind::Permanent, ",
    "Kind::Config, ",
    "Check::Schema,",
    "Check::Privileges,",
];

fn sources(dir: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") && !path.to_string_lossy().ends_with("tests.rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_code_in_the_source_is_explained() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let (mut seen, mut missing) = (0, Vec::new());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for maker in MAKERS.iter().chain(&["Check::Other,", "Check::Binlog,", "Check::ServerId,", "Check::Capacity,", "Check::GtidMode,"]) {
            for rest in code.split(maker).skip(1) {
                // A code that comes in a variable is made elsewhere.
                let Some(literal) = rest.trim_start().strip_prefix('"') else { continue };
                let word = literal.split('"').next().unwrap_or_default();
                seen += 1;
                if codes::find(word).is_none() {
                    missing.push(format!("{word} in {}", file.display()));
                }
            }
        }
    }
    assert!(seen > 150, "only {seen} codes are found: has a maker another name now?");
    assert!(missing.is_empty(), "these codes are not in src/wire/native/codes.txt:\n{}", missing.join("\n"));
}
