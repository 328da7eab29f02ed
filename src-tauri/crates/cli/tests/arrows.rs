//! The house as `docs/ARCHITECTURE.md` draws it: which crate may depend on which.
#![expect(clippy::unwrap_used, reason = "what helps a test fails as the test does")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate of the workspace may depend on within it, tests not counted.
const ARROWS: [(&str, &[&str]); 8] = [
    ("crm-sync-domain", &[]),
    ("crm-sync-store", &["crm-sync-domain"]),
    ("crm-sync-http", &[]),
    ("crm-sync-services", &["crm-sync-domain", "crm-sync-http"]),
    ("crm-sync-simulator", &["crm-sync-domain"]),
    ("crm-sync-engine", &["crm-sync-domain", "crm-sync-store", "crm-sync-http", "crm-sync-services"]),
    ("crm-sync-cli", &["crm-sync-domain", "crm-sync-engine", "crm-sync-simulator"]),
    // Holds what its integration tests share, so it may see everything but the faces.
    (
        "crm-sync-tests",
        &[
            "crm-sync-domain",
            "crm-sync-engine",
            "crm-sync-http",
            "crm-sync-services",
            "crm-sync-simulator",
            "crm-sync-store",
        ],
    ),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each package of the workspace with the names of what it depends on when it is built, not when it is tested.
fn dependencies(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let needed = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
                .collect();
            (package["name"].as_str().unwrap().to_owned(), needed)
        })
        .collect()
}

#[test]
fn no_crate_depends_on_one_that_it_may_not_see() {
    let dependencies = dependencies(&metadata());
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    for (package, needed) in &dependencies {
        let allowed =
            allowed.get(package.as_str()).unwrap_or_else(|| panic!("{package} is not in the drawing"));
        for dependency in needed.iter().filter(|name| name.starts_with("crm-sync-")) {
            assert!(allowed.contains(&dependency.as_str()), "{package} must not depend on {dependency}");
        }
    }
    assert_eq!(dependencies.len(), ARROWS.len(), "the drawing names a crate that is gone");
}

#[test]
fn the_rules_have_no_input_and_no_output() {
    let dependencies = dependencies(&metadata());
    for outside in ["tokio", "reqwest", "sqlx", "rand", "tempfile"] {
        assert!(
            !dependencies["crm-sync-domain"].contains(outside),
            "the domain must not depend on {outside}"
        );
    }
}

#[test]
fn only_the_store_speaks_sql_and_only_one_crate_makes_http_clients() {
    let dependencies = dependencies(&metadata());
    let users = |of: &str| -> Vec<&str> {
        dependencies.iter().filter(|(_, needed)| needed.contains(of)).map(|(name, _)| name.as_str()).collect()
    };
    assert_eq!(users("sqlx"), ["crm-sync-store"]);
    assert_eq!(users("reqwest"), ["crm-sync-http"]);
}
