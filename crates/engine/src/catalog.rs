//! Names at load time: turns what a script names into rows of module tables.

use std::cell::{Cell, OnceCell};
use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use script::ast::{BlockKind, Span};
use script::host::{Argument, Catalog, Problem, RouteId, VariableName};
use script::regex::{Case, Pattern};

use crate::arguments::{Call, Fixed};
use crate::cfg_vars::CfgVars;
use crate::context::{AvpKey, Context};
use crate::core::ParamNames;
use crate::core_functions;
use crate::format::Format;
use crate::keyword::Keyword;
use crate::module::{ArgKind, Function, Inner, Module, ModuleStates, Routes, State, Variable};
use crate::name_index::{FunctionRow, NameIndex};
use crate::net::Network;
use crate::select::{Select, SelectError};
use crate::transformation::Transformation;
use crate::unfit;
use crate::variable::{ParsedName, Readable};

/// The code of a `$name` that is no variable: an error where `#!KAMAILIO` forbids attributes.
pub(crate) const UNKNOWN_VARIABLE: &str = "unknown-variable";

/// So many names are compared with all that are known.
const MAX_HINTS: usize = 200;

/// The names that a configuration may use: the core's and those of the loaded modules.
pub struct Names<'a> {
    pub(crate) loaded: Vec<&'static Module>,
    pub(crate) states: &'a ModuleStates,
    /// Made when a name is first looked up.
    pub(crate) index: OnceCell<Arc<NameIndex>>,
    pub(crate) all: &'a [&'static Module],
    pub(crate) transformations: &'static [&'static [Transformation]],
    pub(crate) cfg: &'a CfgVars,
    pub(crate) flags: &'a [(String, u32)],
    pub(crate) avp_flags: &'a [String],
    pub(crate) defines: &'a [(String, Bytes)],
    pub(crate) blocks: HashMap<(BlockKind, String), RouteId>,
    pub(crate) interned: &'a mut Interner,
    /// What is odd about names that were resolved.
    pub(crate) warnings: Vec<Problem>,
    /// Modules that the configuration wants and this server lacks: a name may be theirs.
    pub(crate) lacking: Vec<&'static str>,
    /// Whether the variable being read stands in a statement, not in a text.
    pub(crate) reads_script: bool,
    /// Hints at known names that were asked for.
    pub(crate) hints: Cell<usize>,
}

/// Numbers for names that scripts use as keys (`$var(x)`).
#[derive(Clone, Debug, Default)]
pub struct Interner {
    names: HashMap<String, u64>,
    /// No new names: what comes at run time must not make it grow.
    is_sealed: bool,
}

impl Interner {
    /// The number of a name; the same name has the same number.
    pub fn number(&mut self, name: &str) -> u64 {
        if let Some(number) = self.find(name) {
            return number;
        }
        if self.is_sealed {
            return Self::NOBODY;
        }
        let number = self.names.len() as u64;
        self.names.insert(name.to_owned(), number);
        number
    }

    /// The number of names that come after [`Interner::seal`]: no value is kept under it.
    pub const NOBODY: u64 = u64::MAX;

    /// The number of a name that has one.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<u64> {
        self.names.get(name).copied()
    }

    /// Every name with its number.
    pub fn all(&self) -> impl Iterator<Item = (&str, u64)> {
        self.names
            .iter()
            .map(|(name, number)| (name.as_str(), *number))
    }

    /// The same names with their numbers, to which others may come.
    pub(crate) fn unsealed(&self) -> Self {
        Self {
            is_sealed: false,
            ..self.clone()
        }
    }

    /// Takes no new names from now on.
    pub(crate) fn seal(&mut self) {
        self.is_sealed = true;
    }
}

/// What the parser of an inner name may use.
pub struct NameScope<'n, 'a> {
    pub(crate) names: &'n mut Names<'a>,
    /// State of the module that has the variable.
    pub state: &'n State,
    /// How deep the name stands in others.
    pub(crate) depth: usize,
}

