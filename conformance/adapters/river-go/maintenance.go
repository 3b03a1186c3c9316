package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

type rescueParams struct {
	Now       instant `json:"now"`
	AfterUS   int64   `json:"after_us"`
	TimeoutUS int64   `json:"timeout_us"`
	Limit     int     `json:"limit"`
}

type cleanParams struct {
	Now         instant `json:"now"`
	CancelledUS int64   `json:"cancelled_us"`
	CompletedUS int64   `json:"completed_us"`
	DiscardedUS int64   `json:"discarded_us"`
	Limit       int     `json:"limit"`
}

type cleanQueuesParams struct {
	Now     instant `json:"now"`
	AfterUS int64   `json:"after_us"`
	Limit   int     `json:"limit"`
}

type countResult struct {
	Count int `json:"count"`
}

// micros is a duration of the protocol as River's configuration has it: -1 is
// a word there, not a duration.
func micros(us int64) time.Duration {
	if us == -1 {
		return -1
	}
	return time.Duration(us) * time.Microsecond
}

// object is args that decode if they are a JSON object.
type object struct{}

func (*object) UnmarshalJSON(text []byte) error {
	if !bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		return errors.New("args must be an object")
	}
	var members map[string]json.RawMessage
	return json.Unmarshal(text, &members)
}

type plainArgs struct{ object }
type otherArgs struct{ object }
type hourArgs struct{ object }
type neverArgs struct{ object }

func (plainArgs) Kind() string { return "weir" }
func (otherArgs) Kind() string { return "other" }
func (hourArgs) Kind() string  { return "weir_1h" }
func (neverArgs) Kind() string { return "weir_never" }

// timed is a worker that is only asked for its timeout.
type timed[T river.JobArgs] struct {
	river.WorkerDefaults[T]
	timeout time.Duration
}

func (w *timed[T]) Timeout(*river.Job[T]) time.Duration { return w.timeout }

func (*timed[T]) Work(context.Context, *river.Job[T]) error {
	return errors.New("this worker must not be called")
}

// publishedWorkers are workers of the protocol's published kinds, registered
// as an application does it.
func publishedWorkers() *river.Workers {
	workers := river.NewWorkers()
	river.AddWorker(workers, &timed[plainArgs]{})
	river.AddWorker(workers, &timed[otherArgs]{})
	river.AddWorker(workers, &timed[hourArgs]{timeout: time.Hour})
	river.AddWorker(workers, &timed[neverArgs]{timeout: -1})
	return workers
}

// passage takes River's maintenance services, which read the wall clock, to the
// virtual time of the request and back: they begin at one real instant, which
// stands for now.
type passage struct {
	riverdriver.Executor
	now   time.Time
	begun time.Time

	once  sync.Once
	asked chan struct{}
	count int
	err   error
}

func newPassage(exec riverdriver.Executor, now time.Time) *passage {
	return &passage{Executor: exec, now: now, begun: time.Now().Round(0), asked: make(chan struct{})}
}

// virtual is an instant that River made of its clock by adding offset; the
// time that passed since the service began is taken out.
func (p *passage) virtual(real time.Time, offset time.Duration) time.Time {
	passed := real.Add(-offset).Round(0).Sub(p.begun)
	if passed >= 0 && passed <= time.Since(p.begun) {
		passed = 0
	}
	return p.now.Add(offset + passed)
}

// real is a virtual instant on River's clock.
func (p *passage) real(virtual time.Time) time.Time { return virtual.Add(p.begun.Sub(p.now)) }

func (p *passage) ask() { p.once.Do(func() { close(p.asked) }) }

func (p *passage) fail(err error) error {
	if p.err == nil {
		p.err = err
	}
	return err
}

// aged gives jobs to the rescuer with the ages that they have.
func (p *passage) aged(rows []*rivertype.JobRow) []*rivertype.JobRow {
	for _, row := range rows {
		real := p.real(*row.AttemptedAt)
		row.AttemptedAt = &real
	}
	return rows
}

// dated takes the wall clock out of the errors that the rescuer adds.
func (p *passage) dated(elements [][]byte) ([][]byte, error) {
	virtual := make([][]byte, len(elements))
	for i, element := range elements {
		var added rivertype.AttemptError
		if err := json.Unmarshal(element, &added); err != nil {
			return nil, fmt.Errorf("an error that River adds: %w", err)
		}
		added.At = p.virtual(added.At, 0).UTC()
		text, err := json.Marshal(added)
		if err != nil {
			return nil, err
		}
		virtual[i] = text
	}
	return virtual, nil
}

