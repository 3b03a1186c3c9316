//go:build river_0_12

package main

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
)

// The time of all of these is the database's.

func touchQuery(p queueParams) *riverdriver.QueueCreateOrSetUpdatedAtParams {
	return &riverdriver.QueueCreateOrSetUpdatedAtParams{Metadata: []byte("{}"), Name: p.Queue}
}

func (a *adapter) queueUpdate(context.Context, queueUpdateParams) (queueResult, error) {
	return queueResult{}, refuse("unsupported", "River Go updates queues only since 0.20")
}

func (a *adapter) elect(ctx context.Context, p electParams) (electResult, error) {
	return a.bid(ctx, p, riverdriver.ExecutorTx.LeaderAttemptElect)
}

// reelect passes no term: River knows none before 0.35.
func (a *adapter) reelect(ctx context.Context, p reelectParams) (electResult, error) {
	return a.bid(ctx, p.electParams, riverdriver.ExecutorTx.LeaderAttemptReelect)
}

func (a *adapter) bid(ctx context.Context, p electParams, attempt func(riverdriver.ExecutorTx, context.Context, *riverdriver.LeaderElectParams) (bool, error)) (electResult, error) {
	return a.inTx(ctx, func(tx riverdriver.ExecutorTx) (electResult, error) {
		if _, err := tx.LeaderDeleteExpired(ctx); err != nil {
			return electResult{}, err
		}
		elected, err := attempt(tx, ctx, &riverdriver.LeaderElectParams{LeaderID: p.Client, TTL: p.lease()})
		return electResult{Elected: elected}, err
	})
}

func resignQuery(p resignParams) *riverdriver.LeaderResignParams {
	return &riverdriver.LeaderResignParams{LeaderID: p.Client, LeadershipTopic: leadershipTopic}
}

func (a *adapter) requestResign(context.Context, struct {
	Now instant `json:"now"`
}) (struct{}, error) {
	return struct{}{}, refuse("unsupported", "River Go asks leaders to resign only since 0.29")
}
