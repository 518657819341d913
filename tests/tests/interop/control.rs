//! Debian's kamcmd, the JSON-RPC FIFO and datagram socket, and curl on /RPC.
//!
//! Where Kamailio is installed it gets the same commands, and the answers must have the same keys
//! in the same order.

use std::path::Path;
use std::time::Duration;

use acceptance::client::control::{self, datagram, fifo, kamcmd, kamcmd_status, keys, shape};
use acceptance::client::phone::Phone;
use acceptance::client::{bound_to_us, run};
use acceptance::subject::{Program, Server};
use serde_json::{Value, json};

use crate::subject::{Subject, ensure, number};
use crate::{Case, Need};

const KAMCMD: &[Need] = &[Need::Tool("kamcmd"), Need::StockConfig];
const COMPARED: &[Need] = &[Need::Tool("kamcmd"), Need::StockConfig, Need::Reference];
const JSON: &[Need] = &[Need::StockConfig, Need::Reference];

pub(crate) const CASES: &[Case] = &[
    Case::new("kamcmd::lists_methods", KAMCMD, lists_methods),
    Case::new("kamcmd::knows_registrations", KAMCMD, registrations),
    Case::new("kamcmd::counts_transactions", KAMCMD, counts),
    Case::new("kamcmd::changes_timers", KAMCMD, changes_timers),
    Case::new("kamcmd::answers_like_kamailio", COMPARED, answers_alike),
    Case::new("json_rpc::datagram", JSON, |s| json_alike(s, datagram)),
    Case::new("json_rpc::fifo", JSON, |s| json_alike(s, fifo)),
    Case::new(
        "json_rpc::http",
        &[Need::Tool("curl"), Need::StockConfig],
        http,
    ),
];

/// Commands whose answers have keys; in this order, because some change what others tell. What
/// differs on purpose is left to the scenarios in `tests/scenarios/rpc`.
const COMMANDS: &[&[&str]] = &[
    &["core.uptime"],
    &["core.aliases_list"],
    &["core.sockets_list"],
    &["core.tcp_info"],
    &["core.modules"],
    &["core.echo", "one", "2"],
    &["core.ppdefines"],
    &["system.methodHelp", "core.echo"],
    &["tm.stats"],
    &["tm.list"],
    &["sl.stats"],
    &["stats.get_statistics", "core:"],
    &["stats.get_statistics", "sl:"],
    &["stats.get_statistics", "tmx:"],
    &["stats.get_statistics", "usrloc:"],
    &["stats.get_statistics", "registrar:"],
    &["stats.fetch", "tmx:"],
    &["stats.reset_statistics", "tmx:"],
    &["cfg.get", "registrar", "max_expires"],
    &["cfg.get", "nothing", "here"],
    &["cfg.set_now_int", "tm", "fr_timer", "4000"],
    &["cfg.set_delayed_int", "tm", "fr_timer", "5000"],
    &["cfg.diff"],
    &["cfg.commit"],
    &["cfg.set_now_int", "tm", "nothing", "1"],
    &["ul.dump"],
    &["ul.lookup", "location", "zoe"],
    &[
        "ul.add",
        "location",
        "zoe",
        "sip:zoe@127.0.47.7",
        "100",
        "0.5",
        ".",
        "0",
        "0",
        "0",
    ],
    &["ul.lookup", "location", "zoe"],
    &["ul.dump"],
    &["ul.dump", "brief"],
    &["ul.rm_contact", "location", "zoe", "sip:zoe@127.0.47.7"],
    &["ul.rm", "location", "zoe"],
    &["ul.rm", "location", "zoe"],
    &["nothing.here"],
    &["dlg.list"],
];

/// A server of the reference with the same arguments.
fn reference(subject: &Subject) -> Result<Server, String> {
    let config = Path::new(acceptance::subject::STOCK_CONFIG);
    subject.start(&Program::kamailio(), Some(config), &[])
}

fn answers_alike(subject: &Subject) -> Result<(), String> {
    let (reference, server) = (reference(subject)?, subject.stock()?);
    let mut wrong = Vec::new();
    for words in COMMANDS {
        let expected = kamcmd_status(reference.folder(), words)?;
        let actual = kamcmd_status(server.folder(), words)?;
        let difference = difference(&expected.out, &actual.out);
        if expected.status != actual.status || difference.is_some() {
            let what = difference.unwrap_or(actual.err);
            wrong.push(format!("{}: {what}", words.join(" ")));
        }
    }
    ensure(wrong.is_empty(), || {
        format!("{} answers differ:\n{}", wrong.len(), wrong.join("\n"))
    })
}

