//! Expressions of selects: every one that ferrosip exports, as `@path` and as `$sel(path)`.

use super::coverage::Exports;
use super::{Audience, Form, Group, Row};

/// What is put for `%s` behind a name: those that exist in some message, and one that does not.
const NAMES: &[(&str, &[&str])] = &[
    ("hf_value", &["\"X-List\"", "\"X-Params\"", "\"none\""]),
    ("hf_value2", &["\"X-List\"", "\"X-Params\"", "\"none\""]),
    ("cfg_get", &["core"]),
    ("cfg_get[core]", &["debug", "use_dns_cache"]),
    ("params", &["\"transport\"", "\"tag\"", "\"q\"", "\"none\""]),
    ("param", &["\"transport\"", "\"a\"", "\"none\""]),
    ("p", &["\"a\"", "\"none\""]),
    ("param_array", &["\"a\""]),
];

/// Selects that are not of messages, or that no two servers have in common.
pub(crate) const LEFT_OUT: &[&str] = &[];

/// Further ones: negative indices, unknown names, nested reading.
const FURTHER: &[&str] = &[
    "@via[1]",
    "@via[2].host",
    "@via[-1].host",
    "@via[-2]",
    "@via[99]",
    "@via[1].params[\"branch\"]",
    "@via[1].params.branch",
    "@contact.uri.params[\"transport\"]",
    "@from.uri.params.transport",
    "@ruri.params.transport",
    "@to.params.tag",
    "@nosuch",
    "@from.nosuch",
    "@msg.header[\"X-List\"]",
    "@cfg_get.core.debug",
    "@cfg_get.tcp.send_timeout",
    "@hf_value.x_list",
    "@hf_value[\"X-List\"]",
    "@hf_value.x_list[1]",
    "@method[1]",
    "@METHOD",
    "@ruri.user.x",
    "@from.uri.user",
];

/// The group.
pub(crate) fn group(exported: &Exports) -> Group {
    let mut rows = Vec::new();
    let exported = exported.selects.iter().map(String::as_str);
    let paths = exported.chain(FURTHER.iter().copied());
    for path in paths.filter(|path| !LEFT_OUT.contains(path)) {
        for filled in fill(path) {
            rows.push(Row::new(Form::Value, filled.clone()));
            // Within $sel() quotes would end the text that holds it.
            let inner = filled.trim_start_matches('@').replace('"', "");
            rows.push(Row::new(Form::Variable, format!("$sel({inner})")));
        }
    }
    Group::new("selects", Audience::Every, rows)
}

/// A path with something in its brackets.
fn fill(path: &str) -> Vec<String> {
    if let Some((before, after)) = path.split_once("[%i]") {
        return ["[1]", "[2]", "[-1]", "[7]"]
            .iter()
            .flat_map(|index| fill(&format!("{before}{index}{after}")))
            .collect();
    }
    let Some((before, after)) = path.split_once("[%s]") else {
        return vec![path.to_owned()];
    };
    let name = before.rsplit(['.', '@']).next().unwrap_or_default();
    let known = NAMES.iter().find(|(known, _)| *known == name);
    let values = known.map_or(&["\"a\"", "\"none\""][..], |(_, values)| values);
    values
        .iter()
        .flat_map(|value| fill(&format!("{before}[{value}]{after}")))
        .collect()
}