// service is what all of River's maintenance services are.
type service interface {
	StaggerStartupDisable(disabled bool)
	Start(ctx context.Context) error
	Stop()
}

// runOnce starts a service for its first round only. It is told to stop as soon
// as it has asked: River's pauses between batches then end at once, and what it
// asks of the database goes through all the same. A service that asks for
// nothing says so by its signal.
func (p *passage) runOnce(ctx context.Context, s service, idle <-chan struct{}) error {
	s.StaggerStartupDisable(true)
	if err := s.Start(ctx); err != nil {
		return err
	}
	select {
	case <-p.asked:
	case <-idle:
	}
	s.Stop()
	return p.err
}

// oneBatch stops a cleaner that would go on after its first batch.
func (p *passage) oneBatch() error {
	select {
	case <-p.asked:
		return context.Canceled
	default:
		return nil
	}
}

// setTime sets a time that River made a pointer at some release.
func setTime[T time.Time | *time.Time](field *T, at time.Time) {
	switch field := any(field).(type) {
	case *time.Time:
		*field = at
	case **time.Time:
		*field = &at
	}
}

func (a *adapter) rescue(ctx context.Context, p rescueParams) (countResult, error) {
	a.clock.now = p.Now.Time
	through := &rescuing{passage: newPassage(a.exec, p.Now.Time), after: micros(p.AfterUS)}
	rescuer := serviceOf[*maintenance.JobRescuer](a.leader, through, p.Limit)
	rescuer.Config.RescueAfter = through.after
	// Before 0.41.1 the rescuer does not know the client's timeout.
	offer(rescuer.Config, "ClientJobTimeout", micros(p.TimeoutUS))
	if policy := rescuer.Config.ClientRetryPolicy; !isSince(virtualSince) {
		rescuer.Config.ClientRetryPolicy = &virtualPolicy{policy, func() time.Time { return through.now }}
		defer func() { rescuer.Config.ClientRetryPolicy = policy }()
	}
	err := through.runOnce(ctx, rescuer, nil)
	return countResult{through.count}, err
}

// virtualPolicy is River's policy, which reads the wall clock, from the instant
// that stands for now.
type virtualPolicy struct {
	real river.ClientRetryPolicy
	now  func() time.Time
}

// NextRetry takes out what passes before the policy looks at the clock: on a
// busy machine that is longer than what the policy adds at random. What is left
// of it is less than half of what the delay is rounded to.
func (v *virtualPolicy) NextRetry(job *rivertype.JobRow) time.Time {
	for {
		before := time.Now()
		at := v.real.NextRetry(job)
		if time.Since(before) < 400*time.Microsecond {
			return v.now().Add(at.Sub(before).Round(time.Millisecond))
		}
	}
}

// rescuing is the passage of a rescuer.
type rescuing struct {
	*passage
	after time.Duration
	last  []int64
}

