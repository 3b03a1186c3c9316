// Command my-adapter puts a job queue under Weir's test. It only translates:
// replace what it does by calls of your queue.
package main

import (
	"bufio"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

//go:embed insert.sql
var insertSQL string

type object map[string]any

// What Weir is told first. Every call brings the time, and nothing here asks a
// clock. Weir makes River's tables of that migration: leave it out if your queue
// makes them, on the first reset.
var handshake = object{
	"protocol":       1,
	"adapter":        "my-adapter",
	"implementation": "my-queue",
	"version":        "0.1.0",
	"language":       "go",
	"clock":          "injected",
	"migration":      6,
	"capabilities": object{
		"insert":        "supported",
		"insert.unique": object{"unsupported": "to be written"},
		"insert.paths":  object{"unsupported": "to be written"},
		"insert.notify": object{"unsupported": "to be written"},
	},
}

type job struct {
	Kind        string          `json:"kind"`
	Args        string          `json:"args"`
	Metadata    *string         `json:"metadata,omitempty"`
	Tags        []string        `json:"tags,omitempty"`
	Priority    *int            `json:"priority,omitempty"`
	Queue       *string         `json:"queue,omitempty"`
	MaxAttempts *int            `json:"max_attempts,omitempty"`
	ScheduledAt *string         `json:"scheduled_at,omitempty"`
	Pending     bool            `json:"pending,omitempty"`
	Unique      json.RawMessage `json:"unique,omitempty"`
}

type params struct {
	Nonce string `json:"nonce"`
	Now   string `json:"now"`
	Job   job    `json:"job"`
	Jobs  []job  `json:"jobs"`
}

// refused is an input that the queue does not take: an answer like any other.
type refused string

func (r refused) Error() string { return string(r) }

type adapter struct{ db *pgx.Conn }

func (a adapter) call(ctx context.Context, method string, p params) (any, error) {
	switch method {
	case "handshake":
		handshake["nonce"] = p.Nonce
		return handshake, nil
	case "reset":
		_, err := a.db.Exec(ctx, "delete from river_job; delete from river_queue; delete from river_leader")
		return object{}, err
	case "insert":
		inserted, err := a.insert(ctx, p.Now, []job{p.Job})
		if err != nil {
			return nil, err
		}
		return inserted[0], nil
	case "insert_many":
		inserted, err := a.insert(ctx, p.Now, p.Jobs)
		return object{"jobs": inserted}, err
	}
	return nil, errUnknownMethod
}

var errUnknownMethod = errors.New("no such method")

func (a adapter) insert(ctx context.Context, now string, jobs []job) ([]json.RawMessage, error) {
	if len(jobs) == 0 {
		return nil, refused("jobs must not be empty")
	}
	for _, each := range jobs {
		if err := check(each); err != nil {
			return nil, err
		}
	}
	asked, err := json.Marshal(jobs)
	if err != nil {
		return nil, err
	}
	var text string
	if err := a.db.QueryRow(ctx, insertSQL, now, string(asked)).Scan(&text); err != nil {
		return nil, err
	}
	var inserted []json.RawMessage
	return inserted, json.Unmarshal([]byte(text), &inserted)
}

var (
	queueName = regexp.MustCompile(`^[a-z0-9]+([_|-][a-z0-9]+)*$`)
	tagName   = regexp.MustCompile(`^\w[\w-]+\w$`)
)

func check(j job) error {
	if length := utf8.RuneCountInString(j.Kind); length < 1 || length > 127 {
		return refused("kind must have 1 to 127 characters")
	}
	if j.Queue != nil && (len(*j.Queue) > 64 || !queueName.MatchString(*j.Queue)) {
		return refused("queue must be a name")
	}
	for _, tag := range j.Tags {
		if len(tag) > 255 || !tagName.MatchString(tag) {
			return refused("tags must be words")
		}
	}
	if j.Priority != nil && (*j.Priority < 1 || *j.Priority > 4) {
		return refused("priority must be 1 to 4")
	}
	if j.MaxAttempts != nil && (*j.MaxAttempts < 1 || *j.MaxAttempts > 32767) {
		return refused("max_attempts must be 1 to 32767")
	}
	if j.Metadata != nil && !strings.HasPrefix(strings.TrimSpace(*j.Metadata), "{") {
		return refused("metadata must be an object")
	}
	if j.Unique != nil {
		return refused("unique jobs are to be written")
	}
	return nil
}

func errorOf(err error) object {
	if errors.Is(err, errUnknownMethod) {
		return object{"code": -32601, "message": err.Error()}
	}
	data := object{"code": "internal"}
	var invalid refused
	var database *pgconn.PgError
	switch {
	case errors.As(err, &invalid):
		data = object{"code": "invalid"}
	// Class 22: a value that the database cannot hold, such as \u0000 in args.
	case errors.As(err, &database) && strings.HasPrefix(database.Code, "22"):
		data = object{"code": "invalid"}
	case errors.As(err, &database):
		data = object{"code": "database", "sqlstate": database.Code}
	}
	return object{"code": -32000, "message": err.Error(), "data": data}
}

func run(ctx context.Context) error {
	url := os.Getenv("DATABASE_URL")
	if url == "" {
		return errors.New("DATABASE_URL must name the database to use, but is not set")
	}
	db, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer db.Close(ctx)
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<26)
	answers := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		var asked struct {
			ID     int    `json:"id"`
			Method string `json:"method"`
			Params params `json:"params"`
		}
		if err := json.Unmarshal(lines.Bytes(), &asked); err != nil {
			return err
		}
		said := object{"jsonrpc": "2.0", "id": asked.ID}
		if result, err := (adapter{db}).call(ctx, asked.Method, asked.Params); err != nil {
			said["error"] = errorOf(err)
		} else {
			said["result"] = result
		}
		if err := answers.Encode(said); err != nil {
			return err
		}
	}
	return lines.Err()
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
