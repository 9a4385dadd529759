//! Every address with its right, its handler and what is said about it: the one list that makes the routes and their gates, `docs/access.md`
//! and `docs/openapi.json`.

use std::sync::Arc;

use axum::http::Method;
use axum::response::Redirect;
use court::{Convening, Scan};
use hub::{CaseDraft, HearingSummary, MeetingOffer, Opening, PackageState, Prepared};
use model::TrackId;
use protocol::check::CheckItem;
use protocol::replay::Reel;
use protocol::wire::{
    Alike, Catalogue, Mend, PageInfo, SecondPass, StatutePage, StatuteResults, Taken, TermList, Upload,
};
use record::{Account, Imported, Login, NewAccount, NewTerminal, Scheduled};

use super::about::about;
use super::doors::Doors;
use super::{
    Services, accounts, admin, archive, asset, directory, dossier, favicon, filing, indicators, lines, marks,
    media, meetings, metrics, papers, replay, scans, seat, second_pass, statutes, terminals, uploads,
};
use crate::rights::{Act, Duty, Right};

/// Where the seats of hearings and meetings are.
pub(super) const SEAT: &str = "/h/{hearing}/{seat}";
/// Where hearings that are over are played back.
pub(super) const REPLAY: &str = "/replay/{hearing}";
/// Largest upload: a scanned dossier of a thousand pages.
const UPLOAD_BYTES_MAX: usize = 2 << 30;
/// Largest case list.
const LIST_BYTES_MAX: usize = 32 << 20;

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const DELETE: Method = Method::DELETE;
const PUT: Method = Method::PUT;
const UPLOAD: &str = "As the upload was begun.";

const HTML: &[&str] = &["text/html"];
const PDF: &[&str] = &["application/pdf"];
const ZIP: &[&str] = &["application/zip"];
const PNG: &[&str] = &["image/png"];
const SCANS: &[&str] = &["application/pdf", "image/jpeg", "image/png"];
const PICTURES: &[&str] = &["image/png", "image/jpeg", "image/webp"];
const PLAYLIST: &[&str] = &["application/vnd.apple.mpegurl"];
const MEDIA: &[&str] = &["application/vnd.apple.mpegurl", "video/mp4", "application/octet-stream"];
const PAPERS: &[&str] = &[
    "text/html",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/vtt",
    "text/csv",
];
const ASSETS: &[&str] =
    &["text/javascript", "text/css", "image/svg+xml", "font/woff2", "application/octet-stream"];

/// What `{name}` is where it is a paper.
const PAPER: &str = "A name of `api/papers`, with `-copy` (副本) or `-public` (公开副本) behind it if wanted";
/// What `{name}` is where it is an account.
const ACCOUNT: &str = "The account's name.";
/// What `{id}` is where it is a terminal.
const TERMINAL: &str = "The terminal's id.";

fn page_of_a_seat() -> super::About {
    about("The screens of the seat").gives_file(HTML).refuses_in_html(&[401, 403]).refuses(&[500, 503])
}

fn page_of_a_replay() -> super::About {
    about("The page of a replay (庭审回放)").gives_file(HTML).refuses_in_html(&[403]).refuses(&[500, 503])
}

fn page_of_the_office() -> super::About {
    about("The administration's page").gives_file(HTML).refuses_in_html(&[503])
}

