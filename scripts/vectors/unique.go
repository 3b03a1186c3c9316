package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river/internal/dbunique"
	"github.com/riverqueue/river/rivershared/structtag"
	"github.com/riverqueue/river/rivertype"
)

// uniqueVector is an insertion as the protocol puts it, with the unique_key and
// unique_states of the row, or that it was refused. `Only` marks keys that no
// insertion yields: args in a text that River's encoder would not have left
// so, instants that a row does not take, or those of other time zones.
type uniqueVector struct {
	Now     string          `json:"now"`
	Job     json.RawMessage `json:"job"`
	Paths   []string        `json:"paths,omitempty"`
	Only    bool            `json:"only_key,omitempty"`
	Refused string          `json:"refused,omitempty"`
	Key     string          `json:"key,omitempty"`
	States  string          `json:"states,omitempty"`
}

type uniqueJob struct {
	Kind        string         `json:"kind"`
	Args        string         `json:"args"`
	Queue       string         `json:"queue,omitempty"`
	ScheduledAt string         `json:"scheduled_at,omitempty"`
	Unique      map[string]any `json:"unique"`
}

type uniqueAsker struct {
	*adapter
	vectors []uniqueVector
}

const uniqueNow = "2030-01-01T00:02:03.456789Z"

func uniqueVectors(ctx context.Context, a *adapter) []uniqueVector {
	u := &uniqueAsker{adapter: a}
	u.askArgs(ctx)
	u.askPaths(ctx)
	u.askPeriods(ctx)
	u.askOthers(ctx)
	u.askKeysOnly()
	return u.vectors
}

// ask inserts through River's client into an empty table.
func (u *uniqueAsker) ask(ctx context.Context, now string, job uniqueJob) {
	// The text that reaches the table is the one that the encoder leaves.
	if compact, err := json.Marshal(jobArgs{job.Kind, job.Args}); err == nil {
		job.Args = string(compact)
	}
	var params insertParams
	text, err := json.Marshal(job)
	check(err)
	check(json.Unmarshal(fmt.Appendf(nil, `{"now":%q,"job":%s}`, now, text), &params))
	_, err = u.pool.Exec(ctx, "delete from river_job")
	check(err)
	vector := uniqueVector{Now: now, Job: plain(job), Paths: pathsOf(params.Job)}
	result, err := u.insert(ctx, params)
	switch {
	case err != nil && asFailure(err).Data.Code != "invalid":
		panic(fmt.Sprint(job, err))
	case err != nil:
		vector.Refused = err.Error()
	default:
		vector.Key, vector.States = *result.Job.UniqueKey, *result.Job.UniqueStates
	}
	u.vectors = append(u.vectors, vector)
}

// askKey has River compute the key alone.
func (u *uniqueAsker) askKey(at time.Time, job uniqueJob, opts *dbunique.UniqueOpts) {
	job.ScheduledAt = at.Format(time.RFC3339Nano)
	params := &rivertype.JobInsertParams{
		Args: typed(jobArgs{job.Kind, job.Args}), Kind: job.Kind, EncodedArgs: []byte(job.Args), Queue: job.Queue, ScheduledAt: &at,
	}
	key, err := dbunique.UniqueKey(u.clock, opts, params)
	check(err)
	u.vectors = append(u.vectors, uniqueVector{
		Now: uniqueNow, Job: plain(job), Paths: pathsOf(insertJob{Kind: job.Kind}), Only: true, Key: hex.EncodeToString(key),
	})
}

func pathsOf(job insertJob) []string {
	paths, err := structtag.SortedFieldsWithTag(job.args(), "unique")
	check(err)
	return paths
}

// plain leaves <, > and & as they are.
func plain(value any) json.RawMessage {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	check(encoder.Encode(value))
	return json.RawMessage(strings.TrimSpace(text.String()))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

type dims = map[string]any

func (u *uniqueAsker) askArgs(ctx context.Context) {
	for _, args := range argsTexts() {
		u.ask(ctx, uniqueNow, uniqueJob{Kind: "kind", Args: args, Unique: dims{"by_args": true}})
	}
}

func (u *uniqueAsker) askPaths(ctx context.Context) {
	for kind, texts := range sorted(selectedArgs) {
		for _, args := range texts {
			u.ask(ctx, uniqueNow, uniqueJob{Kind: kind, Args: args, Unique: dims{"by_args": true}})
		}
		u.ask(ctx, uniqueNow, uniqueJob{Kind: kind, Args: texts[0], Queue: "q", Unique: dims{"by_args": true, "by_queue": true, "exclude_kind": true}})
		u.ask(ctx, uniqueNow, uniqueJob{Kind: kind, Args: texts[0], Unique: dims{"by_queue": true}})
	}
}

func (u *uniqueAsker) askPeriods(ctx context.Context) {
	instants := []string{
		"2030-01-01T00:00:00Z", "2030-01-01T00:59:59.999999Z", "2028-02-29T23:59:59.999999Z", "2027-12-31T12:00:00.000001Z", "1970-01-01T00:00:00Z", "1969-12-31T23:59:59.999999Z",
	}
	periods := []int64{1_000_000, 1_500_000, 7_000_000, 60_000_000, 900_000_000, 3_600_000_000, 86_400_000_000, 604_800_000_000, 1_234_567_890, 31_536_000_000_000, 1_000_001}
	for _, period := range periods {
		for _, at := range instants {
			u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: "{}", ScheduledAt: at, Unique: dims{"by_period_us": period}})
		}
		u.ask(ctx, "2031-05-06T07:08:09.101112Z", uniqueJob{Kind: "k", Args: "{}", Unique: dims{"by_period_us": period}})
	}
	for _, period := range []int64{1, 500_000, 999_999, -1, -3_600_000_000} {
		u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: "{}", Unique: dims{"by_period_us": period}})
	}
}

