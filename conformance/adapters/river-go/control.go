package main

import (
	"context"

	"github.com/riverqueue/river/rivertype"
)

func (a *adapter) cancel(ctx context.Context, p jobParams) (jobResult, error) {
	return a.control(ctx, p, a.client.JobCancel)
}

func (a *adapter) retry(ctx context.Context, p jobParams) (jobResult, error) {
	return a.control(ctx, p, a.client.JobRetry)
}

// control calls a method of River's public client at the time of the request.
func (a *adapter) control(ctx context.Context, p jobParams, method func(context.Context, int64) (*rivertype.JobRow, error)) (jobResult, error) {
	a.clock.now = p.Now.Time
	row, err := method(ctx, p.ID)
	if err != nil {
		return jobResult{}, err
	}
	return jobResult{toWire(row)}, nil
}
