//! What Kamailio calls a statement: the number and name of its action.

/// An action's number and name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Action {
    pub(super) number: u32,
    pub(super) name: String,
}

/// Core actions: the words that begin them, number, name.
static CORE: &[(&[&str], u32, &str)] = &[
    (&["forward"], 1, "forward"),
    (&["log"], 3, "log"),
    (&["route"], 5, "route"),
    (&["sethost", "rewritehost", "seth"], 7, "sethost"),
    (
        &["sethostport", "rewritehostport", "sethp"],
        8,
        "sethostport",
    ),
    (&["setuser", "rewriteuser", "setu"], 9, "setuser"),
    (
        &["setuserpass", "rewriteuserpass", "setup"],
        10,
        "setuserpass",
    ),
    (&["setport", "rewriteport", "setp"], 11, "setport"),
    (&["seturi", "rewriteuri"], 12, "seturi"),
    (
        &["sethostporttrans", "rewritehostporttrans", "sethpt"],
        13,
        "sethostporttrans",
    ),
    (&["userphone"], 15, "setuserphone"),
    (&["if"], 16, "if"),
    (&["switch"], 21, "switch"),
    (&["while"], 23, "while"),
    (&["setflag"], 39, "setflag"),
    (&["resetflag"], 40, "resetflag"),
    (&["isflagset"], 41, "isflagset"),
    (&["prefix"], 44, "prefix"),
    (&["strip"], 45, "strip"),
    (&["strip_tail"], 46, "striptail"),
    (&["remove_branch"], 48, "unknown"),
    (&["clear_branches"], 49, "unknown"),
    (&["revert_uri"], 50, "reverturi"),
    (&["force_rport", "add_rport"], 55, "force_rport"),
    (&["add_local_rport"], 56, "add_local_rport"),
    (&["set_advertised_address"], 57, "set_adv_addr"),
    (&["set_advertised_port"], 58, "set_adv_port"),
    (&["force_send_socket"], 62, "force_send_socket"),
    (&["set_forward_no_connect"], 66, "set_fwd_no_connect"),
    (&["set_reply_no_connect"], 67, "set_rpl_no_connect"),
    (&["set_forward_close"], 68, "set_fwd_close"),
    (&["set_reply_close"], 69, "set_rpl_close"),
];

/// Functions of modules are numbered from here by how many parameters they are given.
const MODULE: u32 = 24;
const LEAVE: u32 = 2;
const ASSIGN: u32 = 63;

/// The action that a statement of the configuration is.
pub(super) fn action(text: &[u8]) -> Action {
    let word_end = text
        .iter()
        .position(|b| !b.is_ascii_alphanumeric() && *b != b'_')
        .unwrap_or(text.len());
    let word = String::from_utf8_lossy(text.get(..word_end).unwrap_or_default());
    let rest = text.get(word_end..).unwrap_or_default().trim_ascii_start();
    let is_call = rest.first() == Some(&b'(');
    if let Some((_, number, name)) = CORE.iter().find(|(words, ..)| words.contains(&&*word)) {
        return Action {
            number: *number,
            name: (*name).to_owned(),
        };
    }
    if matches!(&*word, "return" | "exit" | "drop" | "break" | "continue") {
        return Action {
            number: LEAVE,
            name: word.into_owned(),
        };
    }
    if is_call && !word.is_empty() {
        return Action {
            number: MODULE + parameters(rest),
            name: word.into_owned(),
        };
    }
    Action {
        number: ASSIGN,
        name: "assign".to_owned(),
    }
}

/// How many parameters stand in the parentheses at the front.
fn parameters(text: &[u8]) -> u32 {
    let (mut depth, mut quote, mut commas, mut any) = (0_u32, None, 0, false);
    let mut escaped = false;
    for byte in text {
        match (quote, byte) {
            _ if escaped => escaped = false,
            (Some(_), b'\\') => escaped = true,
            (Some(q), b) if q == *b => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') => {
                quote = Some(*byte);
                any = true;
            }
            (None, b'(') => {
                any |= depth > 0;
                depth += 1;
            }
            (None, b')') if depth == 1 => break,
            (None, b')') => depth = depth.saturating_sub(1),
            (None, b',') if depth == 1 => commas += 1,
            (None, b) => any |= !b.is_ascii_whitespace(),
        }
    }
    if any { commas + 1 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_of_kamailio() {
        let shown = |text: &str| {
            let action = action(text.as_bytes());
            (action.number, action.name)
        };
        for (text, number, name) in [
            ("if (is_method(\"A\")) {", 16, "if"),
            ("xlog(\"L_INFO\",\"hello, (you)\\n\");", 26, "xlog"),
            ("append_hf(\"X: y\\r\\n\");", 25, "append_hf"),
            ("t_relay();", 24, "t_relay"),
            ("t_relay( )", 24, "t_relay"),
            ("$var(x) = 1 + 2;", 63, "assign"),
            ("setflag(3)", 39, "setflag"),
            ("route(SUB);", 5, "route"),
            ("return(1);", 2, "return"),
            ("exit;", 2, "exit"),
            ("rewritehost(\"a.b\")", 7, "sethost"),
            ("while ($var(x) > 2) {", 23, "while"),
            ("f(g(1,2), \"a\\\"),\", x)", 27, "f"),
        ] {
            assert_eq!(shown(text), (number, name.to_owned()), "{text}");
        }
        assert_eq!(shown("").0, ASSIGN);
    }
}
