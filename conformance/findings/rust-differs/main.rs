//! Shows where the crate's public client answers otherwise than Weir's rules ask: a line each, with the rule's id. None of it loses work.
//! Exits with 1 if at least one shows, with 0 if none, and with 2 if the program itself failed. Takes a second.

use std::process::ExitCode;
use std::time::Duration;

use riverqueue::migrate::PostgresMigrator;
use riverqueue::protocol::NOTIFICATION_TOPIC_INSERT;
use riverqueue::serde_json::{self, Map, Value, value::RawValue};
use riverqueue::sqlx::{self, PgPool, postgres::PgListener};
use riverqueue::{
    BoxError, Client, Error, InsertOpts, Job, JobArgs, JobListOrderBy, JobListParams, JobMetadata,
    JobRow, JobState, JobUpdateParams, QueueConfig, QueueUpdateParams, UniqueOpts, WorkCancelled,
    WorkContext, WorkOutcome, Workers,
};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "note")]
struct Note {
    text: Box<RawValue>,
}

/// A job whose text is this JSON, which need not be what Postgres can hold.
fn note(text: &str) -> serde_json::Result<Note> {
    Ok(Note { text: serde_json::from_str(text)? })
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "later")]
struct Later {}

async fn snoozes(_: WorkContext, _: Job<Later>) -> Result<WorkOutcome, BoxError> {
    Ok(WorkOutcome::Snooze(Duration::from_secs(3_600)))
}

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "long")]
struct Long {}

/// Gives its job back when the client stops.
async fn waits(context: WorkContext, _: Job<Long>) -> Result<WorkOutcome, BoxError> {
    context.cancellation_token().cancelled().await;
    Err(WorkCancelled.into())
}

/// How many differences have shown.
#[derive(Default)]
struct Shown(usize);

impl Shown {
    fn show(&mut self, rule: &str, what: impl std::fmt::Display) {
        self.0 += 1;
        println!("{rule} {what}");
    }

    /// Shows an error that is the database's own.
    fn raw<T>(&mut self, rule: &str, what: &str, result: Result<T, Error>) {
        if let Some(code) = sqlstate(result) {
            self.show(rule, format_args!("{what}: SQLSTATE {code}"));
        }
    }
}

fn sqlstate<T>(result: Result<T, Error>) -> Option<String> {
    match result {
        Err(Error::Database(sqlx::Error::Database(error))) => error.code().map(|code| code.into_owned()),
        _ => None,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match compare().await {
        Ok(Shown(0)) => {
            println!("not found");
            ExitCode::SUCCESS
        }
        Ok(Shown(count)) => {
            println!("FOUND: {count} differences");
            ExitCode::from(1)
        }
        Err(error) => {
            eprintln!("the program failed: {error}");
            ExitCode::from(2)
        }
    }
}

async fn compare() -> Result<Shown, BoxError> {
    let mut shown = Shown::default();
    let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    PostgresMigrator::new(pool.clone()).migrate_up().await?;
    let client = Client::builder(pool.clone()).build()?;
    let plain = InsertOpts::default();
    let unique = plain.clone().with_unique(UniqueOpts::new().with_by_args(true));
    let nul: Map<String, Value> = [("a".to_owned(), "\0".into())].into_iter().collect();

    let twice = [(note("1")?, unique.clone()), (note("1")?, unique.clone()), (note("2")?, plain.clone())];
    if let Err(error) = client.insert_many(twice).await {
        shown.show("INS-16", format_args!("insert_many of two jobs of one key and a third one: {error}"));
    }

    let rival = client.insert(note("3")?).opts(unique.clone()).await?.id();
    client.jobs().cancel(rival).await?;
    client.insert(note("3")?).opts(unique).await?;
    shown.raw("RET-8", "retry of a job whose key another holds", client.jobs().retry(rival).await);

    let many = client.insert(note("4")?).opts(plain.clone().with_max_attempts(100_000)).await?.job.row;
    if many.max_attempts != 100_000 {
        shown.show("INS-25", format_args!("insert with 100000 attempts is stored with {}", many.max_attempts));
    }

    let mut codes = Vec::new();
    for text in [r#""\u0000""#, r#""\ud800""#, "1e200000"] {
        codes.extend(sqlstate(client.insert(note(text)?).await));
    }
    if !codes.is_empty() {
        let codes = codes.join(", ");
        shown.show("INS-28", format_args!("insert of args with a NUL, half a surrogate pair, 1e200000: SQLSTATE {codes}"));
    }

    let output = JobUpdateParams::default().output("\0".into());
    shown.raw("UPD-3", "update with an output with a NUL", client.jobs().update(many.id, output).await);

    if let Err(error) = client.jobs().list(JobListParams::default().order_by(JobListOrderBy::FinalizedAt)).await {
        shown.show("LST-10", format_args!("list by finalized_at, of any state: {error}"));
    }
    let with_nul = JobListParams::default().metadata(nul.clone());
    shown.raw("LST-15", "list with metadata with a NUL", client.jobs().list(with_nul).await);

    let mut workers = Workers::new();
    workers.add_fn(snoozes)?;
    workers.add_fn(waits)?;
    let worker = Client::builder(pool.clone()).workers(workers).queue("work", QueueConfig::new(10)).build()?;
    let mut run = worker.start()?;
    run.wait_ready().await?;
    let with_nul = QueueUpdateParams::new().metadata(nul);
    shown.raw("PAU-13", "update of a queue's metadata with a NUL", client.queues().update("work", with_nul).await);

    // The rule counts on from what a number or a text says, cut off at the point, and takes true for 1.
    let mut counts = Vec::new();
    for (before, expected) in [("2", 3), ("2.9", 3), (r#""4""#, 5), ("true", 2)] {
        let metadata: JobMetadata = format!(r#"{{"snoozes":{before}}}"#).parse()?;
        let opts = plain.clone().with_queue("work").with_metadata(metadata);
        let id = client.insert(Later {}).opts(opts).await?.id();
        let after: i64 = until(&client, id, JobState::Scheduled).await?.metadata.get("snoozes")?.unwrap_or(0);
        if after != expected {
            counts.push(format!("{before} with {after}"));
        }
    }
    if !counts.is_empty() {
        shown.show("FIN-10", format_args!("a snooze goes on from snoozes {}", counts.join(", ")));
    }

    // Nothing but what follows is told, as the listener comes after the insert.
    let long = client.insert(Long {}).opts(plain.with_queue("work")).await?.id();
    until(&client, long, JobState::Running).await?;
    let mut listener = PgListener::connect_with(&pool).await?;
    listener.listen(&format!("public.{NOTIFICATION_TOPIC_INSERT}")).await?;
    run.stop_and_cancel().await?;
    until(&client, long, JobState::Available).await?;
    if let Ok(told) = timeout(Duration::from_secs(2), listener.recv()).await {
        let told = told?;
        shown.show("INV-12", format_args!("a stopping client gives a job back: {} {}", told.channel(), told.payload()));
    }
    Ok(shown)
}

async fn until(client: &Client, id: i64, state: JobState) -> Result<JobRow, Error> {
    loop {
        let job = client.jobs().get(id).await?;
        if job.state == state {
            return Ok(job);
        }
        sleep(Duration::from_millis(20)).await;
    }
}
