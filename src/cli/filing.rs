//! Where the documents of a command go: into the dossier itself, or, while the hub has it open, through the hub.

use std::time::Duration;

use anyhow::{Context, bail};
use desk::Door;
use dossier::DossierError;
use dossier::index::IndexError;
use hub::{Deposit, DossierPages, Pages};
use model::{CaseId, Side};
use protocol::wire::{Catalogue, Taken};
use record::{Scope, Store};
use tokio::runtime::Runtime;

use crate::config::Config;

/// Long enough for the largest import.
const SESSION_MS: i64 = 12 * 60 * 60 * 1000;
const POLL: Duration = Duration::from_millis(500);

/// A dossier that documents are added to.
pub enum Filing {
    /// No hub runs: this process writes.
    Own(Box<DossierPages>),
    /// The hub writes.
    Hub(HubDoor),
}

/// The administration of a running hub.
pub struct HubDoor {
    runtime: Runtime,
    door: Door,
    cookie: String,
}

impl Filing {
    /// The dossier of the settings.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        match open_pages(config, true) {
            Err(error) if is_busy(&error) => HubDoor::open(config).map(Self::Hub),
            opened => opened.map(|pages| Self::Own(Box::new(pages))),
        }
    }

    /// Files a document.
    pub fn add(&self, case: &CaseId, deposit: Deposit) -> anyhow::Result<Taken> {
        match self {
            Self::Own(pages) => pages.take(case, deposit).map_err(anyhow::Error::msg),
            Self::Hub(hub) => hub.add(case, &deposit),
        }
    }

    /// Waits until every page of the case has its text, and says how far it is.
    pub fn wait_until_read(&self, case: &CaseId) -> anyhow::Result<()> {
        let mut said = None;
        loop {
            let (ready, all) = match self {
                Self::Own(pages) => pages.pages_ready(case),
                Self::Hub(hub) => hub.pages_ready(case)?,
            };
            if said != Some(ready) {
                eprintln!("{ready}/{all} pages read");
                said = Some(ready);
            }
            if ready >= all {
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
    }
}

impl HubDoor {
    fn open(config: &Config) -> anyhow::Result<Self> {
        let store = Store::open(&config.data.join("huiting.sqlite"))?;
        let token = store.open_session(&Scope::Admin, media::clock::utc_now(), SESSION_MS)?;
        let cookie = format!("{}={}", server::COOKIE, token.secret());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        Ok(Self { runtime, door: super::processes::door(config)?, cookie })
    }

    fn add(&self, case: &CaseId, deposit: &Deposit) -> anyhow::Result<Taken> {
        let content = std::fs::read(&deposit.file)
            .with_context(|| format!("{} cannot be read", deposit.file.display()))?;
        let side = serde_json::to_value(deposit.side)?;
        let number = deposit.evidence_number.map(|n| n.to_string()).unwrap_or_default();
        let fields = [
            ("side", side.as_str().unwrap_or_default()),
            ("heading", &deposit.heading),
            ("title", &deposit.title),
            ("evidenceNumber", &number),
            ("password", deposit.password.as_deref().unwrap_or_default()),
        ];
        let file = (deposit.name.as_str(), content);
        self.runtime.block_on(self.door.upload(&dossier_of(case), Some(&self.cookie), &fields, file))
    }

    fn pages_ready(&self, case: &CaseId) -> anyhow::Result<(u32, u32)> {
        let path = dossier_of(case);
        let answer = self.door.json::<Catalogue>("GET", &path, Some(&self.cookie), None);
        let catalogue = self.runtime.block_on(answer)?;
        let all: usize = catalogue.docs.iter().map(|d| d.pages.len()).sum();
        Ok((catalogue.docs.iter().map(|d| d.pages_ready).sum(), u32::try_from(all)?))
    }
}

fn dossier_of(case: &CaseId) -> String {
    format!("/admin/api/cases/{case}/dossier")
}

/// The dossier of the settings. `write`: for filing and reading pages; only one process at a time can.
pub fn open_pages(config: &Config, write: bool) -> anyhow::Result<DossierPages> {
    let worker = vec!["page-worker".to_owned(), "--pdfium".to_owned(), config.pdfium.display().to_string()];
    let statutes = dossier::statutes::Statutes::new(&config.data);
    let config = dossier::DossierConfig {
        dir: config.data.clone(),
        worker: dossier::WorkerCommand { program: std::env::current_exe()?, args: worker },
        workers: config.page_workers,
        page_timeout: Duration::from_secs(config.page_timeout_s),
    };
    let opened =
        if write { dossier::Dossier::open(config) } else { dossier::Dossier::open_read_only(config) };
    Ok(DossierPages::new(opened?, statutes))
}

/// Says that a Huiting runs on the data of these settings, if one does.
pub fn must_be_free(config: &Config) -> anyhow::Result<()> {
    match open_pages(config, true) {
        Err(error) if is_busy(&error) => {
            bail!("a Huiting runs on {}: end it first, or give another folder", config.data.display())
        }
        opened => opened.map(drop),
    }
}

fn is_busy(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(DossierError::Index(IndexError::Busy(_))))
}

/// The side that a party's name in a case.toml or on the command line means.
pub fn side(party: &str) -> anyhow::Result<Side> {
    Ok(match party {
        "court" | "bench" => Side::Bench,
        "plaintiff" => Side::Plaintiff,
        "defendant" => Side::Defendant,
        "thirdParty" => Side::ThirdParty,
        other => bail!("\"{other}\" is no party: court, plaintiff, defendant or thirdParty"),
    })
}
