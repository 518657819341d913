//! The system calls that have no safe wrapper fit for the hot path: receiving
//! several datagrams at once with their sources and destinations, sending
//! several at once, and one socket option. The only unsafe code of the project.
#![allow(unsafe_code)]

use std::{
    io, mem,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6},
    os::fd::{AsRawFd, BorrowedFd},
    ptr,
};

use socket2::SockAddr;

/// The largest datagram that UDP can carry.
const MAX_DATAGRAM: usize = 65_535;
/// Room for the control message with the destination address (at most
/// `cmsghdr` + `in6_pktinfo`), in words so that it is aligned for `cmsghdr`.
const CONTROL_WORDS: usize = 16;

/// One received datagram, borrowed from its [`Batch`].
#[derive(Debug)]
pub(crate) struct Datagram<'a> {
    /// The source; absent when the socket was shut down for reading.
    pub(crate) peer: Option<SocketAddr>,
    /// The destination, where the kernel told it.
    pub(crate) local: Option<IpAddr>,
    /// The payload.
    pub(crate) payload: &'a [u8],
}

/// Buffers for receiving up to `size` datagrams in one system call, made once
/// per thread and used again for each call.
pub(crate) struct Batch {
    payloads: Vec<u8>,
    names: Vec<libc::sockaddr_storage>,
    controls: Vec<[u64; CONTROL_WORDS]>,
    headers: Vec<libc::mmsghdr>,
    vectors: Vec<libc::iovec>,
}

impl Batch {
    /// Buffers for `size` datagrams, at least one.
    pub(crate) fn new(size: usize) -> Self {
        let size = size.clamp(1, 64);
        // SAFETY: sockaddr_storage, mmsghdr and iovec are plain C structures
        // of integers and raw pointers, for which all-zero is a valid value.
        let (name, header, vector) = unsafe {
            (
                mem::zeroed::<libc::sockaddr_storage>(),
                mem::zeroed::<libc::mmsghdr>(),
                mem::zeroed::<libc::iovec>(),
            )
        };
        Self {
            payloads: vec![0; size * MAX_DATAGRAM],
            names: vec![name; size],
            controls: vec![[0; CONTROL_WORDS]; size],
            headers: vec![header; size],
            vectors: vec![vector; size],
        }
    }

    /// Blocks until at least one datagram is there, takes what is queued up to
    /// the size of the batch, and returns how many were taken.
    pub(crate) fn receive(&mut self, fd: BorrowedFd<'_>) -> io::Result<usize> {
        self.arm();
        // SAFETY: `arm` has just pointed every header at a name, a vector and
        // a control buffer that live in vectors of `self`, which is borrowed
        // mutably for the whole call and never resized; each length field is
        // the true length of its buffer; the count is the number of headers.
        let taken = unsafe {
            libc::recvmmsg(
                fd.as_raw_fd(),
                self.headers.as_mut_ptr(),
                self.headers.len() as libc::c_uint,
                libc::MSG_WAITFORONE as _,
                ptr::null_mut(),
            )
        };
        usize::try_from(taken).map_err(|_| io::Error::last_os_error())
    }

    /// The datagrams of the last [`receive`](Self::receive) that returned `taken`.
    pub(crate) fn datagrams(&self, taken: usize) -> impl Iterator<Item = Datagram<'_>> {
        let chunks = self.payloads.chunks_exact(MAX_DATAGRAM);
        self.headers
            .iter()
            .zip(&self.names)
            .zip(chunks)
            .take(taken)
            .map(|((header, name), chunk)| {
                let length = (header.msg_len as usize).min(chunk.len());
                Datagram {
                    peer: source(name, header.msg_hdr.msg_namelen),
                    local: destination(&header.msg_hdr),
                    payload: &chunk[..length],
                }
            })
    }

    /// Points the headers at their buffers; the kernel overwrites lengths on
    /// each call, and a moved `Batch` must not keep pointers of its old place.
    fn arm(&mut self) {
        let payloads = self.payloads.chunks_exact_mut(MAX_DATAGRAM);
        let parts = self
            .headers
            .iter_mut()
            .zip(&mut self.vectors)
            .zip(&mut self.names)
            .zip(&mut self.controls)
            .zip(payloads);
        for ((((header, vector), name), control), payload) in parts {
            vector.iov_base = payload.as_mut_ptr().cast();
            vector.iov_len = payload.len();
            header.msg_hdr.msg_name = ptr::from_mut(name).cast();
            header.msg_hdr.msg_namelen = mem::size_of_val(name) as libc::socklen_t;
            header.msg_hdr.msg_iov = vector;
            header.msg_hdr.msg_iovlen = 1;
            header.msg_hdr.msg_control = control.as_mut_ptr().cast();
            header.msg_hdr.msg_controllen = mem::size_of_val(control) as _;
            header.msg_hdr.msg_flags = 0;
        }
    }
}