pub(super) fn of_seats(services: &Arc<Services>) -> Doors {
    use Right::Seat;
    let doors = Doors::below(services, SEAT)
        .open(GET, "/", seat::page, page_of_a_seat())
        .open(
            GET,
            "/join",
            seat::join,
            about("Trades the code of a link for a session, once (R-JOIN-1)")
                .query::<seat::Code>()
                .answers(303)
                .refuses_in_html(&[403])
                .refuses(&[500, 503]),
        )
        .at(
            GET,
            "/ws",
            Seat(Act::Enter),
            seat::socket,
            about("The WebSocket of a screen (docs/asyncapi.json)").answers(101).refuses(&[400]),
        )
        .at(
            GET,
            "/api/session",
            Seat(Act::Enter),
            seat::session,
            about("Whether the session opens the seat").answers(204),
        )
        .at(
            GET,
            "/api/check",
            Seat(Act::SeeCheck),
            seat::check,
            about("设备检测: what the check before 开庭 finds").gives::<Vec<CheckItem>>(),
        )
        .at(
            POST,
            "/api/seats/{other}/code",
            Seat(Act::HandOutLink),
            seat::code,
            about("A new link for a seat, good once").gives::<seat::SeatUrl>().refuses(&[404]),
        )
        .at(
            POST,
            "/api/seats/{other}/evict",
            Seat(Act::PutOut),
            seat::evict,
            about("Ends every session of another seat and closes its screens").answers(204).refuses(&[404]),
        );
    of_the_dossier(of_meetings(of_papers(of_media(doors))))
}

