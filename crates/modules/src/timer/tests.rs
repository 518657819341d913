//! Declarations of timers, and their runs in a simulated world.

use testkit::Sim;

use super::definition::{Timer, TimerError};

#[test]
fn declarations() {
    let timer = Timer::parse("t1=ROUTE,300,slow,enable").unwrap();
    assert_eq!((timer.name.as_str(), timer.route.as_str()), ("t1", "ROUTE"));
    assert_eq!((timer.interval.as_millis(), timer.is_on()), (300, true));
    for (text, on) in [
        ("t=A,1", false),
        ("t=A,0,fast", false),
        ("t=A,1,,enable", true),
        ("t=A,1,,enable,x", true),
    ] {
        assert_eq!(Timer::parse(text).unwrap().is_on(), on, "{text}");
    }
}

/// What the installed Kamailio refuses.
#[test]
fn mistakes() {
    for text in ["t1=A", "=A,300", "t 1=A,300", "t1 = A , 300", "x"] {
        assert_eq!(Timer::parse(text).err(), Some(TimerError::Form), "{text}");
    }
    assert!(matches!(
        Timer::parse("t=A,x").err(),
        Some(TimerError::Interval(_))
    ));
    assert!(matches!(
        Timer::parse("t=A,1,medium").err(),
        Some(TimerError::Kind(_))
    ));
    assert!(matches!(
        Timer::parse("t=A,1,slow,yes").err(),
        Some(TimerError::Enable(_))
    ));
}

fn run(config: &str, millis: u64) -> Vec<String> {
    let sim = Sim::new(5);
    let load: String = ["sl", "pv", "xlog", "siputils", "textops", "timer"]
        .iter()
        .map(|m| format!("loadmodule \"{m}.so\"\n"))
        .collect();
    let config = format!("{load}{config}\nrequest_route {{ exit; }}\n");
    let server = sim
        .server("127.0.27.1:5060", &config, crate::LIBRARY)
        .unwrap_or_else(|e| panic!("{e}"));
    sim.run_for(millis);
    let lines = server.log_lines();
    lines.iter().map(|l| l.trim_end().to_owned()).collect()
}

#[test]
fn timers_turn_each_other_on_and_off() {
    let lines = run(
        r#"
modparam("timer", "declare_timer", "a=A,100,slow,enable")
modparam("timer", "declare_timer", "b=B,100,slow")
route[A] {
    xlog("L_ERR", "$sel(timer.executed) $rm [$ru] [$ci] $ua b=$sel(timer.timer.b.enabled)\n");
    timer_enable("a", 0);
    timer_enable("b", "1");
}
route[B] {
    xlog("L_ERR", "$sel(timer.executed) a=$sel(timer.timer.a.enabled) b=$sel(timer.timer.b.enabled)\n");
    timer_enable("b", "x");
}
"#,
        1000,
    );
    assert_eq!(
        lines,
        [
            "the request URI cannot be parsed",
            "a GET [<null>] [<null>] internal b=0",
            "b a=0 b=1"
        ]
    );
}

#[test]
fn one_turned_off_and_on_again_runs_once_each_interval() {
    let lines = run(
        r#"
modparam("timer", "declare_timer", "a=A,100,slow,enable")
route[A] {
    xlog("L_ERR", "run\n");
    timer_enable("a", 0);
    timer_enable("a", 1);
}
"#,
        1050,
    );
    assert_eq!(lines.len(), 10);
}

#[test]
fn names_that_are_not_declared_are_errors_of_functions_only() {
    for (statement, is_right) in [
        ("timer_enable(\"x\", 1);", false),
        ("if (@timer.timer.x.enabled == \"1\") exit;", true),
        ("if (@timer.nosuch == \"1\") exit;", true),
    ] {
        let config = format!("loadmodule \"timer.so\"\nrequest_route {{ {statement} }}\n");
        let loaded = Sim::new(1).server("127.0.27.1:5060", &config, crate::LIBRARY);
        assert_eq!(loaded.is_ok(), is_right, "{statement}");
    }
}
