package keeper_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
)

// deployed takes in that GitHub says how a deployment by another tool ended.
func (h *house) deployed(environment, sha, state string, id int64) {
	h.t.Helper()
	h.sent++
	_, err := h.keeper.Deliveries.Take(context.Background(),
		gate.Delivery{Key: fmt.Sprintf("1:%d", h.sent), Event: "deployment_status", Seen: &gate.Seen{
			Subject: gate.Subject{Kind: gate.Environment, Repo: shop, Environment: environment, DeploymentID: id},
			Event:   "deployment_status", Action: state, Head: sha, Sender: gate.Actor{Login: "tool", ID: 9, Type: "Bot"},
		}})
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestEnvironmentsSayWhatRunsThere(t *testing.T) {
	story(t, func(h *house) {
		h.close()
		h.guarded(&watchman{})
		list := func(repository string) []board.EnvironmentSummary {
			t.Helper()
			h.settle(20 * time.Second)
			all, err := h.board().Environments(context.Background(), repository, func(gate.Repo) bool { return true })
			if err != nil || all.Omitted != 0 {
				t.Fatalf("%+v, %v", all, err)
			}
			return all.List
		}
		if got := list(""); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		h.deployed("Production", "aaa1", "success", 1)
		h.deployed("dev", "aaa1", "failure", 2)
		got := list("Acme/Shop")
		if len(got) != 2 || got[0].Environment != "dev" || got[0].Standing != board.HasFailed || got[0].Runs != nil ||
			got[0].Failed == nil || got[0].Failed.SHA != "aaa1" {
			t.Fatalf("%+v", got)
		}
		prod := got[1]
		if prod.Standing != board.WasBypassed || prod.Runs == nil || prod.Runs.SHA != "aaa1" || prod.Runs.Gate != "" ||
			len(prod.Bypassed) != 1 || len(prod.Runs.ReleasedBy) != 0 {
			t.Errorf("%+v", prod)
		}
		if got := list("acme/other"); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		h.deployed("PRODUCTION", "bbb2", "failure", 3)
		h.settle(20 * time.Second)
		e, err := h.board().Environment(context.Background(), prod.Stream)
		if err != nil || len(e.Arrivals) != 2 || e.Arrivals[0].SHA != "bbb2" || !e.Arrivals[0].Failed || e.Runs.SHA != "aaa1" ||
			e.Failed == nil {
			t.Errorf("%+v, %v", e, err)
		}
		if _, err := h.board().Environment(context.Background(), "env/42/none"); gate.AsError(err).Code != "not_found" {
			t.Error(err)
		}
		h.restart() // the view is made anew from the ledger
		if got := list(""); len(got) != 2 {
			t.Errorf("%+v", got)
		}
	})
}
