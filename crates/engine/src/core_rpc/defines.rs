//! What the preprocessor has defined.

use super::record;
use crate::module::Rpc;

pub(super) const NAMES: Rpc = Rpc {
    name: "core.ppdefines",
    doc: "List preprocessor defines.",
    run: |call| {
        let defines = call.core.defines().into_iter();
        Ok(defines.map(|(name, _)| name.into()).collect())
    },
};

pub(super) const FULL: Rpc = Rpc {
    name: "core.ppdefines_full",
    doc: "List preprocessor defines with their values.",
    run: |call| {
        let defines = call.core.defines().into_iter();
        let row = |(name, value): (String, bytes::Bytes)| {
            let value = if value.is_empty() {
                "none".into()
            } else {
                value.into()
            };
            record(vec![
                ("name", name.into()),
                ("type", 0.into()),
                ("value", value),
            ])
        };
        Ok(defines.map(row).collect())
    },
};