impl NameScope<'_, '_> {
    /// Parses text with variables in it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn format(&mut self, text: &str) -> Result<Format, String> {
        self.names.format_at(text, self.depth)
    }

    /// Parses one variable.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn variable(&mut self, text: &str) -> Result<Readable, String> {
        self.names.pseudo(text)
    }

    /// What the preprocessor has defined a name to be.
    #[must_use]
    pub fn define(&self, name: &str) -> Option<Bytes> {
        let mut defines = self.names.defines.iter();
        defines.find(|(n, _)| n == name).map(|(_, v)| v.clone())
    }

    /// The bit of a flag of AVPs.
    #[must_use]
    pub fn avp_flag(&self, name: &[u8]) -> Option<u32> {
        let position = self
            .names
            .avp_flags
            .iter()
            .position(|f| f.as_bytes() == name);
        position.and_then(|bit| u32::try_from(bit).ok())
    }

    /// A number for a name.
    pub fn intern(&mut self, name: &str) -> u64 {
        self.names.interned.number(name)
    }

    /// Parses the select that a text names.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn select(&mut self, path: &str) -> Result<Select, String> {
        self.names.text_select(path)
    }

    /// A module's state as its own type.
    #[must_use]
    pub fn state<T: std::any::Any>(&self) -> Option<&T> {
        (**self.state).downcast_ref()
    }
}

impl<'a> Names<'a> {
    fn rows(&self) -> &NameIndex {
        self.index
            .get_or_init(|| Arc::new(NameIndex::new(&self.loaded, self.states)))
    }

    /// The row of a variable class and the state of its module.
    pub(crate) fn variable_row(&self, class: &str) -> Option<(&'static Variable, State)> {
        self.rows().variable(class).cloned()
    }

