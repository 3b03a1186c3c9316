// Command interop-go is a River Go client that is told what to do over its
// standard input and tells what happens on its standard output, one JSON object
// a line. It uses what River exports to everybody, and nothing else.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/riverqueue/river"
)

// peer is one client of one database.
type peer struct {
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
	out    writer
}

// writer keeps the lines of concurrent calls and events apart.
type writer struct {
	mutex   sync.Mutex
	encoder *json.Encoder
}

func (w *writer) write(line any) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	if err := w.encoder.Encode(line); err != nil {
		fmt.Fprintln(os.Stderr, "interop-go:", err)
		os.Exit(1)
	}
}

type call struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
}

type answer struct {
	ID     int    `json:"id"`
	Result any    `json:"result,omitempty"`
	Error  string `json:"error,omitempty"`
}

// event is something that happened to a job or a queue, unasked.
type event struct {
	Event   string `json:"event"`
	Job     int64  `json:"job,omitempty"`
	Attempt int    `json:"attempt,omitempty"`
	Queue   string `json:"queue,omitempty"`
	Args    string `json:"args,omitempty"`
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "interop-go:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	pool, err := pgxpool.New(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		return err
	}
	p := &peer{pool: pool, out: writer{encoder: json.NewEncoder(os.Stdout)}}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var asked call
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		// Calls overlap, so that two peers can be made to do something at once.
		go func() {
			reply := answer{ID: asked.ID}
			result, err := p.do(ctx, asked)
			if err != nil {
				reply.Error = err.Error()
			} else {
				reply.Result = result
			}
			p.out.write(reply)
		}()
	}
	return lines.Err()
}

func (p *peer) do(ctx context.Context, asked call) (any, error) {
	switch asked.Method {
	case "start":
		return with(ctx, asked.Params, p.start)
	case "insert":
		return with(ctx, asked.Params, p.insert)
	case "cancel":
		return with(ctx, asked.Params, p.cancel)
	case "pause":
		return with(ctx, asked.Params, p.pause)
	case "resume":
		return with(ctx, asked.Params, p.resume)
	case "stop":
		return done{}, p.client.Stop(ctx)
	}
	return nil, fmt.Errorf("no method is called %q", asked.Method)
}

// done is the answer to what has no other result.
type done struct{}

func with[P, R any](ctx context.Context, text json.RawMessage, do func(context.Context, P) (R, error)) (any, error) {
	var params P
	if err := json.Unmarshal(text, &params); err != nil {
		return nil, err
	}
	return do(ctx, params)
}
