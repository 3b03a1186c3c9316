package main

import (
	"context"
	"time"

	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

type scheduleParams struct {
	Now     instant `json:"now"`
	Horizon instant `json:"horizon"`
	Limit   int     `json:"limit"`
}

// schedule runs River's own scheduler, as a leader does, for one batch. Its
// clock is the adapter's. The horizon of its query is now plus its interval,
// which cannot be zero; here it is the request's.
func (a *adapter) schedule(ctx context.Context, p scheduleParams) (jobsResult, error) {
	a.clock.now = p.Now.Time
	through := &scheduling{passage: newPassage(a.exec, p.Now.Time), horizon: p.Horizon.Time}
	if err := through.runOnce(ctx, serviceOf[*maintenance.JobScheduler](a.leader, through, p.Limit), nil); err != nil {
		return jobsResult{}, err
	}
	return toWires(through.rows), nil
}

// scheduling is the passage of a scheduler.
type scheduling struct {
	*passage
	horizon time.Time
	rows    []*rivertype.JobRow
}

// Begin starts the transaction of the scheduler's batch; there is no second
// one, and the scheduler waits until it is stopped.
func (s *scheduling) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	if err := s.oneBatch(); err != nil {
		<-ctx.Done()
		return nil, err
	}
	tx, err := s.Executor.Begin(ctx)
	if err != nil {
		s.ask()
		return nil, s.fail(err)
	}
	return &batch{tx, s}, nil
}

// batch is the scheduler's transaction. It keeps what is scheduled, and tells
// when it is over.
type batch struct {
	riverdriver.ExecutorTx
	scheduling *scheduling
}

func (b *batch) JobSchedule(ctx context.Context, params *riverdriver.JobScheduleParams) ([]*riverdriver.JobScheduleResult, error) {
	asked := *params
	setTime(&asked.Now, b.scheduling.horizon)
	results, err := b.ExecutorTx.JobSchedule(ctx, &asked)
	if err != nil {
		return nil, b.scheduling.fail(err)
	}
	for _, result := range results {
		b.scheduling.rows = append(b.scheduling.rows, &result.Job)
	}
	return results, nil
}

func (b *batch) NotifyMany(ctx context.Context, params *riverdriver.NotifyManyParams) error {
	if err := b.ExecutorTx.NotifyMany(ctx, params); err != nil {
		return b.scheduling.fail(err)
	}
	return nil
}

func (b *batch) Commit(ctx context.Context) error {
	if err := b.ExecutorTx.Commit(ctx); err != nil {
		return b.scheduling.fail(err)
	}
	return nil
}

// Rollback is what River calls last, also after a commit.
func (b *batch) Rollback(ctx context.Context) error {
	defer b.scheduling.ask()
	return b.ExecutorTx.Rollback(ctx)
}
