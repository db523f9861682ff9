package require

import (
	"context"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/cli/command"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/rulesets"
)

// lanesOf are the lanes to require: the default branch's and those of patterns.
func lanesOf(patterns []string) ([]gate.Lane, error) {
	lanes := []gate.Lane{gate.DefaultLane}
	for _, p := range patterns {
		name := strings.TrimPrefix(strings.TrimSpace(p), "refs/heads/")
		if !gate.IsLanePattern(name) {
			return nil, command.Usage("%q names no branches: write it as under branches in the rules, for example release/**.", p)
		}
		if !slices.Contains(lanes, gate.Lane(name)) {
			lanes = append(lanes, gate.Lane(name))
		}
	}
	return lanes, nil
}

// want is what the ruleset of a lane shall say. Where two lanes match a branch
// the first counts, and the default branch is always its own.
func (r *requirer) want(at rulesets.Place, lane gate.Lane, trunk string) rulesets.Want {
	want := rulesets.Want{Lane: lane, App: r.app, Organization: at.Org != "", Branches: rulesets.LaneRefs(lane),
		HoldCreation: r.cmd.HoldCreation}
	this := &gate.Lanes{Default: " ", Named: []string{string(lane)}}
	for _, other := range r.lanes {
		refs := rulesets.LaneRefs(other)
		switch {
		case lane == gate.DefaultLane && other != lane:
			want.Drop = append(want.Drop, refs...)
		case other == lane:
			if lane != gate.DefaultLane && trunk != "" && this.Of(trunk) == lane {
				want.Not = append(want.Not, "refs/heads/"+trunk)
			}
			return want
		case other != gate.DefaultLane && this.Of(rulesets.Sample(refs[0], "")) == lane:
			want.Not = append(want.Not, refs...)
		}
	}
	return want
}

// trunk is the default branch of a repository, where a lane may match it.
func (r *requirer) trunk(ctx context.Context, at rulesets.Place, lane gate.Lane) (string, error) {
	if at.Org != "" || lane == gate.DefaultLane {
		return "", nil
	}
	repo, err := r.client.Repository(ctx, at)
	return repo.DefaultBranch, err
}