fn of_the_dossier(doors: Doors) -> Doors {
    use Right::Seat;
    doors
        .at(
            GET,
            "/api/dossier",
            Seat(Act::ReadCatalogue),
            dossier::catalogue,
            about("The catalogue of the dossier (卷宗目录)").gives::<Catalogue>(),
        )
        .taking(
            UPLOAD_BYTES_MAX,
            POST,
            "/api/dossier",
            Seat(Act::FileDocument),
            dossier::upload,
            about("Adds a document; a party's on its own side (R-HTTP-3)")
                .takes_form(dossier::form)
                .gives::<Taken>(),
        )
        .at(
            POST,
            "/api/dossier/uploads",
            Seat(Act::FileDocument),
            uploads::begin,
            about("Begins an upload that can go on where it broke off").takes::<uploads::Begun>().gives::<Upload>().refuses(&[400]),
        )
        .at(
            GET,
            "/api/dossier/uploads/{id}",
            Seat(Act::FileDocument),
            uploads::find,
            about("How far an upload is").place("id", UPLOAD).gives::<Upload>().refuses(&[404]),
        )
        .taking(
            uploads::CHUNK_BYTES_MAX,
            PUT,
            "/api/dossier/uploads/{id}",
            Seat(Act::FileDocument),
            uploads::append,
            about("Adds a chunk at the end; 409 says where that is").place("id", UPLOAD)
                .query::<uploads::From>()
                .takes_file(&["application/octet-stream"])
                .gives::<Upload>()
                .refuses(&[404, 409]),
        )
        .at(
            POST,
            "/api/dossier/uploads/{id}/file",
            Seat(Act::FileDocument),
            uploads::file,
            about("Files what was uploaded; an archive gives many documents").place("id", UPLOAD)
                .takes::<uploads::Filed>()
                .gives::<Taken>()
                .refuses(&[404, 409, 422]),
        )
        .at(
            DELETE,
            "/api/dossier/uploads/{id}",
            Seat(Act::FileDocument),
            uploads::drop,
            about("Gives an upload up").place("id", UPLOAD).answers(204).refuses(&[404]),
        )
        .at(
            POST,
            "/api/dossier/mend",
            Seat(Act::MendDossier),
            dossier::mend,
            about("Turns pages, re-files, binds anew, withdraws; gives the catalogue as it is then")
                .takes::<Mend>()
                .gives::<Catalogue>()
                .refuses(&[422]),
        )
        .at(
            GET,
            "/api/pages/{doc}/{page}",
            Seat(Act::ReadShownPage),
            dossier::page,
            about("A page: size, hash, text with boxes, marks").gives::<PageInfo>().refuses(&[404]),
        )
        .at(
            GET,
            "/api/pages/{doc}/{page}/image",
            Seat(Act::ReadShownPage),
            dossier::image,
            about("The image of a page, 20 to 600 dpi; its `ETag` is its SHA-256 (R-HTTP-1)")
                .query::<dossier::Size>()
                .gives_file(PICTURES)
                .answers(304)
                .refuses(&[404]),
        )
        .at(
            GET,
            "/api/marks.jsonld",
            Seat(Act::ReadMarks),
            marks::annotations,
            about("导出标注: the marks the desk sees, as W3C Web Annotations (R-MARK-2)").gives_file(&["application/ld+json"]),
        )
        .at(
            POST,
            "/api/marks.jsonld",
            Seat(Act::ReadMarks),
            marks::annotations,
            about("The same, with the marks that the desk keeps to itself").may_take::<marks::Own>().gives_file(&["application/ld+json"]),
        )
        .at(
            POST,
            "/api/marked/{name}",
            Seat(Act::ReadMarks),
            marks::copy,
            about("The same as by GET, with the marks that the desk keeps to itself")
                .place("name", "The document's id and `.pdf`.")
                .query::<marks::Piece>()
                .may_take::<marks::Own>()
                .gives_file(PDF)
                .refuses(&[400, 404]),
        )
        .at(
            GET,
            "/api/marked/{name}",
            Seat(Act::ReadMarks),
            marks::copy,
            about("带标注的PDF: a copy of a document with the marks the desk sees (R-MARK-3)")
                .place("name", "The document's id and `.pdf`.")
                .query::<marks::Piece>()
                .gives_file(PDF)
                .refuses(&[400, 404]),
        )
        .at(
            GET,
            "/api/exhibits/{name}",
            Seat(Act::ReadPage),
            marks::exhibits,
            about("证据册: a copy of the evidence of a side, item after item, every page stamped with its place (R-MARK-4)")
                .place("name", "`plaintiff.pdf`, `defendant.pdf` or `thirdParty.pdf`.")
                .query::<marks::Piece>()
                .gives_file(PDF)
                .refuses(&[400, 404]),
        )
        .at(
            GET,
            "/api/alike",
            Seat(Act::HearAlike),
            lines::alike,
            about("What of the case sounds like words of the record, nearest first; nine at most")
                .query::<lines::Heard>()
                .gives::<Alike>(),
        )
        .at(
            GET,
            "/api/second-pass",
            Seat(Act::HearAgain),
            second_pass::progress,
            about("复听: how far the recording has been heard again by a larger model").gives::<SecondPass>(),
        )
        .at(
            POST,
            "/api/second-pass",
            Seat(Act::HearAgain),
            second_pass::begin,
            about("After the hearing, lines that nobody has touched are heard again; what is read otherwise is offered in the record")
                .gives::<SecondPass>()
                .refuses(&[409, 500]),
        )
        .at(
            DELETE,
            "/api/second-pass",
            Seat(Act::HearAgain),
            second_pass::stop,
            about("Stops it; what it has found stays").gives::<SecondPass>(),
        )
        .at(
            GET,
            "/api/terms",
            Seat(Act::ReadTerms),
            lines::terms,
            about(
                "案件热词: what the recogniser is told to expect, each with where it comes from, best first",
            )
            .gives::<TermList>(),
        )
        .at(
            GET,
            "/api/statutes",
            Seat(Act::ReadStatutes),
            statutes::find,
            about("法条: articles in the versions in force on a day")
                .query::<statutes::Question>()
                .gives::<StatuteResults>()
                .refuses(&[404]),
        )
        .at(
            GET,
            "/api/statutes/{law}/{version}/{article}",
            Seat(Act::ReadStatutes),
            statutes::article,
            about("An article between its neighbours").gives::<StatutePage>().refuses(&[404]),
        )
}

