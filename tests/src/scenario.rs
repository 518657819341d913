//! The form of a scenario file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::digest::Credentials;

/// One scenario: a configuration and the steps the agents take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Folder and file name without its ending; filled in by [`load_all`].
    #[serde(skip)]
    pub name: String,
    /// What the scenario shows.
    pub description: String,
    /// `stock`, `stock_without_media` (no rtpproxy) or the name of a file in `tests/configs`.
    #[serde(default = "stock")]
    pub config: String,
    /// Names given with `-A`.
    #[serde(default)]
    pub defines: Vec<String>,
    /// Text of `kamailio-local.cfg`, which the stock configuration imports.
    #[serde(default)]
    pub local: String,
    /// Loopback of IPv4 (default) or IPv6.
    #[serde(default)]
    pub family: Family,
    /// Agents that speak IPv6 in a scenario of IPv4: the server then has an address of each.
    #[serde(default)]
    pub v6: Vec<String>,
    /// Wants a server of its own instead of the one its group shares.
    #[serde(default)]
    pub fresh: bool,
    /// Agents that speak TCP; the others speak UDP.
    #[serde(default)]
    pub tcp: Vec<String>,
    /// Compare what the script logged (`xlog`, accounting) with this scenario's Call-IDs.
    #[serde(default)]
    pub log: bool,
    /// The lines of the log come in any order: the server sends to itself, and its processes log beside
    /// each other.
    #[serde(default)]
    pub log_in_any_order: bool,
    /// Compare how often a message was sent again.
    #[serde(default)]
    pub retransmissions: bool,
    /// Seconds by which `expires=` values may differ (a clock may tick between two steps).
    #[serde(default)]
    pub expires_slack: u64,
    /// Patterns of text that is not compared.
    #[serde(default)]
    pub mask: Vec<String>,
    /// Milliseconds to go on listening after the last step.
    #[serde(default = "settle")]
    pub settle: u64,
    /// Words and their texts: the file stands for a scenario of each combination, with `%word%`
    /// replaced; the texts are part of its name.
    #[serde(default)]
    pub each: BTreeMap<String, Vec<String>>,
    /// What the agents do, in order.
    pub steps: Vec<Step>,
}

/// An address family.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// IPv4.
    #[default]
    V4,
    /// IPv6.
    V6,
}

/// One step. Exactly one of the verbs (the first group of fields) is present.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Verb: send an out-of-dialog request with this method.
    pub request: Option<String>,
    /// Verb: send this text as it is, placeholders filled in and lines ended with CRLF.
    pub send: Option<String>,
    /// Verb: wait for a message: `INVITE`, `180`, `4xx`, `200 BYE`, or `~` and a pattern.
    pub expect: Option<String>,
    /// Verb: answer the request `of` (default: the last one expected) with this status.
    pub reply: Option<u16>,
    /// Verb: send a request with this method inside the dialog.
    pub within: Option<String>,
    /// Verb: this agent acknowledges the negative final reply it got last.
    pub ack: Option<String>,
    /// Verb: this agent cancels the request it sent last.
    pub cancel: Option<String>,
    /// Verb: this agent sends its last message once more.
    pub resend: Option<String>,
    /// Verb: register this user and wait for 200.
    pub register: Option<String>,
    /// Verb: do nothing for this many milliseconds.
    pub wait: Option<u64>,
    /// Verb: this agent closes its TCP connection.
    pub close: Option<String>,
    /// Verb: call this JSON-RPC method; its answer is compared.
    pub rpc: Option<String>,
    /// Verb: run Kamailio's control tool with these words; its output is compared.
    pub kamcmd: Option<String>,

    /// The agent that acts.
    pub at: Option<String>,
    /// The server's port to send to, instead of the usual or the one in the first Route.
    pub port: Option<u16>,
    /// Name under which later steps refer to this message.
    #[serde(rename = "as")]
    pub name: Option<String>,
    /// The message this step refers to.
    pub of: Option<String>,
    /// Called user (`to`), default `bob`.
    pub to: Option<String>,
    /// User of From, default the agent's name.
    pub user: Option<String>,
    /// Request URI.
    pub uri: Option<String>,
    /// Call-ID; `{token}` must be part of it.
    pub callid: Option<String>,
    /// CSeq number.
    pub cseq: Option<u32>,
    /// Branch of the Via.
    pub branch: Option<String>,
    /// Reason phrase of a reply.
    pub reason: Option<String>,
    /// Contact header value; an empty one leaves the header out.
    pub contact: Option<String>,
    /// Expires of a `register`.
    pub expires: Option<u32>,
    /// To tag of a reply, default one made from agent and token; an empty one leaves it out.
    pub tag: Option<String>,
    /// Header values to replace in place (or append).
    #[serde(default)]
    pub set: BTreeMap<String, String>,
    /// Headers to leave out.
    #[serde(default)]
    pub drop: Vec<String>,
    /// Header lines to append.
    #[serde(default)]
    pub add: Vec<String>,
    /// Header lines to put first.
    #[serde(default)]
    pub top: Vec<String>,
    /// Credentials that answer a challenge, each in a header of its own.
    #[serde(default)]
    pub credentials: Vec<Credentials>,
    /// Body; `sdp` stands for a small session description.
    pub body: Option<String>,
    /// Text of `send` is sent with the line ends it has.
    #[serde(default)]
    pub exact: bool,
    /// Keep the message back and send it together with the next one of this agent (TCP).
    #[serde(default)]
    pub hold: bool,
    /// Byte offsets at which to cut the message into TCP segments.
    #[serde(default)]
    pub split: Vec<usize>,
    /// Milliseconds to wait for an expected message, default 4000.
    pub timeout: Option<u64>,
    /// Parameters of `rpc`.
    #[serde(default)]
    pub params: Vec<toml::Value>,
    /// The answer of `rpc` or `kamcmd` is awaited at the end of the scenario.
    #[serde(default)]
    pub later: bool,
    /// Do not compare the answer of `rpc`.
    #[serde(default)]
    pub quiet: bool,
    /// The step need not succeed: what is not expected for certain, or answers that.
    #[serde(default)]
    pub maybe: bool,
}

