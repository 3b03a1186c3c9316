//go:build river_since_0_24

package main

import (
	"context"

	"github.com/riverqueue/river"
)

func init() { methods["delete_many"] = method((*adapter).deleteMany) }

type deleteManyParams struct {
	Now instant `json:"now"`
	jobFilter
	All   bool `json:"all"`
	Limit *int `json:"limit"`
}

func (a *adapter) deleteMany(ctx context.Context, p deleteManyParams) (jobsResult, error) {
	a.clock.now = p.Now.Time
	params, err := built(func() *river.JobDeleteManyParams {
		params := river.NewJobDeleteManyParams().
			IDs(p.IDs...).Kinds(p.Kinds...).Priorities(p.Priorities...).Queues(p.Queues...).States(p.States...)
		// Since 0.25.
		if all, ok := any(params).(interface {
			UnsafeAll() *river.JobDeleteManyParams
		}); ok && p.All {
			params = all.UnsafeAll()
		}
		if p.Limit != nil {
			params = params.First(*p.Limit)
		}
		return params
	})
	if err != nil {
		return jobsResult{}, err
	}
	deleted, err := a.client.JobDeleteMany(ctx, params)
	if err != nil {
		return jobsResult{}, err
	}
	return toWires(deleted.Jobs), nil
}
