//go:build river_0_51

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/jobcompleter"
	"github.com/riverqueue/river/internal/jobexecutor"
	"github.com/riverqueue/river/internal/pluginlookup"
	"github.com/riverqueue/river/internal/retrypolicy"
	"github.com/riverqueue/river/internal/rivercommon"
	"github.com/riverqueue/river/internal/riverplugin"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivershared/riverpilot"
	"github.com/riverqueue/river/rivertype"
)

// clockLevel is the database's for the sake of QueueUpdate, which asks it for
// the time whatever the client's clock says; all else takes the time it is given.
const clockLevel = "database"

var capabilities = map[string]any{
	"insert":              supported,
	"insert.metadata":     supported,
	"insert.notify":       supported,
	"insert.pending":      supported,
	"insert.tags":         supported,
	"insert.zero":         zeroUnset,
	"fetch":               supported,
	"schedule":            supported,
	"schedule.horizon":    oneTime,
	"schedule.notify":     supported,
	"cancel":              supported,
	"retry":               supported,
	"finish":              supported,
	"finish.complete":     supported,
	"finish.error":        supported,
	"finish.discard":      noDiscard,
	"finish.cancel":       supported,
	"finish.snooze":       supported,
	"finish.interrupt":    supported,
	"finish.metadata":     supported,
	"finish.late":         unfenced,
	"rescue":              supported,
	"rescue.unknown_kind": ownKinds,
	"rescue.any_mark":     timeMark,
	"rescue.exact":        untimed,
	"clean":               supported,
	"clean.keep":          supported,
	"clean_queues":        supported,
	"clean_queues.paused": pausedGoes,
	"get":                 supported,
	"delete":              supported,
	"update":              supported,
	"queue":               supported,
	"leader":              supported,
	"delete_many":         supported,
	"list":                supported,
	"list.ids":            supported,
	"list.priorities":     supported,
	"list.tags":           supported,
	"list.cursor":         anyCursor,

	"enqueue_periodic":        supported,
	"enqueue_periodic.once":   divergent{"PER-7", "River Go's leaders remember no ticks"},
	"enqueue_periodic.period": divergent{"PER-9", "River Go takes the period of the insertion"},
	"enqueue_periodic.rivals": divergent{"PER-8", "River Go drops all runs of a look when two have one key"},
}

// stopCause is why River's client cancels a worker's context in a hard stop.
var stopCause = rivercommon.ErrStop

func (c *clock) Now() time.Time { return c.now }

func (c *clock) NowOrNil() *time.Time { now := c.now; return &now }

func (c *clock) StubNow(now time.Time) time.Time { c.now = now; return now }

func clientConfig(c *clock) *river.Config {
	return &river.Config{Logger: slog.Default(), Test: river.TestConfig{Time: c}}
}

// attemptedByKept is how many names River's producer keeps in attempted_by.
const attemptedByKept = 100

func (a *adapter) getAvailable(ctx context.Context, p fetchParams) ([]*rivertype.JobRow, error) {
	result, err := a.exec.JobGetAvailable(ctx, &riverdriver.JobGetAvailableParams{
		ClientID: p.Client, MaxAttemptedBy: attemptedByKept, MaxToLock: p.Limit, Now: &p.Now.Time, Queue: p.Queue,
	})
	if err != nil {
		return nil, err
	}
	for _, undecoded := range result.DecodeErrors {
		err = errors.Join(err, undecoded)
	}
	if err != nil {
		return nil, refuse("internal", "fetched a row that River cannot decode: %v", err)
	}
	return result.Jobs, nil
}

func (a *adapter) getByID(ctx context.Context, id int64) (*rivertype.JobRow, error) {
	return a.exec.JobGetByID(ctx, &riverdriver.JobGetByIDParams{ID: id})
}

func filtered(params *river.JobListParams, p listParams) *river.JobListParams {
	return params.IDs(p.IDs...).Priorities(p.Priorities...).TagsAll(p.TagsAll...).TagsAny(p.TagsAny...)
}

func (a *adapter) deleteMany(ctx context.Context, p deleteManyParams) (jobsResult, error) {
	a.clock.now = p.Now.Time
	params, err := built(func() *river.JobDeleteManyParams {
		params := river.NewJobDeleteManyParams().
			IDs(p.IDs...).Kinds(p.Kinds...).Priorities(p.Priorities...).Queues(p.Queues...).States(p.States...)
		if p.All {
			params = params.UnsafeAll()
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

func (a *adapter) update(ctx context.Context, p updateParams) (jobResult, error) {
	a.clock.now = p.Now.Time
	row, err := a.client.JobUpdate(ctx, p.ID, &river.JobUpdateParams{Output: json.RawMessage(p.Output)})
	if err != nil {
		return jobResult{}, err
	}
	return jobResult{toWire(row)}, nil
}

// execute runs River's job executor with River's own plugins, as its producer
// does. The executor starts at the time of the fetch; the work takes until now.
func (a *adapter) execute(ctx context.Context, row *rivertype.JobRow, work *attempt) {
	archetype := &baseservice.Archetype{Logger: slog.Default(), Time: a.clock}
	a.clock.now = work.attemptedAt
	work.begin = func() { a.clock.now = work.now }
	work.retry = func() time.Time { return work.outcome.RetryAt.Time }

	ctx, cancel := context.WithCancelCause(ctx)
	work.cancel = cancel
	updates := make(chan []jobcompleter.CompleterJobUpdated, 1)
	policy := retrypolicy.NewDefault(a.clock)
	executor := baseservice.Init(archetype, &jobexecutor.JobExecutor{
		CancelFunc:               cancel,
		ClientRetryPolicy:        policy,
		Completer:                jobcompleter.NewInlineCompleter(archetype, "", &reporter{a.exec, work}, &riverpilot.StandardPilot{}, updates),
		DefaultClientRetryPolicy: policy,
		PluginLookupByJob:        pluginlookup.NewJobPluginLookup(archetype),
		PluginLookupGlobal:       pluginlookup.NewPluginLookupFromConfig(archetype, nil, nil, riverplugin.DefaultPlugins()),
		JobRow:                   row,
		SchedulerInterval:        schedulerInterval,
		WorkUnit:                 work,
	})
	executor.ProducerCallbacks.JobDone = func(*rivertype.JobRow) {}
	executor.Execute(ctx)
}

// PluginLookup and Middleware complete the work unit: the job brings none.
func (w *attempt) PluginLookup(*pluginlookup.JobPluginLookup) *pluginlookup.PluginLookup {
	return pluginlookup.NewPluginLookup(nil)
}

func (w *attempt) Middleware() []rivertype.WorkerMiddleware { return nil }

func addMetadata(ctx context.Context, members map[string]json.RawMessage) error {
	updates, ok := jobexecutor.MetadataUpdatesFromWorkContext(ctx)
	if !ok {
		return errors.New("the work context holds no metadata updates")
	}
	for name, value := range members {
		updates[name] = value
	}
	return nil
}

// reporter passes the completer's one statement on and keeps its result.
type reporter struct {
	riverdriver.Executor
	work *attempt
}

func (r *reporter) JobSetStateIfRunningMany(ctx context.Context, params *riverdriver.JobSetStateIfRunningManyParams) ([]*rivertype.JobRow, error) {
	rows, err := r.Executor.JobSetStateIfRunningMany(ctx, params)
	var stored *rivertype.JobRow
	if len(rows) > 0 {
		stored = rows[0]
	}
	return rows, r.work.report(stored, err)
}
