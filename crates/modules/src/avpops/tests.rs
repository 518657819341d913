//! Functions of avpops on a request, pinned to Kamailio 5.6.3. Most cases are differential
//! scenarios; here is what those cannot reach.

use crate::testing::run;

fn logged(statements: &str) -> Vec<String> {
    let ran = run(
        "loadmodule \"avpops.so\"",
        &format!("{statements} drop"),
        crate::testing::REQUEST,
    );
    ran.log
        .iter()
        .filter_map(|line| line.split_once("@@"))
        .map(|(_, text)| text.trim_end().to_owned())
        .collect()
}

#[test]
fn the_smallest_integer_is_divided_by_minus_one() {
    let log = logged(
        "$avp(m) = -2147483648; avp_op(\"$avp(m)\", \"div/i:-1\"); xlog(\"L_ERR\", \"@@$rc $avp(m)\\n\");",
    );
    assert_eq!(log, ["1 -2147483648"]);
}

#[test]
fn a_negative_number_keeps_its_sign_as_text() {
    let log = logged(
        "$avp(m) = -5; avp_copy(\"$avp(m)\", \"$avp(z)/s\"); xlog(\"L_ERR\", \"@@$rc $avp(z)\\n\");",
    );
    assert_eq!(log, ["1 -5"]);
}

#[test]
fn text_made_at_run_time_holds_no_variables() {
    let log = logged(
        "$avp(t) = \"abc\"; $var(x) = \"/b/$$rU/\"; avp_subst_pv(\"$avp(t)\", \"$var(x)\"); xlog(\"L_ERR\", \"@@$rc $avp(t)\\n\");",
    );
    assert_eq!(log, ["1 a$rUc"]);
}

#[test]
fn printing_says_name_and_value() {
    let ran = run(
        "loadmodule \"avpops.so\"\ndebug=3",
        "$avp(a) = 7; $avp(i:3) = \"x y\"; avp_print(); drop",
        crate::testing::REQUEST,
    );
    let lines: Vec<&String> = ran.log.iter().filter(|l| l.contains("avp ")).collect();
    assert!(
        lines.iter().any(|l| l.contains("name=<a> val_int=<7>")),
        "{lines:?}"
    );
    assert!(
        lines.iter().any(|l| l.contains("id=<3> val_str=<x y / 3>")),
        "{lines:?}"
    );
}
