//! A new configuration is put in place while calls are made.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use acceptance::address::{SERVER_PORT, allocate};
use acceptance::client::Transport::Udp;
use acceptance::client::control::kamcmd;
use acceptance::client::phone::Phone;
use acceptance::client::wait_for;
use acceptance::scenario::Family;
use acceptance::subject::{Launch, Server};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::subject::{RUN, Subject, ensure, place, plan};
use crate::{Case, Need};

const LIMIT: Duration = Duration::from_secs(20);
/// Calls under which the configuration changes again and again.
const CALLS: u32 = 200;

pub(crate) const CASES: &[Case] = &[
    Case::new(
        "reload::under_calls_that_fail_over",
        &[Need::Tool("sipp"), Need::Tool("kamcmd"), Need::Ferrosip],
        under_load,
    ),
    Case::new(
        "reload::a_suspended_call_goes_on_as_it_began",
        &[Need::Tool("kamcmd"), Need::Ferrosip],
        suspended,
    ),
    Case::new(
        "reload::mistakes_and_restarts_are_told",
        &[Need::Tool("kamcmd"), Need::Ferrosip],
        refused,
    ),
];

const MODULES: &str = "loadmodule \"ctl.so\"\nloadmodule \"sl.so\"\nloadmodule \"tm.so\"\n\
    loadmodule \"tmx.so\"\nloadmodule \"rr.so\"\nloadmodule \"pv.so\"\nloadmodule \"siputils.so\"\n\
    loadmodule \"xlog.so\"\nloadmodule \"textops.so\"\n";

fn start(subject: &Subject, text: &str) -> Result<Server, String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let config = folder.path().join("first.cfg");
    std::fs::write(&config, text).map_err(|e| e.to_string())?;
    let launch = Launch {
        config: Some(&config),
        without_media: false,
        local: "",
        addr: allocate(Family::V4, SERVER_PORT),
        to_syslog: false,
        arguments: Vec::new(),
    };
    Server::launch(&subject.program, &launch).map_err(|e| e.to_string())
}

/// Writes the configuration that the server was started with anew.
fn write(server: &Server, text: &str) -> Result<(), String> {
    let path = server.folder().join("kamailio.cfg");
    std::fs::write(path, text).map_err(|e| e.to_string())
}

/// How many programs are in use.
fn programs(server: &Server) -> Result<usize, String> {
    let rows = kamcmd(server.folder(), &["ferrosip.programs"])?;
    Ok(rows.matches("program:").count())
}

/// Whether only one program is in use. Threads let go of an old one with the next message that they
/// handle, so some come.
fn is_alone(server: &Server) -> bool {
    let Ok(phone) = Phone::new(server.addr) else {
        return false;
    };
    for number in 0..20 {
        let ping = phone.request("OPTIONS", "x", &format!("again{number}"), "");
        // Lost ones are followed by others.
        let _ = phone.send(ping.as_bytes());
    }
    programs(server).is_ok_and(|count| count == 1)
}

/// Sends a call to a phone that refuses; the failure route of the program that the call began with
/// sends it to one that answers. Both programs name their routes otherwise.
fn relay(version: &str, refuses: SocketAddr, answers: SocketAddr) -> String {
    format!(
        "{MODULES}request_route {{\n\
         \tif (is_method(\"OPTIONS\")) {{ sl_send_reply(\"200\", \"{version}\"); exit; }}\n\
         \tif (has_totag()) {{ loose_route(); t_relay(); exit; }}\n\
         \tif (is_method(\"CANCEL\")) {{ t_relay(); exit; }}\n\
         \trecord_route();\n\t$avp(version) = \"{version}\";\n\t$du = \"sip:{refuses}\";\n\
         \tt_on_failure(\"FAIL_{version}\");\n\tt_on_branch(\"BRANCH_{version}\");\n\
         \tt_on_reply(\"REPLY_{version}\");\n\tt_relay();\n}}\n\
         branch_route[BRANCH_{version}] {{ $avp(branches) = \"{version}\"; }}\n\
         onreply_route[REPLY_{version}] {{\n\
         \tif ($avp(version) != \"{version}\") xlog(\"L_ERR\", \"WRONG reply route\\n\");\n}}\n\
         failure_route[FAIL_{version}] {{\n\
         \tif ($avp(version) != \"{version}\" || $avp(branches) != \"{version}\")\n\
         \t\txlog(\"L_ERR\", \"WRONG failure route\\n\");\n\
         \t$du = \"sip:{answers}\";\n\tt_relay();\n}}\n"
    )
}

