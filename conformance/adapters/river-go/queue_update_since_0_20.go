//go:build river_since_0_20

package main

import (
	"context"

	"github.com/riverqueue/river"
)

func init() { methods["queue_update"] = method((*adapter).queueUpdate) }

type queueUpdateParams struct {
	Now      instant `json:"now"`
	Queue    string  `json:"queue"`
	Metadata *string `json:"metadata"`
}

func (a *adapter) queueUpdate(ctx context.Context, p queueUpdateParams) (queueResult, error) {
	a.clock.now = p.Now.Time
	params := &river.QueueUpdateParams{}
	if p.Metadata != nil {
		params.Metadata = []byte(*p.Metadata)
	}
	return toQueueResult(a.client.QueueUpdate(ctx, p.Queue, params))
}
