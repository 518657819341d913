//! The committed reference is what the tables say now.

use std::fs;
use std::path::Path;

#[test]
fn reference_is_current() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut stale = Vec::new();
    for page in engine::reference::pages(modules::LIBRARY) {
        let path = docs.join("reference").join(&page.name);
        if fs::read_to_string(&path).ok().as_deref() != Some(page.text.as_str()) {
            stale.push(page.name);
        }
    }
    let compatibility = fs::read_to_string(docs.join("compatibility.md")).unwrap_or_default();
    if !compatibility.contains(&engine::reference::limits(modules::LIBRARY)) {
        stale.push("../compatibility.md".to_owned());
    }
    assert!(stale.is_empty(), "stale, run `cargo xtask docs`: {stale:?}");
}
