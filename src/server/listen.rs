//! The listener: plain HTTP on loopback, TLS on every other address.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use proof::Hash;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig as TlsConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_util::sync::CancellationToken;

use crate::ServerError;
use crate::terminals::{Authority, Shown, fingerprint};

/// Most connections at once; above it new ones wait in the kernel's queue.
const CONNECTIONS_MAX: usize = 8192;

/// Certificate and key in PEM files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate chain.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl TlsFiles {
    /// SHA-256 of the certificate's bytes.
    pub fn fingerprint(&self) -> Result<Hash, ServerError> {
        let path = &self.certificate;
        let certificate = CertificateDer::from_pem_file(path);
        certificate.map(|c| fingerprint(&c)).map_err(|e| ServerError::Tls(format!("{}: {e}", path.display())))
    }
}

/// Whether an address may be served without TLS.
#[must_use]
pub fn is_plain(address: &SocketAddr) -> bool {
    address.ip().is_loopback()
}

/// Makes a certificate of our own for `names` (names and addresses of this machine) below `dir`, or takes the one made
/// before for the same names.
pub fn own_certificate(dir: &Path, names: &[String]) -> Result<TlsFiles, ServerError> {
    let files = TlsFiles { certificate: dir.join("certificate.pem"), key: dir.join("key.pem") };
    let for_names = dir.join("names");
    let wanted = names.join("\n");
    let kept = std::fs::read_to_string(&for_names).is_ok_and(|made_for| made_for == wanted);
    if kept && files.certificate.exists() && files.key.exists() {
        return Ok(files);
    }
    let refused =
        |e: rcgen::Error| ServerError::Tls(format!("no certificate could be made for {names:?}: {e}"));
    let key = rcgen::KeyPair::generate().map_err(refused)?;
    let certificate = own_params(names).and_then(|params| params.self_signed(&key)).map_err(refused)?;
    let io = |e: std::io::Error| ServerError::Tls(format!("{}: {e}", dir.display()));
    std::fs::create_dir_all(dir).map_err(io)?;
    write_private(&files.key, key.serialize_pem().as_bytes()).map_err(io)?;
    std::fs::write(&files.certificate, certificate.pem()).map_err(io)?;
    std::fs::write(&for_names, wanted).map_err(io)?;
    Ok(files)
}

/// For ten years: whoever trusts it trusts this very certificate, and no authority renews it.
fn own_params(names: &[String]) -> Result<rcgen::CertificateParams, rcgen::Error> {
    let mut params = rcgen::CertificateParams::new(names.to_vec())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, "Huiting");
    let now = time::OffsetDateTime::now_utc();
    params.not_before = now - time::Duration::days(1);
    params.not_after = now + time::Duration::days(3650);
    Ok(params)
}

pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file =
        std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn acceptor(files: &TlsFiles, terminals: Option<&Authority>) -> Result<TlsAcceptor, ServerError> {
    let tls = |path: &Path, e: String| ServerError::Tls(format!("{}: {e}", path.display()));
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|e| tls(&files.certificate, e.to_string()))?;
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|e| tls(&files.key, e.to_string()))?;
    let builder = match terminals {
        Some(authority) => TlsConfig::builder().with_client_cert_verifier(authority.verifier()?),
        None => TlsConfig::builder().with_no_client_auth(),
    };
    let config = builder.with_single_cert(chain, key).map_err(|e| tls(&files.certificate, e.to_string()))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Opens the listening socket.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|cause| ServerError::Listen { address, cause })
}

/// Accepts connections until `stop`.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsFiles>,
    (app, terminals): (Router, Option<&Authority>),
    stop: CancellationToken,
) -> Result<(), ServerError> {
    let tls = tls.as_ref().map(|files| acceptor(files, terminals)).transpose()?;
    let room = Arc::new(tokio::sync::Semaphore::new(CONNECTIONS_MAX));
    loop {
        let permit = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            permit = Arc::clone(&room).acquire_owned() => permit,
        };
        // The semaphore is never closed.
        let Ok(permit) = permit else { return Ok(()) };
        let stream = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // Out of descriptors, or a peer that gave up: the next accept may succeed.
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    continue;
                }
            },
        };
        let (app, tls, stop) = (app.clone(), tls.clone(), stop.clone());
        tokio::spawn(async move {
            connection(stream, tls, app, stop).await;
            drop(permit);
        });
    }
}

async fn connection(stream: TcpStream, tls: Option<TlsAcceptor>, app: Router, stop: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    match tls {
        None => http(stream, app, None, stop).await,
        Some(tls) => match tls.accept(stream).await {
            Ok(stream) => {
                let shown = Shown::of(stream.get_ref().1.peer_certificates());
                http(stream, app, shown, stop).await;
            }
            Err(error) => tracing::debug!(%error, "a TLS handshake failed"),
        },
    }
}

async fn http<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    app: Router,
    shown: Option<Shown>,
    stop: CancellationToken,
) {
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        if let Some(shown) = shown {
            request.extensions_mut().insert(shown);
        }
        app.call(request)
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(std::time::Duration::from_secs(20))
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut served = std::pin::pin!(served);
    tokio::select! {
        result = served.as_mut() => if let Err(error) = result {
            tracing::debug!(%error, "a connection ended early");
        },
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            let _ = served.await;
        }
    }
}
