//go:build river_0_51

package main

import (
	"context"
	"reflect"
	"sync"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5"
	"github.com/robfig/cron/v3"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// ahead is how far ahead of the clock River's enqueuer looks: until nothing is
// due by then, it has more to do.
const ahead = 100 * time.Millisecond

// enqueuePeriodic starts River's own enqueuer, as a leader does, lets it look
// at its timetable until nothing is due, and stops it.
func (a *adapter) enqueuePeriodic(ctx context.Context, p enqueueParams) (struct{}, error) {
	clock := &leaderClock{now: p.Now.Time}
	if p.Since != nil {
		clock.now = p.Since.Time
	}
	timetable := make([]*watched, len(p.Jobs))
	for i, entry := range p.Jobs {
		schedule, err := cron.ParseStandard(entry.Schedule)
		if err != nil {
			return struct{}{}, refuse("invalid", "%v", err)
		}
		timetable[i] = &watched{schedule: schedule}
	}
	client, enqueuer, err := a.newLeader(clock)
	if err != nil {
		return struct{}{}, err
	}
	for i, entry := range p.Jobs {
		opts := &river.PeriodicJobOpts{ID: entry.ID, RunOnStart: entry.RunOnStart && p.Since == nil}
		if _, err := client.PeriodicJobs().AddSafely(river.NewPeriodicJob(timetable[i], entry.constructor, opts)); err != nil {
			return struct{}{}, err
		}
	}
	if err := enqueuer.Start(ctx); err != nil {
		return struct{}{}, err
	}
	defer enqueuer.Stop()
	// The second wait outlasts the inserts of the first pass.
	for range 2 {
		if err := turn(ctx, client); err != nil {
			return struct{}{}, err
		}
	}
	clock.set(p.Now.Time)
	for isDue := true; isDue; {
		if err := turn(ctx, client); err != nil {
			return struct{}{}, err
		}
		isDue = false
		for _, entry := range timetable {
			isDue = isDue || entry.next().Before(p.Now.Add(ahead))
		}
	}
	return struct{}{}, turn(ctx, client)
}

// newLeader is a client that may lead, with the enqueuer that would be started
// on its election. River takes created_at from the database where the clock is
// no test's; here it is the clock's.
func (a *adapter) newLeader(clock *leaderClock) (*river.Client[pgx.Tx], *maintenance.PeriodicJobEnqueuer, error) {
	config := clientConfig(a.clock)
	config.Test.Time = clock
	config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}}
	config.Workers = river.NewWorkers()
	river.AddWorker(config.Workers, river.WorkFunc(func(context.Context, *river.Job[idleArgs]) error { return nil }))
	client, err := river.NewClient(a.driver, config)
	if err != nil {
		return nil, nil, err
	}
	field := reflect.ValueOf(client.PeriodicJobs()).Elem().FieldByName("periodicJobEnqueuer")
	enqueuer := *(**maintenance.PeriodicJobEnqueuer)(unsafe.Pointer(field.UnsafeAddr()))
	enqueuer.StaggerStartupDisable(true)
	insert := enqueuer.Config.Insert
	enqueuer.Config.Insert = func(ctx context.Context, tx riverdriver.ExecutorTx, params []*rivertype.JobInsertParams) ([]*rivertype.JobInsertResult, error) {
		for _, job := range params {
			if job.CreatedAt == nil {
				now := clock.Now()
				job.CreatedAt = &now
			}
		}
		return insert(ctx, tx, params)
	}
	return client, enqueuer, nil
}

type idleArgs struct{}

func (idleArgs) Kind() string { return "weir_idle" }

// turn waits until the enqueuer has begun a pass over its timetable: River does
// so whenever an entry is added, and asks the new one for its first tick.
func turn(ctx context.Context, client *river.Client[pgx.Tx]) error {
	asked := make(chan struct{})
	never := river.NeverSchedule()
	var once sync.Once
	probe := scheduleFunc(func(t time.Time) time.Time {
		once.Do(func() { close(asked) })
		return never.Next(t)
	})
	handle, err := client.PeriodicJobs().AddSafely(river.NewPeriodicJob(probe, periodicEntry{}.constructor, nil))
	if err != nil {
		return err
	}
	defer client.PeriodicJobs().Remove(handle)
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	select {
	case <-asked:
		return nil
	case <-ctx.Done():
		return refuse("internal", "River's enqueuer did not come round: %v", ctx.Err())
	}
}

type scheduleFunc func(time.Time) time.Time

func (f scheduleFunc) Next(t time.Time) time.Time { return f(t) }

// watched is a schedule that remembers the tick it gave last.
type watched struct {
	schedule cron.Schedule
	mu       sync.Mutex
	last     time.Time
}

func (w *watched) Next(t time.Time) time.Time {
	next := w.schedule.Next(t.UTC())
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last = next
	return next
}

func (w *watched) next() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last
}

// leaderClock is set from outside while the enqueuer runs. To River it is no
// test's clock: with one of those, every run would get it as its scheduled_at.
type leaderClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *leaderClock) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

func (c *leaderClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *leaderClock) NowOrNil() *time.Time { return nil }

func (c *leaderClock) StubNow(time.Time) time.Time { panic("the leader's clock cannot be stubbed") }
