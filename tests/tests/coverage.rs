//! Each function that these modules export is called by a scenario, and each parameter is set by
//! one: what `ferrosip --exports` lists is compared with the configurations of the scenarios. A
//! call counts if it stands in a block that a scenario reaches, or in a case of the statement
//! oracle. The torture messages of RFC 4475 and RFC 5118 are all there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use acceptance::oracle::statements;
use acceptance::scenario::{self, Scenario};
use acceptance::subject::Program;
use regex::Regex;

const MODULES: [&str; 31] = [
    "async",
    "auth",
    "avpops",
    "cfgutils",
    "corex",
    "counters",
    "diversion",
    "ipops",
    "kex",
    "maxfwd",
    "mqueue",
    "nathelper",
    "path",
    "pv",
    "registrar",
    "rr",
    "rtimer",
    "sanity",
    "sdpops",
    "siputils",
    "sl",
    "statistics",
    "textops",
    "textopsx",
    "timer",
    "tm",
    "tmx",
    "uac",
    "uac_redirect",
    "usrloc",
    "xlog",
];

/// Functions that no scenario can compare, and why.
const NOT_COMPARED: [(&str, &str); 9] = [
    ("t_relay_to_sctp", "SCTP is not built in"),
    ("t_replicate_sctp", "SCTP is not built in"),
    ("t_forward_nonack_sctp", "SCTP is not built in"),
    ("t_relay_to_tls", "TLS is not built in"),
    ("t_replicate_tls", "TLS is not built in"),
    ("t_forward_nonack_tls", "TLS is not built in"),
    ("xavi_rm_all", "newer than Kamailio 5.6"),
    ("xavp_rm_all", "newer than Kamailio 5.6"),
    ("xavp_params_implode_qval", "newer than Kamailio 5.6"),
];

/// Parameters that no scenario sets, and why.
const NOT_SET: [(&str, &str); 2] = [
    (
        "reparse_on_dns_failover",
        "needs a name server: interop test failover",
    ),
    (
        "dns_reuse_rcv_socket",
        "needs a name server: interop test failover",
    ),
];

/// The messages of RFC 4475 section 3, by their names there.
const TORTURE: &str = "wsinv intmeth esc01 escnull esc02 lwsdisp longreq dblreq semiuri transports \
    mpart01 unreason noreason badinv01 clerr ncl scalar02 scalarlg quotbal ltgtruri lwsruri lwsstart \
    trws escruri baddate regbadct badaspec baddn badvers mismatch01 mismatch02 bigcode badbranch \
    insuf unkscm novelsc unksm2 bext01 invut regaut01 multi01 mcl01 bcast zeromf cparam01 cparam02 \
    regescrt sdp01 inv2543";
/// Those of RFC 5118 section 4.
const TORTURE_V6: &str = "valid no_brackets port_inside port_outside received_brackets \
    received_plain sdp mixed_headers mixed_sdp mapped abnf_bug";

/// A row of `--exports`: kind, module, name.
type Row = (String, String, String);

fn exports() -> Vec<Row> {
    let output = Command::new(&Program::ferrosip().path)
        .arg("--exports")
        .output()
        .expect("the program runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let rows = text.lines().filter_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [kind, module, name, _, _, status] = columns[..] else {
            return None;
        };
        let counts = MODULES.contains(&module) && status == "full";
        counts.then(|| (kind.to_owned(), module.to_owned(), name.to_owned()))
    });
    rows.collect()
}

fn scenarios() -> Vec<Scenario> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    scenario::load_all(&root).expect("the scenarios can be read")
}

static HEAD: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?m)^([a-z_]*route)[ \t]*(?:\[[ \t]*"?([^\]"]*)"?[ \t]*\])?[ \t]*\{?"#)
        .expect("a fixed pattern")
});

/// The blocks of a configuration: what is before the first is its head, named by nothing.
fn blocks(text: &str) -> Vec<(String, &str)> {
    let starts: Vec<_> = HEAD.captures_iter(text).collect();
    let mut found = Vec::new();
    for (index, start) in starts.iter().enumerate() {
        let from = start.get(0).map_or(0, |m| m.start());
        let next = starts.get(index + 1).and_then(|next| next.get(0));
        let until = next.map_or(text.len(), |m| m.start());
        // A default block and an event route run without a call.
        let is_named = !start[1].starts_with("event") && start.get(2).is_some();
        let name = if is_named {
            start[2].to_owned()
        } else {
            String::new()
        };
        found.push((name, &text[from..until]));
    }
    found
}

