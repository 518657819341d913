//! Declared statistics, and what is refused at load.

use testkit::Sim;

const MODULES: &str =
    "loadmodule \"pv.so\"\nloadmodule \"xlog.so\"\nloadmodule \"statistics.so\"\n";

fn load(config: &str) -> Result<testkit::Server, String> {
    let config = format!("{MODULES}{config}\nrequest_route {{ exit; }}\n");
    Sim::new(1).server("127.0.27.1:5060", &config, crate::LIBRARY)
}

#[test]
fn statistics_are_declared_in_the_group_of_the_script() {
    let server = load(
        "modparam(\"statistics\", \"variable\", \"a\")\n\
         modparam(\"statistics\", \"variable\", \"b/no_reset\")",
    )
    .unwrap_or_else(|e| panic!("{e}"));
    let statistics = &server.core.statistics;
    assert!(statistics.add("script", "a", 3) && statistics.add("script", "b", 4));
    statistics.reset("script", "a");
    statistics.reset("script", "b");
    assert_eq!(statistics.value("script", "a"), Some(0));
    assert_eq!(statistics.value("script", "b"), Some(4));
}

/// What the installed Kamailio refuses.
#[test]
fn mistakes() {
    for config in [
        "modparam(\"statistics\", \"variable\", \"\")",
        "modparam(\"statistics\", \"variable\", \"a/other\")",
        "route[X] { update_stat(\"rcv_requests\", \"0\"); }",
        "route[X] { update_stat(\"rcv_requests\", \"5abc\"); }",
    ] {
        assert!(load(config).is_err(), "{config}");
    }
}
