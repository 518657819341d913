//! Lines of a log without what no two servers have in common.

use std::net::SocketAddr;
use std::path::Path;

use acceptance::subject::Program;
use regex::Regex;

use crate::case::Case;

/// What replaces what. A place in the source of a program is only named as such: that there is one,
/// and of which type, is compared.
const EVERYWHERE: &[(&str, &str)] = &[
    // The end of a text that needs no end as a datagram; it is stripped or shown as an odd letter.
    (r"(?m)^(<[0-9]+>.*)\\n$", "$1"),
    // The colour of a line ends behind its line end: shown before it.
    (r"\n\x1b\[0;39;49m", "\x1b[0;39;49m\n"),
    // Process number and process. Kamailio's line may follow on one that has no line end.
    (
        r"((?:\x1b\[[01];3[0-9];4[0-9]m)?) ?[0-9]+\([0-9]+\) ([A-Z]+: )",
        "\n\x01$1$2",
    ),
    (r"\n?\n\x01", "\n"),
    // The place in the source, of a line of the core or of a module.
    (
        r"(<core>|(?-u:\b)[a-z_]+) \[[A-Za-z0-9_./-]+\.[chy]:[0-9]+\]: [A-Za-z0-9_]+\(\): ",
        "$1: ",
    ),
    (
        r#""((?:kamailio\.)?)(idx|pid|line)": [0-9]+"#,
        "\"$1$2\": N",
    ),
    (r#""tid":[0-9]+"#, r#""tid":N"#),
    (r#""proc":\{"id":"[0-9]+""#, r#""proc":{"id":"N""#),
    (
        r#""time":"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9]\.[0-9]{9}Z""#,
        r#""time":"T""#,
    ),
    (
        r#"("file":\{"name":)"[^"]+","line":[0-9]+"#,
        r#"$1"FILE","line":N"#,
    ),
    (r#"("(?:kamailio\.)?file": )"[^"]+""#, r#"$1"FILE""#),
    // The function; Kamailio writes a quote too many after it where names have a prefix.
    (
        r#"("(?:kamailio\.)?function": )"[^"]*""?,"#,
        r#"$1"FUNCTION","#,
    ),
    (r#"("native":\{"function":)"[^"]*""#, r#"$1"FUNCTION""#),
];

/// Makes lines comparable.
pub(crate) struct Neutral {
    patterns: Vec<(Regex, String)>,
    names: Vec<(String, String)>,
    only: Option<Regex>,
    drop: Vec<Regex>,
}

impl Neutral {
    pub(crate) fn new(
        case: &Case,
        program: &Program,
        folder: &Path,
        names: &[(String, SocketAddr)],
    ) -> Result<Self, String> {
        let masks = case.mask.iter().map(|mask| (mask.as_str(), "*"));
        let all = EVERYWHERE.iter().copied().chain(masks);
        let patterns = all
            .map(|(pattern, with)| Ok((compiled(pattern)?, with.to_owned())))
            .collect::<Result<_, String>>()?;
        let mut replaced = vec![(folder.display().to_string(), "{folder}".to_owned())];
        for (name, addr) in names {
            replaced.push((addr.to_string(), format!("{{{name}}}")));
            replaced.push((addr.ip().to_string(), format!("{{{name}.ip}}")));
        }
        // What a program calls itself. To syslog Kamailio is the path that it was started by, which is no
        // tag (RFC 3164 section 4.1.3) and whose slashes keep collectors from telling the program.
        replaced.push((format!(" {}[", program.name), " {program}[".to_owned()));
        replaced.push((program.path.display().to_string(), "{program}".to_owned()));
        for field in ["\"pname\":", "\"appname\":"] {
            replaced.push((
                format!("{field}\"{}\"", program.name),
                format!("{field}\"{{program}}\""),
            ));
        }
        Ok(Self {
            patterns,
            names: replaced,
            only: case.only.as_deref().map(compiled).transpose()?,
            drop: case
                .drop
                .iter()
                .map(|p| compiled(p))
                .collect::<Result<_, _>>()?,
        })
    }

    /// A text as it is compared.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (from, to) in &self.names {
            text = text.replace(from, to);
        }
        for (pattern, with) in &self.patterns {
            text = pattern.replace_all(&text, with).into_owned();
        }
        text
    }

    /// The lines that are compared.
    pub(crate) fn lines(&self, log: &str) -> Vec<String> {
        let text = self.text(log);
        let wanted = |line: &&str| {
            self.only.as_ref().is_none_or(|only| only.is_match(line))
                && !self.drop.iter().any(|drop| drop.is_match(line))
        };
        // An escape would colour the report.
        let shown = |line: &str| line.replace('\x1b', "^[");
        text.lines().filter(wanted).map(shown).collect()
    }
}

fn compiled(pattern: &str) -> Result<Regex, String> {
    Regex::new(pattern).map_err(|e| e.to_string())
}