/// The first thing that the reference says and the subject does not, in this order. The subject may
/// say more: it has statistics of its own.
fn difference(expected: &str, actual: &str) -> Option<String> {
    if expected.starts_with("error:") || actual.starts_with("error:") {
        return (expected != actual).then(|| format!("Kamailio {expected} subject {actual}"));
    }
    let mut told = keys(actual).into_iter();
    let missing = |key: &&str| !told.any(|other| other == *key);
    let first = keys(expected).into_iter().find(missing)?;
    Some(format!("no {first} (or elsewhere) in\n{actual}"))
}

fn lists_methods(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let listed = kamcmd(server.folder(), &["system.listMethods"])?;
    let wanted = [
        "system.listMethods",
        "system.methodSignature",
        "system.methodHelp",
        "core.version",
        "core.uptime",
        "core.info",
        "core.ps",
        "core.kill",
        "core.flags",
        "core.shmmem",
        "ctl.listen",
        "ctl.who",
        "ul.dump",
        "ul.lookup",
        "ul.add",
        "ul.rm",
        "tm.stats",
        "tm.list",
        "sl.stats",
        "stats.get_statistics",
        "cfg.list",
        "cfg.get",
        "cfg.seti",
        "cfg.set_now_int",
    ];
    let missing: Vec<&str> = wanted
        .into_iter()
        .filter(|name| !listed.lines().any(|line| line == *name))
        .collect();
    ensure(missing.is_empty(), || format!("not listed: {missing:?}"))?;
    for words in [
        &["core.version"][..],
        &["core.ps"],
        &["core.info"],
        &["ctl.listen"],
    ] {
        let answer = kamcmd_status(server.folder(), words)?.success()?;
        let refused = answer.is_empty() || answer.starts_with("error");
        ensure(!refused, || format!("{words:?}: {answer}"))?;
    }
    Ok(())
}

/// Adds a binding that lets all methods through.
fn add(server: &Server, user: &str, contact: &str) -> Result<String, String> {
    let fixed = ["100", "0.5", ".", "0", "0", "16383"];
    let words = ["ul.add", "location", user, contact];
    kamcmd(server.folder(), &[&words[..], &fixed].concat())
}

fn registrations(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    phone.register("bob")?;
    let folder = server.folder();
    let answer = kamcmd(folder, &["ul.lookup", "location", "bob"])?;
    let contact = format!("sip:phone@{}", phone.addr);
    ensure(answer.contains(&format!("Address: {contact}")), || {
        answer.clone()
    })?;
    add(&server, "zoe", "sip:zoe@127.0.47.7")?;
    let dump = kamcmd(folder, &["ul.dump"])?;
    for text in ["AoR: bob", "AoR: zoe", "sip:zoe@127.0.47.7"] {
        ensure(dump.contains(text), || format!("no {text}: {dump}"))?;
    }
    // Who was added can be called.
    add(&server, "amy", &contact)?;
    phone.send(phone.request("OPTIONS", "amy", "to-amy", "").as_bytes())?;
    let relayed = phone.expect("OPTIONS")?;
    phone.reply(&relayed, 200)?;
    phone.expect("200 OPTIONS")?;
    kamcmd(folder, &["ul.rm", "location", "bob"])?;
    let gone = kamcmd_status(folder, &["ul.lookup", "location", "bob"])?;
    ensure(gone.out.contains("AOR not found"), || gone.out.clone())
}

