package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/riverqueue/river/rivertype"
)

const (
	codeParse          = -32700
	codeMethodNotFound = -32601
	codeInvalidParams  = -32602
	codeRefused        = -32000
)

// failure is the error object of a reply.
type failure struct {
	Code    int          `json:"code"`
	Message string       `json:"message"`
	Data    *failureData `json:"data,omitempty"`
}

type failureData struct {
	Code     string `json:"code"`
	SQLState string `json:"sqlstate,omitempty"`
}

func (f *failure) Error() string { return f.Message }

func refuse(code, format string, args ...any) *failure {
	return &failure{Code: codeRefused, Message: fmt.Sprintf(format, args...), Data: &failureData{Code: code}}
}

// asFailure sorts River's errors. River's validation errors have no type of
// their own, so whatever comes neither from the database nor from the way to
// it is taken for one.
func asFailure(err error) *failure {
	if known, ok := errors.AsType[*failure](err); ok {
		return known
	}
	if database, ok := errors.AsType[*pgconn.PgError](err); ok {
		return &failure{Code: codeRefused, Message: err.Error(), Data: &failureData{Code: "database", SQLState: database.Code}}
	}
	if errors.Is(err, rivertype.ErrNotFound) {
		return refuse("not_found", "%v", err)
	}
	if errors.Is(err, rivertype.ErrJobRunning) {
		return refuse("running", "%v", err)
	}
	_, connect := errors.AsType[*pgconn.ConnectError](err)
	_, network := errors.AsType[net.Error](err)
	if connect || network || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return refuse("internal", "%v", err)
	}
	return refuse("invalid", "%v", err)
}

// instant is a time on the wire: RFC 3339 in UTC, cut to whole microseconds.
type instant struct{ time.Time }

func (i instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(i.UTC().Format("2006-01-02T15:04:05.000000Z07:00"))
}

func (i *instant) UnmarshalJSON(data []byte) error {
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	parsed, err := time.Parse(time.RFC3339Nano, text)
	i.Time = parsed.UTC()
	return err
}

func optional(t *time.Time) *instant {
	if t == nil {
		return nil
	}
	return &instant{*t}
}

type wireError struct {
	At      instant `json:"at"`
	Attempt int     `json:"attempt"`
	Error   string  `json:"error"`
	Trace   string  `json:"trace"`
}

type wireJob struct {
	ID           int64              `json:"id"`
	State        rivertype.JobState `json:"state"`
	Attempt      int                `json:"attempt"`
	MaxAttempts  int                `json:"max_attempts"`
	AttemptedAt  *instant           `json:"attempted_at"`
	CreatedAt    instant            `json:"created_at"`
	FinalizedAt  *instant           `json:"finalized_at"`
	ScheduledAt  instant            `json:"scheduled_at"`
	Priority     int                `json:"priority"`
	Args         string             `json:"args"`
	AttemptedBy  []string           `json:"attempted_by"`
	Errors       []wireError        `json:"errors"`
	Kind         string             `json:"kind"`
	Metadata     string             `json:"metadata"`
	Queue        string             `json:"queue"`
	Tags         []string           `json:"tags"`
	UniqueKey    *string            `json:"unique_key"`
	UniqueStates *string            `json:"unique_states"`
}

func toWire(row *rivertype.JobRow) wireJob {
	failed := make([]wireError, len(row.Errors))
	for i, e := range row.Errors {
		failed[i] = wireError{instant{e.At}, e.Attempt, e.Error, e.Trace}
	}
	job := wireJob{
		ID: row.ID, State: row.State, Attempt: row.Attempt, MaxAttempts: row.MaxAttempts,
		AttemptedAt: optional(row.AttemptedAt), CreatedAt: instant{row.CreatedAt},
		FinalizedAt: optional(row.FinalizedAt), ScheduledAt: instant{row.ScheduledAt},
		Priority: row.Priority, Args: string(row.EncodedArgs), AttemptedBy: append([]string{}, row.AttemptedBy...),
		Errors: failed, Kind: row.Kind, Metadata: string(row.Metadata), Queue: row.Queue,
		Tags: append([]string{}, row.Tags...), UniqueStates: stateBits(row.UniqueStates),
	}
	if row.UniqueKey != nil {
		key := hex.EncodeToString(row.UniqueKey)
		job.UniqueKey = &key
	}
	return job
}

func toWires(rows []*rivertype.JobRow) jobsResult {
	jobs := make([]wireJob, len(rows))
	for i, row := range rows {
		jobs[i] = toWire(row)
	}
	return jobsResult{jobs}
}

type jobsResult struct {
	Jobs []wireJob `json:"jobs"`
}

// bitOrder is the order of the states in the column's bit string, leftmost first.
var bitOrder = []rivertype.JobState{
	rivertype.JobStateScheduled, rivertype.JobStateRunning, rivertype.JobStateRetryable, rivertype.JobStatePending,
	rivertype.JobStateDiscarded, rivertype.JobStateCompleted, rivertype.JobStateCancelled, rivertype.JobStateAvailable,
}

// stateBits gives the column back from the list that River makes of it. River's
// row does not tell an empty mask from none.
func stateBits(states []rivertype.JobState) *string {
	if len(states) == 0 {
		return nil
	}
	var bits strings.Builder
	for _, candidate := range bitOrder {
		bit := byte('0')
		for _, state := range states {
			if state == candidate {
				bit = '1'
			}
		}
		bits.WriteByte(bit)
	}
	text := bits.String()
	return &text
}
