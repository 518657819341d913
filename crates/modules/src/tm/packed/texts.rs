//! The texts of a transaction at rest, written behind each other.

use bytes::Bytes;

/// How many texts there may be.
const COUNT: usize = 9;

/// Stands for a text that there is not, which is no empty one.
const MISSING: u32 = u32::MAX;

/// All texts, in the order in which they are written.
pub(super) struct Texts<T> {
    /// The request as received.
    pub(super) request: T,
    /// The last reply as sent.
    pub(super) reply: T,
    /// The branch's request as sent.
    pub(super) sent: T,
    /// Of the branch.
    pub(super) uri: Option<T>,
    pub(super) dst_uri: Option<T>,
    pub(super) path: Option<T>,
    /// Of the registration that the branch came from.
    pub(super) instance: Option<T>,
    pub(super) ruid: Option<T>,
    pub(super) user_agent: Option<T>,
}

/// How long each text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths([u32; COUNT]);

impl Lengths {
    /// Writes the texts.
    pub(super) fn write(texts: &Texts<&[u8]>, out: &mut Vec<u8>) -> Self {
        let all = [
            Some(texts.request),
            Some(texts.reply),
            Some(texts.sent),
            texts.uri,
            texts.dst_uri,
            texts.path,
            texts.instance,
            texts.ruid,
            texts.user_agent,
        ];
        out.reserve(all.iter().flatten().map(|text| text.len()).sum());
        for text in all.iter().flatten() {
            out.extend_from_slice(text);
        }
        // Messages are shorter by far than this counts.
        Self(all.map(|text| text.map_or(MISSING, |text| text.len() as u32)))
    }

    /// The texts again.
    pub(super) fn read(self, mut texts: &[u8]) -> Texts<Bytes> {
        let mut all = self.0.map(|length| {
            if length == MISSING {
                return None;
            }
            let (text, rest) = texts.split_at_checked(length as usize)?;
            texts = rest;
            Some(Bytes::copy_from_slice(text))
        });
        let mut next = all.iter_mut().map(Option::take);
        let mut next = || next.next().flatten();
        Texts {
            request: next().unwrap_or_default(),
            reply: next().unwrap_or_default(),
            sent: next().unwrap_or_default(),
            uri: next(),
            dst_uri: next(),
            path: next(),
            instance: next(),
            ruid: next(),
            user_agent: next(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_taken_apart_as_they_were_written() {
        let texts: Texts<&[u8]> = Texts {
            request: b"one",
            reply: b"",
            sent: b"three",
            uri: Some(b"4"),
            dst_uri: None,
            path: Some(b""),
            instance: Some(b"seven"),
            ruid: None,
            user_agent: Some(b"nine"),
        };
        let mut out = Vec::new();
        let read = Lengths::write(&texts, &mut out).read(&out);
        assert_eq!(read.request, texts.request);
        assert_eq!(read.reply, texts.reply);
        assert_eq!(read.sent, texts.sent);
        for (read, written) in [
            (read.uri, texts.uri),
            (read.dst_uri, texts.dst_uri),
            (read.path, texts.path),
            (read.instance, texts.instance),
            (read.ruid, texts.ruid),
            (read.user_agent, texts.user_agent),
        ] {
            assert_eq!(read.as_deref(), written);
        }
    }
}
