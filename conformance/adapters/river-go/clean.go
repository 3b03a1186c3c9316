package main

import (
	"context"
	"reflect"
	"time"

	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/riverdriver"
)

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