/// Two hundred calls, each of which is refused once, while the configuration alternates between two
/// whose routes have nothing in common: no call is lost, none meets the routes of the other.
fn under_load(subject: &Subject) -> Result<(), String> {
    let (refuses, answers) = (place(), place());
    let versions = ["A", "B"].map(|version| relay(version, refuses, answers));
    let server = start(subject, &versions[0])?;
    let mut refusing = plan(&server, "callee_refuses", refuses, Udp).with("ring", "300");
    let mut answering = plan(&server, "callee", answers, Udp);
    let mut calling = plan(&server, "caller", place(), Udp);
    for plan in [&mut refusing, &mut answering, &mut calling] {
        (plan.calls, plan.rate) = (CALLS, 40);
    }
    let (refusing, answering) = (refusing.start()?, answering.start()?);
    let calling = calling.start()?;
    let mut most = 0;
    for turn in 1..=20_usize {
        write(&server, &versions[turn % 2])?;
        kamcmd(server.folder(), &["ferrosip.reload"])?;
        most = most.max(programs(&server)?);
        std::thread::sleep(Duration::from_millis(250));
    }
    let outcome = calling.finish(RUN);
    let outcome = answering.finish(RUN).and(outcome);
    refusing.finish(RUN).and(outcome)?;
    ensure(!server.log().contains("WRONG"), || {
        server.log_about("WRONG")
    })?;
    ensure(most > 1, || "no call outlived its program".to_owned())?;
    wait_for("the old programs to go", LIMIT, || is_alone(&server))
}

/// An INVITE is suspended, the configuration changes, another request continues it: in a route that
/// only the old program has. SIGHUP does what the RPC does.
fn suspended(subject: &Subject) -> Result<(), String> {
    let old = format!(
        "{MODULES}request_route {{\n\
         \tif (is_method(\"OPTIONS\")) {{ sl_send_reply(\"200\", \"old\"); exit; }}\n\
         \tif (is_method(\"ACK\")) {{ t_check_trans(); exit; }}\n\
         \tt_newtran();\n\t$avp(word) = \"kept\";\n\
         \tif (t_suspend()) xlog(\"L_ERR\", \"SUSPENDED $T(id_index) $T(id_label)\\n\");\n}}\n\
         route[ONCE] {{ t_reply(\"488\", \"$avp(word)\"); }}\n"
    );
    let new = format!(
        "{MODULES}request_route {{\n\
         \tif (is_method(\"OPTIONS\")) {{ sl_send_reply(\"200\", \"new\"); exit; }}\n\
         \tif (is_method(\"ACK\")) {{ t_check_trans(); exit; }}\n\
         \tt_continue(\"$hdr(X-Index)\", \"$hdr(X-Label)\", \"$hdr(X-Route)\");\n\
         \tsl_send_reply(\"200\", \"Continued\");\n}}\n"
    );
    let server = start(subject, &old)?;
    let caller = Phone::new(server.addr)?;
    caller.send(caller.request("INVITE", "held", "held", "").as_bytes())?;
    wait_for("suspension", LIMIT, || {
        !server.script_log("SUSPENDED").is_empty()
    })?;
    let line = server.script_log("SUSPENDED").remove(0);
    let mut words = line.split_whitespace().skip(1);
    let (index, label) = (words.next().unwrap_or("?"), words.next().unwrap_or("?"));
    write(&server, &new)?;
    let id = std::fs::read_to_string(server.folder().join("server.pid"));
    let id = id.map_err(|e| e.to_string())?.trim().parse();
    let id = Pid::from_raw(id.map_err(|e| format!("server.pid: {e}"))?);
    kill(id, Signal::SIGHUP).map_err(|e| e.to_string())?;
    let other = Phone::new(server.addr)?;
    let mut number = 0;
    wait_for("the new configuration", LIMIT, || {
        number += 1;
        let ping = other.request("OPTIONS", "x", &format!("ping{number}"), "");
        other.send(ping.as_bytes()).is_ok()
            && other
                .receive(Duration::from_millis(500))
                .is_some_and(|reply| reply.start.ends_with("new"))
    })?;
    ensure(programs(&server)? == 2, || {
        "the old program is gone".to_owned()
    })?;
    let more = format!("X-Index: {index}\r\nX-Label: {label}\r\nX-Route: ONCE\r\n");
    other.send(other.request("MESSAGE", "x", "go", &more).as_bytes())?;
    other.expect("200 MESSAGE")?;
    let reply = caller.expect("488")?;
    ensure(reply.start.ends_with("488 kept"), || reply.start.clone())?;
    wait_for("the old program to go", LIMIT, || is_alone(&server))
}

/// A mistake is told with its place, what needs a restart by name; either way the old program goes
/// on.
fn refused(subject: &Subject) -> Result<(), String> {
    let good = format!("{MODULES}request_route {{\n\tsl_send_reply(\"200\", \"good\");\n}}\n");
    let server = start(subject, &good)?;
    let fault = |text: &str| -> Result<String, String> {
        write(&server, text)?;
        // kamcmd prints a fault and ends well.
        let told = kamcmd(server.folder(), &["ferrosip.reload"])?;
        ensure(told.contains("error:"), || format!("accepted: {told}"))?;
        Ok(told)
    };
    let line = MODULES.lines().count() + 2;
    let told = fault(&good.replace("sl_send_reply", "sl_sendreply"))?;
    let path = server.folder().join("kamailio.cfg");
    let place = format!("{}:{line}:2: error", Path::new(&path).display());
    ensure(told.contains(&place), || format!("no `{place}` in {told}"))?;
    let told = fault(&format!(
        "listen=udp:127.0.0.1:5999\nlog_prefix=\"x\"\n{good}"
    ))?;
    let expected = "core parameter listen has changed; core parameter log_prefix has changed";
    ensure(told.contains(expected), || told.clone())?;
    let phone = Phone::new(server.addr)?;
    phone.ping("still")?;
    ensure(programs(&server)? == 1, || {
        "another program is there".to_owned()
    })
}
