//! The selects by name, as the reference and `--exports` list them: `%s` stands for a name, `%i`
//! for a number.

use std::sync::LazyLock;

/// The core's, written short: see [`expand`].
const CORE: &[&str] = &[
    "{authorization|proxy_authorization}[%s]{|.algorithm|.cnonce|.nc|.nonce|.opaque|.qop|.realm|.response|.uri|.username|.username.domain|.username.user}",
    "branch.count",
    "branch.{uri|dst_uri}{INDEX}{URI}",
    "branch.q{INDEX}",
    "branch.uriq{INDEX}{|ADDRESS}",
    "{call_id|content_length|content_type|date|event|expires|identity|identity_info|max_forwards|min_se|organization|priority|session_expires|sip_if_match|subject|user_agent}",
    "cfg_get[%s][%s]{TEXT}",
    "cfg_get[%s][%s].uri{PART}",
    "cfg_selected[%s]",
    "{code|method|reason|status|version}",
    "{contact|m}{|.expires|.instance|.methods|.name|.params[%s]|.q|.received|.uri{URI}}",
    "cseq{|.method|.num}",
    "{src|dst|received}.{ip|ip_port|port}",
    "received.{proto|proto_ip_port}",
    "{dst_uri|next_hop|request_uri|ruri}{URI}",
    "next_hop.src_ip",
    "{from|f|to|t|refer_to|remote_party_id|rpid}{|.name|.params[%s]|.tag|.uri{URI}}",
    "{record_route|rr}{|.name|.params[%s]|.uri{URI}}",
    "{msg|message}{|.first_line|.flags|.id|.id.hex|.len|.type}",
    "{msg|message}.{body|content}{|.sdp|.sdp.line[%s]}",
    "{msg|message}.{h|header}{|[%s]{INDEX}{TEXT}}",
    "{msg|message}.{req|request}{|.method|.uri{URI}|.version}",
    "{msg|message}.{res|response}{|.code|.reason|.status|.version}",
    "sys.{now|pid|server_id|unique}",
    "sys.now.{gmt|local|utc}{|[%s]}",
    "{via|v}{INDEX}{|.alias|.branch|.comment|.host|.i|.name|.params[%s]|.port|.received|.rport|.transport|.version}",
];

/// What tables of selects list, but Kamailio 5.6.3 does not find: behind `@` it is accepted, and
/// reads as nothing or as the text that it should be a part of. Most of them lack a `nameaddr`.
const NOWHERE: &[&str] = &[
    "cfg_get[%s][%s].{host|hostport|name|params|port|pwd|rn_user|transport|type|uri|user}",
    "{contact|m}.method",
    "{msg|message}.{h|header}[%s]{INDEX}{.name|.params|.uri{URI}}",
    "msg.%s{INDEX}{|.params[%s]|.nameaddr|.nameaddr{ADDRESS}}",
    "rr.dialog_cookie",
    "eval.get[%i]{|.nameaddr|.uri}",
    "eval.pop[%i]",
    "eval.reg[%s]{|.nameaddr|.uri}",
    "eval.uuid",
];

/// Every select of the core.
#[must_use]
pub fn core() -> &'static [String] {
    static NAMES: LazyLock<Vec<String>> = LazyLock::new(|| all(CORE));
    &NAMES
}

/// Paths that are accepted, but have no meaning of their own.
#[must_use]
pub fn nowhere() -> Vec<String> {
    all(NOWHERE)
}

/// What a table of short forms stands for, each with its `@`.
#[must_use]
pub fn all(forms: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = forms
        .iter()
        .flat_map(|form| expand(form))
        .map(|name| format!("@{name}"))
        .collect();
    names.sort();
    names.dedup();
    names
}

/// What a word in braces stands for.
fn word(name: &str) -> Option<&'static str> {
    Some(match name {
        "INDEX" => "{|[%i]}",
        "PART" => ".{host|hostport|params|params[%s]|port|pwd|rn_user|transport|type|user}",
        "URI" => "{|PART}",
        "ADDRESS" => "{.name|.params|.params[%s]|.uri{URI}}",
        "TEXT" => "{|.params[%s]|.nameaddr{ADDRESS}}",
        _ => return None,
    })
}

/// Every text that a form with alternatives in braces stands for; an alternative may be a word.
fn expand(form: &str) -> Vec<String> {
    if let Some(meaning) = word(form) {
        return expand(meaning);
    }
    let Some(open) = form.find('{') else {
        return vec![form.to_owned()];
    };
    let close = open + closing(&form[open..]);
    let inner = form.get(open + 1..close).unwrap_or_default();
    let tails = expand(form.get(close + 1..).unwrap_or_default());
    alternatives(inner)
        .into_iter()
        .flat_map(expand)
        .flat_map(|middle| {
            let before = &form[..open];
            tails
                .iter()
                .map(move |tail| format!("{before}{middle}{tail}"))
        })
        .collect()
}

/// Where the brace that a text begins with is closed.
fn closing(text: &str) -> usize {
    let mut depth = 0usize;
    let found = text.bytes().position(|b| {
        match b {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    found.unwrap_or(text.len())
}

/// Splits at the bars that stand in no inner brace.
fn alternatives(inner: &str) -> Vec<&str> {
    let mut depth = 0usize;
    inner
        .split(|c| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            c == '|' && depth == 0
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::{of_core, path};
    use super::*;
    use crate::cfg_vars::CfgVars;

    #[test]
    fn forms_are_expanded() {
        assert_eq!(
            all(&["{a|b}{|.x{|.y}}[%s]", "via{INDEX}"]),
            [
                "@a.x.y[%s]",
                "@a.x[%s]",
                "@a[%s]",
                "@b.x.y[%s]",
                "@b.x[%s]",
                "@b[%s]",
                "@via",
                "@via[%i]"
            ]
        );
        assert_eq!(expand("{URI}").len(), 11);
    }

    #[test]
    fn each_is_found_and_nowhere_is_not() {
        let cfg = CfgVars::default();
        cfg.text("a", "a", "".into(), "");
        let is_found = |name: &str| {
            let path = name
                .trim_start_matches('@')
                .replace("[%s]", ".a")
                .replace("[%i]", "[1]")
                .replace("%s", "a");
            let steps = path::of_script(&path).unwrap();
            of_core(&steps, &cfg).is_ok()
        };
        for name in core() {
            assert!(is_found(name), "{name}");
        }
        for name in nowhere() {
            assert!(!is_found(&name), "{name}");
        }
    }
}
