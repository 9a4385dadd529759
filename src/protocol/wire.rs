//! What screens and the hub say to each other over the WebSocket, as JSON text messages.

use court::{Command, Denial, Mark, Named, Process, Shape, Term};
use model::{CmdId, Day, DocId, HearingTime, MicTrouble, PageRef, Point, Rect, SeatId, UtcMs, ViewClass};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::{Snapshot, Update};

/// Where a screen stopped: with it the hub sends only what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Resume {
    /// Identifies the run of the hub; sequences of another run do not compare.
    pub epoch: u64,
    /// The last update applied.
    pub seq: u64,
}

/// From a screen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "type", deny_unknown_fields)]
pub enum ClientMsg {
    /// The first message.
    Hello { resume: Option<Resume> },
    /// An act. Answered by `done` or `denied` with the same id; sent again with the same id it acts once. `inside`: given while the curtain
    /// was down on this screen; it is not done where others would see it because the curtain has been lifted meanwhile.
    Command {
        cmd_id: CmdId,
        command: Command,
        #[serde(default)]
        inside: bool,
    },
    /// Looks for `text` in the dossier: the best `most` pages, twenty unless said, two hundred at most. Answered by `results`
    /// with the same id.
    Search {
        query_id: u32,
        text: String,
        #[serde(default)]
        most: Option<u32>,
    },
    /// This screen shows view number `view` (its image is painted).
    Confirm { view: u32 },
    /// The bench's push-to-talk key moved, at that hearing time by the screen's estimate. A message under way for more than
    /// two seconds counts as two seconds old.
    TalkKey { down: bool, at: HearingTime },
    /// The page that the bench's desk looks at: what its spoken commands are about. Never recorded.
    LookAt { page: Option<PageRef> },
    /// Pointer or unfinished stroke; never recorded.
    Ephemeral { what: Ephemeral },
    /// Answered by `pong` at once.
    Ping { sent_ms: u64 },
    /// Starts or stops the rehearsal (演示庭审), where the configuration has one. Presiding judge and clerk only.
    Rehearse { play: bool },
}

/// Things that are seen and not recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum Ephemeral {
    /// The pointer; `None` when it leaves the page.
    Pointer { page: PageRef, at: Option<Point> },
    /// A stroke or shape being drawn; `None` when it is given up or committed.
    Drawing { page: PageRef, shape: Option<Shape> },
}

/// To a screen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "type")]
pub enum ServerMsg {
    /// Answer to `hello`. With `snapshot` the screen replaces everything; without, updates after its `seq` follow.
    Welcome {
        epoch: u64,
        seq: u64,
        seat: SeatId,
        class: ViewClass,
        now: HearingTime,
        snapshot: Option<Box<Snapshot>>,
    },
    /// Replaces everything: the screen had fallen too far behind.
    Resync { seq: u64, snapshot: Box<Snapshot> },
    /// What has changed. `seq` counts the updates of this view class densely.
    Update { seq: u64, at: HearingTime, updates: Vec<Update> },
    /// The act was done (its updates may come before or after).
    Done { cmd_id: CmdId },
    /// The act was refused.
    Denied { cmd_id: CmdId, denial: Denial, sentence: String },
    /// Text of an utterance still being spoken; replaces the one before.
    Partial { seat: SeatId, utterance: u64, from: HearingTime, text: String },
    /// Its utterance held no speech or has settled.
    PartialGone { seat: SeatId, utterance: u64 },
    /// Answer to `search`, see [`Found`].
    Results { query_id: u32, text: String, found: Found, took_us: u32 },
    /// A spoken command as heard and understood (bench only).
    Heard { text: String, outcome: CommandOutcome },
    /// Seen, not recorded.
    Ephemeral { by: SeatId, what: Ephemeral },
    /// The health strip; sent on change and once a second.
    Status(Status),
    /// Levels of the microphones, in dB below full scale (bench and clerk).
    Levels { levels: Vec<(SeatId, i16)> },
    /// The dossier has changed: fetch the catalogue again.
    DossierChanged { revision: u64 },
    /// Answer to `ping`.
    Pong { sent_ms: u64, now: HearingTime, utc: UtcMs },
    /// The message could not be understood; nothing was done.
    Malformed { sentence: String },
    /// The connection ends. `retry_ms`: come back after that; `None`: do not.
    Bye { why: Parting, sentence: String, retry_ms: Option<u64> },
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Parting {
    /// The hub stops, or is started again.
    HubStops,
    /// The seat is not there.
    NoSeat,
    /// Too many acts were refused.
    TooManyDenials,
    /// The session is over.
    SessionOver,
    /// The terminal was revoked, or its certificate replaced.
    TerminalRevoked,
}

/// The documents to which a query is narrowed (原告：违约金, 在借款合同里找违约金).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Within {
    /// All documents of a side are meant.
    pub side: Option<model::Side>,
    /// They.
    pub docs: Vec<DocId>,
    /// The query without what narrows it.
    pub words: String,
}

