//! Terminals (终端): the house certifies its own computers, and knows from its certificate which of them asks.
//!
//! ```text
//!   code + request ──► Authority ──certificate──► the terminal shows it at every connection ──► Peer ──► the decision (rights)
//!                                                         revoked ──► its sockets end within a second
//! ```
//!
//! The key of a terminal is made on it and never leaves it; the house keeps the SHA-256 of its certificate.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hub::Room;
use media::clock::utc_now;
use model::{SeatId, UtcMs};
use proof::Hash;
use rcgen::string::Ia5String;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateSigningRequestParams, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, SanType,
};
use record::{Enrolled, StoreError, Terminal};
use time::{Duration, OffsetDateTime};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::server::danger::ClientCertVerifier;
use tokio_util::sync::CancellationToken;

use crate::ServerError;
use crate::listen::{TlsFiles, write_private};
use crate::rights::Computer;

/// How long the certificate of a terminal lasts.
const CERTIFICATE_DAYS: i64 = 2 * 365;
/// How long that of the house lasts.
const HOUSE_YEARS: i32 = 20;
/// How often sockets are held against what was revoked by another process.
const LOOK: std::time::Duration = std::time::Duration::from_millis(500);

/// Certifies the terminals of the house.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    /// SHA-256 of the certificate that the house itself shows.
    house: Hash,
}

/// A certificate that was made.
pub(crate) struct Certified {
    pub(crate) pem: String,
    pub(crate) enrolled: Enrolled,
}

/// Why a request is not certified.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnrolError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "this is no certificate request that can be used ({0}); make one with `openssl req -new` and an EC P-256, Ed25519 or RSA key"
    )]
    Request(String),
}

impl Authority {
    /// Takes the key of the house's terminals from `dir`, or makes it there. The house shows `own`.
    pub fn open(dir: &Path, own: &TlsFiles) -> Result<Self, ServerError> {
        let tls = |e: String| ServerError::Tls(format!("{}: {e}", dir.display()));
        let io = |e: std::io::Error| tls(e.to_string());
        let made = |e: rcgen::Error| tls(e.to_string());
        let (key_file, certificate_file) = (dir.join("ca.key"), dir.join("ca.pem"));
        let now = OffsetDateTime::now_utc();
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        params.distinguished_name = called("Huiting terminals");
        params.not_before = now - Duration::days(1);
        params.not_after = now.replace_year(now.year() + HOUSE_YEARS).unwrap_or(now);
        let key = if key_file.exists() {
            KeyPair::from_pem(&std::fs::read_to_string(&key_file).map_err(io)?).map_err(made)?
        } else {
            let key = KeyPair::generate().map_err(made)?;
            std::fs::create_dir_all(dir).map_err(io)?;
            write_private(&key_file, key.serialize_pem().as_bytes()).map_err(io)?;
            key
        };
        // The certificate says nothing but whose key it is: one that is lost is made again.
        if !certificate_file.exists() {
            let certificate = params.self_signed(&key).map_err(made)?;
            std::fs::write(&certificate_file, certificate.pem()).map_err(io)?;
        }
        let certificate =
            CertificateDer::from_pem_file(&certificate_file).map_err(|e| tls(e.to_string()))?.into_owned();
        Ok(Self { issuer: Issuer::new(params, key), certificate, house: own.fingerprint()? })
    }

    /// SHA-256 of the certificate that the house itself shows, in hex: by it a terminal knows the house before it trusts it.
    pub(crate) fn house(&self) -> String {
        self.house.to_string()
    }

