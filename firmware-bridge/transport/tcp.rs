//! A console on the network, or behind a serial-to-network box.
//!
//! The bytes travel in the clear and nobody proves who they are: only for loopback, or a network of its own for the
//! courtroom's devices.

use std::io;
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::os::fd::OwnedFd;
use std::time::Instant;

use super::{OpenError, StreamTransport};

/// Connects to `host:port`, trying each of its addresses until `deadline`.
pub fn open_tcp(host: &str, deadline: Instant) -> Result<StreamTransport, OpenError> {
    let name = format!("tcp://{host}");
    let connected = host.to_socket_addrs().and_then(|addresses| {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in addresses {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                last = io::ErrorKind::TimedOut.into();
                break;
            }
            match TcpStream::connect_timeout(&address, left) {
                Ok(stream) => return Ok(stream),
                Err(e) => last = e,
            }
        }
        Err(last)
    });
    let stream =
        connected.and_then(ready).map_err(|cause| OpenError::Refused { name: name.clone(), cause })?;
    Ok(StreamTransport::new(stream, name))
}

/// The next host that connects to `listener`; with a non-blocking listener `WouldBlock` means none now.
pub fn accept_tcp(listener: &TcpListener) -> io::Result<StreamTransport> {
    let (stream, peer) = listener.accept()?;
    Ok(StreamTransport::new(ready(stream)?, format!("tcp://{peer}")))
}

fn ready(stream: TcpStream) -> io::Result<OwnedFd> {
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    Ok(stream.into())
}
