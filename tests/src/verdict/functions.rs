//! Functions and statements: how many arguments, of what kind, in which blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::{Export, Row, Table};

/// Ways to write an argument.
const FORMS: [(&str, &str); 16] = [
    ("quoted", "\"1\""),
    ("text", "\"a$var(x)b\""),
    ("variable", "$var(x)"),
    ("avp", "$avp(x)"),
    ("read-only", "$si"),
    ("transformed", "$(ru{s.len})"),
    ("number", "1"),
    ("negative", "-1"),
    ("sum", "1 + 2"),
    ("expression", "$var(x) + 1"),
    ("joined", "\"a\" + $var(x)"),
    ("empty", "\"\""),
    ("null", "$null"),
    ("select", "@ruri"),
    ("word", "abc"),
    ("keyword", "uri:host"),
];

/// Further ways, which the grammar knows for functions of the core.
const CORE_FORMS: [(&str, &str); 5] = [
    ("host", "a.example.com"),
    ("ip", "127.0.0.1"),
    ("flag", "FL"),
    ("protocol", "TCP"),
    ("socket", "udp:127.0.0.1:5060"),
];

/// So many arguments are tried.
const MOST: usize = 8;

/// Names of that many arguments, as columns.
const COUNTS: [&str; MOST + 1] = ["0", "1", "2", "3", "4", "5", "6", "7", "8"];

/// Statements, not functions, although documents list them so.
const STATEMENTS: [&str; 6] = ["break", "drop", "exit", "return", "route", "selval"];

/// A function with the numbers of arguments that it takes.
struct Known {
    module: String,
    name: String,
    counts: BTreeSet<usize>,
}

impl Known {
    fn label(&self) -> String {
        match self.module.as_str() {
            "" => self.name.clone(),
            module => format!("{module} {}", self.name),
        }
    }

    /// The call in a block in which it may stand.
    fn in_block(&self, call: &str) -> String {
        let head = match self.name.as_str() {
            "t_drop_replies" | "uac_auth" | "uac_auth_mode" | "get_redirects"
            | "set_accept_filter" | "set_deny_filter" => "failure_route[R{n}]",
            "sl_forward_reply"
            | "change_reply_status"
            | "change_reply_status_code"
            | "t_cancel_branches"
            | "t_is_retr_async_reply" => "onreply_route[R{n}]",
            "forward_reply" => "reply_route",
            _ => "request_route",
        };
        format!("{head} {{ {call} }}")
    }

    /// A call with usual arguments, one of them replaced.
    fn call(&self, count: usize, other: Option<(usize, &str)>) -> String {
        let argument = |index| match other {
            Some((position, text)) if position == index => text,
            _ if self.module.is_empty() => core_argument(&self.name, count, index),
            _ => "\"1\"",
        };
        let arguments: Vec<&str> = (0..count).map(argument).collect();
        format!("{}({});", self.name, arguments.join(", "))
    }
}

/// What a function of the core takes there.
fn core_argument(name: &str, count: usize, index: usize) -> &'static str {
    match (name, index) {
        ("setavpflag" | "resetavpflag" | "isavpflagset", 0) => "$foo",
        ("setavpflag" | "resetavpflag" | "isavpflagset", 1) => "AF",
        ("setflag" | "resetflag" | "isflagset", 0) => "1",
        ("strip" | "strip_tail" | "remove_branch", 0) => "1",
        ("force_tcp_alias" | "add_tcp_alias", 0) => "5060",
        ("udp_mtu_try_proto", 0) => "TCP",
        ("cfg_select", 1) => "1",
        ("force_send_socket", 0) => "udp:127.0.48.1:5060",
        ("set_advertised_address", 0) => "a.example.com",
        ("set_advertised_port", 0) => "5060",
        ("log", 0) if count > 1 => "1",
        ("forward" | "forward_udp" | "forward_tcp" | "forward_tls" | "forward_sctp", 1) => "5060",
        _ => "\"1\"",
    }
}

fn known(exports: &[Export]) -> Vec<Known> {
    let mut all: BTreeMap<(&str, &str), BTreeSet<usize>> = BTreeMap::new();
    for row in exports {
        let is_function = row.kind == "function" || row.kind == "core-function";
        if is_function && !(row.module.is_empty() && STATEMENTS.contains(&row.name.as_str())) {
            let counts = all.entry((&row.module, &row.name)).or_default();
            counts.extend(row.min..=row.max.min(MOST));
        }
    }
    let known = all.into_iter().map(|((module, name), counts)| Known {
        module: module.to_owned(),
        name: name.to_owned(),
        counts,
    });
    known.collect()
}