    /// A variable that stands by itself. `$name` of no known class is the AVP of that name, as it
    /// always was in Kamailio.
    fn bare(&mut self, text: &str, is_target: bool) -> Result<Readable, String> {
        let was_reading = std::mem::replace(&mut self.reads_script, true);
        let found = self.pseudo(text);
        self.reads_script = was_reading;
        let Err(message) = &found else {
            return found;
        };
        let name = text.strip_prefix('$').unwrap_or_default();
        let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'.');
        let is_class = self.variable_row(name).is_some();
        if !is_word || is_class && !message.contains("needs a name") {
            return found;
        }
        // What is assigned takes the place of all values before.
        let avp = if is_target {
            format!("$(avp({name})[*])")
        } else {
            format!("$avp({name})")
        };
        let Ok(avp) = self.pseudo(&avp) else {
            return found;
        };
        let warning = Problem::warning(
            UNKNOWN_VARIABLE,
            format!("{message}: {name} is the name of an AVP here"),
        )
        .with_help(format!("write $avp({name}) if that is meant"));
        self.warnings.push(warning);
        Ok(avp)
    }

    /// Resolves what is read or assigned to.
    fn resolve(
        &mut self,
        name: VariableName<'_>,
        is_target: bool,
    ) -> Result<Readable, Vec<Problem>> {
        let mut is_beyond = is_config_value(name);
        let found = match name {
            VariableName::Pseudo(text) => self.bare(text, is_target),
            VariableName::Select(text) => {
                let path = text.strip_prefix('@').unwrap_or(text);
                let found = self.script_select(path);
                is_beyond = matches!(found, Err(SelectError::Missing(_)));
                found
                    .map(|select| Readable::Select(Box::new(select)))
                    .map_err(SelectError::into_message)
            }
            VariableName::Keyword(word) => Keyword::from_name(word)
                .map(Readable::Keyword)
                .ok_or_else(|| format!("unknown keyword `{word}`")),
            VariableName::Ip(text) => Network::parse(text)
                .map(Readable::Network)
                .ok_or_else(|| format!("`{text}` is no address or network")),
        };
        let code = match name {
            VariableName::Pseudo(_) => "bad-variable",
            VariableName::Select(_) => "bad-select",
            VariableName::Keyword(_) => "unknown-keyword",
            VariableName::Ip(_) => "bad-address",
        };
        found.map_err(|message| {
            let mut problem = problem(code, message, Vec::new());
            problem.is_beyond = is_beyond;
            vec![self.excuse(problem)]
        })
    }

    /// The transformation of this name; only of a class does the case matter.
    pub(crate) fn transformation(
        &self,
        class: &str,
        name: &str,
    ) -> Option<&'static Transformation> {
        self.transformations
            .iter()
            .flat_map(|table| table.iter())
            .find(|t| t.class == class && t.name.eq_ignore_ascii_case(name))
    }

    fn unknown_function(&self, name: &str) -> Problem {
        let elsewhere: Vec<&str> = self
            .all
            .iter()
            .filter(|m| m.functions.iter().any(|f| f.name == name))
            .map(|m| m.name)
            .collect();
        let known = core_functions::TABLE.iter().map(|f| f.name).chain(
            self.loaded
                .iter()
                .flat_map(|m| m.functions.iter().map(|f| f.name)),
        );
        let mut help = Vec::new();
        if elsewhere.is_empty() {
            if let Some(near) = self.near(name, known) {
                help.push(format!("did you mean `{near}`?"));
            }
        } else {
            for module in elsewhere {
                help.push(format!(
                    "it is a function of module {module}: add loadmodule \"{module}.so\""
                ));
            }
        }
        let message = format!("unknown function `{name}`");
        self.excuse(problem("unknown-function", message, help))
    }

    /// The known name that is nearest to one that is not known. A configuration full of such names
    /// gets no more hints at some point: each takes a look at every known name.
    pub(crate) fn near<'n>(
        &self,
        name: &str,
        known: impl IntoIterator<Item = &'n str>,
    ) -> Option<&'n str> {
        let given = self.hints.get();
        self.hints.set(given + 1);
        (given < MAX_HINTS)
            .then(|| script::diagnostic::nearest(name, known))
            .flatten()
    }

    /// A name that nobody knows may belong to a module that this server lacks, which is an error of
    /// its own.
    pub(crate) fn excuse(&self, problem: Problem) -> Problem {
        if self.lacking.is_empty() || !problem.message.contains("unknown ") {
            return problem;
        }
        let lacking = self.lacking.join(", ");
        let problem =
            problem.with_help(format!("it may belong to what is not supported: {lacking}"));
        Problem {
            is_warning: true,
            ..problem
        }
    }

    fn fix(
        &mut self,
        row: &'static Function,
        state: &State,
        index: usize,
        given: &Argument,
    ) -> Result<Fixed, Problem> {
        let wrong = |what: String| {
            let mut problem = problem(
                "bad-argument",
                format!(
                    "parameter {} (`{}`) of {}: {what}",
                    index + 1,
                    row.args[index].name,
                    row.name
                ),
                Vec::new(),
            );
            // Kamailio looks into quoted arguments when it starts, and at bare variables at once.
            let is_attribute = matches!(row.args[index].kind, ArgKind::Attribute);
            problem.is_beyond = !is_attribute && !matches!(given, Argument::Variable(_));
            problem
        };
        let found = self.fixed(row, state, index, given);
        found.map_err(|what| self.excuse(wrong(what)))
    }

    /// What a given argument is at run time, or what is wrong with it.
    fn fixed(
        &mut self,
        row: &'static Function,
        state: &State,
        index: usize,
        given: &Argument,
    ) -> Result<Fixed, String> {
        let kind = row.args[index].kind;
        match (kind, given) {
            (_, Argument::Dynamic(n)) => Ok(Fixed::Dynamic(*n)),
            (ArgKind::Literal, Argument::Str(t)) => Ok(Fixed::Text(t.clone())),
            (ArgKind::Word, Argument::Str(t)) => Ok(self.fix_word(t)),
            (ArgKind::Literal | ArgKind::Text | ArgKind::Word, Argument::Int(n)) => {
                Ok(Fixed::Text(n.to_string().into()))
            }
            (ArgKind::Int, Argument::Int(n)) => Ok(Fixed::Int(*n)),
            (ArgKind::Int, Argument::Str(t)) => self.fix_int(t),
            (ArgKind::Text, Argument::Str(t)) => self.fix_text(t),
            (ArgKind::Parsed(parse), Argument::Str(t)) => {
                let state = state.clone();
                let mut scope = NameScope {
                    names: self,
                    state: &state,
                    depth: 0,
                };
                parse(&mut scope, t).map(|parsed| Fixed::Parsed(parsed, t.clone()))
            }
            (ArgKind::Regex, Argument::Str(t)) => Pattern::new(t, Case::Insensitive)
                .map(|regex| Fixed::Regex(regex, t.clone()))
                .map_err(|e| format!("bad regular expression: {e}")),
            (ArgKind::Route(block), Argument::Str(t)) => self.fix_route(block, t),
            (ArgKind::Variable | ArgKind::Readable, Argument::Str(t)) => {
                let text = String::from_utf8_lossy(t).into_owned();
                self.pseudo(&text).map(Fixed::Variable)
            }
            (ArgKind::Attribute, Argument::Str(_) | Argument::Variable(_)) => fix_attribute(given),
            (ArgKind::Attribute, _) => Err("an attribute is needed".to_owned()),
            (ArgKind::Literal, Argument::Variable(t)) => Ok(Fixed::Text(t.clone().into())),
            (ArgKind::Literal, Argument::Select(t)) => Ok(Fixed::Text(t.clone().into())),
            (_, Argument::Variable(t)) => self.pseudo(t).map(Fixed::Variable),
            (_, Argument::Select(t)) => {
                let path = t.strip_prefix('@').unwrap_or(t);
                self.script_select(path)
                    .map(|s| Fixed::Variable(Readable::Select(Box::new(s))))
                    .map_err(SelectError::into_message)
            }
            (ArgKind::Regex | ArgKind::Route(_) | ArgKind::Parsed(_), Argument::Int(n)) => {
                self.fixed(row, state, index, &Argument::Str(n.to_string().into()))
            }
            (ArgKind::Variable | ArgKind::Readable, Argument::Int(_)) => {
                Err("a pseudo-variable is needed".to_owned())
            }
        }
    }

    /// What begins with a variable is a text with variables, everything else stands for itself.
    fn fix_word(&mut self, text: &Bytes) -> Fixed {
        if text.first() != Some(&b'$') {
            return Fixed::Text(text.clone());
        }
        match self.pseudo(&String::from_utf8_lossy(text)) {
            Ok(variable) => Fixed::Variable(variable),
            Err(_) => self.fix_text(text).unwrap_or(Fixed::Text(text.clone())),
        }
    }

    fn fix_text(&mut self, text: &Bytes) -> Result<Fixed, String> {
        // Text is bytes: only what may hold a variable needs to be looked at as characters.
        if !text.contains(&b'$') {
            return Ok(Fixed::Text(text.clone()));
        }
        let format = self.format(&String::from_utf8_lossy(text))?;
        Ok(format
            .as_constant()
            .map_or_else(|| Fixed::Format(format), Fixed::Text))
    }

    fn fix_int(&mut self, text: &Bytes) -> Result<Fixed, String> {
        let words = String::from_utf8_lossy(text).into_owned();
        if let Ok(n) = words.trim().parse() {
            return Ok(Fixed::Int(n));
        }
        if let Some(rest) = words.trim().strip_prefix("0x")
            && let Ok(n) = i64::from_str_radix(rest, 16)
        {
            return Ok(Fixed::Int(n));
        }
        if let Some((_, bit)) = self.flags.iter().find(|(name, _)| *name == words) {
            return Ok(Fixed::Int(i64::from(*bit)));
        }
        if words.contains('$') {
            return self.fix_text(text);
        }
        Err(format!("`{words}` is no integer"))
    }

    fn fix_route(&mut self, kind: BlockKind, text: &Bytes) -> Result<Fixed, String> {
        let name = String::from_utf8_lossy(text).into_owned();
        if let Some(id) = self.blocks.get(&(kind, name.clone())) {
            return Ok(Fixed::Route(*id, text.clone()));
        }
        if name.contains('$') {
            return self.fix_text(text);
        }
        // Kamailio takes the name "0" for "none".
        if name == "0" {
            return Ok(Fixed::Text(text.clone()));
        }
        let known = self
            .blocks
            .keys()
            .filter(|(k, _)| *k == kind)
            .map(|(_, n)| n.as_str());
        let near = script::diagnostic::nearest(&name, known)
            .map_or(String::new(), |n| format!(", did you mean `{n}`?"));
        Err(format!("there is no {}[{name}]{near}", block_word(kind)))
    }
}

