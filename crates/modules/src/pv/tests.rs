//! Variables as a script sees them; every expected value is what Kamailio 5.6.3 prints.

use testkit::Sim;

/// The request that the values belong to.
const INVITE: &str = "INVITE sip:alice;x=1@test.local:5080;transport=udp;p2=v2?h1=a SIP/2.0
Via: SIP/2.0/UDP 127.0.44.9:5071;branch=z9hG4bKabc;rport
Via: SIP/2.0/TCP 10.1.1.1:5070;branch=z9hG4bKdef;received=10.1.1.2
From: \"Bob B\" <sip:bob:pw@biloxi.com:5062;fp=1>;tag=ft1;x=y
To: Alice <sip:alice@atlanta.com>;tag=tt1
Call-ID: abc123@host
CSeq: 314 INVITE
Contact: <sip:bob@127.0.44.9:5071;ob>;expires=60, <sip:bob2@h2>;expires=120
Contact: <sip:bob3@h3>
Max-Forwards: 70
User-Agent: Test UA 1.0  
X-A: one
X-A: two
X-A: three
Route: <sip:r1.example.com;lr>
Record-Route: <sip:rr1;lr>, <sip:rr2;lr>
P-Preferred-Identity: \"PN\" <sip:pu@pd.com>
P-Asserted-Identity: \"AN\" <sip:au@ad.com>
Diversion: <sip:div@dd.com>;reason=busy;privacy=full
Expires: 300
Proxy-Authorization: Digest username=\"user@dom\",realm=\"realm.com\",nonce=\"nn\",uri=\"sip:u@realm.com\",response=\"rr\",algorithm=MD5,qop=auth,nc=00000001,cnonce=\"cc\",opaque=\"oo\"
Content-Type: application/sdp
Content-Length: 10

v=0
o=x
";

