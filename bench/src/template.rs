//! Messages that are written once and only filled in for each exchange.

/// In a text that becomes a template: the number of the exchange, eight hexadecimal digits.
pub(crate) const NUMBER: &str = "\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}\u{1}";
/// The number of the user, eight hexadecimal digits.
pub(crate) const USER: &str = "\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}\u{2}";
/// The port of caller and callee, five digits.
pub(crate) const PORT: &str = "\u{3}\u{3}\u{3}\u{3}\u{3}";

/// What differs between the messages of one template.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values {
    pub(crate) number: u64,
    pub(crate) user: u64,
    pub(crate) port: u16,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Hole {
    Number,
    User,
    Port,
}

/// A text with holes of fixed widths.
#[derive(Clone)]
pub(crate) struct Template {
    text: Vec<u8>,
    /// Where each hole begins.
    holes: Vec<(usize, Hole)>,
}

impl Template {
    /// Finds the holes of a text.
    pub(crate) fn new(text: String) -> Self {
        let mut holes = Vec::new();
        for (marks, hole) in [
            (NUMBER, Hole::Number),
            (USER, Hole::User),
            (PORT, Hole::Port),
        ] {
            holes.extend(text.match_indices(marks).map(|(at, _)| (at, hole)));
        }
        Self {
            text: text.into_bytes(),
            holes,
        }
    }

    /// Appends the text with its holes filled.
    pub(crate) fn fill(&self, out: &mut Vec<u8>, values: &Values) {
        let base = out.len();
        out.extend_from_slice(&self.text);
        let (number, user) = (hexadecimal(values.number), hexadecimal(values.user));
        let port = decimal(values.port);
        for (at, hole) in &self.holes {
            let digits: &[u8] = match hole {
                Hole::Number => &number,
                Hole::User => &user,
                Hole::Port => &port,
            };
            let start = base + at;
            if let Some(place) = out.get_mut(start..start + digits.len()) {
                place.copy_from_slice(digits);
            }
        }
    }
}

/// The last eight digits.
fn hexadecimal(mut value: u64) -> [u8; 8] {
    let mut digits = [b'0'; 8];
    for digit in digits.iter_mut().rev() {
        let low = (value & 0xf) as u8;
        value >>= 4;
        *digit = if low < 10 {
            b'0' + low
        } else {
            b'a' + low - 10
        };
    }
    digits
}

fn decimal(mut value: u16) -> [u8; 5] {
    let mut digits = [b'0'; 5];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (value % 10) as u8;
        value /= 10;
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled() {
        let template = Template::new(format!("{NUMBER}@{PORT} {USER};{NUMBER}"));
        let mut out = b"> ".to_vec();
        let values = Values {
            number: 0x1f,
            user: 0xabcd_ef01,
            port: 20_007,
        };
        template.fill(&mut out, &values);
        assert_eq!(out, b"> 0000001f@20007 abcdef01;0000001f");
    }
}
