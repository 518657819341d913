//! Script functions on URIs and numbers.

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use script::value::Value;
use sip::UriRef;

use super::functions::truth;
use super::uris;

/// Something is wrong with a text.
const NOT_SO: Outcome = Outcome::Return(-2);
/// A character is wrong.
const BAD_CHARACTER: Outcome = Outcome::Return(-3);

/// Runs something on the parsed request URI.
fn on_request_uri<T>(cx: &mut Context, work: impl FnOnce(&UriRef<'_>, &Bytes) -> T) -> Option<T> {
    let text = cx.request_uri();
    match UriRef::parse(&text) {
        Ok(uri) => Some(work(&uri, &text)),
        Err(error) => {
            cx.log(
                Level::Error,
                &format!("the request URI cannot be parsed: {error}"),
            );
            None
        }
    }
}

pub(super) fn uri_param(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    // Without a second argument a parameter without a value is meant.
    let wanted = args.text(cx, 1);
    let found = on_request_uri(cx, |uri, _| {
        uris::exact_param(uri, &name).is_some_and(|v| v == wanted)
    });
    truth(found == Some(true))
}

pub(super) fn uri_param_any(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    truth(on_request_uri(cx, |uri, _| uri.param(&name).is_some()) == Some(true))
}

pub(super) fn uri_param_rm(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let Some(changed) = on_request_uri(cx, |uri, _| uris::remove_param(uri, &name)) else {
        return FALSE;
    };
    if let Some(uri) = changed {
        cx.set_request_uri(uri);
    }
    TRUE
}

pub(super) fn add_uri_param(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let param = args.text(cx, 0);
    if param.is_empty() {
        return TRUE;
    }
    match on_request_uri(cx, |uri, _| uris::add_param(uri, &param)) {
        Some(uri) => {
            cx.set_request_uri(uri);
            TRUE
        }
        None => FALSE,
    }
}

fn store(cx: &mut Context, args: &Args<'_>, index: usize, text: Bytes) -> Outcome {
    match args.variable(index) {
        Some(target) => truth(target.write(cx, Value::Str(text))),
        None => FALSE,
    }
}

pub(super) fn get_uri_param(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let name = args.text(cx, 0);
    let value = on_request_uri(cx, |uri, text| {
        uris::exact_param(uri, &name).map(|v| text.slice_ref(v))
    });
    match value.flatten() {
        Some(value) => store(cx, args, 1, value),
        None => FALSE,
    }
}

pub(super) fn tel2sip(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (tel, host) = (args.text(cx, 0), args.text(cx, 1));
    match uris::tel_to_sip(&tel, &host) {
        Some(uri) => store(cx, args, 2, uri),
        None => Outcome::Return(2),
    }
}

/// Changes a part of the URI in a variable.
pub(super) fn set_part(
    cx: &mut Context,
    args: &Args<'_>,
    change: fn(&[u8], &[u8]) -> Option<Bytes>,
) -> Outcome {
    let (uri, part) = (args.text(cx, 0), args.text(cx, 1));
    match change(&uri, &part) {
        Some(changed) => store(cx, args, 0, changed),
        None => {
            cx.log(Level::Error, "the URI cannot be changed so");
            FALSE
        }
    }
}

pub(super) fn is_uri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    truth(UriRef::parse(&text).is_ok())
}

pub(super) fn is_gruu(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = if args.is_empty() {
        cx.request_uri()
    } else {
        args.text(cx, 0)
    };
    match UriRef::parse(&text).map(|uri| uri.param(b"gr").map(<[u8]>::is_empty)) {
        Ok(Some(true)) => Outcome::Return(2),
        Ok(Some(false)) => TRUE,
        _ => FALSE,
    }
}

pub(super) fn cmp_uri(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (a, b) = (args.text(cx, 0), args.text(cx, 1));
    match (UriRef::parse(&a), UriRef::parse(&b)) {
        (Ok(a), Ok(b)) => truth(uris::same(&a, &b)),
        _ => NOT_SO,
    }
}

pub(super) fn cmp_aor(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (a, b) = (args.text(cx, 0), args.text(cx, 1));
    match (UriRef::parse(&a), UriRef::parse(&b)) {
        (Ok(a), Ok(b)) => truth(uris::same_aor(&a, &b)),
        _ => NOT_SO,
    }
}

pub(super) fn is_e164(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    truth(uris::is_e164(&text))
}

pub(super) fn is_uri_user_e164(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    truth(uris::has_e164_user(&text))
}

pub(super) fn is_tel_number(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    if uris::is_tel_number(&text) {
        TRUE
    } else {
        NOT_SO
    }
}

pub(super) fn is_numeric(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        TRUE
    } else {
        NOT_SO
    }
}

/// Whether a text holds letters, digits and some others.
fn all_of(text: &[u8], others: &[u8]) -> Outcome {
    if text.is_empty() {
        NOT_SO
    } else if text
        .iter()
        .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    {
        TRUE
    } else {
        BAD_CHARACTER
    }
}

pub(super) fn is_alphanum(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let text = args.text(cx, 0);
    all_of(&text, b"")
}

pub(super) fn is_alphanumex(cx: &mut Context, args: &Args<'_>) -> Outcome {
    let (text, others) = (args.text(cx, 0), args.text(cx, 1));
    all_of(&text, &others)
}
