//! Parts of URIs: `@ruri.host`, `@from.uri.user`.

use std::borrow::Cow;

use bytes::Bytes;
use script::value::Value;
use sip::UriRef;
use sip::uri::Scheme;

use super::path::{self, Last, Step};
use super::text::param;
use crate::context::Context;
use crate::request_uri::Phones;
use crate::socket::Proto;

/// A part of a URI.
pub enum UriPart {
    /// All of it.
    Whole,
    /// All of it, for want of what was asked for.
    Beyond,
    /// The user; of a phone number its digits alone.
    User,
    /// The routing number of a phone number (`;rn=`), else the user.
    RoutingUser,
    /// The password.
    Password,
    /// The host.
    Host,
    /// The port, if there is one.
    Port,
    /// The host and the port, or the one that the scheme has.
    HostPort,
    /// The parameters; of a phone number its own.
    Params,
    /// The value of a parameter.
    Param(String),
    /// The transport that it asks for.
    Transport,
    /// The scheme.
    Type,
}

impl UriPart {
    /// Parses what follows the URI's own name.
    #[must_use]
    pub fn parse(steps: &[Step]) -> Option<Self> {
        if matches!(steps, [Step::Beyond]) {
            return Some(Self::Beyond);
        }
        let word = match path::last(steps)? {
            Last::Whole => return Some(Self::Whole),
            Last::Param(name) => return Some(Self::Param(name.to_owned())),
            Last::Word(word) => word,
        };
        Some(match word {
            "user" => Self::User,
            "rn_user" => Self::RoutingUser,
            "pwd" => Self::Password,
            "host" => Self::Host,
            "port" => Self::Port,
            "hostport" => Self::HostPort,
            "params" => Self::Params,
            "transport" => Self::Transport,
            "type" => Self::Type,
            _ => return None,
        })
    }

    /// Its value in a URI; null when the text is none. A host may be empty; any other part that is
    /// empty is not there.
    #[must_use]
    pub fn of(&self, cx: &Context, text: &Bytes) -> Value {
        if matches!(self, Self::Whole | Self::Beyond) {
            return Value::Str(text.clone());
        }
        let Ok(uri) = UriRef::parse(text) else {
            return Value::Null;
        };
        let phones = Phones::of(&cx.core.settings);
        let is_phone = uri.scheme() == Scheme::Tel || phones.has(&uri);
        let there = |bytes: &[u8]| match bytes {
            [] => Value::Null,
            bytes => Value::Str(text.slice_ref(bytes)),
        };
        let number = |bytes: &[u8]| match is_phone {
            true => digits(text, bytes),
            false => there(bytes),
        };
        let own_params = match phones.has(&uri) {
            true => phones
                .number_params(&uri)
                .strip_prefix(b";")
                .unwrap_or_default(),
            false => uri.params_text(),
        };
        match self {
            Self::Whole | Self::Beyond => Value::Null,
            Self::User => number(phones.user(&uri)),
            Self::RoutingUser if is_phone => match param(&text.slice_ref(own_params), "rn") {
                Value::Str(routing) => digits(&routing, &routing),
                _ => number(phones.user(&uri)),
            },
            Self::RoutingUser => there(uri.user()),
            Self::Password => there(uri.password()),
            Self::Host => Value::Str(text.slice_ref(uri.host())),
            Self::Port => there(uri.uri.port_span.get(text)),
            Self::HostPort if uri.host().is_empty() => Value::Null,
            Self::HostPort => {
                let port = match uri.port() {
                    Some(_) => Cow::Borrowed(uri.uri.port_span.get(text)),
                    None if is_phone => Cow::Borrowed(&b"5060"[..]),
                    None => Cow::Owned(uri.port_or_default().to_string().into_bytes()),
                };
                Value::Str([uri.host(), b":", &port].concat().into())
            }
            Self::Params => there(own_params),
            Self::Param(name) => match param(&text.slice_ref(uri.params_text()), name) {
                Value::Null => param(&text.slice_ref(own_params), name),
                found => found,
            },
            Self::Transport => Value::Str(Bytes::from_static(transport(&uri, is_phone))),
            Self::Type if is_phone => Value::Str(Bytes::from_static(b"tel")),
            Self::Type => Value::Str(Bytes::from_static(uri.scheme().as_str().as_bytes())),
        }
    }
}

/// A phone number without what only makes it readable.
fn digits(text: &Bytes, number: &[u8]) -> Value {
    let is_separator = |b: &u8| matches!(b, b'-' | b'.' | b'(' | b')');
    if number.is_empty() {
        return Value::Null;
    }
    if !number.iter().any(is_separator) {
        return Value::Str(text.slice_ref(number));
    }
    let kept = number.iter().filter(|b| !is_separator(b));
    Value::Str(kept.copied().collect::<Vec<u8>>().into())
}

/// The transport that a URI names if it is one of ours, or that goes with its scheme.
fn transport(uri: &UriRef<'_>, is_phone: bool) -> &'static [u8] {
    let named = uri.transport().and_then(Proto::from_name);
    match named {
        // Kamailio knows no `wss` in URIs.
        Some(Proto::Wss) => b"udp",
        Some(proto) => proto.name().as_bytes(),
        None if uri.scheme() == Scheme::Sips && !is_phone => b"tls",
        None => b"udp",
    }
}

/// The URIs of a request.
#[derive(Clone, Copy)]
enum Of {
    /// The request URI; null when it is none.
    Request,
    /// That of the line as received, `msg.request.uri`, whatever it is.
    Line,
    NextHop,
    Destination,
}

/// `@ruri…`, `@next_hop…`, `@dst_uri…`.
pub(super) struct UriSelect {
    of: Of,
    part: UriPart,
}

impl UriSelect {
    pub(super) fn parse(steps: &[Step]) -> Option<Self> {
        let (first, rest) = path::split(steps)?;
        let (of, rest) = match first {
            "ruri" | "request_uri" => (Of::Request, rest),
            "next_hop" => (Of::NextHop, rest),
            "dst_uri" => (Of::Destination, rest),
            "msg" | "message" => match rest {
                [request, uri, rest @ ..]
                    if matches!(request.word(), Some("request" | "req"))
                        && uri.word() == Some("uri") =>
                {
                    (Of::Line, rest)
                }
                _ => return None,
            },
            _ => return None,
        };
        let part = UriPart::parse(rest)?;
        Some(Self { of, part })
    }

    pub(super) fn read(&self, cx: &mut Context) -> Value {
        if !cx.msg.is_request() {
            return Value::Null;
        }
        let uri = match self.of {
            Of::Request => Some(cx.request_uri()).filter(|uri| UriRef::parse(uri).is_ok()),
            Of::Line => Some(cx.msg.slice(cx.msg.request_uri_span())),
            Of::Destination => cx.target.dst_uri.clone(),
            Of::NextHop => Some(
                cx.target
                    .dst_uri
                    .clone()
                    .unwrap_or_else(|| cx.request_uri()),
            ),
        };
        uri.map_or(Value::Null, |uri| self.part.of(cx, &uri))
    }
}
