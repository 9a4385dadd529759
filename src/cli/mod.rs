//! The command line. Exit codes: 0 done, 1 it could not be done (a sentence says why), 2 wrong usage, 3 verification
//! found something wrong.
#![allow(clippy::print_stdout, reason = "printing is what a command line is for")]

mod account;
mod audit;
mod backup;
mod case;
mod demo;
mod devices;
mod doctor;
mod filing;
mod models;
mod outline;
mod papers;
mod processes;
mod proof;
mod registry;
mod second_pass;
mod speech_eval;
mod statutes;
mod supervise;
mod templates;
mod terminal;
mod transcribe;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use protocol::wire::FoundBy;

use crate::config::Config;

/// Verification found something wrong.
pub const EXIT_NOT_WHOLE: u8 = 3;

/// 慧庭: records a hearing in sound and picture, writes the record as it is spoken, finds any page of the dossier, shows the same
/// page on every screen, and proves afterwards what was said, shown and changed.
#[derive(Debug, Parser)]
#[command(name = "huiting", version, max_term_width = 110)]
struct Arguments {
    /// The settings file; without it, `huiting.toml` in the current folder, else /etc/huiting/huiting.toml, else the defaults.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the appliance: hub, recorder and recogniser, each started again if it dies.
    Serve,
    /// Opens a courtroom with the sample case; 演示庭审 plays the scripted hearing into it.
    Demo(demo::DemoArguments),
    /// Cases: list, create, import a folder with a case.toml.
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// Accounts of the administration: list, add, new password, close.
    #[command(subcommand)]
    Account(account::AccountCommand),
    /// Terminals (终端), the computers of the courtroom: list, add, new code, revoke.
    #[command(subcommand)]
    Terminal(terminal::TerminalCommand),
    /// The dossier of a case: add documents, search.
    #[command(subcommand)]
    Dossier(case::DossierCommand),
    /// Laws and judicial interpretations: import, find an article, list.
    #[command(subcommand)]
    Statutes(statutes::StatutesCommand),
    /// Turns a sound file (WAV) into lines of text with the installed model.
    Transcribe(transcribe::TranscribeArguments),
    /// Measures the speech model on a court's own recordings and their text.
    SpeechEval(speech_eval::EvalArguments),
    /// Writes the package (庭审归档包) of a hearing, or one of its papers.
    Export(papers::ExportArguments),
    /// Checks a package offline and says what is wrong with it.
    Verify(papers::VerifyArguments),
    /// Proofs: that a line, mark or fragment stands in the journal; that a journal only grew.
    #[command(subcommand)]
    Proof(proof::ProofCommand),
    /// The audit journal: who took pages, recordings and papers off their shelf.
    Audit(audit::AuditArguments),
    /// Copies everything to another disk while the house runs: journals, recordings, dossiers, databases, keys.
    Backup(backup::BackupArguments),
    /// Makes a house from a backup, in an empty data folder; or checks a backup.
    Restore(backup::RestoreArguments),
    /// The forms of the court's papers: write the shipped ones out to change them, check the changed ones.
    #[command(subcommand)]
    Templates(templates::TemplatesCommand),
    /// The six indicators of a month, over what has been noted.
    Indicators(registry::IndicatorArguments),
    /// Looks at disks, clock, devices, models and libraries, and says what to do.
    Doctor(doctor::DoctorArguments),
    /// Outlines (庭审提纲): list, print one, check a file of the court's own.
    #[command(subcommand)]
    Outline(outline::OutlineCommand),
    /// Speech models: list, check, install, choose.
    #[command(subcommand)]
    Models(models::ModelsCommand),
    /// One process of the appliance, started by `serve`.
    #[command(hide = true)]
    Hub,
    /// One process of the appliance, started by `serve`.
    #[command(hide = true)]
    Recorder(processes::Place),
    /// One process of the appliance, started by `serve`.
    #[command(hide = true)]
    Recogniser(processes::Place),
    /// Hears lines of a recording again for the hub, over standard input and output.
    #[command(hide = true)]
    SecondPass(second_pass::SecondPassArguments),
    /// Reads pages for the hub over standard input and output.
    #[command(hide = true)]
    PageWorker {
        /// pdfium's library.
        #[arg(long)]
        pdfium: PathBuf,
    },
}

/// `huiting audit | head` ends when `head` has seen enough, without a word.
fn end_with_the_pipe() {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let said = panic.payload().downcast_ref::<String>();
        if said.is_some_and(|s| s.starts_with("failed printing to stdout") && s.contains("Broken pipe")) {
            std::process::exit(0);
        }
        usual(panic);
    }));
}

/// Parses the command line and does what it says.
pub fn run() -> ExitCode {
    end_with_the_pipe();
    // Hearings, keys, copies and exports are their owner's alone, until the owner says otherwise.
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    let arguments = Arguments::parse();
    start_log();
    let outcome = dispatch(arguments);
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("huiting: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let file = config_file(arguments.config);
    let load = || Config::load(file.as_deref());
    match arguments.command {
        // Works on a machine with nothing else: a package must be checkable anywhere.
        Command::Verify(a) => papers::verify(&a),
        Command::PageWorker { pdfium } => processes::page_worker(&pdfium),
        Command::Serve => in_runtime(processes::serve(load()?, file)),
        Command::Hub => in_runtime(processes::hub(load()?, file)),
        Command::Recorder(place) => in_runtime(processes::recorder(load()?, place)),
        Command::Recogniser(place) => in_runtime(processes::recogniser(load()?, place)),
        Command::Demo(a) => in_runtime(demo::run(a, load()?)),
        Command::Case(c) => case::case(c, &load()?),
        Command::Account(c) => account::run(c, &load()?),
        Command::Terminal(c) => terminal::run(c, &load()?),
        Command::Dossier(c) => case::dossier(c, &load()?),
        Command::Statutes(c) => statutes::run(c, &load()?),
        Command::Outline(o) => outline::run(o, &load()?),
        Command::Transcribe(a) => transcribe::run(&a, &load()?),
        Command::SecondPass(a) => second_pass::run(a, &load()?),
        Command::SpeechEval(a) => speech_eval::run(&a, &load()?),
        Command::Proof(c) => proof::run(&c, load),
        Command::Export(a) => papers::export(&a, &load()?),
        Command::Audit(a) => audit::run(&a, &load()?),
        Command::Backup(a) => backup::back_up(&a, &load()?),
        Command::Restore(a) => backup::restore(&a, &load()?),
        Command::Templates(c) => templates::run(&c, &load()?),
        Command::Indicators(a) => registry::indicators(&a, &load()?),
        Command::Doctor(a) => doctor::run(&a, load),
        Command::Models(c) => models::run(&c, &load()?),
    }
}

fn config_file(given: Option<PathBuf>) -> Option<PathBuf> {
    let usual = ["huiting.toml", "/etc/huiting/huiting.toml"].map(PathBuf::from);
    given.or_else(|| usual.into_iter().find(|p| p.exists()))
}

fn in_runtime(task: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(task);
    runtime.shutdown_timeout(std::time::Duration::from_secs(5));
    outcome
}

/// Logs go to standard error; `HUITING_LOG=debug` says more.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("HUITING_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info,tantivy=warn"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}

/// What is said beside a page that does not hold the words as they were typed.
fn told_by(by: FoundBy) -> &'static str {
    match by {
        FoundBy::Letter => "",
        FoundBy::Pinyin => " (拼音)",
        FoundBy::Sound => " (同音)",
    }
}

/// Prints a value as one JSON object.
fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}
