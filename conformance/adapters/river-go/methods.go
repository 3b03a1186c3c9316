package main

import (
	"bytes"
	"context"
	"encoding/json"
)

// methods are the protocol's methods besides the handshake. Those that River
// got later add themselves.
var methods = map[string]func(*adapter, context.Context, json.RawMessage) (any, error){
	"reset":            method((*adapter).reset),
	"insert":           method((*adapter).insert),
	"insert_many":      method((*adapter).insertMany),
	"fetch":            method((*adapter).fetch),
	"finish":           method((*adapter).finish),
	"schedule":         method((*adapter).schedule),
	"cancel":           method((*adapter).cancel),
	"retry":            method((*adapter).retry),
	"rescue":           method((*adapter).rescue),
	"clean":            method((*adapter).clean),
	"clean_queues":     method((*adapter).cleanQueues),
	"get":              method((*adapter).get),
	"delete":           method((*adapter).delete),
	"list":             method((*adapter).list),
	"enqueue_periodic": method((*adapter).enqueuePeriodic),
	"queue_touch":      method((*adapter).queueTouch),
	"queue_pause":      method((*adapter).queuePause),
	"queue_resume":     method((*adapter).queueResume),
	"queue_get":        method((*adapter).queueGet),
	"queue_list":       method((*adapter).queueList),
	"elect":            method((*adapter).elect),
	"reelect":          method((*adapter).reelect),
	"resign":           method((*adapter).resign),
}

// later are the capabilities of the methods that River got later.
var later = map[string]string{
	"delete_many":    "delete_many",
	"update":         "update",
	"queue_update":   "queue.update",
	"request_resign": "leader.request_resign",
}

func method[P, R any](run func(*adapter, context.Context, P) (R, error)) func(*adapter, context.Context, json.RawMessage) (any, error) {
	return func(a *adapter, ctx context.Context, raw json.RawMessage) (any, error) {
		return call(ctx, raw, func(ctx context.Context, params P) (R, error) { return run(a, ctx, params) })
	}
}

// call decodes the parameters strictly: a member that the method does not know
// would otherwise be dropped without a word.
func call[P, R any](ctx context.Context, raw json.RawMessage, method func(context.Context, P) (R, error)) (any, error) {
	var params P
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&params); err != nil {
		return nil, &failure{Code: codeInvalidParams, Message: "params: " + err.Error()}
	}
	return method(ctx, params)
}