/// Numbers of arguments.
#[must_use]
pub fn counts(exports: &[Export]) -> Table {
    let rows = known(exports).into_iter().map(|function| Row {
        name: function.label(),
        cells: (0..=MOST)
            .map(|count| Some(function.in_block(&function.call(count, None))))
            .collect(),
    });
    Table {
        name: "counts",
        columns: COUNTS.to_vec(),
        together: 20,
        rows: rows.collect(),
    }
}

/// What may stand in each place.
#[must_use]
pub fn arguments(exports: &[Export]) -> Table {
    let forms: Vec<_> = FORMS.into_iter().chain(CORE_FORMS).collect();
    let mut rows = Vec::new();
    for function in known(exports) {
        let is_core = function.module.is_empty();
        for &count in &function.counts {
            for position in 0..count {
                let cells = forms.iter().enumerate().map(|(number, (_, text))| {
                    let is_asked = is_core || number < FORMS.len();
                    is_asked
                        .then(|| function.in_block(&function.call(count, Some((position, text)))))
                });
                rows.push(Row {
                    name: format!("{} {}/{count}", function.label(), position + 1),
                    cells: cells.collect(),
                });
            }
        }
    }
    Table {
        name: "arguments",
        columns: forms.into_iter().map(|(name, _)| name).collect(),
        together: 10,
        rows,
    }
}

/// Kinds of blocks.
const BLOCKS: [(&str, &str); 10] = [
    ("request", "request_route"),
    ("route", "route[R{n}]"),
    ("reply", "reply_route"),
    ("onreply", "onreply_route[R{n}]"),
    ("onreply-old", "onreply_route"),
    ("failure", "failure_route[R{n}]"),
    ("branch", "branch_route[R{n}]"),
    ("onsend", "onsend_route"),
    ("event-local", "event_route[tm:local-request]"),
    ("event", "event_route[e:r{n}]"),
];

fn in_blocks(name: String, body: &str) -> Row {
    let cells = BLOCKS.map(|(_, head)| Some(format!("{head} {{ {body} }}")));
    Row {
        name,
        cells: cells.to_vec(),
    }
}

fn block_table(name: &'static str, together: usize, rows: Vec<Row>) -> Table {
    Table {
        name,
        columns: BLOCKS.map(|(name, _)| name).to_vec(),
        together,
        rows,
    }
}

/// Every function in every kind of block.
#[must_use]
pub fn blocks(exports: &[Export]) -> Table {
    let mut rows = Vec::new();
    for function in known(exports) {
        for &count in &function.counts {
            let name = format!("{}/{count}", function.label());
            rows.push(in_blocks(name, &function.call(count, None)));
        }
    }
    block_table("blocks", 1, rows)
}

/// Statements in every kind of block, alone and in a loop or a switch.
#[must_use]
pub fn statements() -> Table {
    const LEAVING: [&str; 21] = [
        "drop",
        "drop()",
        "drop(1)",
        "drop(-1)",
        "drop 1",
        "exit",
        "exit()",
        "exit(1)",
        "exit 1",
        "return",
        "return()",
        "return(1)",
        "return(-1)",
        "return 1",
        "return($var(x))",
        "return $var(x)",
        "return \"a\"",
        "break",
        "continue",
        "route(R)",
        "route($var(x))",
    ];
    const AROUND: [(&str, &str, &str); 6] = [
        ("alone", "", ""),
        ("if", "if ($var(x)) { ", " }"),
        ("while", "while ($var(x)) { ", " }"),
        ("switch", "switch ($var(x)) { case 1: ", " default: ; }"),
        ("while-if", "while ($var(x)) { if (1) { ", " } }"),
        (
            "switch-while",
            "switch ($var(x)) { case 1: while (1) { ",
            " } }",
        ),
    ];
    let mut rows = Vec::new();
    for statement in LEAVING {
        for (around, before, after) in AROUND {
            let name = format!("{statement} {around}");
            rows.push(in_blocks(name, &format!("{before}{statement};{after}")));
        }
    }
    block_table("statements", 1, rows)
}
