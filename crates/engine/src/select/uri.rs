//! Parts of URIs: `@ruri.host`, `@from.uri.user`.

use bytes::Bytes;
use script::value::Value;
use sip::UriRef;

use super::Step;
use crate::context::Context;
use crate::request_uri::Phones;

/// A part of a URI.
#[derive(Clone)]
pub(super) enum UriPart {
    Whole,
    User,
    /// The routing number in the user (`;rn=`), else the user.
    RoutingUser,
    Password,
    Host,
    Port,
    HostPort,
    Params,
    Param(String),
    Transport,
    Type,
}

impl UriPart {
    /// Parses what follows the URI's own name.
    pub(super) fn parse(steps: &[Step<'_>]) -> Option<Self> {
        Some(match steps {
            [] => Self::Whole,
            [params, name] if params.plain() == Some("params") => {
                Self::Param(name.plain()?.to_owned())
            }
            [step] => match (step.name, step.index) {
                ("params", Some(name)) => Self::Param(name.to_owned()),
                (_, Some(_)) => return None,
                ("user", None) => Self::User,
                ("rn_user", None) => Self::RoutingUser,
                ("pwd", None) => Self::Password,
                ("host", None) => Self::Host,
                ("port", None) => Self::Port,
                ("hostport", None) => Self::HostPort,
                ("params", None) => Self::Params,
                ("transport", None) => Self::Transport,
                ("type", None) => Self::Type,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Its value in a URI; null when the text is none.
    pub(super) fn of(&self, cx: &Context, text: &Bytes) -> Value {
        if matches!(self, Self::Whole) {
            return Value::Str(text.clone());
        }
        let Ok(uri) = UriRef::parse(text) else {
            return Value::Null;
        };
        let piece = |bytes: &[u8]| Value::Str(text.slice_ref(bytes));
        let port = || match uri.port() {
            Some(_) => text.slice_ref(uri.uri.port_span.get(text)),
            None => Bytes::from(uri.port_or_default().to_string()),
        };
        match self {
            Self::Whole => Value::Null,
            Self::User => piece(dialled(Phones::of(&cx.core.settings).user(&uri))),
            Self::RoutingUser => piece(routing_number(uri.user()).unwrap_or(uri.user())),
            Self::Password => piece(uri.password()),
            Self::Host => piece(uri.host()),
            Self::Port => Value::Str(port()),
            Self::HostPort => Value::Str([uri.host(), b":", &port()].concat().into()),
            Self::Params => piece(uri.params_text()),
            Self::Param(name) => uri.param(name.as_bytes()).map_or(Value::Null, piece),
            Self::Transport => match uri.transport() {
                Some(t) => piece(t),
                None => Value::Str(Bytes::from_static(b"udp")),
            },
            Self::Type => Value::Str(Bytes::from_static(uri.scheme().as_str().as_bytes())),
        }
    }
}

/// A user with a routing number without it and its other parameters; any other user as it is.
fn dialled(user: &[u8]) -> &[u8] {
    let end = memchr::memchr(b';', user).filter(|_| routing_number(user).is_some());
    &user[..end.unwrap_or(user.len())]
}

/// `+1999` of the user `+15551;rn=+1999;npdi`.
fn routing_number(user: &[u8]) -> Option<&[u8]> {
    let mut params = user.split(|b| *b == b';').skip(1);
    params.find_map(|p| p.strip_prefix(b"rn="))
}

/// The URIs of a request.
#[derive(Clone, Copy)]
enum Of {
    Request,
    NextHop,
    Destination,
}

/// `@ruri…`, `@next_hop…`, `@dst_uri…`.
#[derive(Clone)]
pub(super) struct UriSelect {
    of: Of,
    part: UriPart,
}

impl UriSelect {
    pub(super) fn parse(steps: &[Step<'_>]) -> Option<Self> {
        let (first, rest) = steps.split_first()?;
        let of = match first.plain()? {
            "ruri" | "request_uri" => Of::Request,
            "next_hop" => Of::NextHop,
            "dst_uri" => Of::Destination,
            "msg" | "message" => {
                let [request, uri, rest @ ..] = rest else {
                    return None;
                };
                if !matches!(request.plain()?, "request" | "req") || uri.plain()? != "uri" {
                    return None;
                }
                let part = UriPart::parse(rest)?;
                let of = Of::Request;
                return Some(Self { of, part });
            }
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
            Of::Request => Some(cx.request_uri()),
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
