//! Expressions of pseudo-variables: every one that ferrosip exports, with every form of its name.

use super::coverage::Exports;
use super::{Audience, Form, Group, Row};

/// Variables with something in parentheses or brackets: the name, and what follows `$`.
const FORMS: &[(&str, &[&str])] = &[
    ("async", &["async(gname)", "async(data)"]),
    ("C", &["C(rx)", "C(xx)", "C(bg)"]),
    ("ccp", &["ccp(my.number)", "ccp(my.text)"]),
    (
        "dns",
        &[
            "dns(r=>addr)",
            "dns(r=>count)",
            "dns(r=>type)",
            "dns(r=>ipv4)",
            "dns(r=>ipv6)",
            "dns(r=>addr[0])",
        ],
    ),
    ("HN", &["HN(n)", "HN(f)", "HN(d)", "HN(i)"]),
    ("ltt", &["ltt(s)", "ltt(t)", "ltt(x)"]),
    ("mq_size", &["mq_size(q)"]),
    ("mqk", &["mqk(q)"]),
    ("mqv", &["mqv(q)"]),
    ("naptrquery", &["naptrquery(r=>count)"]),
    ("srvquery", &["srvquery(r=>count)"]),
    (
        "pcv",
        &[
            "pcv(value)",
            "pcv(genaddr)",
            "pcv(orig)",
            "pcv(term)",
            "pcv(all)",
        ],
    ),
    ("sdp", &["sdp(body)", "sdp(sess_version)"]),
    ("err.class", &["(err.class)"]),
    ("err.info", &["(err.info)"]),
    ("err.level", &["(err.level)"]),
    ("err.rcode", &["(err.rcode)"]),
    ("err.rreason", &["(err.rreason)"]),
    ("?", &["?"]),
    (
        "_s",
        &[
            "_s($rU-x)",
            "_s($fU@$fd)",
            "_s($avp(u))",
            "_s()",
            "_s(plain)",
            "_s($(hdr(X-List)[1]))",
            "_s($var(i)$var(j))",
        ],
    ),
    ("af", &["af(id)", "af(name)", "af(x)"]),
    ("ai", &["ai", "(ai[0])", "(ai[1])"]),
    (
        "avp",
        &[
            "avp(s)",
            "avp(u)",
            "avp(i)",
            "(avp(s)[0])",
            "(avp(s)[1])",
            "(avp(s)[-1])",
            "(avp(s)[*])",
            "avp(s:s)",
            "avp(i:5)",
            "avp($var(s))",
            "avp(m)",
            "(avp(m)[0])",
            "(avp(m)[1])",
            "(avp(m)[2])",
            "(avp(m)[3])",
            "(avp(m)[-1])",
            "(avp(m)[-3])",
            "(avp(m)[-4])",
            "(avp(m)[*])",
            "(avp(m)[$var(z)])",
            "(avp(m)[$var(never)])",
        ],
    ),
    ("Bf", FLAGS_B),
    ("Mf", FLAGS_M),
    ("Sf", FLAGS_S),
    ("blitval", &["blitval(x)"]),
    ("branch", BRANCH),
    ("sbranch", SBRANCH),
    ("cfg", &["cfg(name)", "cfg(route)"]),
    (
        "cnt",
        &[
            "cnt($avp(s))",
            "cnt($avp(u))",
            "cnt($avp(m))",
            "cnt($hdr(X-List))",
            "cnt($xavp(one))",
            "cnt($var(s))",
            "cnt($branch(uri))",
        ],
    ),
    ("ct", &["ct", "(ct[0])", "(ct[1])", "(ct[-1])", "(ct[*])"]),
    ("def", &["def(ABC)", "def(NUM)"]),
    ("defn", &["defn(NUM)"]),
    ("di", &["di", "(di[0])", "(di[1])"]),
    ("env", &["env(NO_SUCH_NAME)", "env(LANG)"]),
    ("envn", &["envn(NO_SUCH_NAME)"]),
    ("expires", &["expires(min)", "expires(max)"]),
    ("hdr", HDR),
    (
        "hdrc",
        &[
            "hdrc(X-List)",
            "hdrc(Via)",
            "hdrc(v)",
            "hdrc(Contact)",
            "hdrc(m)",
            "hdrc(x-none)",
            "hdrc(Route)",
            "hdrc($var(hn))",
        ],
    ),
    ("hfl", HFL),
    (
        "hflc",
        &[
            "hflc(X-List)",
            "hflc(Via)",
            "hflc(v)",
            "hflc(Contact)",
            "hflc(m)",
            "hflc(x-none)",
            "hflc(Route)",
            "hflc(Record-Route)",
            "hflc(Diversion)",
            "hflc(Supported)",
        ],
    ),
    ("hfitname", &["hfitname(x)"]),
    ("hfitbody", &["hfitbody(x)"]),
    (
        "jsonrpl",
        &["jsonrpl(code)", "jsonrpl(text)", "jsonrpl(body)"],
    ),
    (
        "K",
        &[
            "K(UDP)", "K(TCP)", "K(TLS)", "K(SCTP)", "K(WS)", "K(WSS)", "K(IPv4)", "K(IPv6)",
            "K(INET)", "K(INET6)",
        ],
    ),
    ("ksr", &["ksr(ver)"]),
    ("lsock", &["lsock(udp:127.0.0.1:1/x)", "lsock(udp:1/a)"]),
    (
        "msg",
        &[
            "msg(len)",
            "msg(buf)",
            "msg(body)",
            "msg(hdrs)",
            "msg(hdrc)",
            "msg(fline)",
            "msg(fpart)",
            "msg(lpart)",
            "msg(body_len)",
            "msg(hdrs_len)",
        ],
    ),
    ("msgbuf", &["msgbuf(12)"]),
    (
        "nh",
        &[
            "nh(u)", "nh(U)", "nh(d)", "nh(p)", "nh(P)", "nh(i)", "nh(x)",
        ],
    ),
    ("pu", &["pu", "(pu[0])", "(pu[1])", "(pu[9])"]),
    ("pU", &["pU", "(pU[0])", "(pU[1])"]),
    ("pd", &["pd", "(pd[0])", "(pd[1])"]),
    ("pn", &["pn", "(pn[0])", "(pn[1])"]),
    (
        "rcv",
        &[
            "rcv(af)",
            "rcv(len)",
            "rcv(proto)",
            "rcv(srcip)",
            "rcv(rcvip)",
            "rcv(sproto)",
            "rcv(srcport)",
            "rcv(rcvport)",
        ],
    ),
    ("rdir", &["rdir(id)", "rdir(name)"]),
    (
        "rpl",
        &[
            "rpl(duri)",
            "rpl(dhost)",
            "rpl(dport)",
            "rpl(cntrr)",
            "rpl(dproto)",
            "rpl(cntvia)",
            "rpl(dprotoid)",
        ],
    ),
    (
        "sel",
        &[
            "sel(via[1].host)",
            "sel(from.uri.user)",
            "sel(cfg_get.core.debug)",
        ],
    ),
    (
        "sht",
        &[
            "sht(ht=>none)",
            "sht(ht=>a)",
            "sht(ht=>$var(s))",
            "sht(ht=>$rU::x)",
        ],
    ),
    (
        "shtcn",
        &["shtcn(ht=>~~a)", "shtcn(ht=>%~zz)", "shtcn(ht=>~%^z)"],
    ),
    ("shtcv", &["shtcv(ht=>~~x)", "shtcv(ht=>~%one)"]),
    ("shtex", &["shtex(ht=>none)"]),
    ("shtdec", &["shtdec(ht=>none)"]),
    ("shtinc", &["shtinc(ht=>none2)"]),
    ("shtitkey", &["shtitkey(it)"]),
    ("shtitval", &["shtitval(it)"]),
    ("shtrecord", &["shtrecord(key)", "shtrecord(value)"]),
    ("shv", &["shv(set)", "shv(unset)", "shv(text)"]),
    (
        "snd",
        &[
            "snd(ip)",
            "snd(af)",
            "snd(port)",
            "snd(proto)",
            "snd(sproto)",
            "snd(len)",
            "snd(buf)",
        ],
    ),
    (
        "sndto",
        &[
            "sndto(ip)",
            "sndto(af)",
            "sndto(port)",
            "sndto(proto)",
            "sndto(sproto)",
        ],
    ),
    (
        "sndfrom",
        &[
            "sndfrom(ip)",
            "sndfrom(af)",
            "sndfrom(port)",
            "sndfrom(proto)",
            "sndfrom(sproto)",
        ],
    ),
    ("stat", &["stat(nosuch)", "stat(tm:nosuch)"]),
    ("T", T),
    ("T_branch", T_BRANCH),
    ("T_inv", &["T_inv($ru)", "T_inv($hdr(Via))"]),
    ("T_req", &["T_req($ru)", "T_req($hdr(Via))"]),
    ("T_rpl", &["T_rpl($rs)", "T_rpl($hdr(Via))"]),
    ("time", &[]),
    ("utime", &[]),
    ("timef", &["timef(plain)"]),
    ("utimef", &["utimef(plain)"]),
    ("TV", &[]),
    (
        "ulc",
        &[
            "ulc(caller=>aor)",
            "ulc(caller=>addr)",
            "(ulc(caller=>addr)[0])",
            "ulc(caller=>count)",
        ],
    ),
    (
        "var",
        &["var(i)", "var(s)", "var(e)", "var(never)", "(var(s))"],
    ),
    ("vn", &["vn(never)", "vn(set)"]),
    ("vz", &["vz(never)", "vz(set)"]),
    ("version", &[]),
    (
        "via0",
        &[
            "via0(host)",
            "via0(port)",
            "via0(proto)",
            "via0(protoid)",
            "via0(branch)",
            "via0(rport)",
            "via0(received)",
        ],
    ),
    (
        "via1",
        &[
            "via1(host)",
            "via1(port)",
            "via1(proto)",
            "via1(protoid)",
            "via1(branch)",
            "via1(rport)",
            "via1(received)",
        ],
    ),
    (
        "viaZ",
        &[
            "viaZ(host)",
            "viaZ(port)",
            "viaZ(proto)",
            "viaZ(protoid)",
            "viaZ(branch)",
            "viaZ(rport)",
            "viaZ(received)",
        ],
    ),
    (
        "xavp",
        &[
            "xavp(one)",
            "xavp(one=>a)",
            "xavp(one=>b)",
            "xavp(one=>none)",
            "xavp(none=>a)",
            "xavp(one[0]=>a)",
            "xavp(one[1]=>a)",
            "xavp(one=>a[0])",
            "xavp(one=>a[1])",
            "xavp(two=>a)",
            "xavp(two[0]=>a)",
            "xavp(two[1]=>a)",
            "xavp(two[2]=>a)",
            "xavp(ONE=>a)",
            "xavp(one=>a[*])",
            "xavp(one[*]=>a)",
            "(xavp(one=>a){s.len})",
            "xavp(one[-1]=>a)",
        ],
    ),
    (
        "xavi",
        &[
            "xavi(one)",
            "xavi(one=>a)",
            "xavi(one=>b)",
            "xavi(ONE=>A)",
            "xavi(one=>none)",
            "xavi(none=>a)",
        ],
    ),
    (
        "xavu",
        &[
            "xavu(one)",
            "xavu(two=>a)",
            "xavu(two=>b)",
            "xavu(none)",
            "xavu(two=>none)",
            "xavu(two)",
        ],
    ),
];