/// What a search of the dossier found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Found {
    /// The best pages.
    pub hits: Vec<Hit>,
    /// How many pages answer in all; unknown where every page would have to be read for it.
    pub pages: Option<u32>,
    /// Where its words say that it is to be looked for.
    pub within: Option<Within>,
    /// Pages that the words name (原告证据三第二页), whatever is written on them.
    pub places: Vec<PageRef>,
}

/// How a hit answers the words of a search.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum FoundBy {
    /// It holds them, in whatever writing of amounts and dates.
    Letter,
    /// It holds what was typed in pinyin, whole or in short.
    Pinyin,
    /// It holds what sounds alike (同音).
    Sound,
}

/// A page found by a search.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hit {
    /// The page.
    pub page: PageRef,
    /// Title of its document.
    pub title: String,
    /// Where it stands in the catalogue, e.g. 原告证据 › 证据一.
    pub place: String,
    /// Text around the first occurrence.
    pub snippet: String,
    /// Where the matched words begin and end in `snippet`, in characters.
    pub matched: Vec<(u32, u32)>,
    /// Every occurrence on the page, in page units.
    pub rects: Vec<Rect>,
    /// How it answers.
    pub by: FoundBy,
}

/// What became of a spoken command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", tag = "kind")]
pub enum CommandOutcome {
    /// Open this page in the judge's private view.
    Page { page: PageRef, title: String, rects: Vec<Rect> },
    /// Several readings: one key chooses.
    Choose { choices: Vec<Choice> },
    /// A phrase was looked for.
    Found { phrase: String, hits: Vec<Hit> },
    /// Open this article of the statutes.
    Statute { law: String, version: Day, number: String, title: String },
    /// Lay these beside each other (比对): two, or one beside the page that is looked at.
    Compare { choices: Vec<Choice> },
    /// The desk does it itself (下一页, 放大, 收屏 …); the word is one of the desk's acts.
    Desk { act: String, amount: i32 },
    /// An act that is prefilled and waits for the key (休庭, 闭庭, 宣判 …).
    Prefilled { act: String },
    /// 记明: a line that waits for the key to stand in the record; what is to be noted may still have to be written.
    Note { text: String },
    /// Not understood; nothing was done.
    NotUnderstood,
}

/// One reading of an ambiguous command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Choice {
    /// Shown to the judge.
    pub label: String,
    /// Where it leads.
    pub page: PageRef,
}

/// The health strip.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Now, on the hearing clock.
    pub now: HearingTime,
    /// Whether sound and picture are being written.
    pub recording: bool,
    /// Length of the recording so far, in milliseconds.
    pub recorded_ms: u64,
    /// Every microphone delivers.
    pub sound_ok: bool,
    /// Microphones that are not as they should be, by seat.
    pub microphones: Vec<(SeatId, MicTrouble)>,
    /// Every camera delivers.
    pub picture_ok: bool,
    /// Delay of the transcript, in milliseconds; `None` while no model is loaded.
    pub speech_lag_ms: Option<u64>,
    /// The speech model in use.
    pub model: Option<String>,
    /// Recording time the disk still holds, in minutes.
    pub disk_minutes_left: u64,
    /// Faults that somebody must act on, most urgent first.
    pub faults: Vec<Fault>,
    /// Seats with a live screen.
    pub online: Vec<SeatId>,
    /// Position of a running rehearsal, in milliseconds.
    pub rehearsal_ms: Option<u64>,
    /// Whether a rehearsal can be played.
    pub can_rehearse: bool,
    /// Dossier pages taken in so far and in all: `(with text, all)`.
    pub pages_ready: (u32, u32),
}

