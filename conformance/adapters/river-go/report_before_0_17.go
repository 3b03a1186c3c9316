//go:build !river_since_0_17

package main

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

func (r *reporter) JobSetStateIfRunning(ctx context.Context, params *riverdriver.JobSetStateIfRunningParams) (*rivertype.JobRow, error) {
	virtual := *params
	virtual.FinalizedAt = r.work.virtual(params.FinalizedAt, 0)
	virtual.ScheduledAt = r.work.virtual(params.ScheduledAt, r.work.delay())
	row, err := r.Executor.JobSetStateIfRunning(ctx, &virtual)
	return row, r.work.report(row, err)
}
