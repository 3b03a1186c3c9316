package main

import (
	"context"
	"reflect"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/jobcompleter"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivershared/baseservice"
	"github.com/riverqueue/river/rivertype"
)

// virtualSince is the release from which on River's executor and its retry
// policy take all time from the client's clock.
const virtualSince = "0.41.1"

// attemptClock is the time of the fetch until the work starts. Then it is now,
// or the real time where River looks at the wall clock besides, until a retry
// time is asked for: River's "at most five seconds away" is decided exactly.
type attemptClock struct{ attemptedAt, now, started, frozen time.Time }

func (c *attemptClock) isWall() bool { return !isSince(virtualSince) }

func (c *attemptClock) begin() { c.started = time.Now() }

func (c *attemptClock) freeze() time.Time {
	if c.isWall() {
		c.frozen = time.Now()
	}
	return c.Now()
}

func (c *attemptClock) Now() time.Time {
	switch {
	case c.started.IsZero():
		return c.attemptedAt
	case !c.isWall():
		return c.now
	case c.frozen.IsZero():
		return time.Now()
	}
	return c.frozen
}

// NowOrNil leaves what the database dates to its clock.
func (c *attemptClock) NowOrNil() *time.Time { return nil }

func (c *attemptClock) NowUTC() time.Time { return c.Now() }

func (c *attemptClock) NowUTCOrNil() *time.Time { return c.NowOrNil() }

func (c *attemptClock) StubNow(time.Time) time.Time { panic("this clock cannot be stubbed") }

func (c *attemptClock) StubNowUTC(now time.Time) time.Time { return c.StubNow(now) }

// executor is what of River's job executor is called once its fields are set.
type executor interface {
	GetBaseService() *baseservice.BaseService
	Execute(ctx context.Context)
}

// execute runs River's job executor as the leader's producer does: whatever
// field the two have in common is handed on.
func (a *adapter) execute(ctx context.Context, row *rivertype.JobRow, work *attempt) {
	a.clock.now = work.now
	work.WorkUnit = a.unitOf(row)
	producer := a.leader.producer
	archetype := producer.(reflect.Value).Interface().(interface {
		GetBaseService() *baseservice.BaseService
	}).GetBaseService().Archetype
	put(&archetype, work.clock, "Time")
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	work.cancel = cancel

	completer := baseservice.Init(&archetype, &jobcompleter.InlineCompleter{})
	put(completer, &reporter{a.exec, work}, "exec")
	put(completer, jobcompleter.SubscribeChan(make(chan []jobcompleter.CompleterJobUpdated, 1)), "subscribeCh")
	if pilot := unsealed(a.leader.client, "pilot"); pilot.IsValid() {
		offer(completer, "pilot", pilot.Interface())
	}

	target := reflect.New(unsealed(producer, "activeJobs").Type().Elem().Elem())
	config := unsealed(producer, "config")
	for i := range target.Elem().NumField() {
		field := target.Elem().Type().Field(i)
		if wired := unsealed(config, field.Name); wired.IsValid() && !wired.IsZero() && !field.Anonymous {
			put(target, wired.Interface(), field.Name)
		}
	}
	policy := unsealed(producer, "retryPolicy").Interface()
	offer(target, "DefaultClientRetryPolicy", policy)
	if work.clock.isWall() {
		policy = &virtualPolicy{policy.(river.ClientRetryPolicy), func() time.Time { return work.clock.started }}
	}
	put(target, policy, "ClientRetryPolicy")
	put(target, cancel, "CancelFunc")
	put(target, completer, "Completer")
	put(target, row, "JobRow")
	put(target, work, "WorkUnit")
	done := func(*rivertype.JobRow) {}
	if !offer(target, "InformProducerDoneFunc", done) {
		put(unsealed(target, "ProducerCallbacks"), done, "JobDone")
	}
	baseservice.Init(&archetype, target.Interface().(executor)).Execute(ctx)
}

// reporter passes the completer's one statement on and keeps its result.
type reporter struct {
	riverdriver.Executor
	work *attempt
}
