package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/internal/workunit"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
	"github.com/riverqueue/river/rivertype"
)

// held names one fetch of one job.
type held struct {
	id          int64
	attempt     int
	attemptedAt int64 // microseconds since the Unix epoch
}

type adapter struct {
	pool     *pgxpool.Pool
	driver   *riverpgxv5.Driver
	exec     riverdriver.Executor
	client   *river.Client[pgx.Tx]
	leader   *leader
	clock    *clock
	fetched  map[held]*rivertype.JobRow
	migrated bool
}

func newAdapter(ctx context.Context, url string) (*adapter, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	a := &adapter{pool: pool, driver: riverpgxv5.New(pool), clock: &clock{}, fetched: map[held]*rivertype.JobRow{}}
	a.exec = a.driver.GetExecutor()
	return a, a.renewClient()
}

// renewClient forgets what a client remembers: when it last notified each
// queue. The leader remembers that too, as if the two were one.
func (a *adapter) renewClient() (err error) {
	if a.client, err = river.NewClient(a.driver, clientConfig(a.clock)); err != nil {
		return err
	}
	if a.leader, err = newLeader(a.driver, a.clock); err != nil {
		return err
	}
	unsealed(a.leader.client, "insertNotifyLimiter").Set(unsealed(a.client, "insertNotifyLimiter"))
	return nil
}

// unitOf is the work unit of a worker that the leader knows.
func (a *adapter) unitOf(row *rivertype.JobRow) workunit.WorkUnit {
	rescuer := maintenance.GetService[*maintenance.JobRescuer](a.leader.maintainer)
	return rescuer.Config.WorkUnitFactoryFunc(plainArgs{}.Kind()).MakeUnit(row)
}

type resetParams struct{}

// Deleting beats truncating by far on tables as small as these.
const emptyTables = `
	delete from river_job;
	delete from river_queue;
	delete from river_leader;
	select setval('river_job_id_seq', 1, false)`

func (a *adapter) reset(ctx context.Context, _ resetParams) (struct{}, error) {
	clear(a.fetched)
	if err := a.renewClient(); err != nil {
		return struct{}{}, err
	}
	if !a.migrated {
		migrator, err := rivermigrate.New(a.driver, nil)
		if err != nil {
			return struct{}{}, err
		}
		if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return struct{}{}, err
		}
		a.migrated = true
	}
	_, err := a.pool.Exec(ctx, emptyTables)
	return struct{}{}, err
}

type fetchParams struct {
	Now    instant `json:"now"`
	Queue  string  `json:"queue"`
	Limit  int     `json:"limit"`
	Client string  `json:"client"`
}

// attemptedByKept is how many names River's producer keeps in attempted_by.
const attemptedByKept = 100

func (a *adapter) fetch(ctx context.Context, p fetchParams) (jobsResult, error) {
	params := &riverdriver.JobGetAvailableParams{Queue: p.Queue}
	put(params, p.Client, "ClientID", "AttemptedBy")
	put(params, p.Limit, "MaxToLock", "Max")
	offer(params, "MaxAttemptedBy", attemptedByKept)
	offer(params, "Now", &p.Now.Time)
	rows, err := fetchedRows(a.exec.JobGetAvailable(ctx, params))
	if err != nil {
		return jobsResult{}, err
	}
	for _, row := range rows {
		a.fetched[held{row.ID, row.Attempt, row.AttemptedAt.UnixMicro()}] = row
	}
	return toWires(rows), nil
}

type outcome struct {
	Kind     string   `json:"kind"`
	Message  string   `json:"message"`
	RetryAt  *instant `json:"retry_at"`
	ForUS    int64    `json:"for_us"`
	Metadata *string  `json:"metadata"`
}

type finishParams struct {
	Now         instant `json:"now"`
	ID          int64   `json:"id"`
	Attempt     int     `json:"attempt"`
	AttemptedAt instant `json:"attempted_at"`
	Outcome     outcome `json:"outcome"`
}

type finishResult struct {
	Job *wireJob `json:"job"`
}

func (a *adapter) finish(ctx context.Context, p finishParams) (finishResult, error) {
	work, err := newAttempt(p)
	if err != nil {
		return finishResult{}, err
	}
	row, err := a.rowOf(ctx, p)
	if err != nil {
		return finishResult{}, err
	}
	if err := panicked(func() { a.execute(ctx, row, work) }); err != nil {
		return finishResult{}, err
	}
	if work.failed != nil {
		return finishResult{}, work.failed
	}
	if !work.reported {
		return finishResult{}, refuse("internal", "River's executor reported no outcome")
	}
	if work.stored == nil {
		return finishResult{}, nil
	}
	job := toWire(work.stored)
	return finishResult{&job}, nil
}

// panicked runs River's code, and gives a panic of it as an answer that no rule
// owes. From 0.17 on its completer panics over a job that is gone, until 0.41.
func panicked(run func()) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = refuse("unsupported", "panic: %v", value)
		}
	}()
	run()
	return nil
}

// rowOf is the row as the fetch returned it, which is what a worker holds. For
// a fetch that is not this process's own, the row is read and given the
// fetch's marks.
func (a *adapter) rowOf(ctx context.Context, p finishParams) (*rivertype.JobRow, error) {
	if row, ok := a.fetched[held{p.ID, p.Attempt, p.AttemptedAt.UnixMicro()}]; ok {
		return row, nil
	}
	row, err := a.client.JobGet(ctx, p.ID)
	if errors.Is(err, rivertype.ErrNotFound) {
		return nil, refuse("not_found", "no job has id %d", p.ID)
	}
	if err != nil {
		return nil, err
	}
	row.Attempt, row.AttemptedAt = p.Attempt, &p.AttemptedAt.Time
	return row, nil
}
