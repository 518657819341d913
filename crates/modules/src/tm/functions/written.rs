//! Functions that tell another program of the request.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use engine::Context;
use engine::arguments::Args;
use engine::catalog::NameScope;
use engine::control::ControlAddress;
use engine::log::Level;
use engine::module::{FALSE, Outcome, TRUE};
use engine::variable::ParsedName;

use crate::tm::appends;
use crate::tm::message::current;
use crate::tm::state::Tm;
use crate::tm::suspend;
use crate::tm::written::{self, Info};

/// `action` or `action/append`.
pub(super) fn parse_info(scope: &mut NameScope<'_, '_>, text: &[u8]) -> Result<ParsedName, String> {
    let text = std::str::from_utf8(text).map_err(|_| "the action is no text".to_owned())?;
    let (action, append) = match text.split_once('/') {
        None => (text, None),
        Some(("", _)) => return Err("there is no action before the `/`".to_owned()),
        Some((action, name)) => {
            let lists = scope.state::<Tm>().map(|tm| &tm.config.appends[..]);
            let found = appends::find(lists.unwrap_or_default(), name);
            (
                action,
                Some(found.ok_or_else(|| format!("no tw_append has the name `{name}`"))?),
            )
        }
    };
    Ok(ParsedName::data(Info {
        action: action.to_owned(),
        append,
    }))
}

/// `t_write_req(pipe, info)`.
pub(super) fn write_req(cx: &mut Context, args: &Args<'_>) -> Outcome {
    write(cx, args, "t_write_req", ControlAddress::Fifo)
}

/// `t_write_unix(socket, info)`.
pub(super) fn write_unix(cx: &mut Context, args: &Args<'_>) -> Outcome {
    write(cx, args, "t_write_unix", ControlAddress::UnixDatagram)
}

fn write(
    cx: &mut Context,
    args: &Args<'_>,
    name: &'static str,
    address: fn(PathBuf) -> ControlAddress,
) -> Outcome {
    let tm = args.state::<Tm>();
    let (Some(handle), Some(info)) = (current(cx), args.parsed::<Info>(1)) else {
        cx.log(Level::Error, &format!("{name}: there is no transaction"));
        return FALSE;
    };
    let append = info.append.and_then(|place| tm.config.appends.get(place));
    let Some(text) = written::text(cx, handle, &info.action, append) else {
        cx.log(Level::Error, &format!("{name}: the message is malformed"));
        return FALSE;
    };
    let address = address(path(&args.text(cx, 0)));
    let limit = u64::try_from(tm.config.unix_tx_timeout.get()).unwrap_or(0);
    let limit = Duration::from_millis(limit);
    let told = cx.core.services.control.tell(address, text, limit);
    Outcome::Wait(Box::pin(async move {
        let told = told.await;
        Box::new(move |cx: &mut Context| match told {
            Ok(()) => {
                suspend::await_reader(cx, handle);
                TRUE
            }
            Err(error) => {
                cx.log(Level::Error, &format!("{name}: {error}"));
                FALSE
            }
        }) as _
    }))
}

fn path(text: &Bytes) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(text).into_owned())
}
