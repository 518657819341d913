//! Every expected value is what Kamailio 5.6.3 was seen to do.

use crate::testing::{REQUEST, check_cases, run};

#[test]
fn present() {
    check_cases("", REQUEST, include_str!("cases/present.txt"));
}

/// The header that is sent for one that is received, and the return code.
fn processed(params: &str, header: &str) -> (String, String) {
    let request = REQUEST.replace("Max-Forwards: 70\n", header);
    let statements = r#"mf_process_maxfwd_header("10"); xlog("L_ERR","@@$rc\n")"#;
    let ran = run(params, statements, &request);
    let sent = ran.sent.unwrap();
    let line = sent
        .split("\r\n")
        .find(|l| l.starts_with("Max-Forwards"))
        .unwrap_or_default()
        .to_owned();
    let code = ran.log.iter().find_map(|l| l.split_once("@@"));
    (
        line,
        code.map_or(String::new(), |(_, c)| c.trim().to_owned()),
    )
}

#[test]
fn widths_and_codes() {
    for (header, line, code) in [
        ("Max-Forwards: 70\n", "Max-Forwards: 69", "1"),
        ("Max-Forwards: 10\n", "Max-Forwards:  9", "1"),
        ("Max-Forwards: 1\n", "Max-Forwards: 0", "1"),
        ("Max-Forwards: 0\n", "Max-Forwards: 0", "-1"),
        ("", "Max-Forwards: 10", "2"),
        ("Max-Forwards: abc\n", "Max-Forwards: abc", "-2"),
        ("Max-Forwards: -1\n", "Max-Forwards: -1", "-2"),
        ("Max-Forwards  :   9  \n", "Max-Forwards  :   8  ", "1"),
        ("Max-Forwards: 007\n", "Max-Forwards:   6", "1"),
        ("Max-Forwards: 300\n", "Max-Forwards:  70", "1"),
        (
            "Max-Forwards: 99999999999\n",
            "Max-Forwards: 99999999999",
            "-2",
        ),
        ("Max-Forwards: \n", "Max-Forwards: ", "-1"),
    ] {
        assert_eq!(
            processed("", header),
            (line.to_owned(), code.to_owned()),
            "{header}"
        );
    }
    let (line, _) = processed(
        "modparam(\"maxfwd\", \"max_limit\", 5)",
        "Max-Forwards: 70\n",
    );
    assert_eq!(line, "Max-Forwards:  5");
}
