package main

import (
	"context"

	"github.com/riverqueue/river/rivertype"
)

type jobParams struct {
	Now instant `json:"now"`
	ID  int64   `json:"id"`
}

type jobResult struct {
	Job wireJob `json:"job"`
}

func toJobResult(row *rivertype.JobRow, err error) (jobResult, error) {
	if err != nil {
		return jobResult{}, err
	}
	return jobResult{toWire(row)}, nil
}

// control calls a method of River's public client at the time of the request.
func (a *adapter) control(ctx context.Context, p jobParams, method func(context.Context, int64) (*rivertype.JobRow, error)) (jobResult, error) {
	a.clock.now = p.Now.Time
	return toJobResult(method(ctx, p.ID))
}

func (a *adapter) cancel(ctx context.Context, p jobParams) (jobResult, error) {
	return a.control(ctx, p, a.client.JobCancel)
}

func (a *adapter) retry(ctx context.Context, p jobParams) (jobResult, error) {
	return a.control(ctx, p, a.client.JobRetry)
}

func (a *adapter) get(ctx context.Context, p jobParams) (jobResult, error) {
	return a.control(ctx, p, a.client.JobGet)
}

func (a *adapter) delete(ctx context.Context, p jobParams) (jobResult, error) {
	return a.control(ctx, p, a.client.JobDelete)
}