fn of_meetings(doors: Doors) -> Doors {
    use Right::Seat;
    doors
        .at(
            GET,
            "/api/meetings",
            Seat(Act::SeeMeetings),
            meetings::offers,
            about("The meetings (合议, 法官会议, 审委会) that the person at the seat is a member of")
                .gives::<Vec<MeetingOffer>>(),
        )
        .at(
            POST,
            "/api/meetings",
            Seat(Act::Convene),
            meetings::convene,
            about("Convenes one").takes::<Convening>().gives_as::<meetings::Convened>(201).refuses(&[409]),
        )
        .at(
            POST,
            "/api/meetings/{meeting}/enter",
            Seat(Act::EnterMeeting),
            meetings::enter,
            about("A member's way in; 409 where another screen of the seat has entered")
                .gives::<meetings::Door>()
                .refuses(&[404, 409]),
        )
}

fn of_papers(doors: Doors) -> Doors {
    use Right::Seat;
    doors
        .taking(
            scans::SCAN_BYTES_MAX,
            POST,
            "/api/scans",
            Seat(Act::KeepScan),
            scans::keep,
            about("Keeps a scan (扫描件) of signed paper").takes_file(SCANS).gives::<Scan>().refuses(&[422]),
        )
        .at(
            GET,
            "/api/scans/{sha256}",
            Seat(Act::ReadScan),
            scans::scan,
            about("A scan").gives_file(SCANS).refuses(&[404]),
        )
        .at(
            GET,
            "/api/papers",
            Seat(Act::ListPapers),
            papers::menu,
            about("文书: every paper there is now").gives::<papers::Menu>().refuses(&[404]),
        )
        .at(
            POST,
            "/api/papers/{name}/file",
            Seat(Act::Enter),
            filing::file_paper,
            about("归入卷宗: puts a paper into the dossier")
                .place("name", PAPER)
                .may_take::<filing::Chosen>()
                .gives::<filing::FiledPaper>()
                .refuses(&[404, 409]),
        )
        .at(
            GET,
            "/api/proofs/{line}",
            Seat(Act::ReadProof),
            papers::proofs,
            about("Proofs of the journal's entries about a line, with the key").gives_file(ZIP).refuses(&[404]),
        )
        .at(
            GET,
            "/package.zip",
            Seat(Act::ReadPackage),
            papers::package_zip,
            about("The package (归档包) that was written").gives_file(ZIP).refuses(&[404]),
        )
        .at(
            GET,
            "/api/package",
            Seat(Act::ReadPackage),
            papers::package_state,
            about("How far the package is").gives::<PackageState>(),
        )
        .at(
            POST,
            "/api/package",
            Seat(Act::WritePackage),
            papers::write_package,
            about("Writes the package of a closed hearing, and verifies it").gives_as::<PackageState>(202).refuses(&[400, 404, 409, 422]),
        )
        .at(
            GET,
            "/papers/{name}",
            Seat(Act::Enter),
            papers::paper,
            about("A paper; a draft before 闭庭, a party's as its copy")
                .place("name", "A name of `api/papers` and `.html`, `.pdf` or `.docx`; `record.vtt`, `record-public.vtt`, `examination.csv`.")
                .gives_file(PAPERS)
                .refuses(&[404]),
        )
}

fn of_media(doors: Doors) -> Doors {
    use Right::Seat;
    doors
        .at(
            GET,
            "/api/stills",
            Seat(Act::Watch),
            media::cameras,
            about("The cameras a still can be taken from").gives::<Vec<TrackId>>().refuses(&[404]),
        )
        .at(
            GET,
            "/api/stills/{track}",
            Seat(Act::Watch),
            media::still,
            about("A recorded picture of a camera; its time is in the header `hearing-time`")
                .query::<media::Moment>()
                .gives_file(PNG)
                .refuses(&[404]),
        )
        .at(
            GET,
            "/media/master.m3u8",
            Seat(Act::Watch),
            media::master,
            about("The recording as HLS").gives_file(PLAYLIST).refuses(&[404]),
        )
        .at(
            GET,
            "/media/{track}/{file}",
            Seat(Act::Watch),
            media::file,
            about("A track's playlist, or one of its files").gives_file(MEDIA).refuses(&[404]),
        )
        .at(
            POST,
            "/api/replay",
            Seat(Act::Replay),
            replay::link_of_seat,
            about("A link that plays the hearing back, good once; 409 before it is over")
                .gives::<replay::Link>()
                .refuses(&[404, 409]),
        )
}

