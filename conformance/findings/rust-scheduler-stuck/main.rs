//! One job whose retry comes due while another holds its key keeps the scheduler from scheduling anything.
//! Exits with 1 if this shows, with 0 if not, and with 2 if the program itself failed. Takes 25 seconds.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
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

/// Fails once, and wants to be tried again in 8 seconds.
#[derive(Default)]
struct FailsOnce(AtomicBool);

impl Worker<SyncAccount> for FailsOnce {
    type Error = BoxError;

    async fn work(&self, _: WorkContext, _: Job<SyncAccount>) -> Result<WorkOutcome, BoxError> {
        if self.0.swap(true, Ordering::SeqCst) { Ok(WorkOutcome::Complete) } else { Err("the network is down".into()) }
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

    // What is done or given up shall not be asked for again; a job that waits for a retry shall not stand in the way of a new one.
    let states = JobState::UNIQUE_REQUIRED.iter().copied().chain([JobState::Completed, JobState::Discarded]);
    let unique = UniqueOpts::new().with_by_args(true).with_by_state(states);
    let opts = InsertOpts::default().with_unique(unique);

    let first = client.insert(SyncAccount { account: 1 }).opts(opts.clone()).await?.id();
    let mut run = client.start()?;
    while client.jobs().get(first).await?.state != JobState::Retryable {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let second = client.insert(SyncAccount { account: 1 }).opts(opts).await?;
    if second.unique_skipped_as_duplicate {
        return Err("the first job must have let go of its key, but holds it".into());
    }
    let later = InsertOpts::default().with_scheduled_at(Timestamp::now() + SignedDuration::from_secs(8));
    let innocent = client.insert(SyncAccount { account: 2 }).opts(later).await?.id();

    tokio::time::sleep(Duration::from_secs(24)).await;
    for id in [first, second.id(), innocent] {
        println!("job {id} is {}", client.jobs().get(id).await?.state);
    }
    let is_stuck = client.jobs().get(innocent).await?.state == JobState::Scheduled;
    run.stop().await?;
    if is_stuck {
        println!("FOUND: job {innocent} waits 16 s after it came due, and nothing is scheduled any more");
    }
    Ok(is_stuck)
}
