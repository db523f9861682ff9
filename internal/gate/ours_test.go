package gate_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

// TestOurEventsWereOnceAmongGitHubs: what earlier versions put on record of
// themselves, under a name among GitHub's events, is read as the event of ours
// that it was; what GitHub told stays what it told.
func TestOurEventsWereOnceAmongGitHubs(t *testing.T) {
	pull := gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 12}
	deploy := gate.Subject{Kind: gate.Deployment, Repo: shop, Run: 9, DeploymentID: 5, Environment: "production", SHA: "a1"}
	repo := gate.Subject{Kind: gate.Repository, Repo: shop}
	by := gate.Actor{Login: "bo", ID: 3, Type: "User"}
	since := time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)
	said := &gate.Said{At: since, Head: "a1", BaseRef: "main"}
	for name, c := range map[string]struct {
		was gate.Seen
		is  gate.Event
	}{
		"compared": {
			gate.Seen{Subject: pull, Event: "gatehold", Action: "reconciled", Head: "a1", Base: "b1", BaseRef: "main", Said: said},
			gate.Look{Subject: pull, Why: gate.Reconciled, Head: "a1", Base: "b1", BaseRef: "main", Said: said},
		},
		"asked for": {
			gate.Seen{Subject: pull, Event: "gatehold", Action: "rerequested", Sender: by},
			gate.Look{Subject: pull, Why: gate.Rerequested, By: by},
		},
		"another attempt": {
			gate.Seen{Subject: deploy, Event: "gatehold", Action: "attempt", Attempt: 2, Trigger: "push", Since: since},
			gate.Look{Subject: deploy, Why: gate.NewAttempt, Attempt: 2, Trigger: "push", Since: since},
		},
		"of a repository": {
			gate.Seen{Subject: repo, Event: "gatehold", Action: gate.BranchSeen, BaseRef: "next"},
			gate.Noticed{Subject: repo, What: gate.BranchSeen, BaseRef: "next"},
		},
		"lanes": {
			gate.Seen{Subject: repo, Event: "lanes", Action: gate.LanesChanged, Default: "trunk"},
			gate.Noticed{Subject: repo, What: gate.LanesUnsure, Default: "trunk"},
		},
		"GitHub's": {
			gate.Seen{Subject: pull, Event: "pull_request", Action: "opened", Head: "a1"},
			gate.Seen{Subject: pull, Event: "pull_request", Action: "opened", Head: "a1"},
		},
	} {
		body, err := json.Marshal(c.was)
		if err != nil {
			t.Fatal(err)
		}
		got, err := gate.Decode("seen", body)
		if err != nil || !reflect.DeepEqual(got, c.is) {
			t.Errorf("%s: %+v, %v; want %+v", name, got, err, c.is)
		}
		if body, err = gate.Encode(c.is); err != nil {
			t.Fatal(err)
		}
		if got, err = gate.Decode(c.is.Kind(), body); err != nil || !reflect.DeepEqual(got, c.is) {
			t.Errorf("%s: written now it reads %+v, %v", name, got, err)
		}
	}
	for _, body := range []string{
		`{"subject":{"kind":"pr"},"event":"gatehold","action":"guessed"}`,
		`{"subject":{"kind":"repo"},"event":"gatehold","action":"guessed"}`,
	} {
		if _, err := gate.Decode("seen", []byte(body)); gate.Unknown(err) == nil {
			t.Errorf("a reason that nobody knows is read: %v", err)
		}
	}
	if _, err := gate.Decode("look", []byte(`{"subject":{"kind":"pr"},"why":"guessed"}`)); gate.Unknown(err) == nil {
		t.Errorf("a reason that nobody knows is read: %v", err)
	}
}
