//! Which sockets the configuration and the command line ask for, for the transport and for the
//! engine alike.

use std::net::IpAddr;

use engine::settings::Settings;
use engine::socket::{Alias, ListenSocket, Proto, SocketId, SocketTable};
use script::ast::ListenValue;
use transport::listen::{ExpandError, Ipv6, ListenHost, ListenSpec, expand, expand_default};
use transport::{Advertise, ListenAddress};

use crate::cli::CommandLine;
use crate::world::{engine_proto, transport_proto};

/// Why the addresses to listen on are unusable.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// A name of a `listen` line means nothing.
    #[error(transparent)]
    Expand(#[from] ExpandError),
    /// A transport's name.
    #[error("listen: unknown transport `{0}`")]
    UnknownProto(String),
    /// A transport that this version lacks.
    #[error("listen: transport `{0}` is not supported by this version of ferrosip")]
    Unsupported(String),
    /// More sockets than can be numbered.
    #[error("too many listening sockets")]
    TooMany,
}

/// The addresses to listen on: those of the configuration and of the command line; without any,
/// all addresses of the machine, as Kamailio does.
///
/// # Errors
/// A line that means no socket.
pub fn addresses(
    settings: &Settings,
    line: &CommandLine,
) -> Result<Vec<ListenAddress>, SocketError> {
    let disable_tcp = settings.disable_tcp || line.disable_tcp;
    let enabled: &[transport::Proto] = if disable_tcp {
        &[transport::Proto::Udp]
    } else {
        &[transport::Proto::Udp, transport::Proto::Tcp]
    };
    let port = |_| settings.port;
    let ipv6 = Ipv6 {
        of_interfaces: settings.auto_bind_ipv6,
        link_local: settings.bind_link_local,
    };
    let mut specs = Vec::new();
    // The first of a kind sends what names no socket: with Kamailio, one of the configuration.
    for (index, value) in settings.listen.iter().enumerate() {
        let interface = settings.mcast_of(index).map(str::to_owned);
        specs.push(ListenSpec {
            multicast_interface: interface,
            ..spec(value)?
        });
    }
    for given in &line.listen {
        for host in &given.addresses {
            specs.push(ListenSpec {
                proto: given.proto.map(proto).transpose()?,
                host: listen_host(host),
                port: given.port,
                advertise: given.advertise.as_ref().map(|a| Advertise {
                    host: a.host.clone(),
                    port: a.port,
                }),
                name: None,
                multicast_interface: None,
            });
        }
    }
    let mut found = if specs.is_empty() {
        expand_default(enabled, ipv6, port)?
    } else {
        expand(&specs, enabled, ipv6, port)?
    };
    if disable_tcp {
        found.retain(|a| a.proto != transport::Proto::Tcp);
    }
    if let Some(other) = found
        .iter()
        .find(|a| !matches!(a.proto, transport::Proto::Udp | transport::Proto::Tcp))
    {
        return Err(SocketError::Unsupported(other.proto.name().to_owned()));
    }
    Ok(found)
}

fn spec(value: &ListenValue) -> Result<ListenSpec, SocketError> {
    Ok(ListenSpec {
        proto: value.proto.as_deref().map(proto).transpose()?,
        host: listen_host(&value.host),
        port: value.port,
        advertise: value.advertise.as_ref().map(|(host, port)| Advertise {
            host: host.clone(),
            port: *port,
        }),
        name: value.name.clone(),
        multicast_interface: None,
    })
}

fn proto(name: &str) -> Result<transport::Proto, SocketError> {
    transport::Proto::from_name(name.as_bytes())
        .ok_or_else(|| SocketError::UnknownProto(name.to_owned()))
}

fn listen_host(text: &str) -> ListenHost {
    let bare = text
        .strip_prefix('[')
        .and_then(|t| t.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse::<IpAddr>()
        .map_or_else(|_| ListenHost::Name(text.to_owned()), ListenHost::Ip)
}

/// The engine's table of the same sockets, with the aliases.
///
/// # Errors
/// More sockets than can be numbered, or an alias with an unknown transport.
pub fn table(
    addresses: &[ListenAddress],
    settings: &Settings,
    line: &CommandLine,
) -> Result<SocketTable, SocketError> {
    let mut sockets = Vec::with_capacity(addresses.len());
    for (index, address) in addresses.iter().enumerate() {
        let id = SocketId(u16::try_from(index).map_err(|_| SocketError::TooMany)?);
        let mut socket = ListenSocket::new(id, engine_proto(address.proto), address.addr);
        if let Some(advertise) = &address.advertise {
            socket.advertised_host = Some(advertise.host.clone().into());
            socket.advertised_port = advertise.port;
        }
        socket.name = address.name.clone().map(Into::into);
        socket.host_name = address.host_name.clone().map(Into::into);
        sockets.push(socket);
    }
    let mut aliases = Vec::new();
    for value in &settings.aliases {
        aliases.push(Alias {
            host: value.host.clone().into(),
            port: value.port,
            proto: match &value.proto {
                Some(name) => Some(engine_proto(proto(name)?)),
                None => None,
            },
        });
    }
    for given in &line.aliases {
        aliases.push(Alias {
            host: given.host.clone().into(),
            port: given.port,
            proto: given
                .proto
                .and_then(|name| Proto::from_name(name.as_bytes())),
        });
    }
    Ok(SocketTable::new(sockets, aliases))
}

/// Protocols of the listening sockets, for name resolution.
#[must_use]
pub fn protocols(table: &SocketTable) -> Vec<transport::Proto> {
    let mut protos: Vec<transport::Proto> = table
        .all()
        .iter()
        .map(|s| transport_proto(s.proto))
        .collect();
    protos.dedup();
    protos.sort_unstable_by_key(|p| p.name());
    protos.dedup();
    protos
}