/// Something wrong, in one sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Fault {
    /// Whose.
    pub process: Process,
    /// What happened and what to do.
    pub sentence: String,
}

/// A document in the catalogue, as `GET …/api/dossier` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CatalogueDoc {
    /// Its id.
    pub doc: DocId,
    /// Whose: the court's or a party's (`bench` stands for the court).
    pub side: model::Side,
    /// The heading it is filed under, e.g. 原告证据.
    pub heading: String,
    /// Title.
    pub title: String,
    /// The party's evidence number, if it is evidence.
    pub evidence_number: Option<u32>,
    /// Sizes of its pages in page units, in order; their number is the number of pages.
    pub pages: Vec<(i32, i32)>,
    /// How many pages have text already.
    pub pages_ready: u32,
    /// The number printed on each page, once all are read; empty where the document does not number them.
    pub printed: Vec<Option<u32>>,
    /// What is wrong with pages of it.
    pub problems: Vec<PageProblem>,
    /// What a person has looked at and takes as it is.
    pub accepted: Vec<PageProblem>,
    /// How far the picture of each page is turned clockwise to be read; empty where none is.
    pub turns: Vec<u16>,
    /// How sure the machine is of the heading, in percent; none where a person gave it.
    pub heading_sure: Option<u8>,
    /// Where each page comes from, of a document that was bound anew out of others.
    pub leaves: Vec<PageRef>,
    /// It was brought in during a hearing, and the court did not let it in.
    pub kept_out: bool,
}

impl CatalogueDoc {
    /// A document that nothing is known of but its filing and the sizes of its pages.
    #[must_use]
    pub fn new(doc: DocId, filing: Filing, pages: Vec<(i32, i32)>) -> Self {
        Self {
            doc,
            side: filing.side,
            heading: filing.heading,
            title: filing.title,
            evidence_number: filing.evidence_number,
            pages,
            pages_ready: 0,
            printed: Vec::new(),
            problems: Vec::new(),
            accepted: Vec::new(),
            turns: Vec::new(),
            heading_sure: None,
            leaves: Vec::new(),
            kept_out: false,
        }
    }
}

/// What is wrong with a page; pages count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum PageProblem {
    /// It could not be read.
    Unreadable {
        /// The page.
        page: u32,
        /// What the reader said.
        why: String,
    },
    /// It seems to be empty.
    Blank {
        /// The page.
        page: u32,
    },
    /// Its text was recognised with little confidence: to be compared by eye.
    Unclear {
        /// The page.
        page: u32,
    },
    /// The sheet lies turned.
    Turned {
        /// The page.
        page: u32,
        /// Clockwise: 90, 180 or 270.
        degrees: u16,
        /// Whether the recognised text is to be compared by eye.
        unclear: bool,
    },
    /// Photographed or scanned too dark.
    Dark {
        /// The page.
        page: u32,
    },
    /// Out of focus, or moved.
    Blurred {
        /// The page.
        page: u32,
    },
    /// Its lines fall to one side.
    Leaning {
        /// The page.
        page: u32,
        /// To the right if positive.
        degrees: i32,
    },
    /// Its text goes on beyond the border.
    CutOff {
        /// The page.
        page: u32,
    },
    /// The same sheet once more.
    Twin {
        /// The page.
        page: u32,
        /// The one before it.
        of: PageRef,
    },
    /// By the numbers printed on its pages, some are not there.
    Missing {
        /// The last page before them.
        page: u32,
        /// The first printed number that is missing.
        from: u32,
        /// The last.
        to: u32,
    },
}

