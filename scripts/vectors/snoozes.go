package main

import (
	"context"
	"time"
)

// snoozeVector is the metadata of a running job before it is snoozed and after.
type snoozeVector struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

const runningJob = `
	insert into river_job (id, state, kind, args, metadata, max_attempts, attempt, attempted_at, attempted_by, scheduled_at)
	values (1, 'running', 'weir', '{}', $1::text::jsonb, 25, 1, $2, '{weir}', $2)
	returning metadata::text`

// snoozeVectors has River's executor snooze a job. Both texts are as the column prints them.
func snoozeVectors(ctx context.Context, a *adapter) []snoozeVector {
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	vectors := make([]snoozeVector, len(snoozeMetadata))
	for i, metadata := range snoozeMetadata {
		_, err := a.pool.Exec(ctx, "delete from river_job")
		check(err)
		check(a.pool.QueryRow(ctx, runningJob, metadata, at).Scan(&vectors[i].Before))
		_, err = a.finish(ctx, finishParams{
			Now: instant{at.Add(time.Second)}, ID: 1, Attempt: 1, AttemptedAt: instant{at}, Outcome: outcome{Kind: "snooze", ForUS: 60_000_000},
		})
		check(err)
		check(a.pool.QueryRow(ctx, "select metadata::text from river_job where id = 1 and state = 'scheduled'").Scan(&vectors[i].After))
	}
	return vectors
}

var snoozeMetadata = withSnoozes(
	[]string{`{}`, `{"a": 1}`, `{"Snoozes": 4}`, `{"snoozes.x": 4}`, `{"a": {"snoozes": 4}}`, `{"snoozes": 1, "a": [1, {"b": null}], "": "x"}`},
	`0`, `3`, `-2`, `1.9`, `-1.9`, `"5"`, `" 5"`, `"5 "`, `"1e3"`, `"1E3"`, `"1.9"`, `"-1.9"`, `"+5"`, `".5"`, `"5."`, `"abc12"`, `"12abc"`, `""`, `"-"`, `"0x10"`, `"1_0"`,
	`"1e999"`, `"-1e999"`, `"1e-999"`, `"99999999999999999999"`, `"-99999999999999999999"`, `"Infinity"`, `"inf"`, `"true"`, `"null"`, `"١"`,
	`true`, `false`, `null`, `[1]`, `[]`, `{"a": 1}`, `{}`, `9223372036854775806`, `9223372036854775807`, `-9223372036854775808`, `99999999999999999999`, `-99999999999999999999`,
	`9007199254740993`, `9007199254740992`, `-9007199254740993`, `1e2`, `1e18`, `1e19`, `0.1`, `2.5e1`, `"9007199254740993"`, `"9223372036854775807"`, `"007"`, `"-0"`, `-0`, `1.0`,
)

func withSnoozes(metadata []string, values ...string) []string {
	for _, value := range values {
		metadata = append(metadata, `{"snoozes": `+value+`}`)
	}
	return metadata
}