pub(super) fn of_replays(services: &Arc<Services>) -> Doors {
    use Right::Replay;
    Doors::below(services, REPLAY)
        .open(GET, "/", replay::page, page_of_a_replay())
        .open(
            GET,
            "/join",
            replay::join,
            about("Trades the code of a link for a session that plays the hearing back, once")
                .query::<replay::Code>()
                .answers(303)
                .refuses_in_html(&[403])
                .refuses(&[500, 503]),
        )
        .at(
            GET,
            "/api/reel/{class}",
            Replay,
            replay::reel,
            about("All that screens of a view class were told, once the hearing is over")
                .gives::<Reel>()
                .refuses(&[400, 404, 409]),
        )
        .at(
            GET,
            "/api/dossier",
            Replay,
            replay::catalogue,
            about("The catalogue of the dossier (卷宗目录)").gives::<Catalogue>(),
        )
        .at(
            GET,
            "/api/pages/{doc}/{page}",
            Replay,
            replay::page_info,
            about("A page without its marks").gives::<PageInfo>().refuses(&[404]),
        )
        .at(
            GET,
            "/api/pages/{doc}/{page}/image",
            Replay,
            replay::image,
            about("The image of a page, 20 to 600 dpi; its `ETag` is its SHA-256 (R-HTTP-1)")
                .query::<dossier::Size>()
                .gives_file(PICTURES)
                .answers(304)
                .refuses(&[404]),
        )
        .at(
            GET,
            "/media/master.m3u8",
            Replay,
            replay::master,
            about("The recording as HLS").gives_file(PLAYLIST).refuses(&[404]),
        )
        .at(
            GET,
            "/media/{track}/{file}",
            Replay,
            replay::file,
            about("A track's playlist, or one of its files").gives_file(MEDIA).refuses(&[404]),
        )
}