impl PageProblem {
    /// The page it is about.
    #[must_use]
    pub fn page(&self) -> u32 {
        match self {
            Self::Unreadable { page, .. }
            | Self::Blank { page }
            | Self::Unclear { page }
            | Self::Turned { page, .. }
            | Self::Dark { page }
            | Self::Blurred { page }
            | Self::Leaning { page, .. }
            | Self::CutOff { page }
            | Self::Twin { page, .. }
            | Self::Missing { page, .. } => *page,
        }
    }
}

/// `GET …/api/dossier`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Catalogue {
    /// Raised with every change.
    pub revision: u64,
    /// In catalogue order.
    pub docs: Vec<CatalogueDoc>,
    /// Documents that were withdrawn or bound anew: still there to be read, no longer found.
    pub retired: Vec<CatalogueDoc>,
    /// Brought in during a hearing and not let in yet: seen by bench and clerk and by the side that offers it.
    pub offered: Vec<CatalogueDoc>,
}

/// What became of a file that was handed in; an archive gives many documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Taken {
    /// New in the catalogue.
    pub docs: Vec<CatalogueDoc>,
    /// The same bytes were filed there before.
    pub known: Vec<CatalogueDoc>,
    /// Files of an archive that were not taken.
    pub refused: Vec<RefusedFile>,
}

/// A file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RefusedFile {
    /// Its name in the archive.
    pub name: String,
    /// Why.
    pub sentence: String,
}

/// An upload that goes on where it broke off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// The name of the file.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// How many bytes are here.
    pub received: u64,
}

/// What somebody does to mend the dossier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "mend", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Mend {
    /// Turns the picture of a page.
    Turn {
        /// The page.
        page: PageRef,
        /// Clockwise from how it lies: 0, 90, 180 or 270.
        degrees: u16,
    },
    /// Takes what is wrong with a page as it is.
    Accept {
        /// The document.
        doc: DocId,
        /// What the catalogue says of it.
        problem: PageProblem,
    },
    /// Takes that back.
    Reconsider {
        /// The document.
        doc: DocId,
        /// What was accepted.
        problem: PageProblem,
    },
    /// Says what a document is.
    Describe {
        /// The document.
        doc: DocId,
        /// What it is.
        #[serde(flatten)]
        filing: Filing,
    },
    /// Binds pages anew: documents out of pages of others, in any order. Nothing in their place: they are withdrawn.
    Bind {
        /// The documents that are replaced.
        from: Vec<DocId>,
        /// What comes in their place.
        into: Vec<Binding>,
    },
    /// Takes a binding or a withdrawal back: the documents of before come back, those in their place go.
    Restore {
        /// One of the documents of before.
        doc: DocId,
    },
}

/// Where a document stands in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Filing {
    /// Whose: the court's or a party's (`bench` stands for the court).
    pub side: model::Side,
    /// The heading it is filed under.
    pub heading: String,
    /// Its title.
    pub title: String,
    /// The party's evidence number, if it is evidence.
    pub evidence_number: Option<u32>,
}

/// A document to be bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Binding {
    /// What it is.
    #[serde(flatten)]
    pub filing: Filing,
    /// Its pages, in order.
    pub leaves: Vec<PageRef>,
}

/// `GET …/api/pages/<doc>/<page>`: what a pane needs before and beside the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    /// Whose document it is of.
    pub side: model::Side,
    /// The party's own number of that document, if it is evidence.
    pub evidence_number: Option<u32>,
    /// Its title.
    pub title: String,
    /// Size in page units, as the sheet lies.
    pub size: (i32, i32),
    /// How far its picture is turned clockwise to be read: 0, 90, 180 or 270. Boxes and marks are of the sheet as it lies.
    pub turn: u16,
    /// SHA-256 (hex) of the image `GET …/api/pages/<doc>/<page>/image` gives.
    pub image_hash: String,
    /// Text lines with boxes; empty while the text is being read.
    pub lines: Vec<TextLine>,
    /// Whether the text is final.
    pub text_ready: bool,
    /// Marks of this page (undone ones left out).
    pub marks: Vec<Mark>,
    /// Evidence and articles that the text names, for those who read the dossier.
    pub links: Vec<PageLink>,
}

