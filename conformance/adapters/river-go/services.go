package main

import (
	"context"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

// leadershipTopic is River's channel, to which its statements add the schema.
const leadershipTopic = "river_leadership"

type queueParams struct {
	Now   instant `json:"now"`
	Queue string  `json:"queue"`
}

type queueListParams struct {
	Now   instant `json:"now"`
	Limit int     `json:"limit"`
}

type wireQueue struct {
	Name      string   `json:"name"`
	CreatedAt instant  `json:"created_at"`
	Metadata  string   `json:"metadata"`
	PausedAt  *instant `json:"paused_at"`
	UpdatedAt instant  `json:"updated_at"`
}

type queueResult struct {
	Queue wireQueue `json:"queue"`
}

type queuesResult struct {
	Queues []wireQueue `json:"queues"`
}

func toWireQueue(row *rivertype.Queue) wireQueue {
	return wireQueue{row.Name, instant{row.CreatedAt}, string(row.Metadata), optional(row.PausedAt), instant{row.UpdatedAt}}
}

func toQueueResult(row *rivertype.Queue, err error) (queueResult, error) {
	if err != nil {
		return queueResult{}, err
	}
	return queueResult{toWireQueue(row)}, nil
}

// queueTouch calls the statement of River's producer, which cannot be started
// without fetching jobs. Whether a queue can have the name is asked of a
// client that would work it.
func (a *adapter) queueTouch(ctx context.Context, p queueParams) (queueResult, error) {
	a.clock.now = p.Now.Time
	config := clientConfig(a.clock)
	config.Queues = map[string]river.QueueConfig{p.Queue: {MaxWorkers: 1}}
	config.Workers = river.NewWorkers()
	if _, err := river.NewClient(a.driver, config); err != nil {
		return queueResult{}, refuse("invalid", "%v", err)
	}
	return toQueueResult(a.exec.QueueCreateOrSetUpdatedAt(ctx, &riverdriver.QueueCreateOrSetUpdatedAtParams{Metadata: []byte("{}"), Name: p.Queue}))
}

func (a *adapter) queuePause(ctx context.Context, p queueParams) (struct{}, error) {
	a.clock.now = p.Now.Time
	return struct{}{}, a.client.QueuePause(ctx, p.Queue, nil)
}

func (a *adapter) queueResume(ctx context.Context, p queueParams) (struct{}, error) {
	a.clock.now = p.Now.Time
	return struct{}{}, a.client.QueueResume(ctx, p.Queue, nil)
}

func (a *adapter) queueGet(ctx context.Context, p queueParams) (queueResult, error) {
	return toQueueResult(a.client.QueueGet(ctx, p.Queue))
}

func (a *adapter) queueList(ctx context.Context, p queueListParams) (queuesResult, error) {
	list, err := a.client.QueueList(ctx, river.NewQueueListParams().First(p.Limit))
	if err != nil {
		return queuesResult{}, err
	}
	rows := make([]wireQueue, len(list.Queues))
	for i, row := range list.Queues {
		rows[i] = toWireQueue(row)
	}
	return queuesResult{rows}, nil
}

type electParams struct {
	Now     instant `json:"now"`
	Client  string  `json:"client"`
	LeaseUS int64   `json:"lease_us"`
}

func (p electParams) lease() time.Duration { return time.Duration(p.LeaseUS) * time.Microsecond }

type reelectParams struct {
	electParams
	ElectedAt instant `json:"elected_at"`
}

type resignParams struct {
	Now       instant `json:"now"`
	Client    string  `json:"client"`
	ElectedAt instant `json:"elected_at"`
}

type wireLeader struct {
	LeaderID  string  `json:"leader_id"`
	ElectedAt instant `json:"elected_at"`
	ExpiresAt instant `json:"expires_at"`
}

type electResult struct {
	Elected bool        `json:"elected"`
	Leader  *wireLeader `json:"leader"`
}

type resignResult struct {
	Resigned bool `json:"resigned"`
}

// elect runs the elector's two statements in one transaction, as it does.
func (a *adapter) elect(ctx context.Context, p electParams) (electResult, error) {
	return a.bid(ctx, func(tx riverdriver.ExecutorTx) (electResult, error) {
		return toElectResult(tx.LeaderAttemptElect(ctx, &riverdriver.LeaderElectParams{LeaderID: p.Client, TTL: p.lease()}))
	})
}

func (a *adapter) bid(ctx context.Context, work func(riverdriver.ExecutorTx) (electResult, error)) (electResult, error) {
	tx, err := a.exec.Begin(ctx)
	if err != nil {
		return electResult{}, err
	}
	defer tx.Rollback(ctx) //nolint:errcheck
	if _, err := deleteExpired(ctx, tx); err != nil {
		return electResult{}, err
	}
	result, err := work(tx)
	if err != nil {
		return electResult{}, err
	}
	return result, tx.Commit(ctx)
}

// resign calls the elector's one statement; which term it is about, the
// statement decides.
func (a *adapter) resign(ctx context.Context, p resignParams) (resignResult, error) {
	params := &riverdriver.LeaderResignParams{LeaderID: p.Client, LeadershipTopic: leadershipTopic}
	offer(params, "ElectedAt", p.ElectedAt.Time)
	resigned, err := a.exec.LeaderResign(ctx, params)
	return resignResult{resigned}, err
}
