//! Text with pseudo-variables in it, parsed once at load.

use bytes::Bytes;

use crate::context::Context;
use crate::variable::Readable;

/// A parsed format.
#[derive(Clone)]
pub struct Format {
    parts: Box<[Part]>,
}

/// A piece of a format.
#[derive(Clone)]
pub enum Part {
    /// Text as it stands.
    Text(Bytes),
    /// What a variable shows.
    Variable(Readable),
}

impl Format {
    /// A format of these parts.
    #[must_use]
    pub fn new(parts: Vec<Part>) -> Self {
        Self {
            parts: parts.into(),
        }
    }

    /// The text, when no variable is in it.
    #[must_use]
    pub fn as_constant(&self) -> Option<Bytes> {
        match &*self.parts {
            [] => Some(Bytes::new()),
            [Part::Text(t)] => Some(t.clone()),
            _ => None,
        }
    }

    /// Whether it shows the message as it came in, and nothing else.
    #[must_use]
    pub fn is_of_message(&self) -> bool {
        self.parts.iter().all(|part| match part {
            Part::Text(_) => true,
            Part::Variable(variable) => variable.is_of_message(),
        })
    }

    /// The variable, when nothing else is in it.
    #[must_use]
    pub fn as_variable(&self) -> Option<&Readable> {
        match &*self.parts {
            [Part::Variable(variable)] => Some(variable),
            _ => None,
        }
    }

    /// Appends the text to `out`.
    pub fn render(&self, cx: &mut Context, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Text(t) => out.extend_from_slice(t),
                Part::Variable(v) => {
                    v.look_shown(cx, |value| {
                        value.with_bytes(|text| out.extend_from_slice(text))
                    });
                }
            }
        }
    }

    /// The text.
    pub fn text(&self, cx: &mut Context) -> Bytes {
        if let [part] = &*self.parts {
            match part {
                Part::Text(t) => return t.clone(),
                Part::Variable(v) => return v.shown(cx).to_bytes(),
            }
        }
        let mut out = Vec::with_capacity(64);
        self.render(cx, &mut out);
        out.into()
    }
}
