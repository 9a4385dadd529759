//! `huiting case` and `huiting dossier`: cases and their documents, with or without a running hub.

use protocol::wire::Taken;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Subcommand;
use court::OutlineId;
use hub::{Deposit, Pages};
use model::{CaseId, Role, Seat, SeatId};
use record::{CaseRow, NewCase, Store, StoreError};
use serde::Deserialize;

use super::filing::{self, Filing, open_pages};
use crate::config::Config;

/// `huiting case …`
#[derive(Debug, Subcommand)]
pub enum CaseCommand {
    /// Lists cases and their hearings.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Creates a case.
    Create {
        /// Its id here: a–z, 0–9, '-'.
        id: CaseId,
        /// 案号.
        #[arg(long)]
        number: String,
        /// 案由.
        #[arg(long)]
        cause: String,
        /// 法院; without it, the one of the settings.
        #[arg(long)]
        court: Option<String>,
        /// The id of its outline; `huiting outline list` shows them.
        #[arg(long, default_value = OutlineId::CIVIL_ORDINARY)]
        procedure: String,
    },
    /// Imports a folder with a case.toml and its documents.
    Import {
        /// The folder.
        folder: PathBuf,
    },
    /// Imports the court's case list with its schedule: CSV as spreadsheets write it, or the JSON of docs/api-cases.md.
    ImportList {
        /// The file; `.json` is JSON, all else CSV.
        file: PathBuf,
        /// The result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Brings the archive of a case, written by another Huiting, into this one.
    Restore {
        /// The archive (a folder).
        package: PathBuf,
        /// Does not wait for text and index: the hub goes on with them.
        #[arg(long)]
        no_wait: bool,
    },
}

/// `huiting dossier …`
#[derive(Debug, Subcommand)]
pub enum DossierCommand {
    /// Files documents (PDF, JPEG, PNG, TIFF, BMP, WebP) and waits until they can be searched.
    Add {
        /// The case.
        case: CaseId,
        /// The files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Whose: court, plaintiff, defendant or thirdParty.
        #[arg(long, default_value = "court")]
        party: String,
        /// The heading, e.g. 原告证据; without it, found by itself.
        #[arg(long, default_value = "")]
        heading: String,
        /// The party's evidence number of the first file; the next ones follow.
        #[arg(long)]
        evidence: Option<u32>,
        /// Opens encrypted PDFs.
        #[arg(long)]
        password: Option<String>,
        /// Does not wait for text and index: the hub goes on with them.
        #[arg(long)]
        no_wait: bool,
    },
    /// Finds pages by a text.
    Search {
        /// The case.
        case: CaseId,
        /// What to look for.
        text: String,
        /// Pages shown at most.
        #[arg(long, default_value_t = dossier::HITS)]
        most: usize,
        /// As JSON, with rectangles in 1/100 point.
        #[arg(long)]
        json: bool,
    },
    /// Lists the documents.
    List {
        /// The case.
        case: CaseId,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

/// A folder's case.toml.
#[derive(Debug, Deserialize)]
pub struct Manifest {
    case: ManifestCase,
    #[serde(default)]
    seat: Vec<ManifestSeat>,
    #[serde(default)]
    document: Vec<ManifestDocument>,
}

#[derive(Debug, Deserialize)]
struct ManifestCase {
    id: CaseId,
    court: String,
    number: String,
    cause: String,
    #[serde(default = "usual_procedure")]
    procedure: String,
}

fn usual_procedure() -> String {
    OutlineId::CIVIL_ORDINARY.to_owned()
}

#[derive(Debug, Deserialize)]
struct ManifestSeat {
    id: SeatId,
    role: Role,
    #[serde(default)]
    name: String,
    #[serde(default)]
    authority: String,
    #[serde(default)]
    microphone: bool,
    /// 共用话筒: others speak into it too.
    #[serde(default)]
    shared: bool,
    /// 承办法官.
    #[serde(default)]
    in_charge: bool,
    /// For an agent: the seats they act for.
    #[serde(default)]
    acts_for: Vec<SeatId>,
}

#[derive(Debug, Deserialize)]
struct ManifestDocument {
    file: PathBuf,
    party: String,
    heading: String,
    title: String,
    evidence: Option<u32>,
}

impl Manifest {
    /// Reads `folder/case.toml`.
    pub fn load(folder: &Path) -> anyhow::Result<Self> {
        let path = folder.join("case.toml");
        let text = std::fs::read_to_string(&path).with_context(|| {
            format!("{} is missing: a case is imported from a folder with a case.toml", path.display())
        })?;
        toml::from_str(&text).with_context(|| format!("{} is not understood", path.display()))
    }

    /// The case.
    pub fn id(&self) -> &CaseId {
        &self.case.id
    }

    /// The seats, with a public screen; who has no microphone of a party's desk is not expected in person.
    pub fn seats(&self) -> anyhow::Result<Vec<Seat>> {
        let seat = |s: &ManifestSeat| Seat {
            id: s.id.clone(),
            role: s.role,
            name: s.name.clone(),
            authority: s.authority.clone(),
            microphone: s.microphone,
            shared: s.shared,
            present: s.microphone || !s.role.side().is_party(),
            in_charge: s.in_charge,
            acts_for: s.acts_for.clone(),
        };
        let mut seats: Vec<_> = self.seat.iter().map(seat).collect();
        if !seats.iter().any(|s| s.role == Role::Public) {
            seats.push(Seat {
                id: SeatId::new("public")?,
                role: Role::Public,
                name: String::new(),
                authority: String::new(),
                microphone: false,
                shared: false,
                present: true,
                in_charge: false,
                acts_for: Vec::new(),
            });
        }
        Ok(seats)
    }
}

/// Does `huiting case …`.
pub fn case(command: CaseCommand, config: &Config) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(&config.data)?;
    let store = Store::open(&config.data.join("huiting.sqlite"))?;
    match command {
        CaseCommand::List { json } => list(&store, config, json)?,
        CaseCommand::Create { id, number, cause, court, procedure } => {
            own_id(&id)?;
            let procedure = super::outline::known(config, &procedure)?;
            let court = court.unwrap_or_else(|| config.court.clone());
            store.add_case(&new_case(&id, &number, &cause, &court, procedure), media::clock::utc_now())?;
            println!("case {id} created");
        }
        CaseCommand::Import { folder } => {
            let manifest = import(&folder, config)?;
            println!("case {} imported; the hub reads its pages, now or when it starts", manifest.id());
        }
        CaseCommand::ImportList { file, json } => {
            return super::registry::import_list(&file, json, &store, config);
        }
        CaseCommand::Restore { package, no_wait } => {
            return super::registry::restore(&package, !no_wait, &store, config);
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn own_id(id: &CaseId) -> anyhow::Result<()> {
    if !registry::is_case_id(id) {
        bail!("{id}: give an id of at most 60 characters that does not end with {}", registry::SECONDARY_END);
    }
    Ok(())
}

fn new_case(id: &CaseId, number: &str, cause: &str, court: &str, procedure: OutlineId) -> NewCase {
    NewCase {
        id: id.clone(),
        number: number.to_owned(),
        cause: cause.to_owned(),
        court: court.to_owned(),
        procedure: procedure.0,
        json: String::new(),
    }
}

fn list(store: &Store, config: &Config, json: bool) -> anyhow::Result<()> {
    let cases = store.cases()?;
    let hearings = hub::hearings_on_disk(&config.data)?;
    let of = |case: &CaseId| hearings.iter().filter(|(_, c)| c == case).map(|(h, _)| h).collect::<Vec<_>>();
    if json {
        let row = |c: &CaseRow| {
            serde_json::json!({
                "id": c.case.id, "number": c.case.number, "cause": c.case.cause, "court": c.case.court,
                "procedure": c.case.procedure, "hearings": of(&c.case.id),
            })
        };
        return super::print_json(&cases.iter().map(row).collect::<Vec<_>>());
    }
    for c in &cases {
        println!("{:<20} {} {} {}", c.case.id.as_str(), c.case.number, c.case.cause, c.case.court);
        of(&c.case.id).iter().for_each(|h| println!("  {h}"));
    }
    Ok(())
}

/// What is asked of a case nobody created is a slip of the pen. A case's secondary file goes by the case's id and its mark.
fn known(case: &CaseId, config: &Config) -> anyhow::Result<()> {
    let store = Store::open(&config.data.join("huiting.sqlite"))?;
    let own = case.as_str().strip_suffix(registry::SECONDARY_END).unwrap_or(case.as_str());
    if !store.cases()?.iter().any(|c| c.case.id.as_str() == own) {
        bail!("there is no case {case}; `huiting case list` names them all");
    }
    Ok(())
}

/// Creates the case of a folder where it is new, and files the documents that are not there yet.
pub fn import(folder: &Path, config: &Config) -> anyhow::Result<Manifest> {
    let manifest = Manifest::load(folder)?;
    std::fs::create_dir_all(&config.data)?;
    let filing = Filing::open(config)?;
    let store = Store::open(&config.data.join("huiting.sqlite"))?;
    let case = &manifest.case;
    own_id(&case.id)?;
    let procedure = super::outline::known(config, &case.procedure)
        .with_context(|| format!("{}: [case] procedure", folder.join("case.toml").display()))?;
    let new = new_case(&case.id, &case.number, &case.cause, &case.court, procedure);
    match store.add_case(&new, media::clock::utc_now()) {
        Ok(()) | Err(StoreError::Exists { .. }) => {}
        Err(error) => return Err(error.into()),
    }
    for document in &manifest.document {
        let deposit = Deposit {
            file: folder.join(&document.file),
            name: document.file.display().to_string(),
            side: filing::side(&document.party)?,
            heading: document.heading.clone(),
            title: document.title.clone(),
            evidence_number: document.evidence,
            made: None,
            password: None,
            offer: None,
        };
        filing.add(&case.id, deposit).with_context(|| document.file.display().to_string())?;
    }
    Ok(manifest)
}

fn say_taken(taken: &Taken) {
    for doc in &taken.docs {
        println!("{}  {} › {}  {} pages", doc.doc, doc.heading, doc.title, doc.pages.len());
    }
    for doc in &taken.known {
        println!("{}  {} › {}  was there already", doc.doc, doc.heading, doc.title);
    }
    for file in &taken.refused {
        println!("{}: not taken: {}", file.name, file.sentence);
    }
}

/// Does `huiting dossier …`.
pub fn dossier(command: DossierCommand, config: &Config) -> anyhow::Result<ExitCode> {
    match command {
        DossierCommand::Add { case, files, party, heading, evidence, password, no_wait } => {
            let filing = Filing::open(config)?;
            for (n, file) in (0u32..).zip(files) {
                let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let deposit = Deposit {
                    name,
                    side: filing::side(&party)?,
                    heading: heading.clone(),
                    title: String::new(),
                    evidence_number: evidence.map(|e| e + n),
                    made: None,
                    password: password.clone(),
                    offer: None,
                    file: file.clone(),
                };
                let taken = filing.add(&case, deposit).with_context(|| file.display().to_string())?;
                say_taken(&taken);
            }
            if !no_wait {
                filing.wait_until_read(&case)?;
            }
        }
        DossierCommand::Search { case, text, most, json } => {
            known(&case, config)?;
            let pages = open_pages(config, false)?;
            let begun = std::time::Instant::now();
            let found = pages.search(&case, &text, most);
            let took_us = u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
            if json {
                super::print_json(&serde_json::json!({
                    "tookUs": took_us,
                    "hits": found.hits,
                    "pages": found.pages,
                    "places": found.places,
                }))?;
            } else {
                for hit in &found.hits {
                    println!(
                        "{} 第{}页{}  {}",
                        hit.place,
                        hit.page.page,
                        super::told_by(hit.by),
                        hit.snippet
                    );
                }
                let more = found.pages.is_none_or(|all| all as usize > found.hits.len());
                if more && found.hits.len() == most {
                    let all = found.pages.map_or("more".to_owned(), |all| all.to_string());
                    println!("{most} of {all} pages; --most shows more");
                }
            }
        }
        DossierCommand::List { case, json } => {
            known(&case, config)?;
            let catalogue = open_pages(config, false)?.catalogue(&case).map_err(anyhow::Error::msg)?;
            if json {
                super::print_json(&catalogue)?;
            } else {
                for d in &catalogue.docs {
                    println!(
                        "{}  {} › {}  {}/{} pages",
                        d.doc,
                        d.heading,
                        d.title,
                        d.pages_ready,
                        d.pages.len()
                    );
                }
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
