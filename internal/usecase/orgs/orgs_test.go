package orgs_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/orgs"
	"github.com/gatehold/gatehold/internal/usecase/reading"
)

// github has acme with two repositories, and other with one.
type github struct {
	org, repo map[string]string // rules by owner, and by full name
	groups    map[int64][]string
	reads     int
	down      bool
}

func (g *github) Trunk(_ context.Context, repo gate.Repo) (change.Facts, error) {
	if g.reads++; g.down {
		return change.Facts{}, &gate.Error{Code: "github_unavailable", Text: "GitHub does not answer."}
	}
	file := func(text, name string) change.RulesFile {
		if text == "" {
			return change.RulesFile{State: change.RulesAbsent}
		}
		return change.RulesFile{State: change.RulesFound, Name: name, Text: []byte("version: 1\n" + text)}
	}
	return change.Facts{Org: file(g.org[repo.Owner], repo.Owner), Repo: file(g.repo[repo.FullName()], repo.FullName())}, nil
}

func (g *github) Person(_ context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error) {
	p := gate.Person{Actor: who}
	for _, group := range groups {
		if slices.Contains(g.groups[who.ID], group) || slices.Contains(g.groups[who.ID], repo.FullName()+" "+group) {
			p.Groups = append(p.Groups, group)
		}
	}
	return p, nil
}

func person(id int64) gate.Actor { return gate.Actor{Login: "p", ID: id, Type: "User"} }

func world(t *testing.T, gh *github) *orgs.Orgs {
	t.Helper()
	store, err := sqlite.Open(filepath.Join(t.TempDir(), "ledger.db"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	b := book.New(engine.New(engine.Config{Log: store, Now: time.Now, Slog: slog.New(slog.DiscardHandler)}), "")
	for i, name := range [][2]string{{"acme", "shop"}, {"acme", "people"}, {"other", "tool"}} {
		s := gate.Subject{Kind: gate.Repository, Repo: gate.Repo{Installation: int64(i/2 + 1), ID: int64(i + 1), Owner: name[0], Name: name[1]}}
		if _, err := b.Repositories.Record(t.Context(), s.Stream(), engine.Draft{Event: gate.Noticed{Subject: s, What: gate.Installed}}); err != nil {
			t.Fatal(err)
		}
	}
	return orgs.New(b, reading.New(reading.Config{Book: b}), gh, gh)
}

func names(t *testing.T, u *orgs.Orgs, who gate.Actor) (out []string) {
	t.Helper()
	in, err := u.Of(t.Context(), who)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range in {
		out = append(out, o.Name)
	}
	return out
}

// Somebody is of the organisations in which they may write, somewhere, or approve; what is
// asked of their passkeys is the strictest of its files.
func TestWhoIsOfWhichOrganisation(t *testing.T) {
	gh := &github{
		org:    map[string]string{"acme": "passkeys: { wait: 30h, notices: acme/people }\nneeds: { high: { approvals: 1, from: [\"@acme/sre\"] } }"},
		repo:   map[string]string{"acme/people": "passkeys: { wait: 48h, keys: 2 }"},
		groups: map[int64][]string{1: {"@acme/sre"}, 2: {"acme/people role:write"}, 3: {"other/tool role:write"}},
	}
	u := world(t, gh)
	for id, want := range map[int64][]string{1: {"acme"}, 2: {"acme"}, 3: {"other"}, 4: nil} {
		if got := names(t, u, person(id)); !slices.Equal(got, want) {
			t.Errorf("person %d is of %v, want %v", id, got, want)
		}
	}
	if gh.reads != 3 {
		t.Errorf("the rules were read %d times", gh.reads)
	}
	all, err := u.All(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	acme := all[0]
	home, has := acme.Notices()
	if acme.Passkeys.Wait != "48h0m0s" || acme.Passkeys.Keys != 2 || !slices.Contains(acme.Vouchers(), "@acme/sre") || !has || home.ID != 2 {
		t.Errorf("acme is %+v", acme)
	}
	if _, has := all[1].Notices(); has {
		t.Error("other has GitHub tell people")
	}
}

// That GitHub does not answer, or that the organisation's file cannot be used, is not
// nothing asked.
func TestWhatIsAskedIsNotKnown(t *testing.T) {
	gh := &github{org: map[string]string{"acme": "passkeys: { wait: soon }"}, groups: map[int64][]string{1: {"role:write"}}, down: true}
	u := world(t, gh)
	if _, err := u.Of(t.Context(), person(1)); gate.AsError(err).Code != "github_unavailable" {
		t.Errorf("GitHub is out of reach: %v", err)
	}
	gh.down = false
	in, err := u.Of(t.Context(), person(1))
	if err != nil || len(in) != 2 || in[0].Invalid == "" || in[1].Invalid != "" {
		t.Errorf("%+v, %v", in, err)
	}
}
