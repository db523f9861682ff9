package accounts

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/book"
)

// github says of everybody that they may read everything, and counts how often it is
// asked.
type github struct {
	asked atomic.Int64
	fails bool
	owns  bool
}

func (g *github) Person(_ context.Context, _ gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	g.asked.Add(1)
	if g.fails {
		return gate.Person{}, &gate.Error{Code: "github_unavailable", Text: "GitHub does not answer."}
	}
	p := gate.Person{Actor: who}
	for _, group := range groups {
		if group != "owner" || g.owns {
			p.Groups = append(p.Groups, group)
		}
	}
	return p, nil
}

func reading(gh *github) (*Accounts, *time.Time) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	b := &book.Book{Slog: slog.New(slog.DiscardHandler), Now: func() time.Time { return now }}
	return New(Config{Book: b, People: gh}), &now
}

func repos(n int) (out []gate.Repo) {
	for i := range n {
		out = append(out, gate.Repo{ID: int64(i + 1), Owner: "acme", Name: "r"})
	}
	return out
}

func person(id int64) gate.Actor { return gate.Actor{Login: "p", ID: id, Type: "User"} }

// Strangers who sign in and look take little of what GitHub lets the App ask: the gates
// need it.
func TestWhoLooksAsksLittle(t *testing.T) {
	gh := &github{}
	u, now := reading(gh)
	may, left := u.Readable(t.Context(), person(1), repos(1000))
	if len(may) != askBurstEach-1 || left.Repos != 1000-len(may) || left.Wait < time.Hour { // one was for the owner
		t.Errorf("%d may be read, not asked about are %+v", len(may), left)
	}
	u.Readable(t.Context(), person(1), repos(1000))
	if n := gh.asked.Load(); n != askBurstEach {
		t.Errorf("for one person GitHub was asked %d times", n)
	}
	for id := range int64(50) {
		u.Readable(t.Context(), person(id+2), repos(1000))
	}
	if n := gh.asked.Load(); n != askBurst {
		t.Errorf("for all people GitHub was asked %d times", n)
	}
	*now = now.Add(time.Hour)
	if may, _ := u.Readable(t.Context(), person(1), repos(10)); len(may) != 10 {
		t.Errorf("an hour later %d of 10 may be read", len(may))
	}
}

func TestWhatGitHubDoesNotTellIsANo(t *testing.T) {
	gh := &github{fails: true}
	u, _ := reading(gh)
	if may, _ := u.Readable(t.Context(), person(1), repos(3)); len(may) != 0 {
		t.Errorf("nobody knows, and %v may be read", may)
	}
	gh.fails = false
	if may, _ := u.Readable(t.Context(), person(1), repos(3)); len(may) != 3 {
		t.Errorf("what failed is remembered: %v", may)
	}
}

func TestAnOwnerIsOneQuestion(t *testing.T) {
	gh := &github{owns: true}
	u, _ := reading(gh)
	if may, left := u.Readable(t.Context(), person(1), repos(1000)); len(may) != 1000 || left.Repos != 0 || gh.asked.Load() != 1 {
		t.Errorf("%d may be read after %d questions", len(may), gh.asked.Load())
	}
}
