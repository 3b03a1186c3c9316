//go:build river_since_0_21

package main

import "github.com/riverqueue/river"

func init() {
	filters = append(filters, func(params *river.JobListParams, p listParams) *river.JobListParams {
		return params.IDs(p.IDs...).Priorities(p.Priorities...)
	})
}