    /// Certifies the key of a request for a terminal; whatever else the request asks for is not given.
    pub(crate) fn certify(
        &self,
        terminal: &Terminal,
        request: &str,
        now: UtcMs,
    ) -> Result<Certified, EnrolError> {
        let refused = |e: rcgen::Error| EnrolError::Request(e.to_string());
        let asked = CertificateSigningRequestParams::from_pem(request).map_err(refused)?;
        let at = OffsetDateTime::from_unix_timestamp(now.0.div_euclid(1000))
            .map_err(|e| EnrolError::Request(e.to_string()))?;
        let until = at + Duration::days(CERTIFICATE_DAYS);
        let mut params = CertificateParams::default();
        params.distinguished_name = called(&terminal.id);
        params.subject_alt_names = match Ia5String::try_from(format!("urn:huiting:terminal:{}", terminal.id))
        {
            Ok(uri) => vec![SanType::URI(uri)],
            Err(_) => Vec::new(),
        };
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        params.use_authority_key_identifier_extension = true;
        // A terminal whose clock is a little behind may use it at once.
        (params.not_before, params.not_after) = (at - Duration::hours(1), until);
        let certificate =
            CertificateSigningRequestParams { params, ..asked }.signed_by(&self.issuer).map_err(refused)?;
        let expires = UtcMs(until.unix_timestamp().saturating_mul(1000));
        let enrolled = Enrolled { fingerprint: fingerprint(certificate.der()), expires };
        Ok(Certified { pem: certificate.pem(), enrolled })
    }

    /// Lets terminals show who they are; a computer that shows nothing is let in as well, and decided about later.
    pub(crate) fn verifier(&self) -> Result<Arc<dyn ClientCertVerifier>, ServerError> {
        let mut roots = RootCertStore::empty();
        roots.add(self.certificate.clone()).map_err(|e| ServerError::Tls(e.to_string()))?;
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).allow_unauthenticated().build();
        verifier.map_err(|e| ServerError::Tls(e.to_string()))
    }
}

fn called(name: &str) -> DistinguishedName {
    let mut names = DistinguishedName::new();
    names.push(DnType::CommonName, name);
    names
}

pub(crate) fn fingerprint(certificate: &CertificateDer<'_>) -> Hash {
    Hash::of(&[certificate])
}

/// The certificate that a connection showed; put on every request of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown(pub(crate) Hash);

impl Shown {
    pub(crate) fn of(certificates: Option<&[CertificateDer<'_>]>) -> Option<Self> {
        certificates?.first().map(|c| Self(fingerprint(c)))
    }
}

/// The computer that a request comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Peer {
    /// It shows no certificate.
    #[default]
    Unknown,
    /// An enrolled terminal, and the certificate it showed.
    Terminal(Arc<Terminal>, Hash),
    /// It was one: its certificate is revoked or replaced.
    Dead,
}

impl Peer {
    /// What the store knows of a certificate that was shown.
    pub(crate) async fn of(room: &Room, shown: Option<Shown>) -> Result<Self, hub::RoomError> {
        let Some(Shown(fingerprint)) = shown else { return Ok(Self::Unknown) };
        let found = room.with_store(move |s| s.terminal_with(&fingerprint)).await?;
        Ok(match found {
            Some(t) if t.revoked.is_none() => Self::Terminal(Arc::new(t), fingerprint),
            Some(_) | None => Self::Dead,
        })
    }

    /// Its id, while it is enrolled.
    pub(crate) fn id(&self) -> Option<&str> {
        match self {
            Self::Terminal(terminal, _) => Some(&terminal.id),
            Self::Unknown | Self::Dead => None,
        }
    }

    /// Its id for the audit journal; empty where there is none.
    pub(crate) fn name(&self) -> String {
        self.id().unwrap_or_default().to_owned()
    }

    /// Whether a session that began on such a terminal may go on here.
    pub(crate) fn is(&self, terminal: Option<&str>) -> bool {
        terminal.is_none() || terminal == self.id()
    }

    /// What it is to a seat of a room; without a seat, to what stands beside all seats.
    pub(crate) fn at(&self, room: &str, seat: Option<&SeatId>) -> Computer {
        match self {
            Self::Unknown => Computer::Unknown,
            Self::Dead => Computer::Revoked,
            Self::Terminal(t, _) if t.room != room => Computer::Elsewhere,
            Self::Terminal(t, _) if t.seats.is_empty() => Computer::Here,
            Self::Terminal(t, _) if seat.is_some_and(|s| t.seats.contains(s)) => Computer::Here,
            Self::Terminal(..) => Computer::Elsewhere,
        }
    }
}

/// The sockets of terminals that are open now.
#[derive(Debug, Default)]
pub(crate) struct Live(Mutex<HashMap<Hash, CancellationToken>>);

