package main

import (
	"context"
	"fmt"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// cursorVector is the cursor that a list of one row in this order gives; or,
// without a row, whether a text is read as a cursor, and then written again.
type cursorVector struct {
	OrderBy string               `json:"order_by,omitempty"`
	States  []rivertype.JobState `json:"states,omitempty"`
	Row     *cursorRow           `json:"row,omitempty"`
	Cursor  string               `json:"cursor"`
	Refused string               `json:"refused,omitempty"`
	Again   string               `json:"again,omitempty"`
}

type cursorRow struct {
	ID          int64              `json:"id,string"`
	State       rivertype.JobState `json:"state"`
	Kind        string             `json:"kind"`
	Queue       string             `json:"queue"`
	ScheduledAt string             `json:"scheduled_at"`
	AttemptedAt *string            `json:"attempted_at"`
	FinalizedAt *string            `json:"finalized_at"`
}

const cursorJob = `
	insert into river_job (id, state, kind, queue, args, max_attempts, scheduled_at, attempted_at, finalized_at)
	values ($1, $2, $3, $4, '{}', 25, $5::text::timestamptz, $6::text::timestamptz, $7::text::timestamptz)`

func cursorVectors(ctx context.Context, a *adapter) []cursorVector {
	_, err := a.reset(ctx, resetParams{})
	check(err)
	var vectors []cursorVector
	for _, row := range cursorRows() {
		_, err := a.pool.Exec(ctx, "delete from river_job")
		check(err)
		_, err = a.pool.Exec(ctx, cursorJob, row.ID, row.State, row.Kind, row.Queue, row.ScheduledAt, row.AttemptedAt, row.FinalizedAt)
		check(err)
		for _, order := range []river.JobListOrderByField{"id", "time", "scheduled_at", "finalized_at"} {
			for _, states := range [][]rivertype.JobState{nil, {row.State}, {"running", row.State}, {"completed", row.State}} {
				vectors = a.appendCursor(ctx, vectors, order, states, row)
			}
		}
	}
	for _, text := range cursorTexts(vectors) {
		vectors = append(vectors, readCursor(text))
	}
	return vectors
}

// appendCursor leaves out orders that River refuses to list by, and lists that leave out the row.
func (a *adapter) appendCursor(ctx context.Context, to []cursorVector, order river.JobListOrderByField, states []rivertype.JobState, row cursorRow) []cursorVector {
	params := river.NewJobListParams().OrderBy(order, river.SortOrderAsc)
	if states != nil {
		params = params.States(states...)
	}
	result, err := a.client.JobList(ctx, params)
	if err != nil || result.LastCursor == nil {
		return to
	}
	text, err := result.LastCursor.MarshalText()
	check(err)
	return append(to, cursorVector{OrderBy: string(order), States: states, Row: &row, Cursor: string(text)})
}

func readCursor(text string) cursorVector {
	vector := cursorVector{Cursor: text}
	var cursor river.JobListCursor
	if err := cursor.UnmarshalText([]byte(text)); err != nil {
		vector.Refused = err.Error()
		return vector
	}
	again, err := cursor.MarshalText()
	check(err)
	vector.Again = string(again)
	return vector
}

func cursorRows() []cursorRow {
	at, later := "2030-01-01T00:00:00.000001Z", "2030-01-01T00:00:01.5Z"
	past := "1969-12-31T23:59:59.999999Z"
	rows := []cursorRow{
		{State: "available", Kind: "weir", Queue: "default", ScheduledAt: at},
		{State: "available", Kind: "a<b>&é\u2028\"\\", Queue: "a-b|c", ScheduledAt: past, AttemptedAt: &at},
		{State: "pending", Kind: "weir", Queue: "q_1", ScheduledAt: later},
		{State: "scheduled", Kind: "weir", Queue: "q", ScheduledAt: "2030-01-01T00:00:00Z"},
		{State: "retryable", Kind: "weir", Queue: "q", ScheduledAt: later, AttemptedAt: &at},
		{State: "running", Kind: "weir", Queue: "q", ScheduledAt: at, AttemptedAt: &later},
		{State: "running", Kind: "weir", Queue: "q", ScheduledAt: at},
		{State: "completed", Kind: "weir", Queue: "q", ScheduledAt: at, AttemptedAt: &at, FinalizedAt: &later},
		{State: "cancelled", Kind: "weir", Queue: "q", ScheduledAt: at, FinalizedAt: &past},
		{State: "discarded", Kind: "weir", Queue: "q", ScheduledAt: at, AttemptedAt: &at, FinalizedAt: &at},
	}
	ids := []int64{1, 2, 10, 999, 1 << 31, 1<<53 - 1, 1<<53 + 1, 1<<63 - 1, 7, 8}
	for i := range rows {
		rows[i].ID = ids[i]
	}
	return rows
}

// cursorTexts are texts to read: cursors, and what is like one.
func cursorTexts(written []cursorVector) []string {
	texts := []string{
		"", "e30=", "e30", "bnVsbA==", "W10=", "MQ==", "IiI=", "!!!!", "not a cursor", "eyJpZCI6MX0=", "eyJpZCI6IjEifQ==", "eyJpZCI6MS41fQ==", "eyJpZCI6LTF9", "eyJJRCI6MX0=",
		"eyJpZCI6MSwieCI6Mn0=", "eyJ0aW1lIjoibm93In0=", "eyJ0aW1lIjoiMjAzMC0wMS0wMVQwMDowMDowMCswMTowMCJ9", "eyJ0aW1lIjpudWxsfQ==", "eyJzb3J0X2ZpZWxkIjoieCJ9", "eyJraW5kIjoiw6kifQ==", "eyJraW5kIjoi/+8ifQ==",
		"eyJraW5kIjoi_-8ifQ==", "eyJpZCI6MX0=\n", " eyJpZCI6MX0=", "eyJpZCI6MX0==", "eyJpZCI6OTIyMzM3MjAzNjg1NDc3NTgwOH0=",
	}
	for _, i := range []int{0, len(written) / 2, len(written) - 1} {
		text := written[i].Cursor
		texts = append(texts, text, text[:len(text)-4], fmt.Sprintf("%s%s", text, text))
	}
	return texts
}
