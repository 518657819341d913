//! Expressions of selects: every one that ferrosip exports, as `@path` and as `$sel(path)`.

use super::coverage::Exports;
use super::{Audience, Form, Group, Row};

/// What is put for `%s` behind a name: those that exist in some message, and one that does not.
const NAMES: &[(&str, &[&str])] = &[
    ("hf_value", LISTS),
    ("hf_value2", LISTS),
    ("hf_value_exists", LISTS),
    ("h", LISTS),
    ("header", LISTS),
    ("msg", &["x"]),
    ("cfg_get", &["my"]),
    ("my", &["number", "text", "address"]),
    ("cfg_selected", &["core"]),
    ("authorization", &["example.com", "none"]),
    ("proxy_authorization", &["other.net", "none"]),
    ("params", &["transport", "tag", "none"]),
    ("param", &["transport", "a", "none"]),
    ("p", &["a", "none"]),
    ("line", &["m", "c", "z"]),
    ("timer", &["clock"]),
    ("gmt", &["%Y-%m", "a"]),
    ("local", &["%Y-%m"]),
    ("utc", &["%Y-%m"]),
];

/// Headers with a list, with parameters, with an address; and one that is not there.
const LISTS: &[&str] = &["X-List", "X-Params", "Contact", "none"];

/// Further ones: other notations, odd numbers, unknown names.
const FURTHER: &[&str] = &[
    "@via[99]",
    "@via[0]",
    "@via[-2].host",
    "@via[-1].port",
    "@msg.header.x_empty",
    "@msg.header.x_empty.nameaddr.name",
    "@msg.header.x_empty.nameaddr.uri.user",
    "@hf_value.x_empty",
    "@hf_value.x_empty[1]",
    "@hf_value.x_empty.uri",
    "@hf_value.x_empty.name",
    "@hf_value_exists.x_list.one",
    "@via[\"host\"]",
    "@VIA[1].Host",
    "@from.uri.params.transport",
    "@to.params.tag",
    "@msg.header.x_list[0]",
    "@msg.header.x_list[-1]",
    "@hf_value.x_list[0]",
    "@hf_value2.x_list[0]",
    "@nosuch",
    "@from.nosuch",
    "@msg.subject",
    "@cfg_get[\"my\"].number",
    "@cfg_get.core.max_while_loops",
    "@cfg_get.tcp.send_timeout",
    "@cfg_get.my",
    "@msg.header[\"X\"][1]",
    "@via[1][2]",
    "@via[core]",
    "@via.1",
    "@method[1]",
    "@METHOD",
    "@ruri.user.x",
    "$sel(via[1].params[tag])",
    "$sel(via[x])",
    "$sel(via[1)",
    "$sel(via[+1])",
    "$sel(via[1][2].host)",
    "$sel(via[1] .host)",
    "$sel(via[].host)",
    "$sel(via host)",
    "$sel(ruri.)",
    "$sel(ruri.%s)",
    "$sel(.ruri)",
    "$sel(@ruri.user)",
    "$sel(@@ruri)",
    "$sel()",
    "$sel(nosuch)",
    "$sel(method-x)",
    "$sel(msg.header.x-list)",
    "$sel(msg.header.1)",
];

/// The group.
pub(crate) fn group(exported: &Exports) -> Group {
    let mut rows = Vec::new();
    for (module, path) in &exported.selects {
        for path in fill(path) {
            // Kamailio knows those of modules within texts only.
            rows.push(match module.is_empty() {
                true => in_variable(&path),
                false => in_text(&path),
            });
            rows.push(Row::new(Form::Value, path));
        }
    }
    for path in FURTHER {
        match path.starts_with('$') {
            true => rows.push(Row::new(Form::Variable, *path)),
            false => rows.extend([Row::new(Form::Value, *path), in_variable(path)]),
        }
    }
    rows.push(in_variable("@hf_value.x_list"));
    Group::new("selects", Audience::Every, rows)
}

fn in_variable(path: &str) -> Row {
    let path = path.trim_start_matches('@');
    Row::new(Form::Variable, format!("$sel({path})"))
}

fn in_text(path: &str) -> Row {
    let path = path.trim_start_matches('@').replace('"', "\\\"");
    Row::new(Form::Text, format!("$sel({path})"))
}

/// A path with something in its brackets.
fn fill(path: &str) -> Vec<String> {
    if let Some((before, after)) = path.split_once("[%i]") {
        // Kamailio's lexer is confused by a minus when more follows.
        let backwards = after.is_empty().then_some("[-1]");
        return ["[1]", "[2]", "[7]"]
            .into_iter()
            .chain(backwards)
            .flat_map(|index| fill(&format!("{before}{index}{after}")))
            .collect();
    }
    let Some((before, after)) = path.split_once("%s") else {
        return vec![path.to_owned()];
    };
    let name = before.trim_end_matches(['.', '[']);
    let name = name.rsplit(['.', '@', '[']).next().unwrap_or_default();
    let name = name.trim_end_matches(']').trim_matches('"');
    let known = NAMES.iter().find(|(known, _)| *known == name);
    let values = known.map_or(&["a", "none"][..], |(_, values)| values);
    values
        .iter()
        .flat_map(|value| fill(&put(before, value, after)))
        .collect()
}

/// A name in brackets stands in quotes. Behind a bracket there is no second one: the name stands
/// behind a dot then.
fn put(before: &str, value: &str, after: &str) -> String {
    let word = || value.replace('-', "_").to_lowercase();
    match before.strip_suffix('[') {
        Some(before) if before.ends_with(']') || after.starts_with("][") => {
            format!("{before}.{}{}", word(), after.replacen(']', "", 1))
        }
        Some(_) => format!("{before}\"{value}\"{after}"),
        None => format!("{before}{}{after}", word()),
    }
}