/// The word that opens a block of a kind.
#[must_use]
pub fn block_word(kind: BlockKind) -> &'static str {
    match kind {
        BlockKind::Request => "request_route",
        BlockKind::Reply => "reply_route",
        BlockKind::Route => "route",
        BlockKind::Branch => "branch_route",
        BlockKind::Failure => "failure_route",
        BlockKind::OnReply => "onreply_route",
        BlockKind::OnSend => "onsend_route",
        BlockKind::Event => "event_route",
    }
}

fn problem(code: &'static str, message: String, help: Vec<String>) -> Problem {
    Problem {
        help,
        ..Problem::error(code, message)
    }
}

impl Catalog for Names<'_> {
    type Host = Context;

    fn function(
        &mut self,
        name: &str,
        arguments: &[Argument],
        block: BlockKind,
        span: Span,
    ) -> Result<Call, Vec<Problem>> {
        let rows = self.rows().functions(name);
        if rows.is_empty() {
            return Err(vec![self.unknown_function(name)]);
        }
        let takes_as_many = |row: &&FunctionRow| {
            (row.function.required..=row.function.args.len()).contains(&arguments.len())
        };
        let Some(found) = rows.iter().find(takes_as_many) else {
            let takes: Vec<String> = rows
                .iter()
                .map(|row| count_words(row.function.required, row.function.args.len()))
                .collect();
            return Err(vec![problem(
                "argument-count",
                format!(
                    "`{name}` takes {}, {} given",
                    takes.join(" or "),
                    arguments.len()
                ),
                Vec::new(),
            )]);
        };
        let (row, state, is_core) = (found.function, found.state.clone(), found.is_core);
        let module = found.module;
        let mut problems = Vec::new();
        if !row.routes.allows(Routes::of_block(block)) {
            problems.push(problem(
                "wrong-route",
                format!("`{name}` cannot be used in {}", block_word(block)),
                Vec::new(),
            ));
        }
        let mut args = Vec::with_capacity(arguments.len());
        for (index, argument) in arguments.iter().enumerate() {
            let unfit = match is_core {
                true => unfit::for_core(row, index, argument),
                false => unfit::for_constant(row, index, argument, arguments.len()),
            };
            if let Some(problem) = unfit {
                problems.push(problem);
                continue;
            }
            match self.fix(row, &state, index, argument) {
                Ok(fixed) => args.push(fixed),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(Call {
                function: row,
                state,
                module,
                is_core,
                args: args.into(),
                span,
            })
        } else {
            Err(problems)
        }
    }

    fn readable(&mut self, name: VariableName<'_>) -> Result<Readable, Vec<Problem>> {
        self.resolve(name, false)
    }

    fn has_number(&self, variable: &Readable) -> bool {
        variable.has_number()
    }

    fn numeric(&mut self, name: VariableName<'_>) -> Result<Readable, Vec<Problem>> {
        self.resolve(name, false).map(Readable::into_number)
    }

    fn writable(&mut self, name: VariableName<'_>) -> Result<Readable, Vec<Problem>> {
        let variable = self.resolve(name, true)?;
        match &variable {
            Readable::Pseudo(p) if !p.transforms.is_empty() => Err(vec![problem(
                "not-assignable",
                "a variable with transformations cannot be assigned to".to_owned(),
                Vec::new(),
            )]),
            Readable::Pseudo(p) if p.row.write.is_some() => Ok(variable),
            Readable::Pseudo(p) => Err(vec![problem(
                "read-only",
                format!("${} is read-only", p.row.name),
                Vec::new(),
            )]),
            _ => Err(vec![problem(
                "not-assignable",
                "this cannot be assigned to".to_owned(),
                Vec::new(),
            )]),
        }
    }

    fn take_warnings(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.warnings)
    }

    fn declare_block(&mut self, kind: BlockKind, name: Option<&str>, id: RouteId, _span: Span) {
        self.blocks
            .insert((kind, name.unwrap_or_default().to_owned()), id);
    }
}

