//go:build river_since_0_17

package main

import (
	"context"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// Begin starts the completer's own transaction, which it has before 0.24.
func (r *reporter) Begin(ctx context.Context) (riverdriver.ExecutorTx, error) {
	tx, err := r.Executor.Begin(ctx)
	return &reporterTx{tx, &reporter{tx, r.work}}, err
}

type reporterTx struct {
	riverdriver.ExecutorTx
	reporter *reporter
}

func (t *reporterTx) JobSetStateIfRunningMany(ctx context.Context, params *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	return t.reporter.JobSetStateIfRunningMany(ctx, params)
}

// JobSetStateIfRunningMany is asked for one job.
func (r *reporter) JobSetStateIfRunningMany(ctx context.Context, params *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	virtual := *params
	virtual.FinalizedAt = []*time.Time{r.work.virtual(params.FinalizedAt[0], 0)}
	virtual.ScheduledAt = []*time.Time{r.work.virtual(params.ScheduledAt[0], r.work.delay())}
	rows, err := r.Executor.JobSetStateIfRunningMany(ctx, &virtual)
	var stored *rivertype.JobRow
	if len(rows) > 0 {
		stored = rows[0]
	}
	return rows, r.work.report(stored, err)
}
