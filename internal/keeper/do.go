package keeper

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/gatehold/gatehold/internal/gate"
)

// doing is what does a step.
type doing func(*Keeper, context.Context, folded) error

// doings say for each kind of stream what does the steps that it can want.
var doings = map[gate.Kind]map[gate.Step]doing{
	gate.PullRequest: gates, gate.MergeGroup: gates, gate.Deployment: gates, gate.WorkflowRun: gates,

	gate.Check:       {gate.ForwardPresses: (*Keeper).forwardPresses, gate.Publish: (*Keeper).publish},
	gate.Repository:  {gate.Survey: (*Keeper).survey},
	gate.Environment: {gate.RecordDeployment: (*Keeper).recordDeployment},
}

var gates = map[gate.Step]doing{
	gate.Assess: (*Keeper).assess, gate.NotifyChecks: (*Keeper).notifyChecks, gate.Count: (*Keeper).count, gate.Lapse: (*Keeper).lapse,
	gate.Respond: (*Keeper).respond, gate.CancelRun: (*Keeper).cancelRun,
}

func (k *Keeper) lapse(ctx context.Context, f folded) error {
	next, err := k.record(ctx, f.stream, draft{event: gate.Lapsed{}})
	if err != nil || next.gate.Subject.Kind != gate.Deployment {
		return err
	}
	return k.giveBack(ctx, next.gate.Subject)
}

// do does a step. One that nobody knows is a failure like any other, recorded,
// retried and shown, and so is a panic; the other streams go on.
func (k *Keeper) do(ctx context.Context, f folded, step gate.Step) (err error) {
	defer func() {
		if p := recover(); p != nil {
			k.Slog.Error("a step panicked", "stream", f.stream, "step", string(step), "panic", p, "stack", string(debug.Stack()))
			err = outside(fmt.Errorf("panic: %v", p))
		}
	}()
	do, known := doings[gate.StreamKind(f.stream)][step]
	if !known {
		return outside(&gate.Error{Code: "unknown_step", Text: fmt.Sprintf(
			"This version of gatehold does not know how to do what is due here (%s). It tries again; another version may know.", step)})
	}
	return do(k, ctx, f)
}
