//! Turns an outcome into text in which nothing is left that two servers cannot have in common.
//!
//! Names stand for addresses, numbers for what the server invented (in the order in which an
//! agent saw it, so that equality between messages is still compared).

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::address::V6_CONNECT_OFFSET;
use crate::agent::Link;
use crate::run::Outcome;
use crate::scenario::Scenario;
use crate::template::host;

// The regex crate is built without its Unicode tables here: classes are written out.

/// What a server invents: header or parameter, and its value.
static INVENTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(branch=z9hG4bK|[;?& ]tag=|;i=|\nCall-ID: |\ni: |_tag=|etag=)([^;,> \r\n&?]*)")
});
/// A nonce: the server's, and what clients give back of it. Those of one second may be equal.
static NONCE: LazyLock<Regex> = LazyLock::new(|| pattern(r#"(nonce=")[A-Za-z0-9+/=]{32,64}"#));
static SOFTWARE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"([Kk]amailio|[Ff]errosip)(/[0-9a-z.-]+)? \([^\r\n]*\)"));
static DATE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\nDate: [^\r\n]*"));
static NUMBERS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(pid|timestamp)=[0-9]+"));
static EXPIRES: LazyLock<Regex> = LazyLock::new(|| pattern(r#"([Ee]xpires"?[=:] ?)([0-9]+)"#));

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

/// The transcript of an outcome: what each agent received, one line each.
pub fn transcript(scenario: &Scenario, outcome: &Outcome) -> Result<Vec<String>, String> {
    let masks: Result<Vec<Regex>, _> = scenario.mask.iter().map(|mask| Regex::new(mask)).collect();
    let masks = masks.map_err(|e| e.to_string())?;
    let token = scenario.token();
    let mut lines = Vec::new();
    for (agent, received) in &outcome.received {
        let mut invented = HashMap::new();
        for (number, item) in received.iter().enumerate() {
            let text = clean(&item.text, outcome, &token, &mut invented, &masks);
            let from = item.source.filter(|source| is_other(outcome, *source));
            let from = from.map_or(String::new(), |source| {
                clean(
                    &format!(" from {source}"),
                    outcome,
                    &token,
                    &mut invented,
                    &[],
                )
            });
            lines.push(format!(
                "=== {agent} received #{} {}{from}",
                number + 1,
                way(item.link)
            ));
            if item.text.is_empty() {
                lines.push("[the server closed the connection]".to_owned());
            }
            lines.extend(visible(&text));
        }
    }
    let mut invented = HashMap::new();
    for (number, answer) in outcome.rpc.iter().enumerate() {
        lines.push(format!("=== rpc #{}", number + 1));
        let text = clean(answer, outcome, &token, &mut invented, &masks);
        lines.extend(text.lines().map(str::to_owned));
    }
    if scenario.log {
        lines.push("=== log".to_owned());
        for line in &outcome.log {
            lines.push(clean(line, outcome, &token, &mut invented, &masks));
        }
    }
    if let Some(failure) = &outcome.failure {
        lines.push(format!("=== stopped: {failure}"));
    }
    Ok(lines)
}

/// Whether something came from another place than the server's own address of that family.
fn is_other(outcome: &Outcome, source: SocketAddr) -> bool {
    let servers = ["server", "server6"];
    let own =
        |(name, addr): &(String, SocketAddr)| servers.contains(&name.as_str()) && *addr == source;
    !outcome.names.iter().any(own)
}

fn way(link: Link) -> &'static str {
    match link {
        Link::Udp => "over udp",
        Link::Opened(_) => "over its tcp connection",
        Link::Accepted(_) => "over a tcp connection of the server",
    }
}

fn clean(
    text: &str,
    outcome: &Outcome,
    token: &str,
    invented: &mut HashMap<String, usize>,
    masks: &[Regex],
) -> String {
    let mut text = text.to_owned();
    for (name, addr) in &outcome.names {
        if addr.is_ipv4() {
            text = text.replace(&addr.ip().to_string(), &format!("<{name}>"));
        } else {
            text = text.replace(
                &format!("{}:{}", host(*addr), addr.port()),
                &format!("<{name}>"),
            );
            text = replace_number(&text, addr.port(), &format!("<{name}.port>"));
            let connected = addr.port() + V6_CONNECT_OFFSET;
            text = replace_number(&text, connected, &format!("<{name}.connection>"));
        }
    }
    text = SOFTWARE.replace_all(&text, "<software>").into_owned();
    text = DATE.replace_all(&text, "\nDate: <date>").into_owned();
    text = NUMBERS.replace_all(&text, "$1=<number>").into_owned();
    for mask in masks {
        text = mask.replace_all(&text, "<masked>").into_owned();
    }
    text = NONCE.replace_all(&text, "$1<nonce>").into_owned();
    let numbered = INVENTED.replace_all(&text, |captures: &Captures<'_>| {
        let (kind, value) = (&captures[1], &captures[2]);
        if value.is_empty() || value.contains(token) {
            return captures[0].to_owned();
        }
        let next = invented.len() + 1;
        let number = *invented.entry(value.to_owned()).or_insert(next);
        format!("{kind}<{number}>")
    });
    numbered.into_owned()
}