impl Scenario {
    /// Text that is part of every identifier this scenario makes, the same for both servers.
    pub fn token(&self) -> String {
        let hash = self
            .name
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
        format!("t{:08x}", hash >> 32)
    }

    /// Names of all agents, in order of appearance.
    pub fn agents(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for step in &self.steps {
            let actors = [&step.at, &step.ack, &step.cancel, &step.resend, &step.close];
            for name in actors.into_iter().flatten() {
                if !names.contains(name) {
                    names.push(name.clone());
                }
            }
        }
        names
    }

    /// Scenarios with the same key may share a server.
    pub fn group(&self) -> String {
        let own = if self.fresh { self.name.as_str() } else { "" };
        format!(
            "{} {:?} {:?} {} {} {own}",
            self.config,
            self.defines,
            self.family,
            !self.v6.is_empty(),
            self.local
        )
    }
}

/// Why the scenarios cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// A file or folder cannot be read.
    #[error("{0}: {1}")]
    Read(PathBuf, std::io::Error),
    /// A file is not a scenario.
    #[error("{0}: {1}")]
    Parse(PathBuf, toml::de::Error),
}

/// Reads all scenarios below a folder, sorted by name.
pub fn load_all(root: &Path) -> Result<Vec<Scenario>, LoadError> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| LoadError::Read(folder.clone(), e))?;
        for path in entries.flatten().map(|entry| entry.path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "toml") {
                found.extend(load(root, &path)?);
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Reads the scenarios of a file: one, or one of each combination of its words.
fn load(root: &Path, path: &Path) -> Result<Vec<Scenario>, LoadError> {
    let text = std::fs::read_to_string(path).map_err(|e| LoadError::Read(path.to_path_buf(), e))?;
    let relative = path.strip_prefix(root).unwrap_or(path).with_extension("");
    let name = relative.to_string_lossy().into_owned();
    expand(&name, &text).map_err(|e| LoadError::Parse(path.to_path_buf(), e))
}

fn expand(name: &str, text: &str) -> Result<Vec<Scenario>, toml::de::Error> {
    let first: Scenario = toml::from_str(text)?;
    let scenario = |(name, text): (String, String)| {
        let scenario: Scenario = toml::from_str(&text)?;
        Ok(Scenario { name, ..scenario })
    };
    let texts = combinations(name, text, &first.each);
    texts.into_iter().map(scenario).collect()
}

/// The names and texts that a file stands for: one of each combination of its words' values.
#[must_use]
pub fn combinations(
    name: &str,
    text: &str,
    each: &BTreeMap<String, Vec<String>>,
) -> Vec<(String, String)> {
    let mut all = vec![(name.to_owned(), text.to_owned())];
    for (word, values) in each {
        let placed = format!("%{word}%");
        all = all
            .iter()
            .flat_map(|(name, text)| {
                let with =
                    |value: &String| (format!("{name}:{value}"), text.replace(&placed, value));
                values.iter().map(with).collect::<Vec<_>>()
            })
            .collect();
    }
    all
}

fn stock() -> String {
    "stock".to_owned()
}

fn settle() -> u64 {
    250
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_each_combination() {
        let text = r#"
            description = "%who% gets %what%."
            each.who = ["one", "two"]
            each.what = ["a", "b"]
            steps = [{ expect = "%what%", at = "%who%", maybe = true }]
        "#;
        let found = expand("m/n", text).unwrap();
        let names: Vec<&str> = found.iter().map(|s| &s.name[..]).collect();
        assert_eq!(names, ["m/n:a:one", "m/n:a:two", "m/n:b:one", "m/n:b:two"]);
        assert_eq!(found[2].description, "one gets b.");
        assert_eq!(found[2].steps[0].at.as_deref(), Some("one"));
        assert_eq!(
            expand("m/n", "description = \"x\"\nsteps = []").unwrap()[0].name,
            "m/n"
        );
    }
}
