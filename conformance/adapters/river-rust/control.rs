//! What users do to jobs and queues that are there, through the public client.

use riverqueue::{
    Client, JobDeleteManyParams, JobListCursor, JobListParams, JobState, JobUpdateParams, QueueListParams,
    QueueSelector, QueueUpdateParams, SortDirection,
};
use serde_json::json;

use crate::wire::{self, Answer, Failure, Filter};

pub async fn update(client: &Client, id: i64, output: &str) -> Answer {
    let params = JobUpdateParams::default().output(serde_json::from_str(output)?);
    Ok(json!({ "job": wire::job(&client.jobs().update(id, params).await?) }))
}

pub async fn delete_many(client: &Client, filter: Filter) -> Answer {
    let (is_all, is_limited) = (filter.all, filter.limit.is_some());
    let matching = matching(filter)?;
    let params = match (is_all, matching.has_filter(), is_limited) {
        // River's types leave no room for both.
        (true, true, _) => return Err(invalid("all are asked for, and some")),
        (true, false, false) => JobDeleteManyParams::all(),
        // River's `all` takes no limit.
        (true, false, true) => JobDeleteManyParams::matching(matching.states(JobState::ALL.iter().copied())),
        (false, _, _) => JobDeleteManyParams::matching(matching),
    };
    Ok(wire::jobs(&client.jobs().delete_many(params).await?))
}

pub async fn list(client: &Client, filter: Filter) -> Answer {
    let (after, after_job) = (filter.after.clone(), filter.after_job);
    let mut params = matching(filter)?;
    if let Some(id) = after_job {
        let job = client.jobs().get(id).await?;
        let cursor = JobListCursor::from_job(&job, &params).map_err(invalid)?;
        params = params.after(cursor);
    }
    if let Some(cursor) = after {
        params = params.after(JobListCursor::decode(&cursor).map_err(invalid)?);
    }
    let page = client.jobs().list(params).await?;
    let mut answer = wire::jobs(&page.jobs);
    answer["cursor"] = json!(page.last_cursor.map(|cursor| cursor.encode()));
    Ok(answer)
}

/// What is absent is no filter.
fn matching(filter: Filter) -> Result<JobListParams, Failure> {
    let mut params = JobListParams::default()
        .ids(filter.ids)
        .kinds(filter.kinds)
        .priorities(filter.priorities)
        .queues(filter.queues)
        .states(filter.states)
        .tags_all(filter.tags_all)
        .tags_any(filter.tags_any);
    if let Some(metadata) = filter.metadata {
        params = params.metadata(serde_json::from_str(&metadata)?);
    }
    if let Some(order) = filter.order_by {
        params = params.order_by(order.parse().map_err(invalid)?);
    }
    if filter.descending {
        params = params.direction(SortDirection::Descending);
    }
    if let Some(limit) = filter.limit {
        params = params.limit(limit.try_into().map_err(invalid)?);
    }
    Ok(params)
}

fn invalid(error: impl ToString) -> Failure {
    wire::refuse("invalid", error)
}

/// The name by which the protocol means all queues.
const ALL: &str = "*";

pub fn selector(queue: String) -> QueueSelector {
    if queue == ALL { QueueSelector::All } else { queue.into() }
}

pub async fn queue_update(client: &Client, name: &str, metadata: Option<String>) -> Answer {
    let mut params = QueueUpdateParams::new();
    if let Some(text) = metadata {
        params = params.metadata(serde_json::from_str(&text)?);
    }
    Ok(json!({ "queue": wire::queue(&client.queues().update(name, params).await?) }))
}

pub async fn queue_list(client: &Client, limit: i64) -> Answer {
    let limit = limit.try_into().map_err(invalid)?;
    let rows = client.queues().list(QueueListParams::default().limit(limit)).await?;
    Ok(json!({ "queues": rows.iter().map(wire::queue).collect::<Vec<_>>() }))
}
