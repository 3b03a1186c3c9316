package main

import (
	"fmt"
	"log/slog"
	"reflect"
	"time"
	"unsafe"

	"github.com/jackc/pgx/v5"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/internal/maintenance"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivershared/startstop"
)

// unsealed is a field of what target points to, as if its name were exported.
// Invalid if there is none, or no target.
func unsealed(target any, name string) reflect.Value {
	value := reflect.ValueOf(target)
	if known, ok := target.(reflect.Value); ok {
		value = known
	}
	for value.Kind() == reflect.Pointer || value.Kind() == reflect.Interface {
		value = value.Elem()
	}
	if !value.IsValid() {
		return value
	}
	field := value.FieldByName(name)
	if !field.IsValid() {
		return field
	}
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem()
}

// offer sets the field if there is one.
func offer(target any, name string, value any) bool {
	field := unsealed(target, name)
	if field.IsValid() {
		field.Set(reflect.ValueOf(value))
	}
	return field.IsValid()
}

// put sets the first of the fields that there is: River renamed it.
func put(target, value any, names ...string) {
	for _, name := range names {
		if offer(target, name, value) {
			return
		}
	}
	panic(fmt.Sprintf("River's %T has none of the fields %v", target, names))
}

// got is the value of a field that every version has.
func got[T any](target any, name string) T {
	field := unsealed(target, name)
	if !field.IsValid() {
		panic(fmt.Sprintf("River's %T has no field %s", target, name))
	}
	return field.Interface().(T)
}

// clock tells River the time of the request under way. River renamed the
// methods in 0.35.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func (c *clock) NowOrNil() *time.Time { now := c.now; return &now }

func (c *clock) NowUTC() time.Time { return c.Now() }

func (c *clock) NowUTCOrNil() *time.Time { return c.NowOrNil() }

func (c *clock) StubNow(now time.Time) time.Time { c.now = now; return now }

func (c *clock) StubNowUTC(now time.Time) time.Time { return c.StubNow(now) }

// clientConfig stubs the client's clock. Before 0.17 the field for it is River's own.
func clientConfig(clock any) *river.Config {
	config := &river.Config{Logger: slog.Default()}
	if !offer(unsealed(config, "Test"), "Time", clock) {
		put(config, clock, "time")
	}
	return config
}

// leader is a client that may lead and work jobs, but is not started: what it
// would start is taken from it, wired as River wires it.
type leader struct {
	client     *river.Client[pgx.Tx]
	maintainer *maintenance.QueueMaintainer
	producer   any
}

func newLeader(driver *riverpgxv5.Driver, clock any) (*leader, error) {
	config := clientConfig(clock)
	config.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 1}}
	config.Workers = publishedWorkers()
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, err
	}
	producers := unsealed(client, "producersByQueueName")
	return &leader{
		client:     client,
		maintainer: got[*maintenance.QueueMaintainer](client, "queueMaintainer"),
		producer:   producers.MapIndex(reflect.ValueOf(river.QueueDefault)),
	}, nil
}

// serviceOf is a service that the leader would start, set to work through exec
// in batches of limit.
func serviceOf[S startstop.Service](l *leader, exec riverdriver.Executor, limit int) S {
	service := maintenance.GetService[S](l.maintainer)
	put(service, exec, "exec")
	config := configOf(service)
	if sizes := unsealed(config, "BatchSizes"); sizes.IsValid() {
		put(sizes, limit, "Default")
		put(sizes, limit, "Reduced")
	} else if !offer(service, "batchSize", limit) {
		put(config, limit, "Limit")
	}
	return service
}

func configOf(service any) reflect.Value {
	if config := unsealed(service, "Config"); config.IsValid() {
		return config
	}
	return unsealed(service, "config")
}
