//! Puts a job queue under Weir's test. It only translates: replace what it does by calls of your queue.

use std::io::{BufRead, Write};

use postgres::{Client, NoTls};
use serde_json::{Value, json};

const INSERT: &str = include_str!("insert.sql");

/// Every call brings the time, and nothing here asks a clock. Weir makes River's tables of that migration: leave it
/// out if your queue makes them, on the first reset.
fn handshake(nonce: &Value) -> Value {
    json!({
        "protocol": 1,
        "nonce": nonce,
        "adapter": "my-adapter",
        "implementation": "my-queue",
        "version": "0.1.0",
        "language": "rust",
        "clock": "injected",
        "migration": 6,
        "capabilities": {
            "insert": "supported",
            "insert.unique": { "unsupported": "to be written" },
            "insert.paths": { "unsupported": "to be written" },
            "insert.notify": { "unsupported": "to be written" },
        },
    })
}

enum Failure {
    UnknownMethod,
    /// An input that the queue does not take: an answer like any other.
    Refused(&'static str),
    Database(postgres::Error),
}

impl From<postgres::Error> for Failure {
    fn from(error: postgres::Error) -> Self {
        Failure::Database(error)
    }
}

fn call(db: &mut Client, method: &str, params: &Value) -> Result<Value, Failure> {
    match method {
        "handshake" => Ok(handshake(&params["nonce"])),
        "reset" => {
            db.batch_execute(
                "delete from river_job; delete from river_queue; delete from river_leader",
            )?;
            Ok(json!({}))
        }
        "insert" => Ok(insert(db, &params["now"], &json!([params["job"]]))?[0].clone()),
        "insert_many" => Ok(json!({ "jobs": insert(db, &params["now"], &params["jobs"])? })),
        _ => Err(Failure::UnknownMethod),
    }
}

fn insert(db: &mut Client, now: &Value, jobs: &Value) -> Result<Value, Failure> {
    let each = jobs.as_array().filter(|jobs| !jobs.is_empty());
    for job in each.ok_or(Failure::Refused("jobs must not be empty"))? {
        check(job).map_err(Failure::Refused)?;
    }
    let row = db.query_one(INSERT, &[&now.as_str(), &jobs.to_string()])?;
    let text: String = row.get(0);
    Ok(serde_json::from_str(&text).expect("Postgres writes JSON"))
}

fn check(job: &Value) -> Result<(), &'static str> {
    let length = job["kind"].as_str().unwrap_or_default().chars().count();
    let tags = job["tags"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let priority = job["priority"].as_i64().unwrap_or(1);
    let most = job["max_attempts"].as_i64().unwrap_or(25);
    let metadata = job["metadata"].as_str().unwrap_or("{}");
    let rules = [
        (
            (1..=127).contains(&length),
            "kind must have 1 to 127 characters",
        ),
        (
            is_queue(job["queue"].as_str().unwrap_or("default")),
            "queue must be a name",
        ),
        (
            tags.iter()
                .all(|tag| is_tag(tag.as_str().unwrap_or_default())),
            "tags must be words",
        ),
        ((1..=4).contains(&priority), "priority must be 1 to 4"),
        (
            (1..=32_767).contains(&most),
            "max_attempts must be 1 to 32767",
        ),
        (
            metadata.trim_start().starts_with('{'),
            "metadata must be an object",
        ),
        (job["unique"].is_null(), "unique jobs are to be written"),
    ];
    rules
        .iter()
        .find(|(is_kept, _)| !is_kept)
        .map_or(Ok(()), |(_, rule)| Err(rule))
}

fn is_queue(name: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.len() <= 64 && name.split(['_', '-', '|']).all(is_word)
}

fn is_tag(tag: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (3..=255).contains(&tag.len())
        && tag.chars().all(|c| is_word(c) || c == '-')
        && tag.starts_with(is_word)
        && tag.ends_with(is_word)
}

fn error_of(failure: Failure) -> Value {
    match failure {
        Failure::UnknownMethod => json!({ "code": -32601, "message": "no such method" }),
        Failure::Refused(rule) => {
            json!({ "code": -32000, "message": rule, "data": { "code": "invalid" } })
        }
        Failure::Database(error) => {
            let data = match error.code().map(|state| state.code()) {
                // Class 22: a value that the database cannot hold, such as \u0000 in args.
                Some(state) if state.starts_with("22") => json!({ "code": "invalid" }),
                Some(state) => json!({ "code": "database", "sqlstate": state }),
                None => json!({ "code": "internal" }),
            };
            json!({ "code": -32000, "message": error.to_string(), "data": data })
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let url = std::env::var("DATABASE_URL")
        .map_err(|_| "DATABASE_URL must name the database to use, but is not set")?;
    let mut db = Client::connect(&url, NoTls)?;
    let mut out = std::io::stdout();
    for line in std::io::stdin().lock().lines() {
        let asked: Value = serde_json::from_str(&line?)?;
        let method = asked["method"].as_str().unwrap_or_default();
        let mut said = json!({ "jsonrpc": "2.0", "id": asked["id"] });
        match call(&mut db, method, &asked["params"]) {
            Ok(result) => said["result"] = result,
            Err(failure) => said["error"] = error_of(failure),
        }
        writeln!(out, "{said}")?;
        out.flush()?;
    }
    Ok(())
}
