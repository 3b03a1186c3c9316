//go:build river_0_12

package main

import (
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/jobcompleter"
	"github.com/riverqueue/river/internal/rivercommon"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivertype"
)

const clockLevel = "database"

var capabilities = map[string]any{
	"insert":                supported,
	"insert.metadata":       supported,
	"insert.notify":         supported,
	"insert.pending":        supported,
	"insert.tags":           supported,
	"insert.zero":           zeroUnset,
	"fetch":                 supported,
	"schedule":              supported,
	"schedule.horizon":      oneTime,
	"schedule.notify":       supported,
	"cancel":                supported,
	"retry":                 supported,
	"finish":                supported,
	"finish.complete":       supported,
	"finish.error":          supported,
	"finish.discard":        noDiscard,
	"finish.cancel":         supported,
	"finish.snooze":         supported,
	"finish.interrupt":      unsupported{"River Go gives an interrupted attempt back only since 0.44"},
	"finish.metadata":       unsupported{"River Go stores metadata with an outcome only since 0.18"},
	"finish.late":           unfenced,
	"rescue":                supported,
	"rescue.unknown_kind":   ownKinds,
	"rescue.any_mark":       timeMark,
	"rescue.exact":          untimed,
	"clean":                 supported,
	"clean.keep":            keptSince24,
	"clean_queues":          supported,
	"clean_queues.paused":   pausedGoes,
	"finish.exact":          unsupported{"River 0.12 reads the wall clock when an attempt ends, so its limits are not met to the microsecond"},
	"get":                   supported,
	"delete":                supported,
	"update":                noUpdate,
	"queue":                 supported,
	"queue.update":          unsupported{"River Go updates queues only since 0.20"},
	"queue_pause.notify":    jobIDToo,
	"queue_resume.notify":   jobIDToo,
	"leader":                supported,
	"leader.request_resign": unsupported{"River Go asks leaders to resign only since 0.29"},
	"delete_many":           noDeleteMany,
	"list":                  supported,
	"list.ids":              noFilter,
	"list.priorities":       noFilter,
	"list.tags":             unsupported{"River Go lists by tags only since 0.43"},
	"list.cursor":           anyCursor,
	"enqueue_periodic":      noLeader,
}

var noLeader = unsupported{"this adapter runs River Go's enqueuer only in 0.51"}

func (a *adapter) enqueuePeriodic(context.Context, enqueueParams) (struct{}, error) {
	return struct{}{}, refuse("unsupported", "%s", noLeader.Reason)
}

var noUpdate = unsupported{"River Go updates a job's output only since 0.29"}

var (
	noDeleteMany = unsupported{"River Go deletes many only since 0.24"}
	noFilter     = unsupported{"River Go lists by ids and priorities only since 0.21"}
)

// filtered has no filters to add to those that every version knows.
func filtered(params *river.JobListParams, p listParams) *river.JobListParams {
	if len(p.IDs)+len(p.Priorities)+len(p.TagsAll)+len(p.TagsAny) > 0 {
		panic("River 0.12 has no such filter")
	}
	return params
}

func (a *adapter) deleteMany(context.Context, deleteManyParams) (jobsResult, error) {
	return jobsResult{}, refuse("unsupported", "%s", noDeleteMany.Reason)
}

func (a *adapter) update(context.Context, updateParams) (jobResult, error) {
	return jobResult{}, refuse("unsupported", "%s", noUpdate.Reason)
}

var stopCause = rivercommon.ErrShutdown

func (c *clock) NowUTC() time.Time { return c.now }

func (c *clock) NowUTCOrNil() *time.Time { now := c.now; return &now }

func (c *clock) StubNowUTC(now time.Time) time.Time { c.now = now; return now }

// clientConfig stubs the client's clock. Before 0.17 the field for it is River's own.
func clientConfig(c *clock) *river.Config {
	config := &river.Config{Logger: slog.Default()}
	field := reflect.ValueOf(config).Elem().FieldByName("time")
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(c))
	return config
}

// getAvailable leaves the time to the database: River takes none before 0.13.
func (a *adapter) getAvailable(ctx context.Context, p fetchParams) ([]*rivertype.JobRow, error) {
	return a.exec.JobGetAvailable(ctx, &riverdriver.JobGetAvailableParams{AttemptedBy: p.Client, Max: p.Limit, Queue: p.Queue})
}

func (a *adapter) getByID(ctx context.Context, id int64) (*rivertype.JobRow, error) {
	return a.exec.JobGetByID(ctx, id)
}