const FLAGS_B: &[&str] = &["Bf(0)", "Bf(3)", "Bf(31)", "Bf(7)"];
const FLAGS_M: &[&str] = &["Mf(0)", "Mf(3)", "Mf(31)", "Mf(7)"];
const FLAGS_S: &[&str] = &["Sf(0)", "Sf(3)", "Sf(31)", "Sf(7)"];
const BRANCH: &[&str] = &[
    "branch(uri)",
    "branch(count)",
    "(branch(uri)[0])",
    "(branch(uri)[1])",
    "(branch(uri)[-1])",
    "(branch(uri)[*])",
    "branch(dst_uri)",
    "branch(path)",
    "branch(q)",
    "branch(send_socket)",
    "branch(flags)",
    "branch(ruid)",
    "branch(instance)",
    "branch(location_ua)",
    "branch(otcpid)",
];
const SBRANCH: &[&str] = &[
    "sbranch(uri)",
    "sbranch(dst_uri)",
    "sbranch(path)",
    "sbranch(q)",
    "sbranch(send_socket)",
    "sbranch(flags)",
    "sbranch(ruid)",
];
const HDR: &[&str] = &[
    "hdr(X-List)",
    "(hdr(X-List)[0])",
    "(hdr(X-List)[1])",
    "(hdr(X-List)[2])",
    "(hdr(X-List)[-1])",
    "(hdr(X-List)[-2])",
    "(hdr(X-List)[-9])",
    "(hdr(X-List)[*])",
    "(hdr(X-List)[$var(i)])",
    "(hdr(X-List)[$var(z)])",
    "hdr(x-list)",
    "hdr(Via)",
    "(hdr(Via)[1])",
    "(hdr(Via)[-1])",
    "(hdr(Via)[*])",
    "hdr(v)",
    "hdr(From)",
    "hdr(f)",
    "hdr(To)",
    "hdr(t)",
    "hdr(Call-ID)",
    "hdr(i)",
    "hdr(Contact)",
    "(hdr(Contact)[1])",
    "(hdr(Contact)[*])",
    "hdr(m)",
    "hdr(Content-Length)",
    "hdr(l)",
    "hdr(Content-Type)",
    "hdr(c)",
    "hdr(Subject)",
    "hdr(s)",
    "hdr(Supported)",
    "hdr(k)",
    "hdr(Route)",
    "(hdr(Route)[-1])",
    "hdr(Record-Route)",
    "(hdr(Record-Route)[1])",
    "hdr(Authorization)",
    "hdr(Proxy-Authorization)",
    "hdr(Max-Forwards)",
    "hdr(CSeq)",
    "hdr(Expires)",
    "hdr(User-Agent)",
    "hdr(X-Empty)",
    "hdr(X-None)",
    "hdr(X-Params)",
    "hdr($var(hn))",
    "hdr(P-Asserted-Identity)",
    "hdr(Diversion)",
    "hdr(X-Fold)",
    "hdr(Refer-To)",
    "hdr(r)",
    "hdr(Event)",
    "hdr(o)",
    "hdr(Server)",
    "hdr(Date)",
    "hdr(Accept)",
    "hdr(Allow)",
];
const HFL: &[&str] = &[
    "hfl(X-List)",
    "(hfl(X-List)[1])",
    "(hfl(X-List)[-1])",
    "(hfl(X-List)[*])",
    "hfl(Via)",
    "(hfl(Via)[0])",
    "(hfl(Via)[1])",
    "(hfl(Via)[2])",
    "(hfl(Via)[-1])",
    "(hfl(Via)[*])",
    "hfl(v)",
    "hfl(Contact)",
    "(hfl(Contact)[1])",
    "(hfl(Contact)[2])",
    "(hfl(Contact)[-1])",
    "(hfl(Contact)[9])",
    "(hfl(Contact)[*])",
    "hfl(Route)",
    "(hfl(Route)[1])",
    "(hfl(Route)[-1])",
    "(hfl(Record-Route)[1])",
    "hfl(Diversion)",
    "(hfl(Diversion)[1])",
    "hfl(P-Asserted-Identity)",
    "(hfl(P-Asserted-Identity)[1])",
    "hfl(From)",
    "hfl(X-None)",
    "(hfl(Via)[$var(z)])",
];
const T: &[&str] = &[
    "T(id_index)",
    "T(id_label)",
    "T(id_index_n)",
    "T(id_label_n)",
    "T(reply_code)",
    "T(reply_reason)",
    "T(reply_type)",
    "T(branch_index)",
    "T(ruid)",
    "T(uri)",
    "T(flags)",
    "T(method)",
];
const T_BRANCH: &[&str] = &[
    "T_branch(uri)",
    "T_branch(flags)",
    "T_branch(ruid)",
    "T_branch(reply_code)",
    "T_branch(branch_index)",
];

