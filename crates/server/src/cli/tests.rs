//! Command lines as operators write them.

use super::*;

fn parse(arguments: &[&str]) -> Result<CommandLine, CliError> {
    CommandLine::parse(arguments.iter().copied())
}

fn good(arguments: &[&str]) -> CommandLine {
    parse(arguments).unwrap_or_else(|error| panic!("{arguments:?}: {error}"))
}

fn message(arguments: &[&str]) -> String {
    parse(arguments).expect_err("must be refused").to_string()
}

#[test]
fn the_line_of_debians_unit_is_read() {
    let line = good(&[
        "-P",
        "/run/kamailio/kamailio.pid",
        "-f",
        "/etc/kamailio/kamailio.cfg",
        "-m",
        "64",
        "-M",
        "8",
        "-u",
        "kamailio",
        "-g",
        "kamailio",
        "--atexit=no",
    ]);
    assert_eq!(
        line.pid_file,
        Some(PathBuf::from("/run/kamailio/kamailio.pid"))
    );
    assert_eq!(line.config_path(), PathBuf::from(DEFAULT_CONFIG));
    assert_eq!(
        (line.user.as_deref(), line.group.as_deref()),
        (Some("kamailio"), Some("kamailio"))
    );
    let ignored: Vec<_> = line.ignored.iter().map(|row| row.name).collect();
    assert_eq!(ignored, ["-m", "-M", "--atexit"]);
}

#[test]
fn clusters_and_glued_values() {
    let line = good(&[
        "-DDE",
        "-dd",
        "-m64",
        "-d",
        "-ludp:127.0.0.1:5080",
        "-AWITH_NAT",
    ]);
    assert_eq!(line.daemonize, Daemonize::Foreground);
    assert!(line.log_stderr);
    assert_eq!(line.debug, Some(3));
    assert_eq!(line.listen.len(), 1);
    assert_eq!(
        line.defines,
        [Define {
            name: "WITH_NAT".into(),
            value: None
        }]
    );
}

#[test]
fn the_number_of_d_decides() {
    assert_eq!(good(&[]).daemonize, Daemonize::Unset);
    assert_eq!(good(&["-D"]).daemonize, Daemonize::NoFork);
    assert_eq!(good(&["-D", "-D"]).daemonize, Daemonize::Foreground);
    assert_eq!(good(&["-DDD"]).daemonize, Daemonize::Background);
    assert_eq!(good(&["-DDDD"]).daemonize, Daemonize::Background);
}

#[test]
fn long_names_with_and_without_equals_sign_and_shortened() {
    assert_eq!(good(&["--alias", "a.example"]).aliases[0].host, "a.example");
    let aliases = good(&["--al=udp:a.example:5060", "--domain=b"]).aliases;
    assert_eq!(
        (aliases[0].proto, aliases[0].port),
        (Some("udp"), Some(5060))
    );
    assert_eq!(aliases[1].host, "b");
    assert_eq!(good(&["--he"]).action, Action::Help);
    assert_eq!(
        good(&["--substdef", "/A/b/"]).substitutions[0].kind,
        SubstitutionKind::SubstDef
    );
    assert_eq!(good(&["--debug=-1"]).debug, Some(-1));
}

#[test]
fn defines_keep_their_quotes() {
    let line = good(&["-A", "A=1", "-A", "B=\"x=y\"", "-A", "C="]);
    let values: Vec<_> = line
        .defines
        .iter()
        .map(|define| define.value.as_deref())
        .collect();
    assert_eq!(values, [Some("1"), Some("\"x=y\""), Some("")]);
}

#[test]
fn module_parameters_keep_colons_in_the_value() {
    let line = good(&["--modparam=a:b:s:sip:x:5060", "--modparam=a:n:i:-3"]);
    assert_eq!(
        line.mod_params[0].value,
        ModParamValue::Str("sip:x:5060".into())
    );
    assert_eq!(line.mod_params[1].value, ModParamValue::Int(-3));
}

#[test]
fn operands_are_passed_over() {
    let line = good(&["-c", "extra"]);
    assert_eq!(line.action, Action::Check);
    assert_eq!(line.operands, ["extra"]);
}

#[test]
fn mistakes_are_named() {
    assert_eq!(message(&["-z"]), "Unknown option '-z'. Use -h for help.");
    assert_eq!(
        message(&["-f"]),
        "Option '-f' requires an argument. Use -h for help."
    );
    assert_eq!(
        message(&["-mabc"]),
        "bad shmem size number: -m abc (a number is expected)"
    );
    assert_eq!(
        message(&["-n", "x"]),
        "bad process number: -n x (a number is expected)"
    );
    assert!(message(&["-W", "foo"]).starts_with("bad poll method name: -W foo (poll, epoll_lt"));
    assert!(
        message(&["-l", "bogus:1:2:3:4"]).starts_with("bad -l address specifier: -l bogus:1:2:3:4")
    );
    assert!(
        message(&["-a", "maybe"])
            .starts_with("bad auto aliases parameter: -a maybe (valid on, off, yes, no)")
    );
    assert!(message(&["--modparm=x"]).contains("Did you mean '--modparam'?"));
    assert!(message(&["--sub=x"]).contains("may mean"));
    assert!(message(&["--bogus"]).starts_with("Unknown option '--bogus'. Use -h"));
    assert!(message(&["--help=x"]).contains("belongs to an option that takes none"));
    assert!(message(&["--modparam=foo"]).starts_with("bad modparam"));
}

#[test]
fn help_names_every_option_and_fits_the_terminal() {
    let text = help();
    for row in OPTIONS {
        assert!(text.contains(&format!("    {}", row.name)), "{}", row.name);
    }
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
}

#[test]
fn exports_are_six_columns() {
    assert!(exports().all(|row| row.split('\t').count() == 6));
    assert!(exports().any(|row| row == "cli\tcore\t-A\t1\t1\tfull"));
    assert!(exports().any(|row| row == "cli\tcore\t-m\t1\t1\tnoop"));
}
