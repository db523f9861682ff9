package repos

import (
	"context"
	"fmt"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// archivedCode is the code of what GitHub refuses because a repository is
// archived. The error is final: the step waits until something else happens.
const archivedCode = "archived"

// refused puts on the stream of a repository, once, that GitHub refused a step
// because it is archived.
func (u *Repos) refused(ctx context.Context, stream, code string) error {
	if code != archivedCode {
		return nil
	}
	repo, err := u.Book.RepositoryBehind(ctx, stream)
	if err != nil {
		return err
	}
	return u.noteArchived(ctx, repo, true)
}

// archivedFor is how long a repository that GitHub refused a step for is taken
// for archived whatever is listed: it is tried once an hour at most.
const archivedFor = time.Hour

// unarchived has all that waited go on, where a repository is listed that was on
// record as archived: archived ones are not listed.
func (u *Repos) unarchived(ctx context.Context, repo gate.Repo) error {
	return u.noteArchived(ctx, repo, false)
}

func (u *Repos) noteArchived(ctx context.Context, repo gate.Repo, is bool) error {
	subject := gate.Subject{Kind: gate.Repository, Repo: repo}
	f, err := u.Book.Repositories.Load(ctx, subject.Stream())
	since := f.State.Archived
	if err != nil || is != since.IsZero() || !is && u.Book.Now().Sub(since) < archivedFor {
		return err
	}
	action := gate.Reason(gate.Unarchived)
	if is {
		action = gate.Archived
	}
	noticed := gate.Noticed{Subject: subject, What: action}
	return u.Book.Repositories.Once(ctx, f.Name, fmt.Sprintf("%s@%d", action, f.Head.Version), noticed)
}
