//go:build river_since_0_43

package main

import "github.com/riverqueue/river"

func init() {
	filters = append(filters, func(params *river.JobListParams, p listParams) *river.JobListParams {
		return params.TagsAll(p.TagsAll...).TagsAny(p.TagsAny...)
	})
}