/// What changes from run to run, and what it has to look like.
const VOLATILE: &[(&str, &[&str])] = &[
    ("RANDOM", &["RANDOM =~ \"^[0-9]+$\""]),
    (
        "sruid",
        &["sruid =~ \"^srid-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$\""],
    ),
    ("RANDOM", &["RANDOM =~ \"^[0-9]+$\""]),
    (
        "sruid",
        &["sruid =~ \"^srid-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+$\""],
    ),
    ("pp", &["pp =~ \"^[0-9]+$\""]),
    ("TS", &["TS =~ \"^[0-9]{10}$\"", "TS > 1600000000"]),
    ("Ts", &["Ts =~ \"^[0-9]{10}$\""]),
    (
        "TF",
        &["TF =~ \"^[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]{8} [0-9]{4}$\""],
    ),
    (
        "Tf",
        &["Tf =~ \"^[A-Z][a-z][a-z] [A-Z][a-z][a-z] [ 0-9][0-9] [0-9:]{8} [0-9]{4}$\""],
    ),
    ("Tb", &["Tb =~ \"^[0-9]{10}$\""]),
    (
        "TV",
        &[
            "TV(s) =~ \"^[0-9]{10}$\"",
            "TV(u) =~ \"^[0-9]{1,6}$\"",
            "TV(sn) =~ \"^[0-9]{10}$\"",
            "TV(un) =~ \"^[0-9]{1,6}$\"",
            "TV(Sn) =~ \"^[0-9]{10}\\.[0-9]{6}$\"",
            "TV(Fn) =~ \"^[A-Z][a-z][a-z] .* [0-9]{4}$\"",
        ],
    ),
    (
        "time",
        &[
            "time(year) > 2020",
            "time(mon) =~ \"^[0-9]{1,2}$\"",
            "time(mday) > 0",
            "time(hour) < 24",
            "time(min) < 60",
            "time(sec) < 62",
            "time(wday) < 8",
            "time(yday) < 367",
            "time(isdst) == 0",
        ],
    ),
    (
        "utime",
        &[
            "utime(year) > 2020",
            "utime(mon) =~ \"^[0-9]{1,2}$\"",
            "utime(mday) > 0",
            "utime(hour) < 24",
            "utime(min) < 60",
            "utime(sec) < 62",
            "utime(wday) < 8",
            "utime(yday) < 367",
            "utime(isdst) == 0",
        ],
    ),
    (
        "timef",
        &[
            "timef(%Y) =~ \"^20[0-9][0-9]$\"",
            "timef(%Y-%m-%d %H:%M:%S) =~ \"^20[0-9-]{8} [0-9:]{8}$\"",
        ],
    ),
    ("utimef", &["utimef(%Y) =~ \"^20[0-9][0-9]$\""]),
    ("rmid", &["rmid =~ \"^[0-9]+$\""]),
    ("mi", &["mi =~ \"^[0-9]+$\""]),
    ("conid", &["conid =~ \"^[0-9]*$\""]),
    (
        "stat",
        &[
            "stat(rcv_requests) =~ \"^[0-9]+$\"",
            "stat(core:rcv_replies) =~ \"^[0-9]+$\"",
        ],
    ),
    (
        "version",
        &[
            "version(num) =~ \"^[0-9]+\\.[0-9]+\\.[0-9]+\"",
            "version(full) =~ \"^[a-z]+ [0-9]+\\.\"",
            "version(hash) =~ \"^[0-9a-z]+$\"",
        ],
    ),
];