// SAFETY: the raw pointers in `headers` and `vectors` point into the other
// vectors of the same value, are written anew by `arm` before every use by the
// kernel, and are read by `destination` only while `self` is borrowed.
unsafe impl Send for Batch {}

/// Headers for sending several datagrams in one system call, made once per
/// thread and used again for each call.
#[derive(Default)]
pub(crate) struct SendBatch {
    headers: Vec<libc::mmsghdr>,
    vectors: Vec<libc::iovec>,
}

impl SendBatch {
    /// Hands datagrams to the kernel without blocking; returns how many it
    /// took, which is all unless one is refused. An error is about the first.
    pub(crate) fn send<'a>(
        &mut self,
        fd: BorrowedFd<'_>,
        datagrams: impl Iterator<Item = (&'a SockAddr, &'a [u8])>,
    ) -> io::Result<usize> {
        self.headers.clear();
        self.vectors.clear();
        for (to, payload) in datagrams {
            self.vectors.push(libc::iovec {
                // The kernel only reads what is sent.
                iov_base: payload.as_ptr().cast_mut().cast(),
                iov_len: payload.len(),
            });
            // SAFETY: mmsghdr is a plain C structure of integers and raw
            // pointers, for which all-zero is a valid value.
            let mut header: libc::mmsghdr = unsafe { mem::zeroed() };
            header.msg_hdr.msg_name = to.as_ptr().cast_mut().cast();
            header.msg_hdr.msg_namelen = to.len();
            header.msg_hdr.msg_iovlen = 1;
            self.headers.push(header);
        }
        // Once all are there: a growing vector moves.
        for (header, vector) in self.headers.iter_mut().zip(&mut self.vectors) {
            header.msg_hdr.msg_iov = vector;
        }
        // SAFETY: every header points at a vector of `self` and at an address
        // that the caller lends for the whole call, every vector at a payload
        // that it lends too, each with its true length; the kernel writes only
        // `msg_len`. The count is the number of headers.
        let sent = unsafe {
            libc::sendmmsg(
                fd.as_raw_fd(),
                self.headers.as_mut_ptr(),
                self.headers.len() as libc::c_uint,
                (libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) as _,
            )
        };
        usize::try_from(sent).map_err(|_| io::Error::last_os_error())
    }
}

/// The source address that the kernel wrote.
fn source(name: &libc::sockaddr_storage, length: libc::socklen_t) -> Option<SocketAddr> {
    let length = length as usize;
    if libc::c_int::from(name.ss_family) == libc::AF_INET
        && length >= mem::size_of::<libc::sockaddr_in>()
    {
        // SAFETY: the family says that the storage holds a sockaddr_in, which
        // is smaller than the storage and no stricter in alignment.
        let v4 = unsafe { &*ptr::from_ref(name).cast::<libc::sockaddr_in>() };
        let addr = Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr));
        return Some(SocketAddr::new(addr.into(), u16::from_be(v4.sin_port)));
    }
    if libc::c_int::from(name.ss_family) == libc::AF_INET6
        && length >= mem::size_of::<libc::sockaddr_in6>()
    {
        // SAFETY: as above, for sockaddr_in6.
        let v6 = unsafe { &*ptr::from_ref(name).cast::<libc::sockaddr_in6>() };
        let addr = Ipv6Addr::from(v6.sin6_addr.s6_addr);
        let port = u16::from_be(v6.sin6_port);
        return Some(SocketAddrV6::new(addr, port, 0, v6.sin6_scope_id).into());
    }
    None
}