impl ParamNames for Names<'_> {
    fn format(&mut self, text: &str) -> Result<Format, String> {
        Names::format(self, text)
    }

    fn variable(&mut self, text: &str) -> Result<Readable, String> {
        self.pseudo(text)
    }

    fn intern(&mut self, name: &str) -> u64 {
        self.interned.number(name)
    }

    fn flag(&mut self, name: &str) -> Option<u32> {
        name.parse()
            .ok()
            .or_else(|| self.flags.iter().find(|(n, _)| n == name).map(|(_, b)| *b))
    }

    fn function(&mut self, name: &str) -> Option<(&'static Function, State)> {
        let row = self.rows().functions(name).first()?;
        Some((row.function, row.state.clone()))
    }
}

/// `$sel(cfg_get.…)`, which Kamailio looks up when it starts.
fn is_config_value(name: VariableName<'_>) -> bool {
    matches!(name, VariableName::Pseudo(text) if text.contains("sel(cfg_get."))
}

/// An AVP by its name, which may stand like a variable.
fn fix_attribute(given: &Argument) -> Result<Fixed, String> {
    let text = match given {
        Argument::Str(text) => String::from_utf8_lossy(text).into_owned(),
        Argument::Variable(text) => text.clone(),
        _ => String::new(),
    };
    let name = text.trim_start_matches(['$', '%']);
    let key = AvpKey::parse(name).map_err(|error| error.to_string())?;
    Ok(Fixed::Parsed(ParsedName::data(key), text.into()))
}

