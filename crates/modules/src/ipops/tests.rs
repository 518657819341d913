//! Queries against a simulated resolver.

use std::net::IpAddr;

use engine::services::{NaptrRecord, Record, RecordKind, SrvRecord};
use testkit::Sim;

fn address(text: &str) -> Record {
    Record::Address(text.parse::<IpAddr>().unwrap())
}

fn srv(priority: u16, weight: u16, target: &'static str) -> Record {
    Record::Srv(SrvRecord {
        priority,
        weight,
        port: 5060 + weight,
        target: target.into(),
    })
}

fn naptr(order: u16, preference: u16, services: &'static str) -> Record {
    Record::Naptr(NaptrRecord {
        order,
        preference,
        flags: "s".into(),
        services: services.into(),
        regexp: "!a!b!".into(),
        replacement: "_sip._udp.test".into(),
    })
}

/// What the script says for one request, in a world with names.
fn run(statements: &str) -> Vec<String> {
    let sim = Sim::new(4);
    sim.record("a.test", RecordKind::A, address("1.2.3.4"));
    sim.record("a.test", RecordKind::A, address("1.2.3.5"));
    sim.record("a.test", RecordKind::Aaaa, address("2001:db8::1"));
    sim.record("six.test", RecordKind::Aaaa, address("2001:db8::6"));
    for record in [
        srv(20, 0, "c"),
        srv(10, 5, "b"),
        srv(10, 60, "a"),
        srv(10, 0, "z"),
    ] {
        sim.record("_sip._udp.test", RecordKind::Srv, record);
    }
    for record in [naptr(20, 5, "U"), naptr(10, 7, "T"), naptr(10, 2, "E")] {
        sim.record("n.test", RecordKind::Naptr, record);
    }
    let load: String = ["sl", "pv", "xlog", "ipops"]
        .iter()
        .map(|m| format!("loadmodule \"{m}.so\"\n"))
        .collect();
    let config = format!("{load}request_route {{ {statements} }}\n");
    let server = sim
        .server("127.0.27.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    sim.agent("127.0.27.2:5060").send(
        "127.0.27.1:5060",
        "OPTIONS sip:x@y SIP/2.0\nVia: SIP/2.0/UDP 127.0.27.2;branch=z9hG4bK1\n\
         From: <sip:a@b>;tag=1\nTo: <sip:x@y>\nCall-ID: 1\nCSeq: 1 OPTIONS\n\n",
    );
    sim.run_for(100);
    let lines = server.log_lines();
    lines.iter().map(|l| l.trim_end().to_owned()).collect()
}

#[test]
fn addresses_of_a_host() {
    let lines = run(r#"$var(i) = 2;
        dns_query("a.test", "p");
        xlog("L_ERR", "$rc $dns(p=>count) $dns(p=>ipv4) $dns(p=>ipv6) $dns(p=>addr[0]) $dns(p=>type[0]) $dns(p=>addr[$var(i)]) $dns(p=>type[-1]) $dns(p=>addr) [$dns(p=>addr[3])] [$dns(q=>count)]\n");
        dns_query("none.test", "p");
        xlog("L_ERR", "$rc [$dns(p=>count)]\n");
        dns_query("1.2.3.4", "p");
        xlog("L_ERR", "$rc $dns(p=>addr)\n");
        dns_query("", "p");
        xlog("L_ERR", "$rc\n");"#);
    assert_eq!(
        lines,
        [
            "1 3 1 1 2001:db8::1 6 1.2.3.5 4 2001:db8::1 [<null>] [<null>]",
            "-4 [<null>]",
            "1 1.2.3.4",
            "-4",
        ]
    );
}

#[test]
fn matching_addresses() {
    let lines = run(
        r#"dns_sys_match_ip("a.test", "1.2.3.5"); xlog("L_ERR", "$rc\n");
        dns_sys_match_ip("a.test", "[2001:db8::1]"); xlog("L_ERR", "$rc\n");
        dns_int_match_ip("a.test", "1.2.3.5"); xlog("L_ERR", "$rc\n");
        dns_int_match_ip("a.test", "2001:db8::1"); xlog("L_ERR", "$rc\n");
        dns_int_match_ip("six.test", "2001:db8::6"); xlog("L_ERR", "$rc\n");
        dns_sys_match_ip("none.test", "1.2.3.4"); xlog("L_ERR", "$rc\n");
        dns_sys_match_ip("a.test", "x"); xlog("L_ERR", "$rc\n");"#,
    );
    assert_eq!(
        lines,
        ["1", "1", "1", "-1", "1", "-4", "`x` is no address", "-3"]
    );
}

#[test]
fn servers_and_services_come_in_their_order() {
    let lines = run(r#"srv_query("_sip._udp.test", "s");
        xlog("L_ERR", "$rc $srvquery(s=>count) $srvquery(s=>target[0]) $srvquery(s=>target[1]) $srvquery(s=>target[2]) $srvquery(s=>target[3]) $srvquery(s=>port[0]) $srvquery(s=>priority[3]) $srvquery(s=>weight[1]) [$srvquery(s=>port[4])]\n");
        srv_query("_sip._udp.none", "s");
        xlog("L_ERR", "$rc $srvquery(s=>count) $srvquery(t=>count)\n");
        srv_query("", "s"); xlog("L_ERR", "$rc\n");
        srv_query("x", ""); xlog("L_ERR", "$rc\n");
        naptr_query("n.test", "n");
        xlog("L_ERR", "$rc $naptrquery(n=>count) $naptrquery(n=>services[0]) $naptrquery(n=>services[1]) $naptrquery(n=>order[2]) $naptrquery(n=>pref[0]) $naptrquery(n=>flags[0]) $naptrquery(n=>regex[0]) $naptrquery(n=>replace[0])\n");"#);
    assert_eq!(
        lines,
        [
            "1 4 a b z c 5120 20 5 [<null>]",
            "1 0 0",
            "-2",
            "-3",
            "1 3 E T 20 2 s !a!b! _sip._udp.test",
        ]
    );
}

#[test]
fn the_machine_has_a_name() {
    let lines = run(r#"xlog("L_ERR", "$HN(n) $HN(f) $HN(d) [$HN(i)]\n");"#);
    assert_eq!(lines, ["host.example host.example example [<null>]"]);
}

#[test]
fn names_of_fields_are_checked_at_load() {
    for name in [
        "$dns(p)",
        "$dns(p=>nosuch)",
        "$srvquery(s=>port[x])",
        "$HN(x)",
    ] {
        let config = format!(
            "loadmodule \"pv.so\"\nloadmodule \"ipops.so\"\n\
             request_route {{ if ({name} == 1) exit; }}\n"
        );
        let loaded = Sim::new(1).server("127.0.27.1:5060", &config, crate::LIBRARY);
        assert!(loaded.is_err(), "{name}");
    }
}
