package book

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/gatehold/gatehold/internal/gate"
)

// OpenGates folds the gates of a repository that are not over, of some kinds, as
// their streams have them now. Those that cannot be read are left out: nothing
// can be done with them, and the others have to go on.
func (b *Book) OpenGates(ctx context.Context, repo int64, kinds ...gate.Kind) ([]Gate, error) {
	var out []Gate
	for _, kind := range kinds {
		open, err := b.openUnder(ctx, fmt.Sprintf("%s/%d/", kind, repo), true)
		if err != nil {
			return nil, err
		}
		out = append(out, open...)
	}
	return out, nil
}

// OpenStreams lists the streams of a repository of a kind whose subjects go on.
func (b *Book) OpenStreams(ctx context.Context, kind gate.Kind, repo int64) ([]string, error) {
	names, err := b.Log.Live(ctx, fmt.Sprintf("%s/%d/", kind, repo))
	if err != nil {
		return nil, fmt.Errorf("looking for streams: %w", err)
	}
	return names, nil
}

// openUnder folds the gates that are not over whose streams begin with prefix.
func (b *Book) openUnder(ctx context.Context, prefix string, leaveUnread bool) ([]Gate, error) {
	names, err := b.Log.Live(ctx, prefix)
	if err != nil {
		return nil, fmt.Errorf("looking for open gates: %w", err)
	}
	var out []Gate
	for _, name := range names {
		f, err := b.Gates.Load(ctx, name)
		if leaveUnread && gate.Unknown(err) != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		if b.Gates.Live(f) { // of what an older version wrote, only the records tell
			out = append(out, f)
		}
	}
	return out, nil
}

// DeploymentsOf are the gates of a run's deployments that are not over.
func (b *Book) DeploymentsOf(ctx context.Context, run gate.Subject) ([]Gate, error) {
	return b.openUnder(ctx, fmt.Sprintf("%s/%d/%d/", gate.Deployment, run.Repo.ID, run.Run), false)
}

// Beside are the repositories of an owner that hold an open gate, or were looked at, by
// their ids: the one that is given among them.
func (b *Book) Beside(ctx context.Context, one gate.Repo) ([]gate.Repo, error) {
	names, err := b.Log.Live(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("looking for repositories: %w", err)
	}
	found := map[int64]gate.Repo{}
	looked := map[string]bool{} // by the repository's part of a stream's name
	for _, kind := range append([]gate.Kind{gate.Repository}, gate.Held()...) {
		for _, name := range names {
			id := repositoryIn(name)
			if gate.StreamKind(name) != kind || looked[id] {
				continue
			}
			repo, live, err := b.told(ctx, name)
			if gate.Unknown(err) != nil {
				continue // another stream may tell
			}
			if err != nil {
				return nil, err
			}
			looked[id] = live && strconv.FormatInt(repo.ID, 10) == id
			if looked[id] && repo.SameOwner(one) {
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

// told is the repository that a stream of it or of one of its gates tells of, and
// whether that stream still goes on.
func (b *Book) told(ctx context.Context, stream string) (repo gate.Repo, live bool, err error) {
	if gate.StreamKind(stream).Gates() {
		f, err := b.Gates.Load(ctx, stream)
		return f.State.Subject.Repo, b.Gates.Live(f), err
	}
	f, err := b.Repositories.Load(ctx, stream)
	return f.State.Subject.Repo, b.Repositories.Live(f), err
}

// RepositoryBehind is the repository that a stream is of, as its newest record calls it.
func (b *Book) RepositoryBehind(ctx context.Context, stream string) (repo gate.Repo, err error) {
	switch kind := gate.StreamKind(stream); {
	case kind.Gates():
		f, err := b.Gates.Load(ctx, stream)
		return f.State.Subject.Repo, err
	case kind == gate.Check:
		f, err := b.Checks.Load(ctx, stream)
		return f.State.Subject.Repo, err
	case kind == gate.Environment:
		f, err := b.Environments.Load(ctx, stream)
		return f.State.Subject.Repo, err
	case kind == gate.Credential:
		f, err := b.Credentials.Load(ctx, stream)
		return f.State.Repo, err
	case kind == gate.Tell:
		f, err := b.Tellings.Load(ctx, stream)
		return f.State.Gate.Repo, err
	}
	f, err := b.Repositories.Load(ctx, stream)
	return f.State.Subject.Repo, err
}
