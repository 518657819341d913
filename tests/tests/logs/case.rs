//! The form of a file of `tests/logs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use acceptance::known::Difference;
use acceptance::scenario::{LoadError, Step, combinations};
use serde::Deserialize;

/// A configuration, options, messages, and what of the log is compared.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    /// File name without its ending, and the values of its words.
    #[serde(skip)]
    pub(crate) name: String,
    /// What it shows.
    pub(crate) description: String,
    /// The configuration. `{modules}` stands for the lines that load what most cases need.
    pub(crate) config: String,
    /// Further options; several may stand in one text.
    #[serde(default)]
    pub(crate) options: Vec<String>,
    /// The system's log is compared instead of standard error.
    #[serde(default)]
    pub(crate) to_syslog: bool,
    /// What is logged before the first step counts too.
    #[serde(default)]
    pub(crate) from_start: bool,
    /// Only lines of this pattern are compared.
    pub(crate) only: Option<String>,
    /// Lines of these patterns are not compared.
    #[serde(default)]
    pub(crate) drop: Vec<String>,
    /// Text of these patterns is not compared.
    #[serde(default)]
    pub(crate) mask: Vec<String>,
    /// Milliseconds to go on listening after the last step.
    #[serde(default)]
    pub(crate) settle: u64,
    /// As in scenarios.
    #[serde(default)]
    pub(crate) each: BTreeMap<String, Vec<String>>,
    /// Lines that differ on purpose; an entry that matches none is an error.
    #[serde(default, rename = "differs")]
    differs: Vec<Differs>,
    /// The same as the list of scenarios has it.
    #[serde(skip)]
    pub(crate) difference: Vec<Difference>,
    /// What the agents do, as in scenarios.
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Differs {
    line: String,
    reason: String,
}

const MODULES: &str = "loadmodule \"jsonrpcs.so\"\nloadmodule \"tm.so\"\nloadmodule \"tmx.so\"\n\
     loadmodule \"sl.so\"\nloadmodule \"rr.so\"\nloadmodule \"pv.so\"\nloadmodule \"maxfwd.so\"\n\
     loadmodule \"textops.so\"\nloadmodule \"siputils.so\"\nloadmodule \"corex.so\"\n\
     loadmodule \"kex.so\"\nloadmodule \"cfg_rpc.so\"\nloadmodule \"xlog.so\"\n";

impl Case {
    /// The options as the program gets them.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let all = self.options.iter();
        all.flat_map(|options| options.split_whitespace().map(str::to_owned))
            .collect()
    }
}

/// All cases of a folder, sorted by name.
pub(crate) fn load_all(folder: &Path) -> Result<Vec<Case>, LoadError> {
    let unreadable = |e| LoadError::Read(folder.to_path_buf(), e);
    let entries = std::fs::read_dir(folder).map_err(unreadable)?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).map_err(|e| LoadError::Read(path.clone(), e))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        cases.extend(expand(&name, &text).map_err(|e| LoadError::Parse(path.clone(), e))?);
    }
    Ok(cases)
}

fn expand(name: &str, text: &str) -> Result<Vec<Case>, toml::de::Error> {
    let first: Case = toml::from_str(text)?;
    let case = |(name, text): (String, String)| {
        let mut case: Case = toml::from_str(&text)?;
        case.config = case.config.replace("{modules}", MODULES);
        let differs = case.differs.iter();
        case.difference = differs
            .map(|differs| Difference {
                scenario: name.clone(),
                line: differs.line.clone(),
                reason: differs.reason.clone(),
            })
            .collect();
        Ok(Case { name, ..case })
    };
    let texts = combinations(name, text, &first.each);
    texts.into_iter().map(case).collect()
}
