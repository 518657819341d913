//! Core parameters (`name = value`): one table, from which loading, the reference and `--exports`
//! work (Kamailio core cookbook 5.6, "Core parameters").

mod apply;
mod dns;
mod messages;
mod process;
mod streams;
mod table;
pub(crate) mod takes;

use script::ast::{CoreParam as Given, ParamValue};

use crate::module::Status;
use crate::settings::Settings;

const PARTS: &[&[CoreParam]] = &[
    table::ROWS,
    process::ROWS,
    messages::ROWS,
    streams::ROWS,
    dns::ROWS,
];

const COUNT: usize = {
    let (mut part, mut sum) = (0, 0);
    while part < PARTS.len() {
        sum += PARTS[part].len();
        part += 1;
    }
    sum
};

static ALL: [CoreParam; COUNT] = {
    let mut all = [table::ROWS[0]; COUNT];
    let (mut part, mut at) = (0, 0);
    while part < PARTS.len() {
        let mut row = 0;
        while row < PARTS[part].len() {
            all[at] = PARTS[part][row];
            at += 1;
            row += 1;
        }
        part += 1;
    }
    all
};

/// Every core parameter.
pub static TABLE: &[CoreParam] = &ALL;

/// A row of the table.
#[derive(Clone, Copy)]
pub struct CoreParam {
    /// Its name.
    pub name: &'static str,
    /// Other names of it.
    pub aliases: &'static [&'static str],
    /// What it does; for a no-op, why it has no effect.
    pub doc: &'static str,
    /// How complete it is.
    pub status: Status,
    /// Takes the value over.
    pub apply: fn(&mut Settings, &Given) -> Result<(), Unfit>,
}

/// A value that a parameter cannot have.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Unfit {
    /// It cannot be understood.
    Form(String),
    /// It is out of range. Kamailio takes any number, and fails or bends it later.
    Range(String),
}

impl From<String> for Unfit {
    fn from(message: String) -> Self {
        Self::Form(message)
    }
}

impl CoreParam {
    /// The row of a parameter that has less effect than in Kamailio.
    const fn partly(mut self) -> Self {
        self.status = Status::Partial;
        self
    }

    /// The row with other names.
    const fn also(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

/// A row whose value is checked, kept and has no effect.
const fn noop(
    name: &'static str,
    aliases: &'static [&'static str],
    reason: &'static str,
    apply: fn(&mut Settings, &Given) -> Result<(), Unfit>,
) -> CoreParam {
    CoreParam {
        name,
        aliases,
        doc: reason,
        status: Status::Noop,
        apply,
    }
}

/// The row of a parameter.
#[must_use]
pub fn find(name: &str) -> Option<&'static CoreParam> {
    TABLE
        .iter()
        .find(|p| p.name == name || p.aliases.contains(&name))
}

/// Text of a value, for parameters that are only stored.
fn shown(value: &ParamValue) -> String {
    match value {
        ParamValue::Int(n) => n.to_string(),
        ParamValue::Str(t) => String::from_utf8_lossy(t).into_owned(),
        ParamValue::Word(w) => w.clone(),
        ParamValue::Listen(l) => l.host.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = TABLE
            .iter()
            .flat_map(|p| std::iter::once(p.name).chain(p.aliases.iter().copied()))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    /// `bind` is a name of later releases, and those of `kemi` are of a group.
    #[test]
    fn the_language_reserves_the_names() {
        let params = TABLE
            .iter()
            .flat_map(|row| std::iter::once(row.name).chain(row.aliases.iter().copied()))
            .filter(|name| *name != "bind" && !name.contains('.'));
        let functions = crate::core_functions::TABLE.iter().map(|row| row.name);
        let is_statement =
            |name: &&str| matches!(*name, "break" | "drop" | "exit" | "return" | "route");
        let mut names: Vec<&str> = params
            .chain(functions)
            .filter(|name| !is_statement(name))
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names, script::lexer::OF_THE_CORE);
    }

    fn settings(text: &str) -> Settings {
        let parsed = script::parse::parse_text(
            std::path::Path::new("test.cfg"),
            text.to_owned(),
            &script::source::MemoryLoader::default(),
            &script::preprocess::Options::default(),
        );
        let source = std::sync::Arc::new(parsed.source);
        let library = crate::load::Library {
            modules: &[],
            builtin: &[],
            transformations: &[],
            missing: &[],
        };
        crate::load::read(parsed.config, source, parsed.diagnostics, library).settings
    }

    #[test]
    fn limits_of_streams() {
        let unset = settings("request_route { exit; }");
        assert_eq!(unset.tcp_rd_buf_size, 16_384);
        assert!(unset.tcp_keepalive.enabled && !unset.tcp_accept_aliases);
        let set = settings(
            "tcp_rd_buf_size=100\ntcp_conn_wq_max=5000\ntcp_wq_max=6000\ntcp_keepalive=no\n\
             tcp_keepidle=30\ntcp_keepcnt=0\ntcp_accept_aliases=yes\nrequest_route { exit; }",
        );
        assert_eq!(set.tcp_rd_buf_size, 512);
        assert_eq!((set.tcp_conn_wq_max, set.tcp_wq_max), (5000, 6000));
        assert!(!set.tcp_keepalive.enabled && set.tcp_accept_aliases);
        let keepalive = set.tcp_keepalive;
        assert_eq!((keepalive.idle, keepalive.count), (Some(30), None));
    }
}
