//! Placeholders in scenario text: `{server}`, `{caller.ip}`, `{branch:a}`, `{ok.Contact}`, …

use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::message::{address, bytes, param, text};
use crate::run::Play;
use crate::scenario::Step;

static PLACEHOLDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\{([a-z][A-Za-z0-9_.:-]*)\}").expect("a fixed pattern"));

/// Fills in the placeholders of a text; the result has one character per byte.
pub fn expand(play: &Play, template: &str) -> Result<String, String> {
    let mut unknown = None;
    let expanded = PLACEHOLDER.replace_all(template, |captures: &Captures<'_>| {
        resolve(play, &captures[1]).unwrap_or_else(|| {
            unknown = Some(format!("unknown placeholder {}", &captures[0]));
            String::new()
        })
    });
    match unknown {
        Some(message) => Err(message),
        None => Ok(text(&bytes(&expanded))),
    }
}

/// Fills in the placeholders of all texts of a step.
pub fn expand_step(play: &Play, step: &Step) -> Result<Step, String> {
    let mut step = step.clone();
    let optional = [
        &mut step.send,
        &mut step.uri,
        &mut step.callid,
        &mut step.branch,
        &mut step.contact,
        &mut step.to,
        &mut step.user,
        &mut step.tag,
        &mut step.body,
        &mut step.register,
        &mut step.expect,
        &mut step.kamcmd,
    ];
    let lists = [&mut step.add, &mut step.top];
    let texts = optional
        .into_iter()
        .flatten()
        .chain(lists.into_iter().flatten())
        .chain(step.set.values_mut());
    for value in texts {
        *value = expand(play, value)?;
    }
    for param in &mut step.params {
        if let toml::Value::String(value) = param {
            *value = expand(play, value)?;
        }
    }
    Ok(step)
}

fn resolve(play: &Play, name: &str) -> Option<String> {
    if let Some((kind, which)) = name.split_once(':') {
        let token = &play.token;
        return match kind {
            "branch" => Some(format!("z9hG4bK{token}-{which}")),
            "tag" | "callid" => Some(format!("{token}-{which}")),
            "hex" => Some(hex(which)),
            "fill" => Some("x".repeat(which.parse().ok()?)),
            _ => None,
        };
    }
    match name {
        "token" | "u" | "callid" => return Some(play.token.clone()),
        "server" => return Some(play.server.to_string()),
        "server.ip" => return Some(host(play.server)),
        "server6" => return play.server6.map(|addr| addr.to_string()),
        "server6.ip" => return play.server6.map(host),
        "server6.port" => return play.server6.map(|addr| addr.port().to_string()),
        "server.port" => return Some(play.server.port().to_string()),
        _ => {}
    }
    let (object, field) = name.split_once('.').unwrap_or((name, ""));
    if let Some(agent) = play.agents.get(object) {
        return match field {
            "" => Some(agent.addr.to_string()),
            "ip" => Some(host(agent.addr)),
            "port" => Some(agent.addr.port().to_string()),
            _ => None,
        };
    }
    let message = &play.bound.get(object)?.message;
    Some(match field {
        "uri" => message.uri().to_owned(),
        "contact" => message.contact().to_owned(),
        "totag" => param(message.header("To"), "tag")
            .unwrap_or_default()
            .to_owned(),
        "fromtag" => param(message.header("From"), "tag")
            .unwrap_or_default()
            .to_owned(),
        "route" => address(message.header("Record-Route")).to_owned(),
        "branch" => param(message.header("Via"), "branch")
            .unwrap_or_default()
            .to_owned(),
        header => message.all(header).join(", "),
    })
}

/// The address as it stands in a URI.
pub fn host(addr: std::net::SocketAddr) -> String {
    match addr.ip() {
        std::net::IpAddr::V4(ip) => ip.to_string(),
        std::net::IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

/// Bytes written in hexadecimal.
fn hex(digits: &str) -> String {
    let pairs = digits.as_bytes().chunks(2);
    let byte = |pair: &[u8]| u8::from_str_radix(&text(pair), 16).map_or('?', char::from);
    pairs.map(byte).collect()
}
