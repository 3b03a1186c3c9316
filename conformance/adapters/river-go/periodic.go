package main

import "github.com/riverqueue/river"

type periodicEntry struct {
	ID         string     `json:"id"`
	Schedule   string     `json:"schedule"`
	RunOnStart bool       `json:"run_on_start"`
	Job        *insertJob `json:"job"`
}

type enqueueParams struct {
	Now   instant         `json:"now"`
	Since *instant        `json:"since"`
	Jobs  []periodicEntry `json:"jobs"`
}

// constructor is what River calls at each tick; nil args are no job.
func (e periodicEntry) constructor() (river.JobArgs, *river.InsertOpts) {
	if e.Job == nil {
		return nil, nil
	}
	return e.Job.args(), e.Job.options()
}