/// Variables that mean something elsewhere, with where they are compared.
const ELSEWHERE: &[(&str, &str)] = &[
    ("hu", "only in xhttp:request: tests/scenarios/xhttp"),
    (
        "uuid",
        "Debian has the module in a package of its own, absent here",
    ),
];

/// For these Kamailio looks its transaction up, which changes what other variables yield.
const LAST: &[&str] = &["$T(id_index_n)", "$T(id_label_n)"];

/// The variables with a form in a table, then the others as they are.
pub(crate) fn groups(exported: &Exports) -> Vec<Group> {
    let mut rows = Vec::new();
    for (_, name) in &exported.variables {
        let name = name.as_str();
        if ELSEWHERE.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let volatile = VOLATILE.iter().find(|(known, _)| *known == name);
        let forms = FORMS.iter().find(|(known, _)| *known == name);
        match (forms, volatile) {
            (None, None) => rows.extend(plain(name)),
            _ => {
                let forms = forms.map_or(&[][..], |(_, forms)| forms);
                let volatile = volatile.map_or(&[][..], |(_, tests)| tests);
                rows.extend(
                    forms
                        .iter()
                        .map(|form| Row::new(Form::Variable, format!("${form}"))),
                );
                rows.extend(
                    volatile
                        .iter()
                        .map(|test| Row::new(Form::Value, format!("${test}"))),
                );
            }
        }
    }
    rows.sort_by_key(|row| LAST.contains(&row.source.as_str()));
    vec![
        Group::new("variables", Audience::Every, rows),
        Group::new("texts", Audience::Every, texts()),
    ]
}

