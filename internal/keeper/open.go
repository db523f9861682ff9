package keeper

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
)

// openGates folds the gates of a repository that are not over, of some kinds, as
// their streams have them now. Those that cannot be read are left out: nothing
// can be done with them, and the others have to go on.
func (k *Keeper) openGates(ctx context.Context, repo int64, kinds ...gate.Kind) ([]folded, error) {
	var out []folded
	for _, kind := range kinds {
		open, err := k.openUnder(ctx, fmt.Sprintf("%s/%d/", kind, repo), true)
		if err != nil {
			return nil, err
		}
		out = append(out, open...)
	}
	return out, nil
}

// openStreams lists the streams of a repository of a kind whose subjects go on.
func (k *Keeper) openStreams(ctx context.Context, kind gate.Kind, repo int64) ([]string, error) {
	names, err := k.Log.Live(ctx, fmt.Sprintf("%s/%d/", kind, repo))
	if err != nil {
		return nil, fmt.Errorf("looking for streams: %w", err)
	}
	return names, nil
}

// openUnder folds the gates that are not over whose streams begin with prefix.
func (k *Keeper) openUnder(ctx context.Context, prefix string, leaveUnread bool) ([]folded, error) {
	names, err := k.Log.Live(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("looking for open gates: %w", err)
	}
	var out []folded
	for _, name := range names {
		f, err := k.load(ctx, name)
		if leaveUnread && gate.Unknown(err) != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		if f.live() { // of what an older version wrote, only the records tell
			out = append(out, f)
		}
	}
	return out, nil
}

// deploymentsOf are the gates of a run's deployments that are not over.
func (k *Keeper) deploymentsOf(ctx context.Context, run gate.Subject) ([]folded, error) {
	return k.openUnder(ctx, fmt.Sprintf("%s/%d/%d/", gate.Deployment, run.Repo.ID, run.Run), false)
}

// reposOf are the repositories of an owner that hold an open gate, or were looked
// at, by their ids.
func (k *Keeper) reposOf(ctx context.Context, owner string) ([]gate.Repo, error) {
	names, err := k.Log.Live(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("looking for repositories: %w", err)
	}
	found := map[int64]gate.Repo{}
	looked := map[string]bool{} // by the repository's part of a stream's name
	for _, kind := range []gate.Kind{gate.Repository, gate.PullRequest, gate.MergeGroup, gate.Deployment, gate.WorkflowRun} {
		for _, name := range names {
			_, rest, _ := strings.Cut(name, "/")
			id, _, _ := strings.Cut(rest, "/")
			if gate.StreamKind(name) != kind || looked[id] {
				continue
			}
			f, err := k.load(ctx, name)
			if gate.Unknown(err) != nil {
				continue // another stream may tell
			}
			if err != nil {
				return nil, err
			}
			repo := f.repo.Subject.Repo
			if kind.Gates() {
				repo = f.gate.Subject.Repo
			}
			looked[id] = f.live() && strconv.FormatInt(repo.ID, 10) == id
			if looked[id] && strings.EqualFold(repo.Owner, owner) {
				found[repo.ID] = repo
			}
		}
	}
	out := make([]gate.Repo, 0, len(found))
	for _, repo := range found {
		out = append(out, repo)
	}
	slices.SortFunc(out, func(a, b gate.Repo) int { return int(a.ID - b.ID) })
	return out, nil
}
