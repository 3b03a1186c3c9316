//! What Weir and this program say to each other.

use std::time::Duration;

use riverqueue::jiff::Timestamp;
use riverqueue::sqlx;
use riverqueue::{Error, JobRow, JobState};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A request; a member that a method does not know is an error. What no option of River's takes is not read.
#[derive(Deserialize)]
#[expect(dead_code)]
#[serde(tag = "method", content = "params", rename_all = "snake_case", deny_unknown_fields)]
pub enum Call {
    Handshake { protocol: Vec<u32>, nonce: String },
    Reset {},
    Insert { now: Timestamp, job: Job },
    InsertMany { now: Timestamp, jobs: Vec<Job> },
    Fetch { now: Timestamp, queue: String, limit: usize, client: String },
    Finish { now: Timestamp, id: i64, attempt: i32, attempted_at: Timestamp, outcome: Outcome },
    Schedule { now: Timestamp, horizon: Timestamp, limit: i64 },
    Rescue { now: Timestamp, after_us: u64, timeout_us: i64, limit: i64 },
    Clean { now: Timestamp, cancelled_us: i64, completed_us: i64, discarded_us: i64, limit: i64 },
    CleanQueues { now: Timestamp, after_us: u64, limit: i64 },
    QueueTouch { now: Timestamp, queue: String },
    Get { now: Timestamp, id: i64 },
    Delete { now: Timestamp, id: i64 },
    Cancel { now: Timestamp, id: i64 },
    Retry { now: Timestamp, id: i64 },
    Update { now: Timestamp, id: i64, output: String },
    DeleteMany(Filter),
    List(Filter),
    QueuePause { now: Timestamp, queue: String },
    QueueResume { now: Timestamp, queue: String },
    QueueUpdate { now: Timestamp, queue: String, metadata: Option<String> },
    QueueGet { now: Timestamp, queue: String },
    QueueList { now: Timestamp, limit: i64 },
    RequestResign { now: Timestamp },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    pub kind: String,
    pub args: String,
    pub metadata: Option<String>,
    pub tags: Option<Vec<String>>,
    pub priority: Option<i16>,
    pub queue: Option<String>,
    pub max_attempts: Option<i32>,
    pub scheduled_at: Option<Timestamp>,
    pub pending: Option<bool>,
    pub unique: Option<Unique>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unique {
    pub by_args: Option<bool>,
    #[serde(default, deserialize_with = "micros")]
    pub by_period_us: Option<Duration>,
    pub by_queue: Option<bool>,
    pub by_state: Option<Vec<JobState>>,
    pub exclude_kind: Option<bool>,
}

fn micros<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    Ok(Some(Duration::from_micros(u64::deserialize(deserializer)?)))
}

/// How a worker ends its attempt.
#[derive(Deserialize)]
#[expect(dead_code, reason = "a worker that discards its job gives no reason")]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Outcome {
    Complete { metadata: Option<String> },
    Error { message: String, retry_at: Option<Timestamp>, metadata: Option<String> },
    Discard { message: String, metadata: Option<String> },
    Cancel { message: String, metadata: Option<String> },
    Snooze { for_us: i64, metadata: Option<String> },
    Interrupt { metadata: Option<String> },
}

impl Outcome {
    pub fn metadata(&self) -> Option<&str> {
        let (Self::Complete { metadata }
        | Self::Error { metadata, .. }
        | Self::Discard { metadata, .. }
        | Self::Cancel { metadata, .. }
        | Self::Snooze { metadata, .. }
        | Self::Interrupt { metadata }) = self;
        metadata.as_deref()
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filter {
    pub now: Timestamp,
    pub ids: Vec<i64>,
    pub kinds: Vec<String>,
    pub priorities: Vec<i16>,
    pub queues: Vec<String>,
    pub states: Vec<JobState>,
    pub tags_all: Vec<String>,
    pub tags_any: Vec<String>,
    pub metadata: Option<String>,
    pub order_by: Option<String>,
    pub descending: bool,
    pub limit: Option<i64>,
    pub after: Option<String>,
    pub after_job: Option<i64>,
    pub all: bool,
}

/// The error object of an answer.
#[derive(Serialize)]
pub struct Failure {
    pub code: i32,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

pub type Answer = Result<Value, Failure>;

/// A failure with a code of the protocol.
pub fn refuse(code: &str, message: impl ToString) -> Failure {
    Failure { code: -32_000, message: message.to_string(), data: Some(json!({ "code": code })) }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        if let Error::Database(sqlx::Error::Database(database)) = &error {
            let data = json!({ "code": "database", "sqlstate": database.code() });
            return Self { data: Some(data), ..refuse("database", &error) };
        }
        let code = match error {
            Error::Configuration(_) | Error::InvalidJob(_) | Error::Json(_) => "invalid",
            Error::JobRunning => "running",
            Error::NotFound(_) => "not_found",
            _ => "internal",
        };
        refuse(code, error)
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Error::Database(error).into()
    }
}

/// For text that River's own types do not take.
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        refuse("invalid", error)
    }
}

/// RFC 3339 with microseconds, which is what Postgres keeps.
pub fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

pub fn job(row: &JobRow) -> Value {
    let errors: Vec<Value> = row
        .errors
        .iter()
        .map(|e| json!({"at": instant(e.at), "attempt": e.attempt, "error": e.error, "trace": e.trace}))
        .collect();
    json!({
        "id": row.id,
        "state": row.state,
        "attempt": row.attempt,
        "max_attempts": row.max_attempts,
        "attempted_at": row.attempted_at.map(instant),
        "created_at": instant(row.created_at),
        "finalized_at": row.finalized_at.map(instant),
        "scheduled_at": instant(row.scheduled_at),
        "priority": row.priority,
        "args": row.encoded_args.get(),
        "attempted_by": row.attempted_by,
        "errors": errors,
        "kind": row.kind,
        "metadata": row.metadata.as_raw().get(),
        "queue": row.queue,
        "tags": row.tags,
        "unique_key": row.unique_key.as_ref().map(|key| key.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        "unique_states": row.unique_states.as_ref().map(|states| {
            let bits = states.iter().fold(0, |bits, state| bits | riverqueue::protocol::unique_state_bit(*state));
            format!("{bits:08b}")
        }),
    })
}

pub fn jobs(rows: &[JobRow]) -> Value {
    json!({ "jobs": rows.iter().map(job).collect::<Vec<_>>() })
}

pub fn queue(row: &riverqueue::Queue) -> Value {
    json!({
        "name": row.name,
        "created_at": instant(row.created_at),
        "metadata": Value::Object(row.metadata.clone()).to_string(),
        "paused_at": row.paused_at.map(instant),
        "updated_at": instant(row.updated_at),
    })
}