/// Words of a page that name an item of evidence or an article of a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PageLink {
    /// What they name.
    pub names: Named,
    /// Where they stand: a rectangle for each line, in page units.
    pub rects: Vec<Rect>,
}

/// A line of a page's text layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TextLine {
    /// Its characters.
    pub text: String,
    /// One box a character, in page units.
    pub boxes: Vec<Rect>,
}

/// An article of one dated version of a law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatuteArticle {
    /// The law's id.
    pub law: String,
    /// The law's name, e.g. 民法典.
    pub name: String,
    /// The date of the version.
    pub version: Day,
    /// From when the version applies, where it says so and that is after its date.
    pub effective: Option<Day>,
    /// The article as a key: `577`, `120-1`; `0` for what stands before the first article.
    pub number: String,
    /// As it is cited: 第五百七十七条.
    pub label: String,
    /// Parts, chapters and sections it stands in.
    pub path: Vec<String>,
    /// Its text, one paragraph (款) a line.
    pub text: String,
    /// SHA-256 (hex) of the text.
    pub digest: String,
}

/// An article that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatuteHit {
    /// The article.
    pub article: StatuteArticle,
    /// Where matched words, or the paragraph that was asked for, begin and end in its text, in characters.
    pub matched: Vec<(u32, u32)>,
    /// How it answers.
    pub by: FoundBy,
}

/// `GET …/api/alike?text=…`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Alike {
    /// What was asked.
    pub text: String,
    /// What may have been said instead, nearest first.
    pub words: Vec<String>,
}

/// `GET …/api/second-pass`: the recording heard again by a larger model.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecondPass {
    /// Its name, once it is loaded.
    pub model: Option<String>,
    /// Lines that are heard again.
    pub total: u32,
    /// Those that have been.
    pub done: u32,
    /// Whether it goes on.
    pub running: bool,
    /// Why it ended before all were heard; what it has found is kept, and it can be begun again.
    pub fault: Option<SecondPassFault>,
}

/// Why a second pass ended before its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(tag = "is", rename_all = "camelCase")]
pub enum SecondPassFault {
    /// The process could not be started or spoken to.
    NoAnswer {
        /// What the system said.
        cause: String,
    },
    /// What it answered was not understood.
    NotUnderstood {
        /// Why not.
        cause: String,
    },
    /// It ended in disorder; the system's log has its last words.
    Ended {
        /// How.
        cause: String,
    },
    /// The hearing took no more.
    HearingEnded,
}

/// `GET …/api/terms`: what the recogniser is told to expect, and what was switched off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TermList {
    /// Best first.
    pub terms: Vec<Term>,
}

/// `GET …/api/statutes?q=…&date=…`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatuteResults {
    /// What was asked.
    pub query: String,
    /// The day whose versions were searched.
    pub date: Day,
    /// Best first.
    pub hits: Vec<StatuteHit>,
    /// How many laws are imported; with none, nothing can be found.
    pub laws: u32,
    /// In microseconds.
    pub took_us: u32,
}

/// `GET …/api/statutes/<law>/<version>/<article>`: an article between its neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StatutePage {
    /// The article.
    pub article: StatuteArticle,
    /// The articles before it, in order.
    pub before: Vec<StatuteArticle>,
    /// The articles after it, in order.
    pub after: Vec<StatuteArticle>,
    /// Every imported version of the law, oldest first.
    pub versions: Vec<Day>,
}

/// A law, as `huiting statutes list --json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatuteLaw {
    /// Its id.
    pub law: String,
    /// Its name.
    pub name: String,
    /// Its versions, oldest first, each with the number of its articles.
    pub versions: Vec<(Day, u32)>,
}