/// The destination address in the control messages that the kernel wrote.
fn destination(header: &libc::msghdr) -> Option<IpAddr> {
    if header.msg_controllen == 0 || header.msg_flags & libc::MSG_CTRUNC != 0 {
        return None;
    }
    // SAFETY: `header` was filled by recvmmsg, its control buffer is alive and
    // msg_controllen is the length that the kernel wrote.
    let mut control = unsafe { libc::CMSG_FIRSTHDR(header) };
    while !control.is_null() {
        // SAFETY: CMSG_FIRSTHDR and CMSG_NXTHDR return null or a header that
        // lies wholly in the control buffer, whose alignment is that of u64.
        let (level, kind) = unsafe { ((*control).cmsg_level, (*control).cmsg_type) };
        if level == libc::IPPROTO_IP && kind == libc::IP_PKTINFO {
            // SAFETY: the kernel puts an in_pktinfo behind such a header; it
            // is read unaligned because CMSG_DATA promises no alignment.
            let info: libc::in_pktinfo =
                unsafe { ptr::read_unaligned(libc::CMSG_DATA(control).cast()) };
            return Some(Ipv4Addr::from(u32::from_be(info.ipi_addr.s_addr)).into());
        }
        if level == libc::IPPROTO_IPV6 && kind == libc::IPV6_PKTINFO {
            // SAFETY: as above, for in6_pktinfo.
            let info: libc::in6_pktinfo =
                unsafe { ptr::read_unaligned(libc::CMSG_DATA(control).cast()) };
            return Some(Ipv6Addr::from(info.ipi6_addr.s6_addr).into());
        }
        // SAFETY: `control` is a valid header of `header`'s buffer.
        control = unsafe { libc::CMSG_NXTHDR(header, control) };
    }
    None
}

/// Sets the IPv4 or IPv6 "don't fragment" behaviour of a socket.
pub(crate) fn set_mtu_discover(fd: BorrowedFd<'_>, v4: bool, on: bool) -> io::Result<()> {
    let (level, option, value): (_, _, libc::c_int) = match (v4, on) {
        (true, true) => (
            libc::IPPROTO_IP,
            libc::IP_MTU_DISCOVER,
            libc::IP_PMTUDISC_DO,
        ),
        (true, false) => (
            libc::IPPROTO_IP,
            libc::IP_MTU_DISCOVER,
            libc::IP_PMTUDISC_DONT,
        ),
        (false, true) => (
            libc::IPPROTO_IPV6,
            libc::IPV6_MTU_DISCOVER,
            libc::IPV6_PMTUDISC_DO,
        ),
        (false, false) => (
            libc::IPPROTO_IPV6,
            libc::IPV6_MTU_DISCOVER,
            libc::IPV6_PMTUDISC_DONT,
        ),
    };
    // SAFETY: the value is a c_int that outlives the call, and the length
    // given is its size.
    let result = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            option,
            ptr::from_ref(&value).cast(),
            mem::size_of_val(&value) as libc::socklen_t,
        )
    };
    if result == 0 {
        Ok(())
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use std::{net::UdpSocket, os::fd::AsFd};

    use super::*;

    #[test]
    fn takes_queued_datagrams_in_order() {
        let receiver = UdpSocket::bind("127.0.0.1:0").unwrap();
        let sender = UdpSocket::bind("127.0.0.1:0").unwrap();
        for text in ["one", "two", ""] {
            let to = receiver.local_addr().unwrap();
            sender.send_to(text.as_bytes(), to).unwrap();
        }
        let mut batch = Batch::new(8);
        let mut seen = Vec::new();
        while seen.len() < 3 {
            let taken = batch.receive(receiver.as_fd()).unwrap();
            for datagram in batch.datagrams(taken) {
                assert_eq!(datagram.peer, Some(sender.local_addr().unwrap()));
                assert_eq!(datagram.local, None);
                seen.push(datagram.payload.to_vec());
            }
        }
        assert_eq!(seen, [b"one".to_vec(), b"two".to_vec(), b"".to_vec()]);
    }

    #[test]
    fn the_largest_datagram_fits() {
        let receiver = UdpSocket::bind("[::1]:0").unwrap();
        let sender = UdpSocket::bind("[::1]:0").unwrap();
        let payload = vec![7_u8; 65_000];
        let to = receiver.local_addr().unwrap();
        sender.send_to(&payload, to).unwrap();
        let mut batch = Batch::new(1);
        let taken = batch.receive(receiver.as_fd()).unwrap();
        let datagram = batch.datagrams(taken).next().unwrap();
        assert_eq!(datagram.payload, payload);
        assert_eq!(datagram.peer, Some(sender.local_addr().unwrap()));
    }
}