// circles says whether the rescuer has been given this very batch just before.
// Before 0.41 a full batch of jobs that it may not rescue comes again and again.
func (r *rescuing) circles(rows []*rivertype.JobRow) bool {
	ids := make([]int64, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	again := len(ids) > 0 && slices.Equal(ids, r.last)
	r.last = ids
	return again
}

// JobGetStuck is the rescuer's look at a batch. A pass that goes in circles is
// ended, as nothing but stopping the client ends it in River.
func (r *rescuing) JobGetStuck(ctx context.Context, params *riverdriver.JobGetStuckParams) ([]*rivertype.JobRow, error) {
	r.ask()
	virtual := *params
	virtual.StuckHorizon = r.virtual(params.StuckHorizon, -r.after)
	rows, err := r.Executor.JobGetStuck(context.WithoutCancel(ctx), &virtual)
	if err != nil {
		return nil, r.fail(err)
	}
	if r.circles(rows) {
		return nil, context.Canceled
	}
	return r.aged(rows), nil
}

// JobRescueMany stores what the rescuer decided of a batch. Retry times come
// from the policy, so they are virtual already.
func (r *rescuing) JobRescueMany(ctx context.Context, params *riverdriver.JobRescueManyParams) (*struct{}, error) {
	virtual := *params
	if horizon := unsealed(&virtual, "StuckHorizon"); horizon.IsValid() {
		horizon.Set(reflect.ValueOf(r.virtual(horizon.Interface().(time.Time), -r.after)))
	}
	virtual.FinalizedAt = slices.Clone(params.FinalizedAt)
	for i := range virtual.FinalizedAt {
		r.finalized(&virtual.FinalizedAt[i])
	}
	var err error
	if virtual.Error, err = r.dated(params.Error); err != nil {
		return nil, r.fail(err)
	}
	r.count += len(params.ID)
	done, err := r.Executor.JobRescueMany(context.WithoutCancel(ctx), &virtual)
	if err != nil {
		return nil, r.fail(err)
	}
	return done, nil
}

// finalized makes an instant virtual, if it is one: a time before 0.23, then a pointer.
func (r *rescuing) finalized(at any) {
	switch at := at.(type) {
	case *time.Time:
		if !at.IsZero() {
			*at = r.virtual(*at, 0)
		}
	case **time.Time:
		if *at != nil {
			virtual := r.virtual(**at, 0)
			*at = &virtual
		}
	}
}

func (a *adapter) clean(ctx context.Context, p cleanParams) (countResult, error) {
	if err := require("clean.keep"); err != nil && min(p.CancelledUS, p.CompletedUS, p.DiscardedUS) < 0 {
		return countResult{}, err
	}
	through := &cleaning{newPassage(a.exec, p.Now.Time), p}
	cleaner := serviceOf[*maintenance.JobCleaner](a.leader, through, p.Limit)
	cleaner.Config.CancelledJobRetentionPeriod = micros(p.CancelledUS)
	cleaner.Config.CompletedJobRetentionPeriod = micros(p.CompletedUS)
	cleaner.Config.DiscardedJobRetentionPeriod = micros(p.DiscardedUS)
	// It takes a test's handle since 0.22.
	init := reflect.ValueOf(&cleaner.TestSignals.DeletedBatch).MethodByName("Init")
	var none []reflect.Value
	for parameter := range init.Type().Ins() {
		none = append(none, reflect.Zero(parameter))
	}
	init.Call(none)
	err := through.runOnce(ctx, cleaner, cleaner.TestSignals.DeletedBatch.WaitC())
	return countResult{through.count}, err
}

// cleaning is the passage of a cleaner.
type cleaning struct {
	*passage
	params cleanParams
}

// JobDeleteBefore is the cleaner's batch; a second one is not asked for.
func (c *cleaning) JobDeleteBefore(ctx context.Context, params *riverdriver.JobDeleteBeforeParams) (int, error) {
	if err := c.oneBatch(); err != nil {
		return 0, err
	}
	c.ask()
	virtual := *params
	virtual.CancelledFinalizedAtHorizon = c.virtual(params.CancelledFinalizedAtHorizon, -micros(c.params.CancelledUS))
	virtual.CompletedFinalizedAtHorizon = c.virtual(params.CompletedFinalizedAtHorizon, -micros(c.params.CompletedUS))
	virtual.DiscardedFinalizedAtHorizon = c.virtual(params.DiscardedFinalizedAtHorizon, -micros(c.params.DiscardedUS))
	count, err := c.Executor.JobDeleteBefore(context.WithoutCancel(ctx), &virtual)
	if err != nil {
		return 0, c.fail(err)
	}
	c.count = count
	return count, nil
}

func (a *adapter) cleanQueues(ctx context.Context, p cleanQueuesParams) (countResult, error) {
	through := &cleaningQueues{newPassage(a.exec, p.Now.Time), micros(p.AfterUS)}
	cleaner := serviceOf[*maintenance.QueueCleaner](a.leader, through, p.Limit)
	cleaner.Config.RetentionPeriod = through.after
	err := through.runOnce(ctx, cleaner, nil)
	return countResult{through.count}, err
}

// cleaningQueues is the passage of a queue cleaner.
type cleaningQueues struct {
	*passage
	after time.Duration
}

// QueueDeleteExpired is the queue cleaner's batch; a second one is not asked for.
func (c *cleaningQueues) QueueDeleteExpired(ctx context.Context, params *riverdriver.QueueDeleteExpiredParams) ([]string, error) {
	if err := c.oneBatch(); err != nil {
		return nil, err
	}
	c.ask()
	virtual := *params
	virtual.UpdatedAtHorizon = c.virtual(params.UpdatedAtHorizon, -c.after)
	names, err := c.Executor.QueueDeleteExpired(context.WithoutCancel(ctx), &virtual)
	if err != nil {
		return nil, c.fail(err)
	}
	c.count = len(names)
	return names, nil
}