pub(super) fn of_the_office(services: &Arc<Services>) -> Doors {
    use Right::Office;
    let doors = Doors::below(services, "/admin")
        .open(GET, "/", admin::page, page_of_the_office())
        .open(
            GET,
            "/join",
            admin::join,
            about("Trades the code of a link for an administrator's session, once")
                .query::<admin::Code>()
                .answers(303)
                .refuses_in_html(&[403])
                .refuses(&[500, 503]),
        )
        .open(
            POST,
            "/api/login",
            accounts::login,
            about("A session of an account, for twelve hours (R-ADM-2)")
                .takes::<accounts::Credentials>()
                .answers(204)
                .refuses(&[401, 403, 429, 500]),
        )
        .open(
            GET,
            "/api/directory",
            directory::known,
            about("The court's own directory of people (统一身份认证), if it has one")
                .gives::<directory::Known>(),
        )
        .open(
            GET,
            "/login/directory",
            directory::begin,
            about("Sends the browser to the directory").answers(303).refuses(&[403, 404, 500]),
        )
        .open(
            GET,
            "/login/return",
            directory::finish,
            about("The browser comes back: a session of the account of that name (R-ADM-2)")
                .query::<directory::Returned>()
                .gives_file(HTML)
                .refuses_in_html(&[403])
                .refuses(&[401, 404, 500]),
        )
        .at(POST, "/api/logout", Office(Duty::Look), accounts::logout, about("Ends the session").answers(204))
        .at(
            GET,
            "/api/me",
            Office(Duty::Look),
            accounts::me,
            about("Who is logged in, and what they may do").gives::<accounts::Me>(),
        )
        .at(
            GET,
            "/api/indicators",
            Office(Duty::Look),
            indicators::figures,
            about("The six indicators (指标) by month")
                .query::<indicators::Asked>()
                .gives::<indicators::Indicators>(),
        )
        .at(
            GET,
            "/api/indicators.csv",
            Office(Duty::Look),
            indicators::csv,
            about("The indicators of a month with their cases")
                .query::<indicators::Asked>()
                .gives_file(&["text/csv"]),
        )
        .at(
            GET,
            "/api/outlines",
            Office(Duty::Look),
            admin::outlines,
            about("The outlines (庭审提纲) to choose from").gives::<admin::OutlineChoices>(),
        )
        .at(
            GET,
            "/api/hearings",
            Office(Duty::Look),
            admin::hearings,
            about("The hearings that are open").gives::<Vec<HearingSummary>>(),
        )
        .at(
            POST,
            "/api/hearings",
            Office(Duty::Prepare),
            admin::open_hearing,
            about("Opens a hearing; 409 while another is held")
                .takes::<Opening>()
                .gives::<admin::Opened>()
                .refuses(&[404, 409]),
        )
        .at(
            POST,
            "/api/hearings/{hearing}/seats/{seat}/code",
            Office(Duty::Prepare),
            admin::code,
            about("A new link for a seat, good once").gives::<seat::SeatUrl>().refuses(&[400, 404]),
        )
        .at(
            POST,
            "/api/hearings/{hearing}/replay",
            Office(Duty::File),
            replay::link_of_office,
            about("A link that plays a hearing back, good once; 409 before it is over")
                .gives::<replay::Link>()
                .refuses(&[400, 404, 409]),
        );
    of_people(of_cases(doors))
}

