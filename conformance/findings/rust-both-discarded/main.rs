//! Two jobs of one key come due in one pass of the scheduler: both are discarded.
//! Exits with 1 if this shows, with 0 if not, and with 2 if the program itself failed. Takes 13 seconds.

use std::process::ExitCode;
use std::time::Duration;

use riverqueue::jiff::{SignedDuration, Timestamp};
use riverqueue::migrate::PostgresMigrator;
use riverqueue::sqlx::PgPool;
use riverqueue::{
    BoxError, Client, InsertOpts, Job, JobArgs, JobState, QueueConfig, UniqueOpts, WorkContext,
    WorkError, WorkOutcome, Worker, Workers,
};
use serde::{Deserialize, Serialize};

#[derive(Deserialize, JobArgs, Serialize)]
#[river(kind = "sync_account")]
struct SyncAccount {
    account: u64,
}

/// Fails, and wants to be tried again in 8 seconds.
struct Fails;

impl Worker<SyncAccount> for Fails {
    type Error = BoxError;

    async fn work(&self, _: WorkContext, _: Job<SyncAccount>) -> Result<WorkOutcome, BoxError> {
        Err("the network is down".into())
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
    workers.add(Fails)?;
    let client = Client::builder(pool).workers(workers).queue("default", QueueConfig::new(1)).build()?;

    // A job that waits for a retry shall not stand in the way of a new one.
    let unique = UniqueOpts::new().with_by_args(true).with_by_state(JobState::UNIQUE_REQUIRED.iter().copied());
    let opts = InsertOpts::default().with_unique(unique);

    let first = client.insert(SyncAccount { account: 1 }).opts(opts.clone()).await?.id();
    let mut run = client.start()?;
    while client.jobs().get(first).await?.state != JobState::Retryable {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let later = opts.with_scheduled_at(Timestamp::now() + SignedDuration::from_secs(8));
    let second = client.insert(SyncAccount { account: 1 }).opts(later).await?;
    if second.unique_skipped_as_duplicate {
        return Err("the first job must have let go of its key, but holds it".into());
    }

    tokio::time::sleep(Duration::from_secs(12)).await;
    let mut discarded = 0;
    for id in [first, second.id()] {
        let job = client.jobs().get(id).await?;
        println!("job {id} is {} after {} attempts {}", job.state, job.attempt, job.metadata);
        discarded += i32::from(job.state == JobState::Discarded);
    }
    run.stop().await?;
    if discarded == 2 {
        println!("FOUND: both are discarded, and nobody does the work");
    }
    Ok(discarded == 2)
}
