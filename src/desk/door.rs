//! The way to a hub: plain HTTP on loopback, TLS to one that listens for other machines.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header;
use hyper::{Request, http::request};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A connection, with or without TLS.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Where the hub answers, and how.
#[derive(Clone)]
pub struct Door {
    address: SocketAddr,
    /// What the `Host` of a request says, and so the address in the links that the hub makes.
    host: String,
    tls: Option<(TlsConnector, ServerName<'static>)>,
}

impl Door {
    /// Without TLS.
    pub fn plain(address: SocketAddr) -> Self {
        Self { address, host: address.to_string(), tls: None }
    }

    /// A hub on this machine that others reach as `host`. `certificate`: PEM of the one it shows; nothing else is trusted.
    pub fn secure(address: SocketAddr, host: &str, certificate: &Path) -> anyhow::Result<Self> {
        let mut roots = RootCertStore::empty();
        let chain = CertificateDer::pem_file_iter(certificate)
            .with_context(|| format!("{} cannot be read", certificate.display()))?;
        for one in chain {
            roots.add(one.with_context(|| format!("{} is no certificate", certificate.display()))?)?;
        }
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = host.rsplit_once(':').map_or(host, |(name, _)| name).trim_matches(['[', ']']).to_owned();
        let name = ServerName::try_from(name).with_context(|| format!("{host} is no name of a machine"))?;
        // Every address of this machine: one of them is loopback.
        let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
        let address = SocketAddr::new(ip, address.port());
        Ok(Self { address, host: host.to_owned(), tls: Some((TlsConnector::from(Arc::new(config)), name)) })
    }

    /// The `Host` of requests through this door.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The path of a link that leads through this door.
    pub fn path_of<'a>(&self, link: &'a str) -> anyhow::Result<&'a str> {
        let rest = link.split_once("://").and_then(|(_, rest)| rest.strip_prefix(self.host.as_str()));
        rest.filter(|path| path.starts_with('/'))
            .with_context(|| format!("{link} does not lead to {}", self.host))
    }

    /// A connection of its own.
    pub async fn open(&self) -> anyhow::Result<Box<dyn Stream>> {
        let stream = TcpStream::connect(self.address)
            .await
            .with_context(|| format!("no hub answers at {}", self.address))?;
        stream.set_nodelay(true)?;
        Ok(match &self.tls {
            Some((connector, name)) => Box::new(connector.connect(name.clone(), stream).await?),
            None => Box::new(stream),
        })
    }

    /// Sends one request on a connection of its own.
    pub async fn send(
        &self,
        method: &str,
        path: &str,
        cookie: Option<&str>,
        body: Option<serde_json::Value>,
    ) -> anyhow::Result<Answer> {
        let mut request = self.request(method, path, cookie);
        let bytes = match body {
            Some(json) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Bytes::from(serde_json::to_vec(&json)?)
            }
            None => Bytes::new(),
        };
        self.exchange(request.body(Full::new(bytes))?).await
    }

    /// Posts a form with one file, as a browser's upload does, and reads the JSON of the answer.
    pub async fn upload<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        cookie: Option<&str>,
        fields: &[(&str, &str)],
        file: (&str, Vec<u8>),
    ) -> anyhow::Result<T> {
        let (name, content) = file;
        let boundary = free_boundary(&content);
        let mut body = Vec::with_capacity(content.len() + 1024);
        for (field, value) in fields {
            let head = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(value.as_bytes());
            body.extend_from_slice(b"\r\n");
        }
        // Quotes and line ends in a file's name would end the header (HTML, multipart/form-data encoding).
        let name = name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
        let head = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(&content);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        let request = self
            .request("POST", path, cookie)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={boundary}"));
        self.exchange(request.body(Full::new(Bytes::from(body)))?).await?.json("POST", path)
    }

    fn request(&self, method: &str, path: &str, cookie: Option<&str>) -> request::Builder {
        let request = Request::builder().method(method).uri(path).header(header::HOST, self.host());
        match cookie {
            Some(cookie) => request.header(header::COOKIE, cookie),
            None => request,
        }
    }

    async fn exchange(&self, request: Request<Full<Bytes>>) -> anyhow::Result<Answer> {
        let (mut sender, connection) = http1::handshake(TokioIo::new(self.open().await?)).await?;
        let driver = tokio::spawn(connection);
        let response = sender.send_request(request).await?;
        let status = response.status().as_u16();
        let set = response.headers().get(header::SET_COOKIE).and_then(|v| v.to_str().ok());
        let cookie = set.and_then(|c| c.split(';').next()).map(str::to_owned);
        let body = response.into_body().collect().await?.to_bytes();
        driver.abort();
        Ok(Answer { status, cookie, body })
    }

    /// Sends a request and reads the JSON of a good answer; a bad one becomes an error with its sentence.
    pub async fn json<T: serde::de::DeserializeOwned>(
        &self,
        method: &str,
        path: &str,
        cookie: Option<&str>,
        body: Option<serde_json::Value>,
    ) -> anyhow::Result<T> {
        self.send(method, path, cookie, body).await?.json(method, path)
    }
}

/// A line that the content does not hold.
fn free_boundary(content: &[u8]) -> String {
    let holds = |line: &str| content.windows(line.len()).any(|w| w == line.as_bytes());
    let mut boundary = "huiting-form".to_owned();
    while holds(&boundary) {
        boundary.push('-');
    }
    boundary
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The session cookie, if one was set (`name=value`).
    pub cookie: Option<String>,
    /// The body.
    pub body: Bytes,
}

#[derive(serde::Deserialize)]
struct Refused {
    sentence: String,
}

impl Answer {
    /// The JSON of a good answer; a bad one becomes an error with its sentence.
    fn json<T: serde::de::DeserializeOwned>(&self, method: &str, path: &str) -> anyhow::Result<T> {
        if !(200..300).contains(&self.status) {
            let refusal: Option<Refused> = serde_json::from_slice(&self.body).ok();
            match refusal {
                Some(refusal) => bail!(refusal.sentence),
                None => bail!("{method} {path}: {} {}", self.status, String::from_utf8_lossy(&self.body)),
            }
        }
        serde_json::from_slice(&self.body)
            .with_context(|| format!("{method} {path}: the answer is not understood"))
    }
}
