//! Which crate may depend on which.

use std::path::Path;

use serde_json::Value;

use super::Finding;

/// A member and the members that it may use. Tests of a member may use any.
const ARROWS: [(&str, &[&str]); 14] = [
    ("sip", &[]),
    ("script", &[]),
    ("parking", &[]),
    ("transport", &[]),
    ("transaction", &["sip"]),
    ("engine", &["sip", "script", "transaction"]),
    (
        "modules",
        &[
            "sip",
            "script",
            "parking",
            "transport",
            "transaction",
            "engine",
        ],
    ),
    (
        "server",
        &[
            "sip",
            "script",
            "transport",
            "transaction",
            "engine",
            "modules",
        ],
    ),
    (
        "testkit",
        &[
            "sip",
            "script",
            "transport",
            "transaction",
            "engine",
            "modules",
        ],
    ),
    ("ctl", &["engine"]),
    ("bench", &["modules"]),
    (
        "fuzz-targets",
        &[
            "sip",
            "script",
            "transport",
            "transaction",
            "engine",
            "modules",
            "testkit",
        ],
    ),
    ("acceptance", &["testkit"]),
    ("xtask", &[]),
];

pub(super) fn check(root: &Path, metadata: &Value) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in array(metadata, "packages")
        .iter()
        .filter(|package| package["source"].is_null())
    {
        let name = package["name"].as_str().unwrap_or_default();
        let manifest = Path::new(package["manifest_path"].as_str().unwrap_or_default());
        let manifest = manifest.strip_prefix(root).unwrap_or(manifest);
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            if !manifest.starts_with("bench") {
                findings.push(Finding::new(
                    manifest,
                    1,
                    format!("crate `{name}` has no row in the arrows of tidy"),
                ));
            }
            continue;
        };
        let own = array(package, "dependencies")
            .iter()
            .filter(|dependency| dependency["path"].is_string());
        for dependency in own.filter(|dependency| dependency["kind"].as_str() != Some("dev")) {
            let target = dependency["name"].as_str().unwrap_or_default();
            if !allowed.contains(&target) {
                findings.push(Finding::new(
                    manifest,
                    1,
                    format!("`{name}` must not depend on `{target}`"),
                ));
            }
        }
    }
    findings
}

pub(super) fn array<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn package(name: &str, dependency: Value) -> Value {
        json!({"packages": [{
            "name": name, "source": null, "manifest_path": format!("/r/crates/{name}/Cargo.toml"),
            "dependencies": [dependency],
        }]})
    }

    fn check_one(name: &str, dependency: Value) -> usize {
        check(Path::new("/r"), &package(name, dependency)).len()
    }

    #[test]
    fn arrows_point_one_way() {
        assert_eq!(
            check_one(
                "engine",
                json!({"name": "sip", "path": "/r/crates/sip", "kind": null})
            ),
            0
        );
        assert_eq!(
            check_one(
                "sip",
                json!({"name": "engine", "path": "/r/crates/engine", "kind": null})
            ),
            1
        );
        assert_eq!(
            check_one(
                "sip",
                json!({"name": "testkit", "path": "/r/crates/testkit", "kind": "dev"})
            ),
            0
        );
        assert_eq!(check_one("sip", json!({"name": "memchr", "kind": null})), 0);
        assert_eq!(
            check_one("newcomer", json!({"name": "memchr", "kind": null})),
            1
        );
    }
}
