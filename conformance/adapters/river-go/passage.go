package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/rivertype"
)

type countResult struct {
	Count int `json:"count"`
}

// micros is a duration of the protocol as River's configuration has it: -1 is
// a word there, not a duration.
func micros(us int64) time.Duration {
	if us == -1 {
		return -1
	}
	return time.Duration(us) * time.Microsecond
}

// passage takes River's maintenance services, which read the wall clock, to the
// virtual time of the request and back: they begin at one real instant, which
// stands for now.
type passage struct {
	riverdriver.Executor
	now   time.Time
	begun time.Time

	once  sync.Once
	asked chan struct{}
	count int
	err   error
}

func newPassage(exec riverdriver.Executor, now time.Time) *passage {
	return &passage{Executor: exec, now: now, begun: time.Now().Round(0), asked: make(chan struct{})}
}

// virtual is an instant that River made of its clock by adding offset; the
// time that passed since the service began is taken out.
func (p *passage) virtual(real time.Time, offset time.Duration) time.Time {
	passed := real.Add(-offset).Round(0).Sub(p.begun)
	if passed >= 0 && passed <= time.Since(p.begun) {
		passed = 0
	}
	return p.now.Add(offset + passed)
}

// real is a virtual instant on River's clock.
func (p *passage) real(virtual time.Time) time.Time { return virtual.Add(p.begun.Sub(p.now)) }

func (p *passage) ask() { p.once.Do(func() { close(p.asked) }) }

func (p *passage) fail(err error) error {
	if p.err == nil {
		p.err = err
	}
	return err
}

// aged gives jobs to the rescuer with the ages that they have.
func (p *passage) aged(rows []*rivertype.JobRow) []*rivertype.JobRow {
	for _, row := range rows {
		real := p.real(*row.AttemptedAt)
		row.AttemptedAt = &real
	}
	return rows
}

// dated takes the wall clock out of the errors that the rescuer adds.
func (p *passage) dated(elements [][]byte) ([][]byte, error) {
	virtual := make([][]byte, len(elements))
	for i, element := range elements {
		var added rivertype.AttemptError
		if err := json.Unmarshal(element, &added); err != nil {
			return nil, fmt.Errorf("an error that River adds: %w", err)
		}
		added.At = p.virtual(added.At, 0).UTC()
		text, err := json.Marshal(added)
		if err != nil {
			return nil, err
		}
		virtual[i] = text
	}
	return virtual, nil
}

// service is what all of River's maintenance services are.
type service interface {
	StaggerStartupDisable(disabled bool)
	Start(ctx context.Context) error
	Stop()
}

// runOnce starts a service for its first round only. It is told to stop as soon
// as it has asked: River's pauses between batches then end at once, and what it
// asks of the database goes through all the same. A service that asks for
// nothing says so by its signal.
func (p *passage) runOnce(ctx context.Context, s service, idle <-chan struct{}) error {
	s.StaggerStartupDisable(true)
	if err := s.Start(ctx); err != nil {
		return err
	}
	select {
	case <-p.asked:
	case <-idle:
	}
	s.Stop()
	return p.err
}

// oneBatch stops a cleaner that would go on after its first batch.
func (p *passage) oneBatch() error {
	select {
	case <-p.asked:
		return context.Canceled
	default:
		return nil
	}
}

// setTime sets a time that River made a pointer at some release.
func setTime[T time.Time | *time.Time](field *T, at time.Time) {
	switch field := any(field).(type) {
	case *time.Time:
		*field = at
	case **time.Time:
		*field = &at
	}
}
