package main

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/robfig/cron/v3"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/maintenance"
)

type periodicEntry struct {
	ID         string     `json:"id"`
	Schedule   string     `json:"schedule"`
	RunOnStart bool       `json:"run_on_start"`
	Job        *insertJob `json:"job"`
}

type enqueueParams struct {
	Now   instant         `json:"now"`
	Since *instant        `json:"since"`
	Jobs  []periodicEntry `json:"jobs"`
}

// constructor is what River calls at each tick; nil args are no job.
func (e periodicEntry) constructor() (river.JobArgs, *river.InsertOpts) {
	if e.Job == nil {
		return nil, nil
	}
	return e.Job.args(), e.Job.options()
}

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
	leader, err := newLeader(a.driver, clock)
	if err != nil {
		return struct{}{}, err
	}
	for i, entry := range p.Jobs {
		opts := &river.PeriodicJobOpts{RunOnStart: entry.RunOnStart && p.Since == nil}
		// Since 0.23.
		offer(opts, "ID", entry.ID)
		if _, err := built(func() any {
			return leader.client.PeriodicJobs().Add(river.NewPeriodicJob(timetable[i], entry.constructor, opts))
		}); err != nil {
			return struct{}{}, err
		}
	}
	enqueuer := maintenance.GetService[*maintenance.PeriodicJobEnqueuer](leader.maintainer)
	enqueuer.StaggerStartupDisable(true)
	if err := enqueuer.Start(ctx); err != nil {
		return struct{}{}, err
	}
	defer enqueuer.Stop()
	// The second wait outlasts the inserts of the first pass.
	for range 2 {
		if err := turn(ctx, leader.client); err != nil {
			return struct{}{}, err
		}
	}
	clock.set(p.Now.Time)
	for isDue := true; isDue; {
		if err := turn(ctx, leader.client); err != nil {
			return struct{}{}, err
		}
		isDue = false
		for _, entry := range timetable {
			isDue = isDue || entry.next().Before(p.Now.Add(ahead))
		}
	}
	return struct{}{}, turn(ctx, leader.client)
}

// turn waits until the enqueuer has begun a pass over its timetable: River does
// so whenever an entry is added, and asks the new one for its first tick.
func turn(ctx context.Context, client *river.Client[pgx.Tx]) error {
	asked := make(chan struct{})
	var once sync.Once
	never := scheduleFunc(func(t time.Time) time.Time {
		once.Do(func() { close(asked) })
		return t.AddDate(100, 0, 0)
	})
	handle := client.PeriodicJobs().Add(river.NewPeriodicJob(never, periodicEntry{}.constructor, nil))
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

func (c *leaderClock) NowUTC() time.Time { return c.Now() }

func (c *leaderClock) NowUTCOrNil() *time.Time { return nil }

func (c *leaderClock) StubNow(time.Time) time.Time { panic("the leader's clock cannot be stubbed") }

func (c *leaderClock) StubNowUTC(now time.Time) time.Time { return c.StubNow(now) }
