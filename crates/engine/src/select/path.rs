//! The steps of a path: `via[1].params["x"]` is a name, a number and two names.

/// A step of a path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Step {
    /// A name, behind a dot or in brackets and quotes.
    Name {
        /// As it was written.
        text: String,
        /// In lower case, for the words of the tree: their case does not matter.
        word: String,
    },
    /// A number in brackets.
    Index(i64),
    /// What nobody knows, and all behind it. What any text may be (a list of parameters, an address,
    /// a URI) is taken whole then.
    Beyond,
}

impl Step {
    fn name(text: &str) -> Self {
        Self::Name {
            text: text.to_owned(),
            word: text.to_ascii_lowercase(),
        }
    }

    /// The word of the tree that it may be.
    #[must_use]
    pub fn word(&self) -> Option<&str> {
        match self {
            Self::Name { word, .. } => Some(word),
            Self::Index(_) | Self::Beyond => None,
        }
    }

    /// The name as it was written.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Name { text, .. } => Some(text),
            Self::Index(_) | Self::Beyond => None,
        }
    }
}

/// The first word of a path, and what follows it.
#[must_use]
pub fn split(steps: &[Step]) -> Option<(&str, &[Step])> {
    let (first, rest) = steps.split_first()?;
    Some((first.word()?, rest))
}

/// A number that may stand first, and what follows it.
#[must_use]
pub fn index(steps: &[Step]) -> (Option<i64>, &[Step]) {
    match steps {
        [Step::Index(index), rest @ ..] => (Some(*index), rest),
        _ => (None, steps),
    }
}

/// The name of the parameter that `params.x` and `params["x"]` ask for.
#[must_use]
pub fn param(steps: &[Step]) -> Option<&str> {
    match steps {
        [params, name] if params.word() == Some("params") => name.text(),
        _ => None,
    }
}

/// The last step of a path: a part of what the steps before it name.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Last<'s> {
    /// There is none: all of it.
    Whole,
    /// A word of the tree.
    Word(&'s str),
    /// `params.x`: the parameter of that name.
    Param(&'s str),
}

/// What ends a path; `None` when it is none of these.
#[must_use]
pub fn last(steps: &[Step]) -> Option<Last<'_>> {
    match steps {
        [] => Some(Last::Whole),
        [step] => step.word().map(Last::Word),
        _ => param(steps).map(Last::Param),
    }
}

/// The steps of what a script has behind `@`; `None` when it is no path.
#[must_use]
pub fn of_script(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path;
    loop {
        let (name, after) = take_name(rest.trim_start());
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        steps.push(Step::name(name));
        rest = after.trim_start();
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = bracket(inner.trim_start())?;
            steps.push(step);
            rest = after.trim_start().strip_prefix(']')?.trim_start();
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return rest.is_empty().then_some(steps),
        }
    }
}

/// What stands in brackets: a number or a text in quotes.
fn bracket(inner: &str) -> Option<(Step, &str)> {
    if let Some(quote) = inner.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        let (name, after) = inner[1..].split_once(quote)?;
        return Some((Step::name(name), after));
    }
    let (is_negative, digits) = match inner.strip_prefix('-') {
        Some(after) => (true, after.trim_start()),
        None => (false, inner),
    };
    let (number, after) = take_name(digits);
    let value = match number.strip_prefix("0x").or(number.strip_prefix("0X")) {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    Some((Step::Index(if is_negative { -value } else { value }), after))
}

/// A path as a script may have it behind `@`.
#[must_use]
pub fn written(steps: &[Step]) -> String {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Name { text, .. } if path.is_empty() => path.push_str(text),
            Step::Name { text, .. } => path.push_str(&format!(".{text}")),
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Beyond => path.push('…'),
        }
    }
    path
}

/// The steps of what `$sel(…)` has between its brackets. The path ends where no name follows, as
/// in Kamailio: what stands behind it counts for nothing. `None` when brackets are not right.
#[must_use]
pub fn of_text(path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('@').unwrap_or(path);
    loop {
        let (name, after) = take_name(rest);
        if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return Some(steps);
        }
        steps.push(Step::name(name));
        rest = after;
        if let Some(inner) = rest.strip_prefix('[') {
            let (step, after) = text_bracket(inner)?;
            steps.push(step);
            rest = after.strip_prefix(']')?;
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => return Some(steps),
        }
    }
}

fn text_bracket(inner: &str) -> Option<(Step, &str)> {
    if let Some(quoted) = inner.strip_prefix('"') {
        let (name, after) = quoted.split_once('"')?;
        return (!name.is_empty()).then(|| (Step::name(name), after));
    }
    let sign = usize::from(inner.starts_with('-'));
    let digits = inner[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let (number, after) = inner.split_at(sign + digits);
    // Without digits it is 0, and what is too large is no element either.
    let index = number.parse().unwrap_or(0);
    Some((Step::Index(index), after))
}

/// Splits behind letters, digits and underscores.
fn take_name(text: &str) -> (&str, &str) {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.split_at(text.find(|c| !is_name(c)).unwrap_or(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(steps: Option<Vec<Step>>) -> String {
        let Some(steps) = steps else {
            return "refused".to_owned();
        };
        let shown: Vec<String> = steps
            .iter()
            .map(|step| match step {
                Step::Name { text, .. } => text.clone(),
                Step::Index(index) => index.to_string(),
                Step::Beyond => "…".to_owned(),
            })
            .collect();
        shown.join(" ")
    }

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn scripts_have_one_bracket_for_each_name() {
        for (path, steps) in [
            ("via", "via"),
            ("via[1].host", "via 1 host"),
            ("via [ -0x2 ] . host", "via -2 host"),
            ("msg.header[\"X-A\"][1]", "refused"),
            ("msg.header['X.A]']", "msg header X.A]"),
            ("via[1][2]", "refused"),
            ("via[x]", "refused"),
            ("via[]", "refused"),
            ("via.1", "refused"),
            ("via.", "refused"),
            ("", "refused"),
            ("via[99999999999999999999]", "refused"),
        ] {
            assert_eq!(shown(of_script(path)), steps, "{path}");
        }
    }

    /// Pinned to Kamailio 5.6.3.
    #[test]
    fn texts_end_where_no_name_follows() {
        for (path, steps) in [
            ("via[1].host", "via 1 host"),
            ("@via.host", "via host"),
            ("via[1] .host", "via 1"),
            ("via[1][2].host", "via 1"),
            ("via[].host", "via 0 host"),
            ("via[-].host", "via 0 host"),
            ("via[\"host\"]", "via host"),
            ("ruri params", "ruri"),
            ("ruri.", "ruri"),
            ("msg.header.x-a", "msg header x"),
            ("msg.header.1", "msg header"),
            (" via", ""),
            ("@@via", ""),
            ("via[x]", "refused"),
            ("via[+1]", "refused"),
            ("via[1", "refused"),
            ("via[\"\"]", "refused"),
            ("via[\"a\"b]", "refused"),
        ] {
            assert_eq!(shown(of_text(path)), steps, "{path}");
        }
    }
}
