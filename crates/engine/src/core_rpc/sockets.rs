//! Where the server listens and which names it answers to.

use super::record;
use crate::module::Rpc;
use crate::rpc::RpcValue;

pub(super) const SOCKETS: Rpc = Rpc {
    name: "core.sockets_list",
    doc: "List listen sockets.",
    run: |call| {
        let rows = call.core.sockets.by_transport().into_iter().map(|socket| {
            let mut fields = vec![
                ("proto", socket.proto.name().into()),
                ("address", socket.own_name().into()),
            ];
            // As in Kamailio, which knows an address for one by having asked for its name.
            if socket.host_name.is_some() || !call.core.settings.auto_aliases {
                fields.push(("ipaddress", socket.bare_host().into()));
            }
            fields.extend([
                ("port", socket.port.clone().into()),
                ("mcast", "no".into()),
                ("mhomed", "no".into()),
                ("virtual", "no".into()),
            ]);
            record(vec![("socket", record(fields))])
        });
        Ok(vec![RpcValue::List(rows.collect())])
    },
};

pub(super) const ALIASES: Rpc = Rpc {
    name: "core.aliases_list",
    doc: "List socket aliases.",
    run: |call| {
        let any = || RpcValue::from("*");
        let rows = call.core.sockets.aliases().into_iter().map(|alias| {
            let fields = record(vec![
                ("proto", alias.proto.map_or_else(any, |p| p.name().into())),
                ("address", alias.host.into()),
                (
                    "port",
                    alias.port.map_or_else(any, |p| p.to_string().into()),
                ),
            ]);
            record(vec![("alias", fields)])
        });
        let rows = RpcValue::List(rows.collect());
        Ok(vec![record(vec![
            ("myself_callbacks", "no".into()),
            ("aliases", rows),
        ])])
    },
};
