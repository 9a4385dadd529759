//! The page worker alone, so that tests run real child processes. Its one argument is pdfium's library.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(pdfium) = std::env::args_os().nth(1).map(PathBuf::from) else {
        eprintln!("give the path of pdfium's library");
        return ExitCode::FAILURE;
    };
    match dossier::worker::run(&pdfium) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