fn of_cases(doors: Doors) -> Doors {
    use Right::Office;
    doors
        .at(GET, "/api/cases", Office(Duty::Look), admin::cases, about("The cases").gives::<Vec<CaseDraft>>())
        .at(
            POST,
            "/api/cases",
            Office(Duty::Prepare),
            admin::create_case,
            about("Creates a case").takes::<CaseDraft>().gives_as::<CaseDraft>(201).refuses(&[409]),
        )
        .at(
            GET,
            "/api/cases/{case}/prepared",
            Office(Duty::Look),
            admin::prepared,
            about("Seats and times of the next hearing, as far as the case list says")
                .gives::<Prepared>()
                .refuses(&[404]),
        )
        .at(
            GET,
            "/api/cases/{case}/dossier",
            Office(Duty::File),
            admin::dossier,
            about("The catalogue of a case's dossier").gives::<Catalogue>().refuses(&[404]),
        )
        .taking(
            UPLOAD_BYTES_MAX,
            POST,
            "/api/cases/{case}/dossier",
            Office(Duty::File),
            admin::upload,
            about("Adds a document of any side").takes_form(dossier::form).gives::<Taken>().refuses(&[404]),
        )
        .at(
            POST,
            "/api/cases/{case}/dossier/uploads",
            Office(Duty::File),
            uploads::begin_office,
            about("Begins an upload that can go on where it broke off")
                .takes::<uploads::Begun>()
                .gives::<Upload>()
                .refuses(&[400, 404]),
        )
        .at(
            GET,
            "/api/cases/{case}/dossier/uploads/{id}",
            Office(Duty::File),
            uploads::find_office,
            about("How far an upload is").place("id", UPLOAD).gives::<Upload>().refuses(&[404]),
        )
        .taking(
            uploads::CHUNK_BYTES_MAX,
            PUT,
            "/api/cases/{case}/dossier/uploads/{id}",
            Office(Duty::File),
            uploads::append_office,
            about("Adds a chunk at the end; 409 says where that is")
                .place("id", UPLOAD)
                .query::<uploads::From>()
                .takes_file(&["application/octet-stream"])
                .gives::<Upload>()
                .refuses(&[404, 409]),
        )
        .at(
            POST,
            "/api/cases/{case}/dossier/uploads/{id}/file",
            Office(Duty::File),
            uploads::file_office,
            about("Files what was uploaded; an archive gives many documents")
                .place("id", UPLOAD)
                .takes::<uploads::Filed>()
                .gives::<Taken>()
                .refuses(&[404, 409, 422]),
        )
        .at(
            DELETE,
            "/api/cases/{case}/dossier/uploads/{id}",
            Office(Duty::File),
            uploads::drop_office,
            about("Gives an upload up").place("id", UPLOAD).answers(204).refuses(&[404]),
        )
        .at(
            POST,
            "/api/cases/{case}/dossier/mend",
            Office(Duty::File),
            admin::mend,
            about("Turns pages, re-files, binds anew, withdraws; gives the catalogue as it is then")
                .takes::<Mend>()
                .gives::<Catalogue>()
                .refuses(&[404, 422]),
        )
        .taking(
            UPLOAD_BYTES_MAX,
            POST,
            "/api/cases/{case}/secondary",
            Office(Duty::Archive),
            filing::upload_secondary,
            about("Adds a document to 副卷").takes_form(dossier::form).gives::<Taken>().refuses(&[404]),
        )
        .at(
            GET,
            "/api/cases/{case}/file",
            Office(Duty::File),
            archive::file,
            about("Directories, pieces, what is missing, and the check before 归档")
                .query::<archive::Asked>()
                .gives::<archive::FileView>()
                .refuses(&[404]),
        )
        .at(
            POST,
            "/api/cases/{case}/pieces/{doc}",
            Office(Duty::File),
            filing::refile,
            about("Puts a document under another heading")
                .takes::<filing::Place>()
                .answers(204)
                .refuses(&[404]),
        )
        .at(
            GET,
            "/api/cases/{case}/archive",
            Office(Duty::Archive),
            archive::archive_state,
            about("How far the archive of a case is").gives::<archive::ArchiveState>(),
        )
        .at(
            POST,
            "/api/cases/{case}/archive",
            Office(Duty::Archive),
            archive::archive,
            about("归档: checks, and begins to write; 409 says what is missing")
                .takes::<archive::Order>()
                .gives_as::<archive::ArchiveState>(202)
                .refuses(&[404, 409]),
        )
        .at(
            GET,
            "/api/cases/{case}/print/{which}",
            Office(Duty::Archive),
            archive::print,
            about("The paper set (双套制), the directory first")
                .place("which", "`main.pdf` or `secondary.pdf`.")
                .gives_file(PDF)
                .refuses(&[404]),
        )
        .taking(
            LIST_BYTES_MAX,
            POST,
            "/api/import",
            Office(Duty::Prepare),
            filing::import,
            about("Imports a case list (docs/api-cases.md)")
                .takes_list(|_| registry::list_schema())
                .gives::<Imported>()
                .refuses(&[400]),
        )
        .at(
            GET,
            "/api/schedule",
            Office(Duty::Look),
            filing::schedule,
            about("排期: hearings from the first day up to the last, without it")
                .query::<filing::Range>()
                .gives::<Vec<Scheduled>>(),
        )
}

