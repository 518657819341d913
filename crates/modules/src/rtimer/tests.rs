//! Definitions of timers, and their runs in a simulated world.

use engine::module::{ParamText, ParamValues};
use testkit::Sim;

use super::*;

fn params(given: &[(&str, &str)]) -> Result<TimerSet, InitError> {
    let mut values = ParamValues::new(MODULE.params);
    for (name, value) in given {
        let value = value.parse().map_or_else(
            |_| ParamText::Text(bytes::Bytes::copy_from_slice(value.as_bytes())),
            ParamText::Int,
        );
        values.give(name, value).unwrap();
    }
    read(&values)
}

fn fault(given: &[(&str, &str)]) -> String {
    params(given).err().map(|e| e.message).unwrap_or_default()
}

#[test]
fn timers_are_read_in_the_order_of_the_configuration() {
    let set = params(&[
        ("timer", "name=a"),
        ("default_interval", "7"),
        ("timer", "name=b;mode=3"),
        ("timer", "name=c;interval=250000u;mode=0"),
        ("timer", "name=d;interval=u;mode=5"),
        ("timer", "name=e;interval=10;mode=0;other=1;"),
        ("exec", "timer=b;route=ONE"),
        ("exec", "timer=b;route=TWO"),
    ])
    .unwrap();
    let seen: Vec<_> = set
        .timers
        .iter()
        .map(|t| (t.name.as_str(), t.interval.as_micros(), t.workers))
        .collect();
    assert_eq!(
        seen,
        [
            ("a", 120_000_000, 1),
            ("b", 7_000_000, 3),
            ("c", 250_000, 1),
            ("d", 1000, 1),
            ("e", 10_000_000, 1),
        ]
    );
    assert_eq!(set.timers[1].routes, ["TWO", "ONE"]);
}

/// What the installed Kamailio refuses.
#[test]
fn mistakes() {
    for given in [
        &[("timer", "interval=1")][..],
        &[("timer", "name=a;interval=x")],
        &[("timer", "name=a;interval=-1")],
        &[("timer", "name=a;mode=-1")],
        &[("timer", "name=a"), ("timer", "name=a")],
        &[("exec", "timer=a;route=R"), ("timer", "name=a")],
        &[("timer", "name=a"), ("exec", "route=R")],
    ] {
        assert_ne!(fault(given), "", "{given:?}");
    }
}

fn run(config: &str, millis: u64) -> Vec<String> {
    let sim = Sim::new(5);
    let modules = [
        "tm", "sl", "pv", "xlog", "siputils", "textops", "cfgutils", "rtimer",
    ];
    let load: String = modules
        .iter()
        .map(|m| format!("loadmodule \"{m}.so\"\n"))
        .collect();
    let config = format!("{load}{config}\nrequest_route {{ exit; }}\n");
    let server = sim
        .server("127.0.27.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    sim.run_for(millis);
    server.log_lines()
}

#[test]
fn routes_run_each_interval_the_last_given_first_on_a_request_of_their_own() {
    let lines = run(
        r#"
modparam("rtimer", "timer", "name=a;interval=2;mode=1")
modparam("rtimer", "exec", "timer=a;route=ONE")
modparam("rtimer", "exec", "timer=a;route=NONE")
modparam("rtimer", "exec", "timer=a;route=TWO")
route[ONE] {
    xlog("L_ERR", "one $rm $ru $fu $tu $ci $cs $ft $rtimer_worker $var(x) $hdr(Via)\n");
    $var(x) = 5; $ru = "sip:other@example.org";
}
route[TWO] { xlog("L_ERR", "two $ru\n"); exit; }
"#,
        4500,
    );
    let one = "one OPTIONS sip:you@kamailio.org sip:you@kamailio.org sip:you@kamailio.org 123 1 \
               123 0 0 SIP/2.0/UDP 127.0.0.1";
    let two = "two sip:you@kamailio.org";
    assert_eq!(
        lines.iter().map(|l| l.trim_end()).collect::<Vec<_>>(),
        [two, one, two, one]
    );
}

#[test]
fn a_run_that_waits_delays_the_next_one_of_its_timer_only() {
    let lines = run(
        r#"
modparam("rtimer", "timer", "name=slow;interval=1;mode=2")
modparam("rtimer", "timer", "name=fine;interval=400000u")
modparam("rtimer", "exec", "timer=slow;route=SLOW")
modparam("rtimer", "exec", "timer=fine;route=FINE")
route[SLOW] { sleep("3"); xlog("L_ERR", "slow $rtimer_worker\n"); }
route[FINE] { xlog("L_ERR", "fine\n"); }
"#,
        6500,
    );
    let count = |text: &str| lines.iter().filter(|l| l.trim_end() == text).count();
    assert_eq!((count("slow 0"), count("slow 1")), (1, 1));
    assert!((14..=16).contains(&count("fine")), "{}", count("fine"));
}

#[test]
fn an_interval_of_zero_never_runs() {
    let lines = run(
        r#"
modparam("rtimer", "timer", "name=a;interval=0")
modparam("rtimer", "exec", "timer=a;route=ONE")
route[ONE] { xlog("L_ERR", "one\n"); }
"#,
        3000,
    );
    assert_eq!(lines, ["rtimer: the timer a never runs: its interval is 0"]);
}