fn count_words(required: usize, all: usize) -> String {
    match (required, all) {
        (0, 0) => "no parameters".to_owned(),
        (1, 1) => "1 parameter".to_owned(),
        (a, b) if a == b => format!("{a} parameters"),
        (a, b) => format!("{a} to {b} parameters"),
    }
}

/// Checks an inner name against what its class takes, and parses it.
pub(crate) fn parse_inner(
    names: &mut Names<'_>,
    row: &'static Variable,
    state: &State,
    inner: Option<&str>,
    depth: usize,
) -> Result<ParsedName, String> {
    match (row.inner, inner) {
        (_, Some("")) => Err(format!("${}() has no name in its parentheses", row.name)),
        (Inner::None, Some(_)) => Err(format!("${} takes no name in parentheses", row.name)),
        (Inner::Required | Inner::OneOf(_) | Inner::Parsed(_), None) => {
            Err(format!("${} needs a name in parentheses", row.name))
        }
        (Inner::OneOf(known), Some(name)) => match known.iter().position(|k| *k == name) {
            Some(index) => Ok(ParsedName::key(index as u64)),
            None => {
                let near = script::diagnostic::nearest(name, known.iter().copied())
                    .map_or(String::new(), |n| format!(", did you mean `{n}`?"));
                Err(format!("${}({name}) is unknown{near}", row.name))
            }
        },
        (Inner::Parsed(parse), Some(name)) => {
            let depth = depth + 1;
            parse(
                &mut NameScope {
                    names,
                    state,
                    depth,
                },
                name,
            )
        }
        (Inner::None | Inner::Required | Inner::Optional, _) => Ok(ParsedName::default()),
    }
}