fn of_people(doors: Doors) -> Doors {
    use Right::Office;
    doors
        .at(
            GET,
            "/api/logins",
            Office(Duty::Manage),
            accounts::logins,
            about("The newest logins").gives::<Vec<Login>>(),
        )
        .at(
            GET,
            "/api/accounts",
            Office(Duty::Manage),
            accounts::list,
            about("The accounts").gives::<Vec<Account>>(),
        )
        .at(
            POST,
            "/api/accounts",
            Office(Duty::Manage),
            accounts::create,
            about("Makes an account").takes::<NewAccount>().answers(201).refuses(&[409]),
        )
        .at(
            POST,
            "/api/accounts/{name}/password",
            Office(Duty::Manage),
            accounts::password,
            about("Gives an account a new password, and ends its sessions")
                .place("name", ACCOUNT)
                .takes::<accounts::Password>()
                .answers(204)
                .refuses(&[404]),
        )
        .at(
            POST,
            "/api/accounts/{name}/closed",
            Office(Duty::Manage),
            accounts::close,
            about("Closes an account, or opens it again")
                .place("name", ACCOUNT)
                .takes::<accounts::Closed>()
                .answers(204)
                .refuses(&[404]),
        )
        .at(
            GET,
            "/api/terminals",
            Office(Duty::Manage),
            terminals::list,
            about("The terminals (终端) of the courtroom, and who must sit at one")
                .gives::<terminals::Listed>(),
        )
        .at(
            POST,
            "/api/terminals",
            Office(Duty::Manage),
            terminals::add,
            about("Adds a terminal; its code enrols it once, within a day (R-TERM-1)")
                .takes::<NewTerminal>()
                .gives_as::<terminals::Ticket>(201),
        )
        .at(
            POST,
            "/api/terminals/{id}/code",
            Office(Duty::Manage),
            terminals::renew,
            about("A new code for a terminal; 404 once it is revoked")
                .place("id", TERMINAL)
                .gives::<terminals::Ticket>()
                .refuses(&[404]),
        )
        .at(
            POST,
            "/api/terminals/{id}/revoke",
            Office(Duty::Manage),
            terminals::revoke,
            about("Revokes a terminal, its sessions and its sockets (R-TERM-3)")
                .place("id", TERMINAL)
                .answers(204)
                .refuses(&[404]),
        )
        .at(
            GET,
            "/api/rooms",
            Office(Duty::Look),
            accounts::rooms,
            about("The court's rooms (法庭)").gives::<Vec<String>>(),
        )
        .at(
            POST,
            "/api/rooms",
            Office(Duty::Manage),
            accounts::add_room,
            about("Adds a room").takes::<accounts::RoomName>().answers(201).refuses(&[409]),
        )
        .at(
            DELETE,
            "/api/rooms",
            Office(Duty::Manage),
            accounts::remove_room,
            about("Takes a room off the list").takes::<accounts::RoomName>().answers(204).refuses(&[404]),
        )
        .at(
            POST,
            "/api/code",
            Office(Duty::Manage),
            admin::own_code,
            about("A further link to the administration, good once").gives::<admin::AdminUrl>(),
        )
}

pub(super) fn of_the_house(services: &Arc<Services>) -> Doors {
    Doors::below(services, "")
        .open(
            GET,
            "/",
            || async { Redirect::temporary("/admin/") },
            about("To the administration").answers(307),
        )
        .open(
            GET,
            "/healthz",
            || async { "ok\n" },
            about("Whether the hub answers").gives_file(&["text/plain"]),
        )
        .open(
            GET,
            "/metrics",
            metrics,
            about("Counters in the Prometheus text form").gives_file(&["text/plain"]),
        )
        .open(
            GET,
            "/assets/{*path}",
            asset,
            about("A file of the screens").gives_file(ASSETS).refuses(&[404]),
        )
        .open(
            POST,
            "/enrol",
            terminals::enrol,
            about("Trades a terminal's code and certificate request for its certificate (R-TERM-1)")
                .takes_form(terminals::form)
                .gives_file(&["application/x-pem-file"])
                .refuses(&[400, 403, 409, 500]),
        )
        .open(GET, "/favicon.svg", favicon, about("The icon").gives_file(&["image/svg+xml"]).refuses(&[404]))
        // Nested routers do not answer the folder itself with its slash.
        .open(GET, "/h/{hearing}/{seat}/", seat::page, page_of_a_seat())
        .open(GET, "/admin/", admin::page, page_of_the_office())
        .open(GET, "/replay/{hearing}/", replay::page, page_of_a_replay())
}
