//! How much the server carries, and how much it may.

use super::record;
use crate::module::Rpc;
use crate::overload;
use crate::rpc::RpcValue;

pub(super) const LIST: Rpc = Rpc {
    name: "ferrosip.limits",
    doc: "Lists what bounds new work: each limit of the group `ferrosip` with the value now \
          (0 is no limit), whether new requests are refused, and how many were.",
    run: |call| {
        let refused = call.core.statistics.value("core", "overload_refused");
        let limits = overload::report(call.core)
            .into_iter()
            .map(|(name, value, limit)| {
                let row = record(vec![("now", number(value)), ("limit", number(limit))]);
                (name.to_owned(), row)
            });
        let mut members = vec![
            (
                "refusing".to_owned(),
                i64::from(call.core.overload.is_refusing()).into(),
            ),
            ("refused".to_owned(), refused.unwrap_or(0).into()),
        ];
        members.extend(limits);
        Ok(vec![RpcValue::Struct(members)])
    },
};

fn number(value: u64) -> RpcValue {
    i64::try_from(value).unwrap_or(i64::MAX).into()
}
