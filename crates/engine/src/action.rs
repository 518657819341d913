//! The numbers that Kamailio gives to actions of scripts: log lines show them.

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

/// Number and name of the action that a word of the core begins.
#[must_use]
pub fn of_word(word: &str) -> Option<(u32, &'static str)> {
    let (_, number, name) = CORE.iter().find(|(words, ..)| words.contains(&word))?;
    Some((*number, name))
}

/// Number of a call of a module's function with this many parameters.
#[must_use]
pub fn of_module(parameters: usize) -> u32 {
    MODULE.saturating_add(u32::try_from(parameters).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_kamailio() {
        assert_eq!(of_word("rewritehost"), Some((7, "sethost")));
        assert_eq!(of_word("t_relay"), None);
        assert_eq!((of_module(0), of_module(2)), (24, 26));
    }
}
