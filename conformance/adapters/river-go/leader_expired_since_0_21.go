//go:build river_since_0_21

package main

import (
	"context"

	"github.com/riverqueue/river/riverdriver"
)

func deleteExpired(ctx context.Context, tx riverdriver.ExecutorTx) (int, error) {
	return tx.LeaderDeleteExpired(ctx, &riverdriver.LeaderDeleteExpiredParams{})
}
