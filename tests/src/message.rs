//! A received or sent message as text.
//!
//! Bytes map to characters one to one (as in Latin-1), so that nothing a server sends is lost.

/// A message; headers are found, not interpreted.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The first line.
    pub start: String,
    /// Header names and values in order.
    pub headers: Vec<(String, String)>,
    /// What follows the empty line.
    pub body: String,
}

/// Text of the bytes, one character each.
pub fn text(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| char::from(byte)).collect()
}

/// The inverse of [`text`]; characters beyond one byte are written as UTF-8.
pub fn bytes(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character)) {
            Ok(byte) => out.push(byte),
            Err(_) => out.extend(character.to_string().bytes()),
        }
    }
    out
}

impl Message {
    /// Takes a message apart; never fails.
    pub fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((text, ""));
        let mut lines = head.split("\r\n");
        let start = lines.next().unwrap_or_default().to_owned();
        let headers = lines
            .map(|line| {
                let (name, value) = line.split_once(':').unwrap_or((line, ""));
                (name.trim().to_owned(), value.trim().to_owned())
            })
            .collect();
        Self {
            start,
            headers,
            body: body.to_owned(),
        }
    }

    /// All values of a header, in order.
    pub fn all<'a>(&'a self, name: &str) -> Vec<&'a str> {
        let matching = self
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        matching.map(|(_, value)| value.as_str()).collect()
    }

    /// The first value of a header, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.all(name).first().copied().unwrap_or_default()
    }

    /// The status code of a reply.
    pub fn status(&self) -> Option<u16> {
        self.start.strip_prefix("SIP/2.0 ")?.get(..3)?.parse().ok()
    }

    /// The method of a request.
    pub fn method(&self) -> Option<&str> {
        match self.status() {
            Some(_) => None,
            None => self.start.split(' ').next(),
        }
    }

    /// The URI of a request line.
    pub fn uri(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }

    /// Number and method of CSeq.
    pub fn cseq(&self) -> (u32, &str) {
        let mut parts = self.header("CSeq").split_whitespace();
        let number = parts.next().and_then(|n| n.parse().ok()).unwrap_or(1);
        (number, parts.next().unwrap_or_default())
    }

    /// The address in the Contact header, without brackets.
    pub fn contact(&self) -> &str {
        address(self.header("Contact"))
    }

    /// Whether the message is the given one, by a scenario's notation.
    pub fn matches(&self, pattern: &str) -> bool {
        if let Some(pattern) = pattern.strip_prefix('~') {
            let rendered = self.render();
            return regex::Regex::new(pattern).is_ok_and(|regex| regex.is_match(&rendered));
        }
        let mut words = pattern.split(' ');
        let first = words.next().unwrap_or_default();
        if !first.starts_with(|c: char| c.is_ascii_digit()) {
            return self.method() == Some(first);
        }
        let Some(status) = self.status() else {
            return false;
        };
        let same_status = match first.strip_suffix("xx") {
            Some(class) => class == (status / 100).to_string(),
            None => first == status.to_string(),
        };
        same_status && words.next().is_none_or(|method| method == self.cseq().1)
    }

    /// Writes the message out.
    pub fn render(&self) -> String {
        let mut out = format!("{}\r\n", self.start);
        for (name, value) in &self.headers {
            out.push_str(&format!("{name}: {value}\r\n"));
        }
        out.push_str("\r\n");
        out.push_str(&self.body);
        out
    }
}

/// The URI of a name-addr or addr-spec.
pub fn address(value: &str) -> &str {
    match value.split_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
        None => value.split(';').next().unwrap_or_default().trim(),
    }
}

/// The value of a header parameter.
pub fn param<'a>(value: &'a str, name: &str) -> Option<&'a str> {
    let params = value.rsplit('>').next()?.split(';');
    params
        .filter_map(|p| p.split_once('='))
        .find(|(n, _)| n.trim() == name)
        .map(|(_, v)| v.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_as_text() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(bytes(&text(&all)), all);
    }

    #[test]
    fn patterns_name_requests_and_replies() {
        let reply = Message::parse("SIP/2.0 200 OK\r\nCSeq: 3 BYE\r\n\r\n");
        assert!(reply.matches("200") && reply.matches("2xx") && reply.matches("200 BYE"));
        assert!(!reply.matches("200 INVITE") && !reply.matches("BYE"));
        let request = Message::parse("BYE sip:x SIP/2.0\r\nCSeq: 3 BYE\r\n\r\nbody");
        assert!(
            request.matches("BYE") && request.matches("~^BYE sip:x") && !request.matches("200")
        );
        assert_eq!(request.body, "body");
    }

    #[test]
    fn addresses_and_parameters_are_found() {
        assert_eq!(address("\"N\" <sip:a@b;c=d>;tag=e"), "sip:a@b;c=d");
        assert_eq!(param("<sip:a@b;tag=no>;tag=yes", "tag"), Some("yes"));
        assert_eq!(param("<sip:a@b>", "tag"), None);
    }
}