/// A variable without parentheses: its value, and how it compares.
fn plain(name: &str) -> Vec<Row> {
    vec![
        Row::new(Form::Variable, format!("${name}")),
        Row::new(Form::Condition, format!("${name}")),
        Row::new(Form::Value, format!("${name} == $null")),
        Row::new(Form::Value, format!("${name} == \"\"")),
        Row::new(Form::Value, format!("strlen(${name})")),
    ]
}

/// Texts with variables in them, as they are printed.
fn texts() -> Vec<Row> {
    let texts = [
        "$ru",
        "$$",
        "$$ru",
        "a$rU,b",
        "$rU.x",
        "$rU-x",
        "$(rU)x",
        "${rU}",
        "100% $rU %d",
        "$var(i)$var(s)",
        "$rU$rd",
        "$fU@$fd",
        "$(hdr(X-List)[0])-$(hdr(X-List)[1])",
        "$hdr(X-List)",
        "$avp(m)|$(avp(m)[*])",
        "$xavp(one=>a)",
        "$(ru{s.len})",
        "<$null>",
        "$si:$sp",
        "[$avp(u)]",
        "$(avp(u){s.len})",
        "a\\tb",
        "a\\\"b",
        "$var(e)|",
        "$_s($ru)",
        "$rm $ru $rv",
        "$$(ru)",
        "$(var(csv){s.select,1,,})",
        "$rs $rr",
        "@method",
        "$sel(method)",
        "$var(never)|$vn(never)",
        "$( rU )",
        "$rU($rd)",
        "$fu;tag=$ft",
        "$tu;tag=$tt",
        "$cs $rm",
        "$C(rx)red$C(xx)",
    ];
    texts
        .into_iter()
        .map(|text| Row::new(Form::Text, text))
        .collect()
}