/// Replaces a number that is not part of a longer one.
fn replace_number(text: &str, number: u16, name: &str) -> String {
    match Regex::new(&format!(r"(?-u:\b){number}(?-u:\b)")) {
        Ok(regex) => regex.replace_all(text, name).into_owned(),
        Err(_) => text.to_owned(),
    }
}

/// Lines of a message; what is not printable is written `\xNN`, a lone LF is marked.
fn visible(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for line in text.split_inclusive('\n') {
        let (content, mark) = match line.strip_suffix("\r\n") {
            Some(content) => (content, ""),
            None => match line.strip_suffix('\n') {
                Some(content) => (content, "\\n"),
                None => (line, "\\"),
            },
        };
        let printable = content.chars().map(|c| match c {
            ' '..='~' => c.to_string(),
            other => format!("\\x{:02x}", u32::from(other)),
        });
        lines.push(printable.collect::<String>() + mark);
    }
    lines
}

/// Whether two lines are the same but for `expires` values that differ by at most `slack`.
pub fn same_line(left: &str, right: &str, slack: u64) -> bool {
    if left == right {
        return true;
    }
    if slack == 0 || EXPIRES.replace_all(left, "$1") != EXPIRES.replace_all(right, "$1") {
        return false;
    }
    let values = |line: &str| -> Vec<u64> {
        EXPIRES
            .captures_iter(line)
            .map(|c| c[2].parse().unwrap_or_default())
            .collect()
    };
    values(left)
        .iter()
        .zip(values(right))
        .all(|(l, r)| l.abs_diff(r) <= slack)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> String {
        let addr = |text: &str| text.parse().expect("an address");
        let names = vec![
            ("server".to_owned(), addr("127.101.101.101:5060")),
            ("caller".to_owned(), addr("127.101.101.102:5070")),
        ];
        let outcome = Outcome {
            names,
            ..Outcome::default()
        };
        clean(text, &outcome, "tok", &mut HashMap::new(), &[])
    }

    #[test]
    fn addresses_get_names_and_inventions_numbers() {
        let text = "Via: SIP/2.0/UDP 127.101.101.101;branch=z9hG4bK1a.2;i=4\r\n\
                    Via: SIP/2.0/UDP 127.101.101.102:5070;branch=z9hG4bKtok-1\r\n\
                    To: <sip:x>;tag=zz\r\nFrom: <sip:y>;tag=tok\r\n";
        assert_eq!(
            cleaned(text),
            "Via: SIP/2.0/UDP <server>;branch=z9hG4bK<1>;i=<2>\r\n\
             Via: SIP/2.0/UDP <caller>:5070;branch=z9hG4bKtok-1\r\n\
             To: <sip:x>;tag=<3>\r\nFrom: <sip:y>;tag=tok\r\n"
        );
    }

    #[test]
    fn equal_inventions_stay_equal() {
        assert_eq!(
            cleaned(";tag=a ;tag=b ;tag=a"),
            ";tag=<1> ;tag=<2> ;tag=<1>"
        );
    }

    #[test]
    fn software_and_dates_are_masked() {
        let text = "\nServer: kamailio (5.6.3 (x86_64/linux))\r\nDate: Mon\r\npid=7";
        assert_eq!(
            cleaned(text),
            "\nServer: <software>\r\nDate: <date>\r\npid=<number>"
        );
    }

    #[test]
    fn nonces_are_renamed() {
        let nonce = "awQz7GsEMsDz5P3R1rhjyvtVgSo9mWEQ";
        assert_eq!(cleaned(&format!("nonce=\"{nonce}\"")), "nonce=\"<nonce>\"");
        assert_eq!(cleaned("nonce=\"abc\""), "nonce=\"abc\"");
    }

    #[test]
    fn line_ends_stay_visible() {
        assert_eq!(visible("a\r\nb\nc\u{e4}"), ["a", "b\\n", "c\\xe4\\"]);
    }

    #[test]
    fn expires_may_differ_within_the_slack_only() {
        assert!(same_line("x;expires=3600", "x;expires=3599", 2));
        assert!(!same_line("x;expires=3600", "x;expires=3599", 0));
        assert!(!same_line("x;expires=3600", "x;expires=3500", 2));
        assert!(!same_line("x;expires=1;q=1", "x;expires=1;q=2", 2));
    }
}
