package main

import (
	"context"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

type jobFilter struct {
	IDs        []int64              `json:"ids"`
	Kinds      []string             `json:"kinds"`
	Priorities []int16              `json:"priorities"`
	Queues     []string             `json:"queues"`
	States     []rivertype.JobState `json:"states"`
}

type listParams struct {
	Now instant `json:"now"`
	jobFilter
	TagsAll    []string `json:"tags_all"`
	TagsAny    []string `json:"tags_any"`
	Metadata   *string  `json:"metadata"`
	OrderBy    string   `json:"order_by"`
	Descending bool     `json:"descending"`
	Limit      *int     `json:"limit"`
	After      *string  `json:"after"`
	AfterJob   int64    `json:"after_job"`
}

type listResult struct {
	Jobs   []wireJob `json:"jobs"`
	Cursor *string   `json:"cursor"`
}

// filters are those that River got later.
var filters []func(*river.JobListParams, listParams) *river.JobListParams

// requireFilters refuses the filters that this River does not have.
func requireFilters(p listParams) error {
	for capability, asked := range map[string]int{"ids": len(p.IDs), "priorities": len(p.Priorities), "tags": len(p.TagsAll) + len(p.TagsAny)} {
		if err := require("list." + capability); err != nil && asked > 0 {
			return err
		}
	}
	return nil
}

// built gives what River's builders of parameters make. They refuse by panicking.
func built[P any](build func() P) (params P, refused error) {
	defer func() {
		if value := recover(); value != nil {
			refused = refuse("invalid", "%v", value)
		}
	}()
	return build(), nil
}

func (a *adapter) list(ctx context.Context, p listParams) (listResult, error) {
	a.clock.now = p.Now.Time
	if err := requireFilters(p); err != nil {
		return listResult{}, err
	}
	start, err := a.cursorOf(ctx, p)
	if err != nil {
		return listResult{}, err
	}
	params, err := built(func() *river.JobListParams { return toListParams(p, start) })
	if err != nil {
		return listResult{}, err
	}
	listed, err := a.listed(ctx, params)
	if err != nil {
		return listResult{}, err
	}
	result := listResult{Jobs: toWires(listed.Jobs).Jobs}
	if listed.LastCursor != nil {
		text, err := listed.LastCursor.MarshalText()
		if err != nil {
			return listResult{}, err
		}
		cursor := string(text)
		result.Cursor = &cursor
	}
	return result, nil
}

// listed is River's list. It panics where the last job of a page, or of a cursor,
// lacks the time of its order.
func (a *adapter) listed(ctx context.Context, params *river.JobListParams) (listed *river.JobListResult, err error) {
	if panicked := panicked(func() { listed, err = a.client.JobList(ctx, params) }); panicked != nil {
		return nil, panicked
	}
	return listed, err
}

// cursorOf is the cursor with which the page begins, nil for the first page.
func (a *adapter) cursorOf(ctx context.Context, p listParams) (*river.JobListCursor, error) {
	if p.After != nil {
		cursor := &river.JobListCursor{}
		return cursor, cursor.UnmarshalText([]byte(*p.After))
	}
	if p.AfterJob == 0 {
		return nil, nil
	}
	job, err := a.client.JobGet(ctx, p.AfterJob)
	if err != nil {
		return nil, err
	}
	return river.JobListCursorFromJob(job), nil
}

func toListParams(p listParams, start *river.JobListCursor) *river.JobListParams {
	params := river.NewJobListParams()
	for _, filter := range filters {
		params = filter(params, p)
	}
	if len(p.Kinds) > 0 {
		params = params.Kinds(p.Kinds...)
	}
	if len(p.Queues) > 0 {
		params = params.Queues(p.Queues...)
	}
	if len(p.States) > 0 {
		params = params.States(p.States...)
	}
	if p.Metadata != nil {
		params = params.Metadata(*p.Metadata)
	}
	order, direction := river.JobListOrderByID, river.SortOrderAsc
	if p.OrderBy != "" {
		order = river.JobListOrderByField(p.OrderBy)
	}
	if p.Descending {
		direction = river.SortOrderDesc
	}
	params = params.OrderBy(order, direction)
	if p.Limit != nil {
		params = params.First(*p.Limit)
	}
	// The cursor of a job depends on the order, which must be there before.
	if start != nil {
		params = params.After(start)
	}
	return params
}
