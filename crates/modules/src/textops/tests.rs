//! Every expected value is what Kamailio 5.6.3 was seen to do.

use crate::testing::{REQUEST, check_cases, run};

#[test]
fn headers() {
    check_cases("", REQUEST, include_str!("cases/headers.txt"));
}

#[test]
fn strings() {
    check_cases("", REQUEST, include_str!("cases/strings.txt"));
}

#[test]
fn search_and_replace() {
    check_cases("", REQUEST, include_str!("cases/search.txt"));
}

#[test]
fn substitution() {
    check_cases("", REQUEST, include_str!("cases/subst.txt"));
}

#[test]
fn dates_in_requests() {
    let ran = run("", "append_time_to_request()", REQUEST);
    let sent = ran.sent.unwrap();
    let lines: Vec<&str> = sent.split("\r\n").collect();
    assert!(lines[2].starts_with("Date: ") && lines[2].ends_with(" GMT"));
}

#[test]
fn bodies() {
    check_cases("", REQUEST, include_str!("cases/body.txt"));
}
