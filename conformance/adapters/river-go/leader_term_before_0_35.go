//go:build !river_since_0_35

package main

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
)

// reelect passes no term: River knows none.
func (a *adapter) reelect(ctx context.Context, p reelectParams) (electResult, error) {
	return a.bid(ctx, func(tx riverdriver.ExecutorTx) (electResult, error) {
		return toElectResult(tx.LeaderAttemptReelect(ctx, &riverdriver.LeaderElectParams{LeaderID: p.Client, TTL: p.lease()}))
	})
}

func toElectResult(elected bool, err error) (electResult, error) {
	return electResult{Elected: elected}, err
}