// executorType is River's job executor, which has no exported name before 0.18
// but can be reached through the client's exported one.
func executorType() reflect.Type {
	client := reflect.TypeFor[river.Client[pgx.Tx]]()
	return named(named(client, "producersByQueueName").Elem().Elem(), "activeJobs").Elem().Elem()
}

func named(structType reflect.Type, field string) reflect.Type {
	found, ok := structType.FieldByName(field)
	if !ok {
		panic("River's " + structType.Name() + " has no field " + field)
	}
	return found.Type
}

// executor is what of River's job executor is called once its fields are set.
type executor interface {
	GetBaseService() *baseservice.BaseService
	Execute(ctx context.Context)
}

// execute runs River's job executor as its producer does. It starts at the
// time of the fetch; from then on River reads the wall clock, and the
// translator takes it out of what is stored.
func (a *adapter) execute(ctx context.Context, row *rivertype.JobRow, work *attempt) {
	base := baseservice.NewArchetype(slog.Default())
	wall := &wallClock{attemptedAt: work.attemptedAt}
	base.Time = wall
	work.begin = func() { wall.started = time.Now() }
	work.retry = func() time.Time { return wall.freeze().Add(work.outcome.RetryAt.Sub(work.now)) }

	ctx, cancel := context.WithCancelCause(ctx)
	updates := make(chan []jobcompleter.CompleterJobUpdated, 1)
	value := reflect.New(executorType())
	for name, field := range map[string]any{
		"CancelFunc":             cancel,
		"ClientRetryPolicy":      &river.DefaultClientRetryPolicy{},
		"Completer":              jobcompleter.NewInlineCompleter(base, &translator{a.exec, work, wall}, updates),
		"InformProducerDoneFunc": func(*rivertype.JobRow) {},
		"JobRow":                 row,
		"SchedulerInterval":      schedulerInterval,
		"WorkUnit":               work,
	} {
		value.Elem().FieldByName(name).Set(reflect.ValueOf(field))
	}
	baseservice.Init(base, value.Interface().(executor)).Execute(ctx)
}

// addMetadata has nothing to do: an outcome with metadata was refused before.
func addMetadata(context.Context, map[string]json.RawMessage) error { return nil }

// wallClock is the time of the fetch until the work starts, then the real time.
type wallClock struct{ attemptedAt, started, frozen time.Time }

// freeze stops the clock at the base of a retry time, so that River's "at most
// five seconds away" is decided exactly. River has read the time by then.
func (w *wallClock) freeze() time.Time {
	w.frozen = time.Now()
	return w.frozen
}

func (w *wallClock) NowUTC() time.Time {
	switch {
	case w.started.IsZero():
		return w.attemptedAt
	case w.frozen.IsZero():
		return time.Now()
	}
	return w.frozen
}

func (w *wallClock) NowUTCOrNil() *time.Time { return nil }

func (w *wallClock) StubNowUTC(time.Time) time.Time { panic("the wall clock cannot be stubbed") }

// translator passes the completer's one statement on with River's wall-clock
// instants as virtual ones, and keeps its result.
type translator struct {
	riverdriver.Executor
	work *attempt
	wall *wallClock
}

func (t *translator) JobSetStateIfRunning(ctx context.Context, params *riverdriver.JobSetStateIfRunningParams) (*rivertype.JobRow, error) {
	virtual := *params
	virtual.FinalizedAt = t.virtual(params.FinalizedAt, 0)
	virtual.ScheduledAt = t.virtual(params.ScheduledAt, t.delay())
	row, err := t.Executor.JobSetStateIfRunning(ctx, &virtual)
	return row, t.work.report(row, err)
}

// virtual takes out the time that passed between the start of the work and
// River's look at the clock, if the delay is the expected one. A delay of the
// retry policy's own is random, so for it this does not matter.
func (t *translator) virtual(instant *time.Time, expected time.Duration) *time.Time {
	if instant == nil {
		return nil
	}
	delay := instant.Sub(t.wall.started)
	if delay >= expected && delay <= expected+time.Since(t.wall.started) {
		delay = expected
	}
	virtual := t.work.now.Add(delay)
	return &virtual
}

func (t *translator) delay() time.Duration {
	if t.work.outcome.RetryAt != nil {
		return t.work.outcome.RetryAt.Sub(t.work.now)
	}
	return time.Duration(t.work.outcome.ForUS) * time.Microsecond
}
