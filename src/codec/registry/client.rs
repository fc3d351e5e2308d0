//! The requests, each at most two seconds.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use ureq::Agent;

use super::RegisteredSchema;
use super::address::{segment, split};
use crate::codec::error::{CodecError, shorten};

const TIMEOUT: Duration = Duration::from_secs(2);
const CONTENT_TYPE: &str = "application/vnd.schemaregistry.v1+json";
/// Schemas that one schema may lead to.
const MAX_REFERENCES: usize = 100;

pub struct Client {
    agent: Agent,
    base: String,
    authorization: Option<String>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base", &self.base).finish_non_exhaustive()
    }
}

/// The registry's word on a schema.
pub enum Answer {
    Found(RegisteredSchema),
    Unknown,
    /// It has one, of this type, which is not Avro.
    Foreign(String),
}

#[derive(Deserialize)]
struct Stored {
    schema: String,
    #[serde(default, rename = "schemaType")]
    schema_type: Option<String>,
    #[serde(default)]
    references: Vec<Reference>,
}

#[derive(Deserialize)]
struct Reference {
    subject: String,
    version: i64,
}

/// A response: its status and its JSON, null where there is none.
struct Response {
    status: u16,
    body: serde_json::Value,
}

impl Response {
    fn error_code(&self) -> Option<i64> {
        self.body["error_code"].as_i64()
    }

    fn words(&self) -> String {
        let message = self.body["message"].as_str().unwrap_or("no message");
        format!("HTTP {}: {}", self.status, shorten(message))
    }
}

impl Client {
    pub fn new(url: &str, login: Option<(&str, &str)>) -> Result<Self, CodecError> {
        let (base, authorization) = split(url, login)?;
        let config = Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        Ok(Self { agent: config.build().new_agent(), base, authorization })
    }

    pub fn transient(&self, doing: &str, cause: &str) -> CodecError {
        CodecError::Transient { doing: format!("{doing} at {}", self.base), cause: cause.to_owned() }
    }

    pub fn unknown(&self, id: u32) -> String {
        let base = &self.base;
        format!("the registry {base} has no schema {id}: register it there, or point kafka.registry to the producer's")
    }

    pub fn foreign(&self, id: u32, kind: &str) -> String {
        format!("schema {id} of the registry {} is of type {kind}, not AVRO", self.base)
    }

    /// `Err` says why there is no word on it: the registry is silent, or in trouble, or will not let us ask.
    pub fn schema(&self, id: u32) -> Result<Answer, String> {
        let response = self.get(&format!("/schemas/ids/{id}"))?;
        match (response.status, response.error_code()) {
            (200, _) => {
                let stored = stored(response)?;
                if let Some(foreign) = stored.schema_type.filter(|kind| kind != "AVRO") {
                    return Ok(Answer::Foreign(foreign));
                }
                let mut references = Vec::new();
                self.follow(&stored.references, &mut BTreeSet::new(), &mut references)?;
                Ok(Answer::Found(RegisteredSchema { text: stored.schema, references }))
            }
            // Without the code it may be a proxy's, or of a wrong path.
            (404, Some(40403)) => Ok(Answer::Unknown),
            _ => Err(response.words()),
        }
    }

    fn follow(
        &self,
        references: &[Reference],
        seen: &mut BTreeSet<(String, i64)>,
        found: &mut Vec<String>,
    ) -> Result<(), String> {
        for Reference { subject, version } in references {
            if !seen.insert((subject.clone(), *version)) {
                continue;
            }
            if seen.len() > MAX_REFERENCES {
                return Err(format!("the schema refers to more than {MAX_REFERENCES} others"));
            }
            let response = self.get(&format!("/subjects/{}/versions/{version}", segment(subject)))?;
            if response.status != 200 {
                return Err(format!("version {version} of {subject}: {}", response.words()));
            }
            let stored = stored(response)?;
            self.follow(&stored.references, seen, found)?;
            found.push(stored.schema);
        }
        Ok(())
    }

    pub fn id(&self, subject: &str, schema: &str, register: bool) -> Result<u32, CodecError> {
        let doing = format!("{} the schema of {subject}", if register { "registering" } else { "looking up" });
        let path = format!("/subjects/{}{}", segment(subject), if register { "/versions" } else { "" });
        let response = self.post(&path, &json!({ "schema": schema })).map_err(|why| self.transient(&doing, &why))?;
        let id = response.body["id"].as_u64().and_then(|id| u32::try_from(id).ok());
        match (response.status, id) {
            (200, Some(id)) => Ok(id),
            (408 | 429 | 500.., _) => Err(self.transient(&doing, &response.words())),
            _ => Err(CodecError::Invalid {
                doing: format!("{doing} at {}", self.base),
                cause: response.words(),
                remedy: if register {
                    "see the subject's compatibility and the permissions of kafka.registry_user".to_owned()
                } else {
                    "set outputs.register = true, or register what `driftline schema` prints".to_owned()
                },
            }),
        }
    }

    pub fn ping(&self) -> Result<(), CodecError> {
        let doing = "asking for subjects";
        let response = self.get("/subjects").map_err(|why| self.transient(doing, &why))?;
        if response.status == 200 { Ok(()) } else { Err(self.transient(doing, &response.words())) }
    }

    fn get(&self, path: &str) -> Result<Response, String> {
        let mut request = self.agent.get(format!("{}{path}", self.base)).header("Accept", CONTENT_TYPE);
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        answer(request.call())
    }

    fn post(&self, path: &str, body: &serde_json::Value) -> Result<Response, String> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("Accept", CONTENT_TYPE);
        request = request.header("Content-Type", CONTENT_TYPE);
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        answer(request.send(body.to_string()))
    }
}

fn answer(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Response, String> {
    let mut response = result.map_err(|why| why.to_string())?;
    let status = response.status().as_u16();
    let text = response.body_mut().read_to_string().map_err(|why| why.to_string())?;
    Ok(Response { status, body: serde_json::from_str(&text).unwrap_or_default() })
}

fn stored(response: Response) -> Result<Stored, String> {
    serde_json::from_value(response.body).map_err(|why| format!("not what a registry answers: {why}"))
}
