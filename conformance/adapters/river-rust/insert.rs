//! `insert` and `insert_many`, through the public client.

use std::marker::PhantomData;

use riverqueue::{Client, InsertBatch, InsertOpts, JobArgs, UniqueOpts};
use serde_json::{json, value::RawValue};

use crate::kinds::{Text, with_kind};
use crate::wire::{self, Answer, Failure, Job};

pub async fn one(client: &Client, job: Job) -> Answer {
    let (opts, args) = (options(&job)?, RawValue::from_string(job.args)?);
    with_kind!(job.kind.as_str(), Kind => {
        let inserted = client.insert(Text::<Kind>(args, PhantomData)).opts(opts).await?;
        Ok(json!({ "job": wire::job(&inserted.job.row), "duplicate": inserted.unique_skipped_as_duplicate }))
    })
}

pub async fn many(client: &Client, jobs: Vec<Job>) -> Answer {
    let mut batch = InsertBatch::new();
    for job in jobs {
        let (opts, args) = (options(&job)?, RawValue::from_string(job.args)?);
        with_kind!(job.kind.as_str(), Kind => {
            batch.push_with(Text::<Kind>(args, PhantomData), opts);
        });
    }
    let inserted = client.insert_batch(batch).await?;
    let jobs: Vec<_> = inserted
        .iter()
        .map(|each| json!({ "job": wire::job(&each.job), "duplicate": each.unique_skipped_as_duplicate }))
        .collect();
    Ok(json!({ "jobs": jobs }))
}

/// What is absent stays unset.
fn options(job: &Job) -> Result<InsertOpts, Failure> {
    let mut opts = InsertOpts::default();
    if let Some(metadata) = &job.metadata {
        opts = opts.with_metadata(metadata.parse::<riverqueue::JobMetadata>()?);
    }
    if let Some(tags) = &job.tags {
        opts = opts.with_tags(tags);
    }
    if let Some(priority) = job.priority {
        opts = opts.with_priority(priority);
    }
    if let Some(queue) = &job.queue {
        opts = opts.with_queue(queue);
    }
    if let Some(maximum) = job.max_attempts {
        opts = opts.with_max_attempts(maximum);
    }
    if let Some(at) = job.scheduled_at {
        opts = opts.with_scheduled_at(at);
    }
    if let Some(pending) = job.pending {
        opts = opts.with_pending(pending);
    }
    let Some(asked) = &job.unique else { return Ok(opts) };
    let mut unique = UniqueOpts::new()
        .with_by_args(asked.by_args.unwrap_or(false))
        .with_by_queue(asked.by_queue.unwrap_or(false))
        .with_exclude_kind(asked.exclude_kind.unwrap_or(false));
    if let Some(period) = asked.by_period_us {
        unique = unique.with_by_period(period);
    }
    if let Some(states) = &asked.by_state {
        unique = unique.with_by_state(states.iter().copied());
    }
    Ok(opts.with_unique(unique))
}
