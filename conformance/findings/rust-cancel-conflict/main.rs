//! A unique job that waits for its retry while another holds its key cannot be cancelled, and runs again.
//! Exits with 1 if this shows, with 0 if not, and with 2 if the program itself failed. Takes 17 seconds.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use riverqueue::jiff::Timestamp;
use riverqueue::migrate::PostgresMigrator;
use riverqueue::sqlx::{self, PgPool};
use riverqueue::{
    BoxError, Client, Error, InsertOpts, Job, JobArgs, JobState, QueueConfig, UniqueOpts,
    WorkContext, WorkError, WorkOutcome, Worker, Workers,
};
use serde::{Deserialize, Serialize};
use tokio::time::sleep;

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "sync_account")]
struct SyncAccount {
    account: u64,
}

/// Fails once, and wants to be tried again in 8 seconds; after that it takes 2 seconds.
#[derive(Default)]
struct FailsOnce(AtomicBool);

impl Worker<SyncAccount> for FailsOnce {
    type Error = BoxError;

    async fn work(&self, _: WorkContext, _: Job<SyncAccount>) -> Result<WorkOutcome, BoxError> {
        if !self.0.swap(true, Ordering::SeqCst) {
            return Err("the network is down".into());
        }
        sleep(Duration::from_secs(2)).await;
        Ok(WorkOutcome::Complete)
    }

    fn next_retry(&self, _: &Job<SyncAccount>, _: &WorkError, _: Timestamp) -> Option<Duration> {
        Some(Duration::from_secs(8))
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match shows().await {
        Ok(true) => ExitCode::from(1),
        Ok(false) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("the program failed: {error}");
            ExitCode::from(2)
        }
    }
}

async fn shows() -> Result<bool, BoxError> {
    let pool = PgPool::connect(&std::env::var("DATABASE_URL")?).await?;
    PostgresMigrator::new(pool.clone()).migrate_up().await?;
    let mut workers = Workers::new();
    workers.add(FailsOnce::default())?;
    let client = Client::builder(pool).workers(workers).queue("default", QueueConfig::new(1)).build()?;

    // What was cancelled shall not be asked for again; a job that waits for a retry shall not stand in the way of a new one.
    let states = JobState::UNIQUE_REQUIRED.iter().copied().chain([JobState::Cancelled]);
    let unique = UniqueOpts::new().with_by_args(true).with_by_state(states);
    let opts = InsertOpts::default().with_unique(unique);

    let first = client.insert(SyncAccount { account: 1 }).opts(opts.clone()).await?.id();
    let mut run = client.start()?;
    while client.jobs().get(first).await?.state != JobState::Retryable {
        sleep(Duration::from_millis(20)).await;
    }
    let second = client.insert(SyncAccount { account: 1 }).opts(opts).await?;
    let (id, is_duplicate) = (second.id(), second.unique_skipped_as_duplicate);
    println!("job {first} is retryable; job {id} of the same key is a duplicate: {is_duplicate}");

    let refused = match client.jobs().cancel(first).await {
        Ok(job) => {
            println!("not found: job {first} is {}", job.state);
            false
        }
        Err(Error::Database(sqlx::Error::Database(error))) => {
            println!("cancel: {} (SQLSTATE {})", error.message(), error.code().unwrap_or_default());
            println!("job {first} is {}", client.jobs().get(first).await?.state);
            // By the time of the retry job 2 is done, and holds the key no longer.
            sleep(Duration::from_secs(16)).await;
            let job = client.jobs().get(first).await?;
            println!("FOUND: job {first} cannot be cancelled, and is {} after {} attempts", job.state, job.attempt);
            true
        }
        Err(error) => return Err(error.into()),
    };
    run.stop().await?;
    Ok(refused)
}
