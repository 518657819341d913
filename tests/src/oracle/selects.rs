//! Expressions of selects: every path that Kamailio has or documents and every one that ferrosip
//! exports, as `@path` and as `$sel(path)`.

use super::coverage::Exports;
use super::scene::Scene;
use super::{Audience, Form, Group, Row, Valued};

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

/// Every path, its module and what is special about it.
const LIST: &str = include_str!("../../expressions/selects.txt");

/// Modules of selects that ferrosip has; the prelude loads them.
const LOADED: &[&str] = &["nathelper", "textopsx", "timer", "tm"];

/// A path of the list.
struct Listed {
    module: &'static str,
    path: &'static str,
    /// `whole` or why it never has a value.
    mark: Option<&'static str>,
}

impl Listed {
    fn never(&self) -> Option<&'static str> {
        self.mark?.strip_prefix("never: ")
    }
}

fn listed() -> impl Iterator<Item = Listed> {
    LIST.lines().filter(|l| !l.starts_with("##")).map(|line| {
        let mut columns = line.split('\t');
        let mut next = || columns.next();
        Listed {
            module: next().unwrap_or_default(),
            path: next().unwrap_or_default(),
            mark: next(),
        }
    })
}

/// The groups: those of the core and of modules that are loaded in every scene, and the others,
/// which are known to nobody then.
pub(crate) fn groups(exported: &Exports) -> Vec<Group> {
    let is_there = |one: &Listed| one.module.is_empty() || LOADED.contains(&one.module);
    let (present, absent): (Vec<Listed>, Vec<Listed>) = listed().partition(is_there);
    let valued: Vec<Valued> = present.iter().map(valued).collect();
    let is_marked = |path: &String| {
        present
            .iter()
            .any(|one| one.path == path && one.mark.is_some())
    };
    let mut rows: Vec<Row> = valued.iter().flat_map(|one| one.rows.clone()).collect();
    let further = exported.selects.iter().filter(|(_, path)| !is_marked(path));
    rows.extend(further.flat_map(|(module, path)| rows_of(module, path)));
    for path in FURTHER {
        match path.starts_with('$') {
            true => rows.push(Row::new(Form::Variable, *path)),
            false => rows.extend([Row::new(Form::Value, *path), in_variable(path)]),
        }
    }
    rows.push(in_variable("@hf_value.x_list"));
    let mut group = Group::new("selects", Audience::Every, rows);
    group.scenes = &[
        Scene::Arrived,
        Scene::Branches,
        Scene::Branch,
        Scene::Reply,
        Scene::Failure,
    ];
    group.valued = valued;
    let rows = absent
        .iter()
        .filter_map(|one| fill(one.path).into_iter().next());
    let rows = rows.map(|path| Row::new(Form::Value, path)).collect();
    let absent = Group::new("selects_absent", Audience::Few, rows);
    vec![group, absent]
}

fn valued(one: &Listed) -> Valued {
    Valued {
        name: one.path,
        never: one.never(),
        rows: match one.mark {
            None => rows_of(one.module, one.path),
            // Once is enough to see that its end counts for nothing.
            Some(_) => rows_of(one.module, one.path).drain(..2).collect(),
        },
    }
}

/// A path in all its forms.
fn rows_of(module: &str, path: &str) -> Vec<Row> {
    let forms = |path: String| {
        // Kamailio knows those of modules within texts only.
        let other = match module.is_empty() {
            true => in_variable(&path),
            false => in_text(&path),
        };
        [other, Row::new(Form::Value, path)]
    };
    fill(path).into_iter().flat_map(forms).collect()
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
        return ["[0]", "[1]", "[2]", "[7]"]
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
