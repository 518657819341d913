//! Each check finds its trap and leaves what is right alone.

use std::path::Path;

use script::parse::parse_text;
use script::preprocess::Options;
use script::source::MemoryLoader;

use crate::module::{EventRoute, Module};

const MODULE: Module = Module {
    name: "tm",
    event_routes: &[EventRoute {
        name: "tm:local-request",
        doc: "",
    }],
    ..Module::EMPTY
};

/// The codes and words of what is found in a configuration.
fn found(text: &str) -> Vec<String> {
    let parsed = parse_text(
        Path::new("test.cfg"),
        text.to_owned(),
        &MemoryLoader::default(),
        &Options::default(),
    );
    assert!(!parsed.has_errors(), "{:?}", parsed.diagnostics);
    super::check(&parsed.config, &[&MODULE], &[&MODULE])
        .iter()
        .map(|finding| finding.problem.code.to_owned())
        .collect()
}

fn in_route(body: &str) -> Vec<String> {
    found(&format!("request_route {{ {body} }}"))
}

#[test]
fn variables_that_nothing_sets() {
    assert_eq!(in_route("if ($var(x) == 1) exit;"), ["never-set"]);
    assert_eq!(in_route("xlog(\"$avp(x) $avp(x)\");"), ["never-set"]);
    for fine in [
        "$var(x) = 1; if ($var(x) == 1) exit;",
        "sql_get(\"$var(x)\"); if ($var(x) == 1) exit;",
        "set_it($avp(s:x)); if ($avp(x) == 1) exit;",
        "$(avp(x)[*]) = 1; xlog(\"$(avp(x)[0])\");",
        "avp_db_load(\"$ru\", \"*\"); if ($avp(x) == 1) exit;",
        "if (($var(x) = 1)) exit; $var(y) = $var(x);",
        "if ($ru == 1 || $(hdr(X)[0]) == 2) exit;",
    ] {
        assert!(in_route(fine).is_empty(), "{fine}: {:?}", in_route(fine));
    }
    let by_module =
        "modparam(\"tm\", \"x\", \"$avp(x)\")\nrequest_route { if ($avp(x) == 1) exit; }";
    assert!(found(by_module).is_empty());
}

#[test]
fn what_follows_a_final_reply() {
    assert_eq!(
        in_route("sl_send_reply(\"404\", \"no\"); t_relay();"),
        ["missing-exit"]
    );
    assert_eq!(
        in_route(
            "if (1) { t_reply(500, \"no\"); } sl_send_reply(\"200\", \"a\"); if (!t_relay()) exit;"
        ),
        ["missing-exit"]
    );
    for fine in [
        "sl_send_reply(\"404\", \"no\"); exit; t_relay();",
        "sl_send_reply(\"100\", \"trying\"); t_relay();",
        "if (1) { sl_send_reply(\"404\", \"no\"); } else t_relay();",
        "if (1) sl_send_reply(\"404\", \"no\"); t_relay();",
    ] {
        assert!(in_route(fine).is_empty(), "{fine}");
    }
}

#[test]
fn record_route_that_comes_too_late() {
    assert_eq!(
        in_route("t_relay(); record_route();"),
        ["late-record-route"]
    );
    assert_eq!(
        in_route("if (!t_relay()) exit; record_route();"),
        ["late-record-route"]
    );
    assert!(in_route("record_route(); t_relay();").is_empty());
}

#[test]
fn changes_that_are_not_visible() {
    assert_eq!(
        in_route("append_hf(\"X-A: b\\r\\n\"); if ($hdr(x-a) == \"b\") exit;"),
        ["change-not-visible"]
    );
    assert_eq!(
        in_route("remove_hf(\"X-A\"); if (1) { xlog(\"$(hdr(X-A)[0])\"); }"),
        ["change-not-visible"]
    );
    for fine in [
        "append_hf(\"X-A: b\\r\\n\"); msg_apply_changes(); if ($hdr(X-A) == \"b\") exit;",
        "append_hf(\"X-A: b\\r\\n\"); xlog(\"$hdr(X-B)\");",
        "if (1) append_hf(\"X-A: b\\r\\n\"); xlog(\"$hdr(X-A)\");",
        "xlog(\"$hdr(X-A)\"); remove_hf(\"X-A\");",
    ] {
        assert!(in_route(fine).is_empty(), "{fine}");
    }
}

#[test]
fn events_that_nothing_raises() {
    let event = |name: &str| found(&format!("event_route[{name}] {{ exit; }}"));
    assert_eq!(event("tm:local-requests"), ["unknown-event"]);
    assert!(event("tm:local-request").is_empty());
}

#[test]
fn hooks_that_nothing_arms() {
    let config = |body: &str| {
        found(&format!(
            "request_route {{ {body} }} failure_route[A] {{ exit; }}"
        ))
    };
    assert_eq!(config("exit;"), ["unused-route"]);
    assert!(config("t_on_failure(\"A\");").is_empty());
    assert!(config("$var(x) = \"A\"; t_on_failure(\"$var(x)\");").is_empty());
}
