//go:build river_since_0_29

package main

import (
	"context"
	"encoding/json"

	"github.com/riverqueue/river"
)

func init() {
	methods["update"] = method((*adapter).update)
	methods["request_resign"] = method((*adapter).requestResign)
}

type updateParams struct {
	Now    instant `json:"now"`
	ID     int64   `json:"id"`
	Output string  `json:"output"`
}

func (a *adapter) update(ctx context.Context, p updateParams) (jobResult, error) {
	a.clock.now = p.Now.Time
	return toJobResult(a.client.JobUpdate(ctx, p.ID, &river.JobUpdateParams{Output: json.RawMessage(p.Output)}))
}

type resignRequest struct {
	Now instant `json:"now"`
}

func (a *adapter) requestResign(ctx context.Context, p resignRequest) (struct{}, error) {
	a.clock.now = p.Now.Time
	return struct{}{}, a.client.Notify().RequestResign(ctx)
}