/// Whether a text names a route; the user of a request URI may be its name without `c_`.
fn names(text: &str, route: &str) -> bool {
    let short = route.strip_prefix("c_").unwrap_or(route);
    [route, short].iter().any(|name| {
        let pattern = format!(r"(?-u:\b){}(?-u:\b)", regex::escape(name));
        Regex::new(&pattern).is_ok_and(|regex| regex.is_match(text))
    })
}

/// What the scenarios of a configuration run of it.
fn reached(config: &str, said: &str) -> String {
    let blocks = blocks(config);
    let mut text: String = blocks
        .iter()
        .filter(|(name, _)| name.is_empty())
        .map(|(_, block)| *block)
        .collect();
    let mut rest: Vec<_> = blocks.iter().filter(|(name, _)| !name.is_empty()).collect();
    loop {
        let (next, left): (Vec<_>, Vec<_>) = rest
            .into_iter()
            .partition(|(name, _)| names(said, name) || names(&text, name));
        if next.is_empty() {
            return text;
        }
        text.extend(next.iter().map(|(_, block)| *block));
        rest = left;
    }
}

/// The text of all configurations that scenarios use, and what of it they run.
fn played() -> (String, String) {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut said: BTreeMap<String, String> = BTreeMap::new();
    let mut local = String::new();
    for scenario in scenarios() {
        let entry = said.entry(scenario.config.clone()).or_default();
        entry.push_str(&format!("{:?}\n", scenario.steps));
        local.push_str(&scenario.local);
    }
    let (mut whole, mut run) = (local.clone(), local);
    for (config, said) in said {
        let path = tests.join(format!("configs/{config}.cfg"));
        // The stock configuration is Debian's.
        let Ok(text) = std::fs::read_to_string(path) else {
            continue;
        };
        whole.push_str(&text);
        run.push_str(&reached(&text, &said));
    }
    // Every case of the statement oracle is played.
    let cases = statements::load(&tests.join("statements")).expect("the statements can be read");
    run.push_str(&cases.config);
    (whole, run)
}

#[test]
fn each_function_is_called() {
    let (_, run) = played();
    let calls: BTreeSet<&str> = {
        let call = Regex::new(r"([A-Za-z_0-9]+)[ \t]*\(").expect("a fixed pattern");
        let found = call.captures_iter(&run);
        found.filter_map(|c| c.get(1)).map(|m| m.as_str()).collect()
    };
    let excused = |name: &str| NOT_COMPARED.iter().any(|(other, _)| *other == name);
    let rows = exports();
    let functions = rows.iter().filter(|(kind, _, _)| kind == "function");
    let missing: Vec<_> = functions
        .clone()
        .filter(|(_, _, name)| !calls.contains(name.as_str()) && !excused(name))
        .collect();
    assert!(missing.is_empty(), "no scenario calls {missing:?}");
    let stale: Vec<_> = NOT_COMPARED
        .iter()
        .filter(|(name, _)| calls.contains(name))
        .collect();
    assert!(
        stale.is_empty(),
        "a scenario calls {stale:?}: take them out"
    );
    assert!(functions.count() > 400, "the exports are incomplete");
}

#[test]
fn each_parameter_is_set() {
    let (whole, _) = played();
    let is_set = |name: &str| whole.contains(&format!("\"{name}\""));
    let rows = exports();
    let params = rows.iter().filter(|(kind, _, _)| kind == "param");
    let is_excused = |name: &String| NOT_SET.iter().any(|(other, _)| other == name);
    let missing: Vec<_> = params
        .filter(|(_, _, name)| !is_set(name) && !is_excused(name))
        .collect();
    assert!(missing.is_empty(), "no scenario sets {missing:?}");
    let stale: Vec<_> = NOT_SET.iter().filter(|(name, _)| is_set(name)).collect();
    assert!(stale.is_empty(), "a scenario sets {stale:?}: take them out");
}

#[test]
fn each_torture_message_is_played() {
    let names: BTreeSet<String> = scenarios().into_iter().map(|s| s.name).collect();
    let has = |name: String| names.contains(&name);
    let missing: Vec<&str> = TORTURE
        .split_whitespace()
        .filter(|name| !has(format!("torture/relay_{name}")))
        .chain(TORTURE_V6.split_whitespace().filter(|name| {
            ["relay_v4", "relay_v6", "stock"]
                .iter()
                .any(|way| !has(format!("torture_v6/{way}_{name}")))
        }))
        .collect();
    assert!(missing.is_empty(), "not played: {missing:?}");
}
