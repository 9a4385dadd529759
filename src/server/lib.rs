//! The web of the courtroom: HTTP routes, WebSocket sessions, access, and the screens inside the binary.
//!
//! A session belongs to one seat of one hearing: its cookie is bound to `/h/<hearing>/<seat>/`, so that several seats can
//! be open in one browser. Who a request is for is read from the session alone, never from a message.
//!
//! Must not be here: rules of the court (they are `court`'s), filters of what a class sees (they are `protocol::view`'s).
#![forbid(unsafe_code)]

mod access;
mod directory;
mod download;
mod listen;
mod metrics;
mod officer;
mod openapi;
pub mod rights;
mod routes;
mod terminals;
mod web;
mod ws;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use tokio_util::sync::CancellationToken;

pub use access::COOKIE;
pub use directory::{Answered, Asked, Directory, DirectoryError};
pub use listen::{TlsFiles, bind, is_plain, own_certificate};
pub use openapi::openapi;
pub use routes::{CheckSource, Door, Given, SecondListener, Services, TemplateSource, doors};
pub use terminals::Authority;
pub use ws::{Limits, bare_session};

/// Why the server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// The address is taken or not of this machine.
    #[error(
        "cannot listen on {address}: {cause}; is another Huiting running, or is the port taken? Change [server] listen"
    )]
    Listen {
        /// Which.
        address: SocketAddr,
        /// The system's own words.
        cause: std::io::Error,
    },
    /// Certificate or key.
    #[error("TLS: {0}; check [server] certificate and key")]
    Tls(String),
}

/// Serves until `stop`.
pub async fn serve(
    listener: tokio::net::TcpListener,
    tls: Option<TlsFiles>,
    services: Arc<Services>,
    stop: CancellationToken,
) -> Result<(), ServerError> {
    let app: Router = routes::router(Arc::clone(&services));
    tokio::select! {
        served = listen::serve(listener, tls, (app, services.authority()), stop) => served,
        () = services.live.watch(&services.room) => Ok(()),
    }
}
