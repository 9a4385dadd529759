//! What an address takes and answers, said where the address is registered. `docs/openapi.json` is written from it, and the tests of the
//! server hold every answer against it.

use protocol::schema::Schemas;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Gives a schema, and puts what it refers to among those of the document.
pub(crate) type Of = fn(&mut Schemas) -> Value;

/// What stands in the document about one address.
#[derive(Debug, Clone)]
pub struct About {
    pub(crate) summary: &'static str,
    /// Places of the path that are called otherwise here than elsewhere.
    pub(crate) places: Vec<(&'static str, &'static str)>,
    pub(crate) query: Option<Of>,
    pub(crate) body: Option<Sent>,
    pub(crate) answers: Vec<Answer>,
    /// Besides those that every address with such a right and such a body has.
    pub(crate) refusals: Vec<u16>,
    /// Those of them that are a page for people.
    pub(crate) pages: Vec<u16>,
}

/// What is sent.
#[derive(Debug, Clone)]
pub(crate) enum Sent {
    /// JSON.
    Json { of: Of, required: bool },
    /// JSON, or a table as text.
    JsonOrTable { of: Of },
    /// A form with a file.
    Form { of: Of },
    /// A file, of one of these types.
    File { types: &'static [&'static str] },
}

/// What comes back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content: Content,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Nothing,
    Json(Of),
    /// A file, of one of these types.
    File(&'static [&'static str]),
}

/// A refusal, as every address gives it.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Refused {
    /// For people, in English or Chinese; a program branches on the status alone.
    pub(crate) sentence: String,
}

/// Begins what is said about an address; in one line.
pub(super) fn about(summary: &'static str) -> About {
    let (places, answers, refusals, pages) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    About { summary, places, query: None, body: None, answers, refusals, pages }
}

impl About {
    /// What `{name}` of the path is.
    pub(super) fn place(mut self, name: &'static str, what: &'static str) -> Self {
        self.places.push((name, what));
        self
    }

    /// Its query has the fields of `T`.
    pub(super) fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(Schemas::read_whole::<T>);
        self
    }

    pub(super) fn takes<T: JsonSchema>(mut self) -> Self {
        self.body = Some(Sent::Json { of: Schemas::read::<T>, required: true });
        self
    }

    pub(super) fn may_take<T: JsonSchema>(mut self) -> Self {
        self.body = Some(Sent::Json { of: Schemas::read::<T>, required: false });
        self
    }

    pub(super) fn takes_list(mut self, of: Of) -> Self {
        self.body = Some(Sent::JsonOrTable { of });
        self
    }

    pub(super) fn takes_form(mut self, of: Of) -> Self {
        self.body = Some(Sent::Form { of });
        self
    }

    pub(super) fn takes_file(mut self, types: &'static [&'static str]) -> Self {
        self.body = Some(Sent::File { types });
        self
    }

    /// 200 with JSON.
    pub(super) fn gives<T: JsonSchema>(self) -> Self {
        self.gives_as::<T>(200)
    }

    pub(super) fn gives_as<T: JsonSchema>(mut self, status: u16) -> Self {
        self.answers.push(Answer { status, content: Content::Json(Schemas::written::<T>) });
        self
    }

    /// 200 with a file of one of these types.
    pub(super) fn gives_file(mut self, types: &'static [&'static str]) -> Self {
        self.answers.push(Answer { status: 200, content: Content::File(types) });
        self
    }

    /// A status that says all.
    pub(super) fn answers(mut self, status: u16) -> Self {
        self.answers.push(Answer { status, content: Content::Nothing });
        self
    }

    pub(super) fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refusals.extend(statuses);
        self
    }

    /// Refuses with a page for people.
    pub(super) fn refuses_in_html(mut self, statuses: &[u16]) -> Self {
        self.pages.extend(statuses);
        self
    }
}