func (u *uniqueAsker) askOthers(ctx context.Context) {
	kinds := []string{"k", "a.b", "kind·<é>", "&kind=k", "K", " k ", "😀", "k&args={}", "\"", "\u2028", strings.Repeat("k", 127), strings.Repeat("é", 127)}
	for _, kind := range kinds {
		u.ask(ctx, uniqueNow, uniqueJob{Kind: kind, Args: `{"a":1}`, Unique: dims{"by_queue": true}})
		u.ask(ctx, uniqueNow, uniqueJob{Kind: kind, Args: `{"a":1}`, Unique: dims{"by_args": true, "by_queue": true, "exclude_kind": true}})
	}
	for _, queue := range []string{"", "q", "q_1", "a-b", "a|b", "0", "a-b_c|d-0", strings.Repeat("q", 64)} {
		for _, unique := range []dims{{"by_queue": true}, {"by_queue": true, "exclude_kind": true}, {"by_queue": true, "by_args": true, "by_period_us": 900_000_000}} {
			u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: `{"b":1,"a":1}`, Queue: queue, Unique: unique})
		}
	}
	u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: "{}", Unique: dims{"by_period_us": 60_000_000, "exclude_kind": true}})
	required := []rivertype.JobState{"available", "pending", "running", "scheduled"}
	optional := []rivertype.JobState{"retryable", "completed", "discarded", "cancelled"}
	for chosen := range 16 {
		states := append([]rivertype.JobState{}, required...)
		for bit, state := range optional {
			if chosen&(1<<bit) != 0 {
				states = append(states, state)
			}
		}
		u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: `{"a":1}`, Unique: dims{"by_args": true, "by_state": states}})
	}
	u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: `{"a":1}`, Unique: dims{"by_state": required}})
	for missing := range required {
		states := append(append([]rivertype.JobState{}, required[:missing]...), required[missing+1:]...)
		u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: `{"a":1}`, Unique: dims{"by_args": true, "by_state": states}})
	}
	u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: "{}", Unique: dims{"exclude_kind": true}})
	for _, args := range []string{`1`, `"a"`, `null`, `true`, `[1]`, `[[]]`, `-0`, `[{}]`} {
		u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: args, Unique: dims{"by_args": true}})
		u.ask(ctx, uniqueNow, uniqueJob{Kind: "k", Args: args, Unique: dims{"by_queue": true}})
	}
}

func (u *uniqueAsker) askKeysOnly() {
	midnight := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, args := range rawTexts {
		u.askKey(midnight, uniqueJob{Kind: "kind", Args: args, Unique: dims{"by_args": true}}, &dbunique.UniqueOpts{ByArgs: true})
	}
	u.askKey(midnight, uniqueJob{Kind: "weir_unique_flat", Args: `{"a": { "q" : 1 } ,"a":3}`, Unique: dims{"by_args": true}}, &dbunique.UniqueOpts{ByArgs: true})
	instants := []time.Time{time.UnixMicro(-62_135_596_799_999_999).UTC(), time.UnixMicro(253_402_300_799_999_999).UTC()}
	for _, zone := range []string{"America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Kiritimati"} {
		location, err := time.LoadLocation(zone)
		check(err)
		instants = append(instants, midnight.In(location), midnight.Add(-time.Microsecond).In(location))
	}
	for _, at := range instants {
		for _, period := range []int64{1_000_000, 900_000_000, 86_400_000_000, 9_223_372_036_854_775} {
			opts := &dbunique.UniqueOpts{ByPeriod: time.Duration(period) * time.Microsecond}
			u.askKey(at, uniqueJob{Kind: "k", Args: "{}", Unique: dims{"by_period_us": period}}, opts)
		}
	}
}
