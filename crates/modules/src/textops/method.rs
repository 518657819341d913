//! Lists of methods (`INVITE|ACK`).

use engine::Context;

/// Whether the message's method (of CSeq in a reply) stands in a list, in any case.
pub(super) fn is_in(cx: &Context, list: &[u8]) -> bool {
    let method = cx.msg.method_text();
    !method.is_empty()
        && list
            .split(|c| matches!(c, b'|' | b','))
            .any(|name| sip::chars::trim(name).eq_ignore_ascii_case(method))
}
