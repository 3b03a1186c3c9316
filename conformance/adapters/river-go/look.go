package main

import "context"

type jobParams struct {
	Now instant `json:"now"`
	ID  int64   `json:"id"`
}

type jobResult struct {
	Job wireJob `json:"job"`
}

func (a *adapter) get(ctx context.Context, p jobParams) (jobResult, error) {
	a.clock.now = p.Now.Time
	row, err := a.client.JobGet(ctx, p.ID)
	if err != nil {
		return jobResult{}, err
	}
	return jobResult{toWire(row)}, nil
}

func (a *adapter) delete(ctx context.Context, p jobParams) (jobResult, error) {
	a.clock.now = p.Now.Time
	row, err := a.client.JobDelete(ctx, p.ID)
	if err != nil {
		return jobResult{}, err
	}
	return jobResult{toWire(row)}, nil
}

type updateParams struct {
	Now    instant `json:"now"`
	ID     int64   `json:"id"`
	Output string  `json:"output"`
}