/// Runs statements; returns the lines that they log.
fn run(statements: &str) -> Vec<String> {
    let sim = Sim::new(1);
    let config = format!(
        "debug=2\nloadmodule \"pv.so\"\nloadmodule \"xlog.so\"\nloadmodule \"corex.so\"\nloadmodule \"kex.so\"\nrequest_route {{\n{statements}\n}}\n"
    );
    let server = sim
        .server("127.0.44.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let agent = sim.agent("127.0.44.9:5071");
    agent.send("127.0.44.1:5060", INVITE);
    sim.run_for(100);
    server.log_lines()
}

/// What formats print.
fn printed(formats: &[&str]) -> Vec<String> {
    let statements: Vec<String> = formats
        .iter()
        .map(|f| format!("xlog(\"L_NOTICE\", \"@@{f}|\\n\");"))
        .collect();
    run(&statements.join("\n"))
        .into_iter()
        .filter_map(|l| {
            let (_, line) = l.split_once("@@")?;
            Some(line.trim_end().strip_suffix('|').unwrap_or(line).to_owned())
        })
        .collect()
}

fn check(cases: &[(&str, &str)]) {
    let formats: Vec<&str> = cases.iter().map(|(f, _)| *f).collect();
    let lines = printed(&formats);
    let mut wrong = String::new();
    for (index, (format, expected)) in cases.iter().enumerate() {
        let found = lines.get(index).map_or("nothing", String::as_str);
        if found != *expected {
            wrong.push_str(&format!("{format}\n  is {found}\n  not {expected}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn request_uri_and_addresses() {
    check(&[
        (
            "$ru ~ $rU ~ $rd ~ $rp ~ $rP ~ $rUl ~ $rz ~ $ruri.user",
            "sip:alice;x=1@test.local:5080;transport=udp;p2=v2?h1=a ~ alice;x=1 ~ test.local ~ 5080 ~ udp ~ 9 ~ sip ~ alice;x=1",
        ),
        (
            "$fu ~ $fU ~ $fd ~ $fn ~ $ft ~ $fUl ~ $from.domain",
            "sip:bob:pw@biloxi.com:5062;fp=1 ~ bob ~ biloxi.com ~ \"Bob B\" ~ ft1 ~ 3 ~ biloxi.com",
        ),
        (
            "$tu ~ $tU ~ $td ~ $tn ~ $tt ~ $tUl",
            "sip:alice@atlanta.com ~ alice ~ atlanta.com ~ Alice ~ tt1 ~ 5",
        ),
        (
            "$ou ~ $oU ~ $od ~ $oP ~ $op ~ $oUl",
            "sip:alice;x=1@test.local:5080;transport=udp;p2=v2?h1=a ~ alice;x=1 ~ test.local ~ udp ~ 5080 ~ 9",
        ),
        (
            "$pd ~ $pn ~ $pU ~ $pu ~ $ai ~ $di ~ $dip ~ $dir ~ $dic",
            "pd.com ~ \"PN\" ~ pu ~ sip:pu@pd.com ~ sip:au@ad.com ~ sip:div@dd.com ~ full ~ busy ~ <null>",
        ),
        (
            "$dd ~ $dp ~ $dP ~ $du ~ $re ~ $rt",
            "<null> ~ <null> ~ <null> ~ <null> ~ <null> ~ <null>",
        ),
    ]);
}

#[test]
fn headers_and_message() {
    check(&[
        (
            "$ci ~ $cl ~ $cs ~ $csb ~ $rm ~ $rmid ~ $rs ~ $rr ~ $rv ~ $mt ~ $mts",
            "abc123@host ~ 10 ~ 314 ~ 314 INVITE ~ INVITE ~ 1 ~ <null> ~ <null> ~ SIP/2.0 ~ 1 ~ rq",
        ),
        ("$ua|", "Test UA 1.0  |"),
        (
            "$ct ~ $cT",
            "<sip:bob@127.0.44.9:5071;ob>;expires=60, <sip:bob2@h2>;expires=120 ~ application/sdp",
        ),
        (
            "$hdr(X-A) ~ $(hdr(X-A)[1]) ~ $(hdr(X-A)[-1]) ~ $(hdr(X-A)[*]) ~ $hdr(None) ~ $hdrc(X-A) ~ $(hdr(X-A)[7]) ~ $(hdr(X-A)[-3]) ~ $(hdr(X-A)[-4])",
            "one ~ two ~ three ~ one,two,three ~ <null> ~ 3 ~ <null> ~ one ~ <null>",
        ),
        (
            "$(hfl(Contact)[1]) ~ $(hfl(Contact)[2]) ~ $hflc(Contact) ~ $hfl(Via) ~ $hflc(Via) ~ $hflc(X-A)",
            "<sip:bob@127.0.44.9:5071;ob>;expires=60 ~ <sip:bob3@h3> ~ 3 ~ SIP/2.0/UDP 127.0.44.9:5071;branch=z9hG4bKabc;rport ~ 2 ~ 3",
        ),
        ("$expires(min) ~ $expires(max)", "60 ~ 300"),
        (
            "$bF ~ $bf ~ $mf ~ $mF ~ $sf ~ $sF ~ $Mf(1)",
            "00000000 ~ 0 ~ 0 ~ 00000000 ~ 0 ~ 00000000 ~ 0",
        ),
        (
            "$null ~ $rc ~ $retcode ~ $? ~ $true ~ $K(UDP) ~ $K(IPv6) ~ $$x",
            "<null> ~ 1 ~ 1 ~ 1 ~ 1 ~ 1 ~ 10 ~ $x",
        ),
        (
            "$si ~ $sp ~ $pr ~ $proto ~ $prid ~ $Ri ~ $Rp ~ $Ru ~ $Rut ~ $Rn ~ $su ~ $sut ~ $sas ~ $Ras ~ $af(id) ~ $af(name)",
            "127.0.44.9 ~ 5071 ~ udp ~ udp ~ 1 ~ 127.0.44.1 ~ 5060 ~ sip:127.0.44.1:5060 ~ sip:127.0.44.1:5060;transport=udp ~ <null> ~ sip:127.0.44.9:5071 ~ sip:127.0.44.9:5071;transport=udp ~ udp:127.0.44.9:5071 ~ udp:127.0.44.1:5060 ~ 2 ~ IPv4",
        ),
    ]);
}

#[test]
fn avps_are_stacks() {
    let lines = run("
        $avp(x)=\"1\"; $avp(x)=\"2\"; $avp(x)=\"3\";
        xlog(\"$avp(x) ~ $(avp(x)[1]) ~ $(avp(x)[-1]) ~ $(avp(x)[*]) ~ $(avp(x)[9])\");
        $(avp(x)[1])=\"n\";
        xlog(\"$(avp(x)[*])\");
        $avp(x)=$null;
        xlog(\"$(avp(x)[*])\");
        $(avp(x)[*])=\"all\";
        xlog(\"$(avp(x)[*])\");
        $(avp(x)[*])=$null;
        xlog(\"$(avp(x)[*])\");
        $avp(s:y)=\"sy\"; $avp(i:5)=\"i5\"; $avp(5)=\"s5\"; $avp($avp(s:y))=\"ind\";
        xlog(\"$avp(y) ~ $avp(i:5) ~ $avp(5) ~ $avp(sy) ~ $avp(s:5)\");
    ");
    let expected = [
        "3 ~ 2 ~ 1 ~ 3, 2, 1 ~ <null>",
        "n, 3, 2, 1",
        "3, 2, 1",
        "all",
        "<null>",
        "sy ~ i5 ~ s5 ~ ind ~ s5",
    ];
    let found: Vec<&str> = lines
        .iter()
        .map(|l| l.rsplit("<script>: ").next().unwrap_or(l))
        .collect();
    assert_eq!(found, expected);
}

/// What the expressions of `transformations.tsv` work on.
const SUBJECTS: &str = r##"$var(s)="Hello World"; $var(n)="12"; $var(ni)=42; $var(csv)="a,b,c,d"; $var(sp)="  pad  "; $var(e)=""; $var(neg)=-5; $var(q)="\"quoted\""; $var(br)="<in>"; $var(u)="sip:al;up=v:pw@h.com:5070;transport=tcp;ttl=4;maddr=1.2.3.4;method=INVITE;lr;r2=on;x=y?q=1&w=2"; $var(na)="\"Disp N\" <sip:a@b.c;tag=u>;tag=t1;p=2"; $var(p)="a=1;b=22;c;d=\"q;q\";a=9"; $var(lines)="l1\nl2\r\nl3 x\n"; $var(bin)="a b+c/d?e=f&g%h'i\"j\\k"; $var(u2)="sip:h.com"; $var(tel)="tel:+123;ph=1"; $var(h)="0x1f"; $var(str)="abcabc"; $var(b64)="SGVsbG8="; $var(bad)="@@@";"##;

/// Expression and result of Kamailio 5.6.3, one a line. Left out is what that version gets wrong:
/// uri.duri, uri.saor, uri.suri, s.rbefore, s.rafter, s.decode.base58 with bytes of other memory in
/// them, s.fmtlines with one character a line.
#[test]
fn transformations() {
    let cases: Vec<(&str, String)> = include_str!("transformations.tsv")
        .lines()
        .filter_map(|l| {
            let (expression, result) = l.split_once('\t')?;
            Some((expression, result.replace("\\r", "\r").replace("\\n", "\n")))
        })
        .collect();
    let statements: Vec<String> = cases
        .iter()
        .map(|(e, _)| format!("xlog(\"L_NOTICE\", \"@@{e}|\");"))
        .collect();
    let lines: Vec<String> = run(&format!("{SUBJECTS}\n{}", statements.join("\n")))
        .into_iter()
        .filter_map(|l| Some(l.split_once("@@")?.1.strip_suffix('|')?.to_owned()))
        .collect();
    let mut wrong = String::new();
    for (index, (expression, expected)) in cases.iter().enumerate() {
        let found = lines.get(index).map_or("nothing", String::as_str);
        if found != expected {
            wrong.push_str(&format!(
                "{expression}\n  is  {found:?}\n  not {expected:?}\n"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Conditions and what they leave behind, as Kamailio 5.6.3 does.
#[test]
fn functions_of_kex_and_corex() {
    let cases = [
        ("setbflag(3)", "T 8 0 <null>"),
        ("isbflagset(3)", "T 8 0 <null>"),
        ("isbflagset(4)", "F 8 0 <null>"),
        ("setbflag(3,1)", "F 8 0 <null>"),
        ("setsflag(2)", "T 8 4 <null>"),
        ("issflagset(2)", "T 8 4 <null>"),
        ("resetsflag(2)", "T 8 0 <null>"),
        ("issflagset(2)", "F 8 0 <null>"),
        ("isdsturiset()", "F 8 0 <null>"),
        ("setdsturi(\"sip:1.2.3.4\")", "T 8 0 sip:1.2.3.4"),
        ("isdsturiset()", "T 8 0 sip:1.2.3.4"),
        ("resetdsturi()", "T 8 0 <null>"),
        ("is_myself(\"sip:127.0.44.1\")", "T 8 0 <null>"),
        ("is_myself(\"sip:$Ri:$Rp\")", "T 8 0 <null>"),
        ("is_myself(\"sip:x@other.example\")", "F 8 0 <null>"),
        ("setxflag(5)", "T 8 0 <null>"),
        ("isxflagset(5)", "T 8 0 <null>"),
        ("resetxflag(5)", "T 8 0 <null>"),
        ("isxflagset(5)", "F 8 0 <null>"),
        ("setxflag(70)", "F 8 0 <null>"),
        ("append_branch(\"sip:b@e\",\"x\")", "F 8 0 <null>"),
        ("append_branch(\"sip:b@e\",\"0.5\")", "T 8 0 <null>"),
        ("set_send_socket_name(\"x\")", "T 8 0 <null>"),
        ("is_faked_msg()", "F 8 0 <null>"),
    ];
    let statements: Vec<String> = cases
        .iter()
        .map(|(call, _)| {
            format!("if ({call}) {{ $var(r)=\"T\"; }} else {{ $var(r)=\"F\"; }} xlog(\"L_NOTICE\", \"@@$var(r) $bf $sf $du\");")
        })
        .collect();
    let lines: Vec<String> = run(&statements.join("\n"))
        .into_iter()
        .filter_map(|l| Some(l.split_once("@@")?.1.to_owned()))
        .collect();
    for ((call, expected), found) in cases.iter().zip(&lines) {
        assert_eq!(found, expected, "{call}");
    }
    assert_eq!(lines.len(), cases.len());
}

#[test]
fn forward_keeps_no_state() {
    let sim = Sim::new(1);
    let config = "debug=2\nloadmodule \"pv.so\"\nrequest_route { $fU=\"new\"; $du=\"sip:127.0.44.8:5080\"; forward(); }";
    let _server = sim
        .server("127.0.44.1:5060", config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    let caller = sim.agent("127.0.44.9:5071");
    let next = sim.agent("127.0.44.8:5080");
    caller.send("127.0.44.1:5060", INVITE);
    sim.run_for(100);
    let sent = next.receive().unwrap_or_default();
    assert!(
        sent.contains("From: \"Bob B\" <sip:new:pw@biloxi.com:5062;fp=1>;tag=ft1;x=y\r\n"),
        "{sent}"
    );
    assert!(
        sent.contains("\r\nVia: SIP/2.0/UDP 127.0.44.1;branch=z9hG4bK"),
        "{sent}"
    );
    assert!(
        sent.contains(";received=127.0.44.9;branch=z9hG4bKabc;rport=5071\r\n"),
        "{sent}"
    );
}

/// What statements of the form `!…` do to the formats that follow them.
fn check_script(script: &[(&str, &str)]) {
    let mut statements = String::new();
    let mut expected = Vec::new();
    for (format, result) in script {
        match format.strip_prefix('!') {
            Some(statement) => statements.push_str(statement),
            None => {
                statements.push_str(&format!("xlog(\"L_NOTICE\", \"@@{format}\");\n"));
                expected.push((*format, *result));
            }
        }
    }
    let lines: Vec<String> = run(&statements)
        .into_iter()
        .filter_map(|l| Some(l.split_once("@@")?.1.to_owned()))
        .collect();
    for ((format, result), found) in expected.iter().zip(&lines) {
        assert_eq!(found, result, "{format}");
    }
    assert_eq!(lines.len(), expected.len());
}

#[test]
fn credentials_vias_and_times() {
    check(&[
        (
            "$aa ~ $ad ~ $adc ~ $adn ~ $ado ~ $adr ~ $adu ~ $ar ~ $AU ~ $Au ~ $aU ~ $au",
            "MD5 ~ dom ~ cc ~ nn ~ oo ~ rr ~ sip:u@realm.com ~ realm.com ~ bob ~ bob@biloxi.com ~ user@dom ~ user",
        ),
        (
            "$via0(host) ~ $via0(port) ~ $via0(proto) ~ $via0(rport) ~ $via0(branch) ~ $via0(protoid) ~ $via0(received)",
            "127.0.44.9 ~ 5071 ~ UDP ~ <null> ~ z9hG4bKabc ~ 1 ~ <null>",
        ),
        (
            "$via1(host) ~ $via1(port) ~ $viaZ(proto) ~ $viaZ(rport) ~ $via1(branch) ~ $via1(protoid) ~ $via1(received)",
            "10.1.1.1 ~ 5070 ~ TCP ~ <null> ~ z9hG4bKdef ~ 2 ~ 10.1.1.2",
        ),
        (
            "$nh(u) ~ $nh(U) ~ $nh(d) ~ $nh(p) ~ $nh(P)",
            "sip:alice;x=1@test.local:5080;transport=udp;p2=v2?h1=a ~ alice;x=1 ~ test.local ~ 5080 ~ udp",
        ),
        (
            "$time(year) ~ $utime(mon) ~ $time(wday) ~ $time(yday) ~ $timef(%Y-%m-%d) ~ $TF ~ $TS",
            "2026 ~ 1 ~ 5 ~ 1 ~ 2026-01-01 ~ Thu Jan 01 00:00:00 2026 ~ 1767225600",
        ),
        (
            "$_s(a$rU-b) ~ $rsi ~ $xavp(x) ~ $cnt($avp(x)) ~ $ds ~ $bR ~ $br",
            "aalice;x=1-b ~ 0 ~ <null> ~ 0 ~ <null> ~ <null> ~ <null>",
        ),
    ]);
}

#[test]
fn xavps_are_lists_of_lists() {
    check_script(&[
        (
            "!$xavp(a=>k)=\"v1\"; $xavp(a=>k)=\"v2\"; $xavp(a[0]=>k)=\"v3\"; $xavp(a=>n)=7;",
            "",
        ),
        (
            "$xavp(a=>k) ~ $xavp(a[1]=>k) ~ $xavp(a=>n) ~ $xavp(a[1]=>k[*]) ~ $xavp(a[0]=>k[*]) ~ $xavp(a[-1]=>k) ~ $xavp(a[*]=>k)",
            "<null> ~ v3 ~ 7 ~ v3, v2 ~ <null> ~ v1 ~ <null>",
        ),
        (
            "!$xavp(b)=\"p1\"; $xavp(b)=\"p2\"; $xavp(b[0])=\"p3\"; $xavp(c=>d)=\"1\"; $xavp(c[0]=>d)=\"2\"; $xavp(c[0]=>d[1])=\"one\"; $xavp(c[0]=>e)=\"E\";",
            "",
        ),
        (
            "$xavp(b) ~ $xavp(b[1]) ~ $xavp(c[0]=>d[*]) ~ $xavp(c=>d) ~ $xavp(c=>d[1]) ~ $xavp(c=>d[-1]) ~ $xavp(c=>e) ~ $cnt($xavp(b)) ~ $cnt($xavp(c=>d)) ~ $xavp(b[*])",
            "p3 ~ p1 ~ 2, one ~ 2 ~ one ~ one ~ E ~ 2 ~ 2 ~ p3",
        ),
        (
            "!$xavp(c=>e)=$null; $xavp(c[0]=>d)=$null; $xavp(a)=$null;",
            "",
        ),
        (
            "$xavp(c=>e) ~ $xavp(c=>d) ~ $cnt($xavp(a))",
            "<null> ~ one ~ 2",
        ),
        (
            "!$var(i)=1; $xavp(b[$var(i)])=\"idx\"; $xavp(a[*])=$null;",
            "",
        ),
        (
            "$xavp(b[1]) ~ $xavp(b[$var(i)]) ~ $cnt($xavp(a))",
            "idx ~ idx ~ 0",
        ),
        (
            "!$xavu(u)=5; $xavu(v=>w)=\"x\"; $xavu(v=>w)=\"y\"; $xavi(AbC=>Def)=\"i\";",
            "",
        ),
        (
            "$xavu(u) ~ $xavu(v=>w) ~ $xavi(abc=>def) ~ $xavi(ABC[0]=>DEF)",
            "5 ~ y ~ i ~ i",
        ),
    ]);
}

#[test]
fn branches_and_next_hop() {
    check_script(&[
        ("$branch(count) ~ $sbranch(count)", "<null> ~ 0"),
        (
            "!append_branch(\"sip:b@c;x=y\",\"0.3\"); append_branch(\"sip:b2@c\");",
            "",
        ),
        (
            "$branch(count) ~ $branch(uri) ~ $(branch(uri)[1]) ~ $(branch(uri)[-1]) ~ $(branch(dst_uri)[0]) ~ $(branch(flags)[0])",
            "2 ~ sip:b@c;x=y ~ sip:b2@c ~ sip:b2@c ~ <null> ~ 0",
        ),
        (
            "$bR ~ $ds",
            "<sip:b@c;x=y>;q=0.3, sip:b2@c ~ Contact: <sip:b@c;x=y>;q=0.3, <sip:b2@c>",
        ),
        (
            "!$(branch(dst_uri)[0])=\"sip:1.1.1.1\"; $(branch(flags)[0])=5; $(branch(path)[0])=\"<sip:p>\"; $(branch(uri)[1])=\"sip:new@x\";",
            "",
        ),
        (
            "$(branch(dst_uri)[0]) ~ $(branch(path)[0]) ~ $(branch(send_socket)[0]) ~ $(branch(flags)[0]) ~ $(branch(uri)[1]) ~ $(branch(ruid)[0]) ~ $(branch(otcpid)[0])",
            "sip:1.1.1.1 ~ <sip:p> ~ <null> ~ 5 ~ sip:new@x ~ <null> ~ 0",
        ),
        ("!$(branch(uri)[0])=$null; $br=\"sip:x@y\";", ""),
        ("$branch(count) ~ $branch(uri)", "2 ~ sip:new@x"),
        (
            "!$fs=\"udp:127.0.44.1:1\"; $du=\"sip:5.6.7.8:99;transport=tcp\";",
            "",
        ),
        (
            "$fs ~ $fsn ~ $fsp ~ $dd ~ $dp ~ $dP ~ $nh(d)",
            "<null> ~ <null> ~ 0 ~ 5.6.7.8 ~ 99 ~ tcp ~ 5.6.7.8",
        ),
        (
            "!$du=\"sips:foo\"; $mf=5; $bf=6; $sf=7; $mF=8; $Mf(2)=1; $Bf(0)=1; $Mf(3)=0; $fs=\"udp:127.0.44.1:5060\";",
            "",
        ),
        (
            "$dd ~ $dp ~ $dP ~ $mf ~ $bf ~ $sf ~ $fs ~ $fsp",
            "foo ~ 5060 ~ UDP ~ 4 ~ 7 ~ 7 ~ udp:127.0.44.1:5060 ~ 5060",
        ),
        ("!remove_branch(0);", ""),
        ("$branch(count)", "1"),
        ("!clear_branches();", ""),
        ("$branch(count)", "<null>"),
    ]);
}

#[test]
fn functions_on_variables_and_xavps() {
    check_script(&[
        (
            "!$var(r)=\"\"; if (is_int(\"$rp\")) $var(r)=$var(r)+\"1\"; if (is_int(\"$sp\")) $var(r)=$var(r)+\"2\"; if (is_int(\"$avp(z)\")) $var(r)=$var(r)+\"3\"; if (not_empty(\"$rU\")) $var(r)=$var(r)+\"4\"; if (not_empty(\"$sp\")) $var(r)=$var(r)+\"5\"; if (typeof(\"$rp\",\"str\")) $var(r)=$var(r)+\"6\"; if (typeof(\"$sp\",\"int\")) $var(r)=$var(r)+\"7\"; if (typeof(\"$avp(z)\",\"null\")) $var(r)=$var(r)+\"8\"; if (pv_isset(\"$avp(z)\")) $var(r)=$var(r)+\"9\";",
            "",
        ),
        ("$var(r)", "124678"),
        (
            "!xavp_params_explode(\"a=1;b=\\\"q q\\\";c\", \"px\"); xavp_params_implode(\"px\",\"$var(imp)\");",
            "",
        ),
        (
            "$xavp(px=>a) ~ $xavp(px=>b) ~ $xavp(px=>c) ~ $var(imp)",
            "1 ~ q q ~  ~ a=1;b=q q;c;",
        ),
        (
            "!$xavp(list=>a)=1; $xavp(list[0]=>b)=2; xavp_rm(\"px\"); xavp_child_sets(\"list\",\"n\",\"sv\"); xavp_child_seti(\"list\",\"m\",\"7\"); xavp_child_rm(\"list\",\"a\");",
            "",
        ),
        (
            "$xavp(px=>a) ~ $xavp(list=>n) ~ $xavp(list=>m) ~ $xavp(list=>a) ~ $xavp(list=>b)",
            "<null> ~ sv ~ 7 ~ <null> ~ 2",
        ),
        (
            "!xavp_slist_explode(\"x,y,,z\",\",\",\"t\",\"sl\"); xavu_params_explode(\"u=5;w=6\",\"xu\"); xavp_copy(\"list\",\"0\",\"dst\");",
            "",
        ),
        (
            "$xavp(sl=>v) ~ $xavp(sl=>v[*]) ~ $xavu(xu=>u) ~ $xavp(dst=>b)",
            "x ~ x, y, z ~ 5 ~ 2",
        ),
        (
            "!$sbranch(uri)=\"sip:s@b\"; $sbranch(flags)=3; $sbranch(dst_uri)=\"sip:9.9.9.9\"; sbranch_append();",
            "",
        ),
        (
            "$branch(count) ~ $(branch(uri)[0]) ~ $(branch(dst_uri)[0]) ~ $(branch(flags)[0])",
            "1 ~ sip:s@b ~ sip:9.9.9.9 ~ 3",
        ),
        ("!sbranch_set_ruri(); sbranch_reset();", ""),
        (
            "$ru ~ $du ~ $bf ~ $sbranch(uri)",
            "sip:s@b ~ sip:9.9.9.9 ~ 3 ~ <null>",
        ),
    ]);
}

/// Selects; `via.host` and the like need no quotes.
#[test]
fn selects() {
    check(&[
        (
            "$sel(from.uri) ~ $sel(from.uri.user) ~ $sel(from.uri.port) ~ $sel(from.uri.pwd) ~ $sel(from.uri.hostport) ~ $sel(from.uri.params) ~ $sel(from.uri.type) ~ $sel(from.uri.transport) ~ $sel(from.name) ~ $sel(from.tag)",
            "sip:bob:pw@biloxi.com:5062;fp=1 ~ bob ~ 5062 ~ pw ~ biloxi.com:5062 ~ fp=1 ~ sip ~ udp ~ \"Bob B\" ~ ft1",
        ),
        (
            "$sel(to) ~ $sel(@to.name) ~ $sel(contact.uri) ~ $sel(contact.uri.hostport) ~ $sel(contact.name) ~ $sel(contact.expires) ~ $sel(contact.q)",
            "Alice <sip:alice@atlanta.com>;tag=tt1 ~ Alice ~ sip:bob2@h2 ~ h2:5060 ~  ~ 120 ~ <null>",
        ),
        (
            "$sel(via) ~ $sel(via[0]) ~ $sel(via[2].host) ~ $sel(via[-1].branch) ~ $sel(via.received) ~ $sel(via.transport) ~ $sel(via.version) ~ $sel(via.name) ~ $sel(v[1].branch)",
            "SIP/2.0/UDP 127.0.44.9:5071;branch=z9hG4bKabc;rport ~ <null> ~ 10.1.1.1 ~ z9hG4bKdef ~ <null> ~ UDP ~ 2.0 ~ SIP ~ z9hG4bKabc",
        ),
        (
            "$sel(ruri.user) ~ $sel(ruri.hostport) ~ $sel(ruri.params) ~ $sel(next_hop.host) ~ $sel(dst_uri) ~ $sel(rr.uri.host) ~ $sel(refer_to) ~ $sel(msg.request.method)",
            "alice;x=1 ~ test.local:5080 ~ transport=udp;p2=v2 ~ test.local ~ <null> ~ rr1 ~ <null> ~ INVITE",
        ),
        (
            "$sel(cseq) ~ $sel(cseq.num) ~ $sel(cseq.method) ~ $sel(msg.type) ~ $sel(method) ~ $sel(call_id) ~ $sel(expires) ~ $sel(max_forwards) ~ $sel(status) ~ $sel(version) ~ $sel(content_type)",
            "314 INVITE ~ 314 ~ INVITE ~ 1 ~ INVITE ~ abc123@host ~ 300 ~ 70 ~ <null> ~ SIP/2.0 ~ application/sdp",
        ),
        (
            "$sel(received.proto_ip_port) ~ $sel(src.ip) ~ $sel(src.port) ~ $sel(dst.ip_port)",
            "udp:127.0.44.1:5060 ~ 127.0.44.9 ~ 5071 ~ 127.0.44.1:5060",
        ),
    ]);
}

#[test]
fn substitution() {
    check_script(&[
        ("!$var(s)=\"Hello World\";", ""),
        (
            "$(var(s){re.subst,/o/0/g})|$(var(s){re.subst,/(W)orld/\\\\1x/})|$(var(s){re.subst,/zz/y/})|$(var(s){re.subst,/h/J/i})",
            "Hell0 W0rld|Hello Wx|Hello World|Jello World",
        ),
        ("$(var(no){s.len})$(avp(no){re.subst,/a/b/})", "1"),
    ]);
}

#[test]
fn texts_grow_where_they_are() {
    check_script(&[
        (
            "!$var(t) = \"a\"; $var(u) = $var(t); $var(t) = $var(t) + \"b\";",
            "",
        ),
        ("$var(t)|$var(u)", "ab|a"),
        (
            "!$var(t) = $var(t) + $var(t); $var(u) = $var(t); $var(t) = $var(t) + $rm;",
            "",
        ),
        ("$var(t)|$var(u)", "ababINVITE|abab"),
        (
            "!$var(e) = \"\"; $var(e) = $var(e) + \"x\"; $var(n) = 4; $var(n) = $var(n) + \"3\";",
            "",
        ),
        ("$var(e)|$var(n)", "x|7"),
    ]);
}

#[test]
fn a_copy_has_the_form_its_target_takes() {
    check_script(&[
        ("!$var(i) = 5; $rU = $var(i);", ""),
        ("$rU", "5"),
        // What was computed is a number and nothing else.
        ("!$rU = \"a\"; $rU = $var(i) + 1; $rU = 7;", ""),
        ("$rU", "a"),
        // A text that is a number as well.
        ("!$mf = $pr; $var(p) = $pr;", ""),
        ("$mf|$var(p)", "1|udp"),
        // The last flag is the sign, but texts show none.
        ("!$mf = -3; $var(f) = $mf; $rU = $mf;", ""),
        ("$mf|$var(f)|$rU", "4294967293|-3|4294967293"),
        ("!$var(r) = ($rU = $var(i)); $var(s) = ($rU = 7);", ""),
        ("$var(r)|$var(s)", "1|-1"),
    ]);
}
