package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

type insertJob struct {
	Kind        string   `json:"kind"`
	Args        string   `json:"args"`
	Metadata    string   `json:"metadata"`
	Tags        []string `json:"tags"`
	Priority    int      `json:"priority"`
	Queue       string   `json:"queue"`
	MaxAttempts int      `json:"max_attempts"`
	ScheduledAt *instant `json:"scheduled_at"`
	Pending     bool     `json:"pending"`
	Unique      struct {
		ByArgs      bool                 `json:"by_args"`
		ByPeriodUS  int64                `json:"by_period_us"`
		ByQueue     bool                 `json:"by_queue"`
		ByState     []rivertype.JobState `json:"by_state"`
		ExcludeKind bool                 `json:"exclude_kind"`
	} `json:"unique"`
}

// jobArgs carries any kind and any args text. River marshals it with
// encoding/json, which strips white space and escapes <, > and & in what
// MarshalJSON returns, as it would for a struct's own text.
type jobArgs struct{ kind, text string }

func (a jobArgs) Kind() string { return a.kind }

func (a jobArgs) MarshalJSON() ([]byte, error) { return []byte(a.text), nil }

func (j insertJob) args() river.JobArgs { return typed(jobArgs{j.Kind, j.Args}) }

func (j insertJob) options() *river.InsertOpts {
	opts := &river.InsertOpts{
		MaxAttempts: j.MaxAttempts,
		Metadata:    []byte(j.Metadata),
		Pending:     j.Pending,
		Priority:    j.Priority,
		Queue:       j.Queue,
		Tags:        j.Tags,
		UniqueOpts: river.UniqueOpts{
			ByArgs:      j.Unique.ByArgs,
			ByPeriod:    time.Duration(j.Unique.ByPeriodUS) * time.Microsecond,
			ByQueue:     j.Unique.ByQueue,
			ByState:     j.Unique.ByState,
			ExcludeKind: j.Unique.ExcludeKind,
		},
	}
	if j.ScheduledAt != nil {
		opts.ScheduledAt = j.ScheduledAt.Time
	}
	return opts
}

type insertResult struct {
	Job       wireJob `json:"job"`
	Duplicate bool    `json:"duplicate"`
}

func toInsertResult(res *rivertype.JobInsertResult) insertResult {
	return insertResult{toWire(res.Job), res.UniqueSkippedAsDuplicate}
}

type insertParams struct {
	Now instant   `json:"now"`
	Job insertJob `json:"job"`
}

func (a *adapter) insert(ctx context.Context, p insertParams) (insertResult, error) {
	a.clock.now = p.Now.Time
	res, err := a.client.Insert(ctx, p.Job.args(), p.Job.options())
	if err != nil {
		return insertResult{}, err
	}
	return toInsertResult(res), nil
}

type insertManyParams struct {
	Now  instant     `json:"now"`
	Jobs []insertJob `json:"jobs"`
}

type insertManyResult struct {
	Jobs []insertResult `json:"jobs"`
}

func (a *adapter) insertMany(ctx context.Context, p insertManyParams) (insertManyResult, error) {
	a.clock.now = p.Now.Time
	params := make([]river.InsertManyParams, len(p.Jobs))
	for i, job := range p.Jobs {
		params[i] = river.InsertManyParams{Args: job.args(), InsertOpts: job.options()}
	}
	inserted, err := a.client.InsertMany(ctx, params)
	if err != nil {
		return insertManyResult{}, err
	}
	jobs := make([]insertResult, len(inserted))
	for i, res := range inserted {
		jobs[i] = toInsertResult(res)
	}
	return insertManyResult{jobs}, nil
}
