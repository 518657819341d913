//! The write side of variables: every kind of value, assigned to every variable that can be written.
//!
//! Each assignment has a message of its own, which is forwarded afterwards: what the variable is
//! then, and what leaves, has to be the same.

use super::coverage::Exports;
use super::variables::BRANCH_FIELDS;
use super::{Audience, Form, Group, Row};

/// Variables that can be written, without their `$`; fields of branches stand in
/// [`BRANCH_FIELDS`].
const TARGETS: &[&str] = &[
    "avp(w)",
    "avp(s)",
    "avp(i:9)",
    "avp(s:w)",
    "avp($var(s))",
    "(avp(m)[0])",
    "(avp(m)[1])",
    "(avp(m)[*])",
    "bf",
    "bF",
    "Bf(4)",
    "mf",
    "mF",
    "Mf(4)",
    "sf",
    "sF",
    "Sf(4)",
    "Sf(3)",
    "br",
    "(branch(uri)[1])",
    "(branch(uri)[7])",
    "ccp(my.number)",
    "ccp(my.text)",
    "ccp(my.none)",
    "du",
    "duri",
    "fs",
    "fsn",
    "fd",
    "from.domain",
    "fn",
    "fu",
    "from",
    "fU",
    "from.user",
    "td",
    "to.domain",
    "tn",
    "tu",
    "to",
    "tU",
    "to.user",
    "tUl",
    "msgbuf(0)",
    "msgbuf(12)",
    "msgbuf(99999)",
    "(rcv(buf))",
    "rd",
    "ruri.domain",
    "rp",
    "rU",
    "ruri.user",
    "ru",
    "ruri",
    "sdp(body)",
    "sdp(sess_version)",
    "sht(ht=>w)",
    "sht(ht=>a)",
    "sht(ht=>$rU::x)",
    "shtex(ht=>a)",
    "shtex(ht=>none)",
    "shv(w)",
    "shv(set)",
    "shv(text)",
    "uac_req(method)",
    "uac_req(ruri)",
    "uac_req(furi)",
    "uac_req(turi)",
    "uac_req(ouri)",
    "uac_req(hdrs)",
    "uac_req(body)",
    "uac_req(auser)",
    "uac_req(apasswd)",
    "uac_req(callid)",
    "uac_req(sock)",
    "uac_req(flags)",
    "uac_req(evroute)",
    "uac_req(evparam)",
    "uac_req(evcode)",
    "uac_req(evtype)",
    "uac_req(all)",
    "ulc(caller=>addr)",
    "var(w)",
    "var(s)",
    "var(i)",
    "vn(w)",
    "vn(set)",
    "vz(w)",
    "vz(set)",
    "xavi(w)",
    "xavi(w=>x)",
    "xavi(one=>A)",
    "xavp(w)",
    "xavp(w=>x)",
    "xavp(one)",
    "xavp(one=>a)",
    "xavp(one[0]=>a)",
    "xavp(one[1]=>a)",
    "xavp(one[5]=>a)",
    "xavp(one=>a[0])",
    "xavp(one=>a[1])",
    "xavp(two=>a)",
    "(xavp(w=>x))",
    "xavu(w)",
    "xavu(w=>x)",
    "xavu(one)",
    "xavu(two=>a)",
    "xavu(two)",
];

/// What is assigned.
const VALUES: &[&str] = &[
    "5",
    "0",
    "-3",
    "2147483647",
    "2147483648",
    "4294967295",
    "99999999999",
    "\"abc\"",
    "\"42\"",
    "\"-1\"",
    "\"\"",
    "\"x y\"",
    "$null",
    "$var(i)",
    "$var(j)",
    "$var(s)",
    "$var(e)",
    "$var(n)",
    "$var(never)",
    "$avp(u)",
    "$avp(i)",
    "$avp(s)",
    "$xavp(one=>b)",
    "$xavp(one=>none)",
    "$hdr(X-None)",
    "$shv(text)",
    "$vn(never)",
    "$rU",
    "$ml",
    "$mf",
    "$pr",
    "$(var(n){s.int})",
    "$(var(s){s.len})",
    "$var(i) + 3",
    "$var(i) - 8",
    "\"a\" + $rU",
    "$var(i) == 5",
    "\"sip:carol@127.0.0.1:9\"",
    "\"sip:carol@127.0.0.1:9;transport=udp;x=y\"",
    "\"<sip:carol@127.0.0.1:9>;q=0.5\"",
    "\"127.0.0.1\"",
    "\"udp:$Ri:$Rp\"",
    "\"udp:127.0.0.1:9\"",
    "\"\\\"C D\\\"\"",
];

/// All values for what can be written, and one for everything else.
pub(crate) fn group(exported: &Exports) -> Group {
    let targets = TARGETS.iter().map(|&target| target.to_owned());
    let mut rows: Vec<Row> = branch_targets().chain(targets).flat_map(all).collect();
    let names = exported.variables.iter().map(|(_, name)| name.as_str());
    let names = names.filter(|name| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || "._".contains(c))
    });
    rows.extend(names.map(|name| row(name, "\"abc\"")));
    Group::new("assignments", Audience::Alone, rows)
}

/// The fields of a branch that was added, and of the one in the making; without a number a field is
/// that of the first.
fn branch_targets() -> impl Iterator<Item = String> {
    let fields = BRANCH_FIELDS.iter();
    let fields =
        fields.flat_map(|field| [format!("(branch({field})[0])"), format!("sbranch({field})")]);
    let others = ["branch(uri)", "branch(count)"].map(str::to_owned);
    others.into_iter().chain(fields)
}

/// A variable with every value.
fn all(target: String) -> impl Iterator<Item = Row> {
    VALUES.iter().map(move |value| row(&target, value))
}

fn row(target: &str, value: &str) -> Row {
    Row::new(Form::Assignment, format!("${target} = {value}"))
}
