//! What was found out about the credentials of a message, kept with it and its transaction.

use std::sync::Arc;

use bytes::Bytes;
use engine::Context;
use sip::header::Credentials;
use sip::{Header, Message, Span};

use super::credentials::Kind;

/// The credentials that were found for a realm.
#[derive(Clone, Debug)]
struct Mark {
    /// The header line.
    line: Span,
    username: Bytes,
    realm: Bytes,
    is_right: bool,
}

/// At most one of each kind of header.
#[derive(Clone, Debug)]
pub(crate) struct Marks {
    /// The message that they are about: `msg_apply_changes` makes another one.
    msg: Arc<Message>,
    marks: [Option<Mark>; 2],
}

/// A user whose credentials were found right.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Authorized {
    /// The user, without scheme and domain.
    pub user: Bytes,
    /// The domain of the user name, else the realm.
    pub domain: Bytes,
}

/// Marks credentials as those that are meant; whether they are right is not known yet.
pub(super) fn found(cx: &mut Context, kind: Kind, header: &Header, credentials: &Credentials) {
    let field = |span: Option<Span>| span.map_or_else(Bytes::new, |span| cx.msg.slice(span));
    let mark = Mark {
        line: header.whole,
        username: field(credentials.username(cx.msg.raw())),
        realm: field(credentials.realm(cx.msg.raw())),
        is_right: false,
    };
    let msg = Arc::clone(&cx.msg);
    match cx.extensions.get_mut::<Marks>() {
        Some(marks) if Arc::ptr_eq(&marks.msg, &msg) => marks.marks[kind.index()] = Some(mark),
        _ => {
            let mut marks = [None, None];
            marks[kind.index()] = Some(mark);
            cx.extensions.insert(Marks { msg, marks });
        }
    }
}

/// Notes that the credentials found last are right.
pub(super) fn right(cx: &mut Context, kind: Kind) {
    if let Some(marks) = cx.extensions.get_mut::<Marks>()
        && let Some(mark) = &mut marks.marks[kind.index()]
    {
        mark.is_right = true;
    }
}

/// The header line of the credentials that were found, the server's before the proxy's.
pub(super) fn line(cx: &Context) -> Option<Span> {
    Some(of(cx)?.next()?.line)
}

/// Whether credentials of a kind were found for a realm.
#[must_use]
pub(crate) fn is_found(cx: &Context, kind: Kind) -> bool {
    let marks = cx.extensions.get::<Marks>();
    let marks = marks.filter(|marks| Arc::ptr_eq(&marks.msg, &cx.msg));
    marks.is_some_and(|marks| marks.marks[kind.index()].is_some())
}

/// Whose credentials were found right, if anybody's were; those of the preferred kind if both.
#[must_use]
pub(crate) fn authorized(cx: &Context, preferred: Kind) -> Option<Authorized> {
    let mut right = of(cx)?.filter(|mark| mark.is_right);
    let mark = match preferred {
        Kind::Server => right.next(),
        Kind::Proxy => right.last(),
    }?;
    let (user, domain) = sip::header::split_username(&mark.username);
    let domain = match domain {
        b"" => mark.realm.clone(),
        domain => mark.username.slice_ref(domain),
    };
    Some(Authorized {
        user: mark.username.slice_ref(user),
        domain,
    })
}

fn of(cx: &Context) -> Option<impl Iterator<Item = &Mark>> {
    let marks = cx.extensions.get::<Marks>()?;
    Arc::ptr_eq(&marks.msg, &cx.msg).then(|| marks.marks.iter().flatten())
}