impl Live {
    fn lock(&self) -> MutexGuard<'_, HashMap<Hash, CancellationToken>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Cancelled when the terminal may show nothing any more; never for a computer that is none.
    pub(crate) fn follow(&self, peer: &Peer) -> CancellationToken {
        match peer {
            Peer::Terminal(_, shown) => self.lock().entry(*shown).or_default().child_token(),
            Peer::Unknown | Peer::Dead => CancellationToken::new(),
        }
    }

    /// Ends the sockets whose certificates are dead by now.
    pub(crate) async fn end_dead(&self, room: &Room) -> Result<(), hub::RoomError> {
        let shown: Vec<_> = self.lock().keys().copied().collect();
        if shown.is_empty() {
            return Ok(());
        }
        let dead = room.with_store(move |s| s.dead_certificates(&shown)).await?;
        let mut live = self.lock();
        for fingerprint in dead {
            if let Some(ended) = live.remove(&fingerprint) {
                ended.cancel();
            }
        }
        Ok(())
    }

    /// Does so for as long as it runs: the command line may revoke a terminal as well.
    pub(crate) async fn watch(&self, room: &Room) {
        let mut tick = tokio::time::interval(LOOK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            if let Err(error) = self.end_dead(room).await {
                tracing::error!(%error, "whether terminals were revoked cannot be read");
            }
        }
    }
}

/// Certifies the terminal that a code was made for.
pub(crate) fn enrol(
    store: &record::Store,
    authority: &Authority,
    code: &str,
    request: &str,
) -> Result<String, EnrolError> {
    let now = utc_now();
    store.enrol_terminal(code, now, |terminal| {
        let made = authority.certify(terminal, request, now)?;
        Ok((made.enrolled, made.pem))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used, reason = "a test ends where something is not as it must be")]

    use super::*;

    fn terminal() -> Terminal {
        Terminal {
            id: "0a1b2c3d4e5f".to_owned(),
            name: "审判长席".to_owned(),
            room: "第三法庭".to_owned(),
            seats: Vec::new(),
            code_until: None,
            enrolled: None,
            expires: None,
            revoked: None,
        }
    }

    /// [R-TERM-1]
    #[test]
    fn hostile_bytes_for_a_certificate_request_are_refused_with_what_to_do() {
        let dir = tempfile::tempdir().expect("a folder");
        let own = crate::own_certificate(&dir.path().join("tls"), &["localhost".to_owned()]).expect("made");
        let authority = Authority::open(&dir.path().join("terminals"), &own).expect("made");
        let key = KeyPair::generate().expect("a key");
        let mut asked = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
        // What it would like: to certify others, for ever.
        asked.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        asked.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let request = asked.serialize_request(&key).expect("signed").pem().expect("PEM");
        let plain = CertificateParams::new(Vec::new()).expect("no names");
        let plain = plain.serialize_request(&key).expect("signed").pem().expect("PEM");
        assert!(authority.certify(&terminal(), &plain, utc_now()).is_ok());
        hostile::attack_text("certificate request", &[&request, &plain], 1_000, |text| {
            match authority.certify(&terminal(), text, utc_now()) {
                // The words around the request may be changed, and line ends.
                Ok(made) => assert!(!made.pem.contains("REQUEST")),
                Err(refusal) => hostile::sentence(&refusal.to_string()),
            }
        });
    }

    #[test]
    fn a_key_that_was_kept_certifies_what_the_certificate_before_it_vouches_for() {
        let dir = tempfile::tempdir().expect("a folder");
        let own = crate::own_certificate(&dir.path().join("tls"), &["localhost".to_owned()]).expect("made");
        let at = dir.path().join("terminals");
        let first = Authority::open(&at, &own).expect("made").certificate;
        let again = Authority::open(&at, &own).expect("kept");
        assert_eq!(again.certificate, first);
        assert!(again.verifier().is_ok());
        // Lost, it is made again for the same key.
        std::fs::remove_file(at.join("ca.pem")).expect("removed");
        assert!(Authority::open(&at, &own).expect("made again").verifier().is_ok());
    }
}