fn counts(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    phone.register("bob")?;
    phone.send(phone.request("INVITE", "bob", "counted", "").as_bytes())?;
    let invite = phone.expect("INVITE")?;
    phone.reply(&invite, 180)?;
    phone.expect("180")?;
    let current = number(&server, &["tm.stats"], "current")?;
    ensure(current == 1, || {
        format!("{current} transactions instead of one")
    })?;
    let listed = kamcmd(server.folder(), &["tm.list"])?;
    ensure(listed.contains("counted-"), || {
        format!("not listed: {listed}")
    })?;
    phone.reply(&invite, 486)?;
    phone.expect("486")?;
    let refused = number(&server, &["tm.stats"], "4xx")?;
    ensure(refused == 1, || {
        format!("{refused} refusals instead of one")
    })?;
    let invites = number(
        &server,
        &["stats.get_statistics", "all"],
        "core:rcv_requests_invite",
    )?;
    ensure(invites == 1, || format!("{invites} INVITEs instead of one"))?;
    phone.send(phone.request("OPTIONS", "", "stateless", "").as_bytes())?;
    phone.expect("200 OPTIONS")?;
    let kept = number(&server, &["sl.stats"], "200")?;
    ensure(kept >= 1, || format!("{kept} stateless 200"))
}

/// A timer changed at run time counts for the next call.
fn changes_timers(subject: &Subject) -> Result<(), String> {
    let server = subject.stock()?;
    let phone = Phone::new(server.addr)?;
    phone.register("bob")?;
    kamcmd(
        server.folder(),
        &["cfg.set_now_int", "tm", "fr_timer", "700"],
    )?;
    phone.send(phone.request("INVITE", "bob", "timed", "").as_bytes())?;
    phone.expect("INVITE")?;
    phone.expect("408").map(|_| ())
}

type Ask = fn(&Path, &str, &Value) -> Result<Value, String>;

/// The same requests to both; the answers must look the same but for their data.
fn json_alike(subject: &Subject, ask: Ask) -> Result<(), String> {
    let (reference, server) = (reference(subject)?, subject.stock()?);
    let add = json!([
        "location",
        "zoe",
        "sip:zoe@127.0.47.7",
        100,
        "0.5",
        ".",
        0,
        0,
        0
    ]);
    let requests = [
        ("core.version", json!([])),
        ("core.uptime", json!([])),
        ("core.echo", json!(["a", 1])),
        ("core.sockets_list", json!([])),
        ("tm.stats", json!([])),
        ("sl.stats", json!([])),
        ("stats.get_statistics", json!(["tmx:"])),
        ("cfg.get", json!(["registrar", "max_expires"])),
        ("ul.add", add),
        ("ul.lookup", json!(["location", "zoe"])),
        ("ul.dump", json!([])),
        ("ul.rm", json!(["location", "zoe"])),
        ("ul.rm", json!(["location", "zoe"])),
        ("nothing.here", json!([])),
    ];
    let mut wrong = Vec::new();
    for (method, params) in requests {
        let expected = ask(reference.folder(), method, &params)?;
        let actual = ask(server.folder(), method, &params)?;
        let same_error = expected["error"] == actual["error"];
        if shape(&expected) != shape(&actual) || !same_error {
            wrong.push(format!("{method}\nKamailio: {expected}\nsubject: {actual}"));
        }
    }
    ensure(wrong.is_empty(), || wrong.join("\n"))
}

fn http(subject: &Subject) -> Result<(), String> {
    let server = subject.stock_with(&["-A", "WITH_JSONRPC"])?;
    let url = format!("http://{}/RPC", server.addr);
    let body = json!({"jsonrpc": "2.0", "method": "core.version", "id": 3}).to_string();
    let post = ["-d", &body, "-H", "Content-Type: application/json"];
    let answer: Value = serde_json::from_str(&curl(&url, &post)?).map_err(|e| e.to_string())?;
    let over_socket = datagram(server.folder(), "core.version", &json!([]))?;
    ensure(answer["result"] == over_socket["result"], || {
        format!("{answer} is not {over_socket}")
    })?;
    ensure(answer["id"] == 3, || format!("another id: {answer}"))?;
    // The configuration answers elsewhere with a page of its own.
    let elsewhere = curl(
        &format!("http://{}/", server.addr),
        &["-o", "/dev/null", "-w", "%{http_code}"],
    )?;
    ensure(elsewhere == "200" || elsewhere == "404", || {
        format!("status {elsewhere}")
    })?;
    // SIP goes on beside HTTP on the same port.
    Phone::new(server.addr)?.ping("beside-http")?;
    control::kamcmd(server.folder(), &["core.uptime"]).map(|_| ())
}

fn curl(url: &str, arguments: &[&str]) -> Result<String, String> {
    let mut command = bound_to_us("curl");
    command.args(["-sS", "-m", "5"]).args(arguments).arg(url);
    run(&mut command, Duration::from_secs(8))?.success()
}
