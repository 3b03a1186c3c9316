package main

import (
	"fmt"
	"time"

	"github.com/riverqueue/river/internal/retrypolicy"
	"github.com/riverqueue/river/rivertype"
)

// retryVector says when a job with so many recorded errors runs again after it
// failed once more: nanoseconds from now, as text since they exceed a double.
type retryVector struct {
	Errors int    `json:"errors"`
	Least  string `json:"least"`
	Most   string `json:"most"`
}

// retryVectors also draws from the policy, so that its bounds are its word.
func retryVectors() []retryVector {
	var vectors []retryVector
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for errors := range 401 {
		job := &rivertype.JobRow{Errors: make([]rivertype.AttemptError, errors)}
		least, most := retrypolicy.DelayBounds(errors + 1)
		for range 100 {
			if delay := retrypolicy.NextRetryAt(now, job).Sub(now); delay < least || delay > most {
				panic(fmt.Sprintf("a delay after %d errors must be %s to %s, but is %s", errors, least, most, delay))
			}
		}
		vectors = append(vectors, retryVector{errors, fmt.Sprint(least.Nanoseconds()), fmt.Sprint(most.Nanoseconds())})
	}
	return vectors
}
