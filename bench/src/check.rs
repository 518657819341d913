//! How long `-c` takes for a large configuration, against Kamailio.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::sys::resource::{Usage, UsageWho, getrusage};

use crate::compare::Plan;

/// Route blocks of the configuration, of twenty lines each.
const ROUTES: usize = 5000;

/// Lets both check the same configuration in turns and prints the CPU time of each.
pub(crate) fn run(plan: &Plan) -> io::Result<()> {
    let directory = tempfile::tempdir()?;
    let file = directory.path().join("large.cfg");
    let text = config(ROUTES);
    std::fs::write(&file, &text)?;
    println!(
        "{} lines, {} routes, {} bytes",
        text.lines().count(),
        ROUTES,
        text.len()
    );
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..plan.rounds.max(1) {
        theirs.push(checked(&plan.kamailio, &file)?);
        ours.push(checked(&plan.ferrosip, &file)?);
    }
    ours.sort_by(f64::total_cmp);
    theirs.sort_by(f64::total_cmp);
    println!("ms of CPU     median  least disturbed turn");
    line("kamailio -c", &theirs, 1e3);
    line("ferrosip -c", &ours, 1e3);
    let ratio = |at: usize| ours.get(at).zip(theirs.get(at)).map_or(0.0, |(o, t)| o / t);
    println!("ratio       {:8.3} {:8.3}", ratio(ours.len() / 2), ratio(0));
    Ok(())
}

/// CPU seconds of one check; an error when the configuration is refused.
fn checked(binary: &Path, config: &Path) -> io::Result<f64> {
    let before = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let output = Command::new(binary)
        .args(["-c", "-m", "512", "-M", "512", "-f"])
        .arg(config)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()?;
    let after = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let start: String = text.chars().take(2000).collect();
        return Err(io::Error::other(format!(
            "{} refuses the configuration:\n{start}",
            binary.display()
        )));
    }
    Ok(seconds(&after) - seconds(&before))
}

fn seconds(usage: &Usage) -> f64 {
    let (user, system) = (usage.user_time(), usage.system_time());
    (user.tv_sec() + system.tv_sec()) as f64 + (user.tv_usec() + system.tv_usec()) as f64 / 1e6
}

fn line(name: &str, sorted: &[f64], factor: f64) {
    let at = |index: usize| sorted.get(index).copied().unwrap_or(0.0) * factor;
    println!("{name} {:8.1} {:8.1}", at(sorted.len() / 2), at(0));
}

/// A configuration of so many routes of twenty lines: what large installations write by the
/// hundred, with names and numbers that differ from route to route.
pub(crate) fn config(routes: usize) -> String {
    let mut text = String::from(HEAD);
    for number in 0..routes {
        let next = (number * 7 + 1) % routes;
        let block = BLOCK
            .replace("{n}", &number.to_string())
            .replace("{next}", &next.to_string())
            .replace("{a}", &(number / 250 % 250).to_string())
            .replace("{b}", &(number % 250).to_string());
        text.push_str(&block);
    }
    text
}

const HEAD: &str = r#"#!KAMAILIO
#!define FLT_SEEN 5
#!define GATEWAY "192.0.2.1"
#!define WITH_LIMIT
debug=2
children=2
listen=udp:127.0.90.9:5060
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "textops.so"
loadmodule "siputils.so"
loadmodule "xlog.so"
modparam("rr", "enable_full_lr", 1)
request_route {
    route(R0);
    exit;
}
"#;

const BLOCK: &str = r#"# Customers of network {n}.
route[R{n}] {
    if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }
    if (is_method("INVITE|SUBSCRIBE") && $si == "10.{a}.{b}.1") {
        $var(limit) = {n} + 10 * 2;
        $avp(customer) = "c-{n}-" + $rU;
        xlog("L_INFO", "customer {n}: $rm from $fu to $ru, $var(limit) left\n");
        setflag(FLT_SEEN);
    } else if ($rU =~ "^{n}[0-9]+$" || src_ip == 10.{a}.{b}.0/24) {
        $rU = $(rU{s.substr,2,0});
        append_hf("X-Network: {n}\r\n");
        $du = "sip:" + GATEWAY + ":5060";
    }
    if ($var(limit) > {n} and has_totag()) { route(R{next}); }
    if (!t_relay()) sl_reply_error();
    return 1;
}
"#;
