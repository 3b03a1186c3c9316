// Command bench-river works and inserts trivial jobs by River for scripts/bench,
// which tells it what to do, one JSON object a line, as serve.ts answers it.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

const (
	batch    = 1_000
	tellMost = 2 * time.Millisecond
)

type noopArgs struct {
	Number int `json:"number"`
}

func (noopArgs) Kind() string { return "noop" }

type noopWorker struct {
	river.WorkerDefaults[noopArgs]

	bench *bench
}

func (w *noopWorker) Work(context.Context, *river.Job[noopArgs]) error {
	w.bench.onHandled()
	return nil
}

type bench struct {
	pool    *pgxpool.Pool
	insert  *river.Client[pgx.Tx]
	running *river.Client[pgx.Tx]
	number  int
	handled atomic.Int64
	waiting chan time.Time
	output  sync.Mutex
}

type command struct {
	Verb string `json:"verb"`
	Jobs int    `json:"jobs"`
}

type answer struct {
	MS      float64   `json:"ms"`
	Samples []float64 `json:"samples"`
	RSS     int       `json:"rss"`
}

func main() {
	b := &bench{waiting: make(chan time.Time, 1)}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			b.say(map[string]string{"failure": err.Error()})
			continue
		}
		began := time.Now()
		samples, err := b.do(context.Background(), c)
		if err != nil {
			b.say(map[string]string{"failure": c.Verb + ": " + err.Error()})
			continue
		}
		b.say(answer{MS: milliseconds(time.Since(began)), Samples: samples, RSS: resident()})
	}
}

func (b *bench) do(ctx context.Context, c command) ([]float64, error) {
	switch c.Verb {
	case "open":
		return nil, b.open(ctx)
	case "fill":
		return nil, b.fill(ctx, c.Jobs)
	case "start":
		return nil, b.start(ctx)
	case "stop":
		return nil, b.running.Stop(ctx)
	case "insertMany":
		return nil, b.insertMany(ctx, c.Jobs)
	case "insertOne":
		for range c.Jobs {
			if err := b.insertOne(ctx); err != nil {
				return nil, err
			}
		}
		return nil, nil
	case "latency":
		return b.latency(ctx, c.Jobs)
	default:
		return nil, fmt.Errorf("a command must be known, but is %q", c.Verb)
	}
}

func (b *bench) open(ctx context.Context) error {
	config, err := pgxpool.ParseConfig(os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	config.MaxConns = 10
	if b.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return err
	}
	driver := riverpgxv5.New(b.pool)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet()})
	if err != nil {
		return err
	}
	if _, err = migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return err
	}
	b.insert, err = river.NewClient(driver, &river.Config{Logger: quiet()})
	return err
}

func (b *bench) fill(ctx context.Context, jobs int) error {
	if _, err := b.pool.Exec(ctx, "truncate river_job"); err != nil {
		return err
	}
	_, err := b.pool.Exec(ctx, `
		insert into river_job (kind, args, max_attempts)
		select 'noop', jsonb_build_object('number', number), 25 from generate_series(1, $1::int) as number`, jobs)
	return err
}

// start has the settings of River's own benchmark.
func (b *bench) start(ctx context.Context) error {
	workers := river.NewWorkers()
	river.AddWorker(workers, &noopWorker{bench: b})
	client, err := river.NewClient(riverpgxv5.New(b.pool), &river.Config{
		FetchCooldown:     2 * time.Millisecond,
		FetchPollInterval: 20 * time.Millisecond,
		Logger:            quiet(),
		Queues:            map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2_000}},
		Workers:           workers,
	})
	if err != nil {
		return err
	}
	b.running = client
	b.handled.Store(0)
	go b.tell(client)
	return client.Start(ctx)
}

func (b *bench) tell(client *river.Client[pgx.Tx]) {
	var told int64
	for {
		select {
		case <-client.Stopped():
			return
		case <-time.After(tellMost):
			if handled := b.handled.Load(); handled != told {
				told = handled
				b.say(map[string]int64{"handled": handled})
			}
		}
	}
}

func (b *bench) insertMany(ctx context.Context, jobs int) error {
	for left := jobs; left > 0; left -= batch {
		params := make([]river.InsertManyParams, min(left, batch))
		for i := range params {
			b.number++
			params[i] = river.InsertManyParams{Args: noopArgs{Number: b.number}}
		}
		if _, err := b.insert.InsertMany(ctx, params); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) insertOne(ctx context.Context) error {
	b.number++
	_, err := b.insert.Insert(ctx, noopArgs{Number: b.number}, nil)
	return err
}

// latency measures from the call of an insert to the start of its handler.
func (b *bench) latency(ctx context.Context, jobs int) ([]float64, error) {
	samples := make([]float64, 0, jobs)
	select {
	case <-b.waiting:
	default:
	}
	for range jobs {
		began := time.Now()
		if err := b.insertOne(ctx); err != nil {
			return nil, err
		}
		samples = append(samples, milliseconds((<-b.waiting).Sub(began)))
		time.Sleep(15*time.Millisecond + time.Duration(rand.Int63n(int64(20*time.Millisecond))))
	}
	return samples, nil
}

func (b *bench) onHandled() {
	b.handled.Add(1)
	select {
	case b.waiting <- time.Now():
	default:
	}
}

func (b *bench) say(message any) {
	b.output.Lock()
	defer b.output.Unlock()
	_ = json.NewEncoder(os.Stdout).Encode(message)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func quiet() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
}

// resident is the memory that the process holds now, in bytes, 0 where it cannot be told.
func resident() int {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.Atoi(fields[1])
	return pages * os.Getpagesize()
}
