//! What operators' tools send.

use engine::rpc::binrpc as codec;

/// A binary call: what is read prints and reads again to the same call.
pub fn binrpc(data: &[u8]) {
    let Ok(Some(header)) = codec::header(data) else {
        return;
    };
    let body = data.get(header.body..header.end.min(data.len()));
    let body = body.unwrap_or_default();
    let _ = codec::values(body);
    let Ok((method, args)) = codec::call(body) else {
        return;
    };
    let printed = codec::request(header.cookie, &method, &args);
    let again = codec::header(&printed)
        .ok()
        .flatten()
        .expect("a printed call has a front");
    assert_eq!(again.end, printed.len());
    let (name, values) = codec::call(&printed[again.body..]).expect("a printed call reads");
    assert_eq!((name, values.len()), (method, args.len()));
}
