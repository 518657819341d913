//! Names of addresses: those of our own addresses count as ours (`auto_aliases`), and one of a
//! sender's may stand in its Via (`rev_dns`).

use std::sync::Arc;

use bytes::Bytes;

use crate::context::Context;
use crate::core::Core;
use crate::module::Outcome;
use crate::services::Names;

/// Finds out what our addresses are called. The server is not held up: what the hosts file knows
/// counts at once, what DNS knows as soon as it answers.
pub(crate) fn learn_own(core: &Arc<Core>) {
    if !core.settings.auto_aliases {
        return;
    }
    for socket in core.sockets.all() {
        match core.services.resolver.names_of(socket.address.ip()) {
            Names::Ready(names) => core.sockets.learn(socket.id, &names),
            Names::Later(answer) => {
                let (own, id) = (Arc::clone(core), socket.id);
                let learn = async move { own.sockets.learn(id, &answer.await) };
                core.services.spawner.spawn(Box::pin(learn));
            }
        }
    }
}

/// Finds out, if `rev_dns` asks for it, whether the host in the top Via of a request is a name of
/// its sender, and goes on.
pub(crate) fn name_sender(cx: &mut Context, then: fn(&mut Context) -> Outcome) -> Outcome {
    if !cx.core.settings.rev_dns {
        return then(cx);
    }
    match cx.core.services.resolver.names_of(cx.received.source.ip()) {
        Names::Ready(names) => {
            note(cx, &names);
            then(cx)
        }
        Names::Later(answer) => Outcome::Wait(Box::pin(async move {
            let names = answer.await;
            Box::new(move |cx: &mut Context| {
                note(cx, &names);
                then(cx)
            }) as _
        })),
    }
}

/// As in Kamailio the case matters, and the beginning of a name is enough.
fn note(cx: &mut Context, names: &[Bytes]) {
    let Some(Ok(via)) = cx.msg.via1() else {
        return;
    };
    let host = cx.msg.text(via.host);
    cx.options.sender_is_named = names.iter().any(|name| name.starts_with(host));
}
