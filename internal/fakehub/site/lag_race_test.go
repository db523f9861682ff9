package site_test

import (
	"sync"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/actions"
	"github.com/gatehold/gatehold/internal/fakehub/lag"
)

// What a test asks of the hub while a request is answered with the past does not
// see that past, and is no race with it.
func TestTheHubIsReadWhileARequestSeesThePast(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	p := w.opened(fakehub.NewPull{Title: "A"})
	e := w.hub.CreateEnvironment(w.shop, "production")
	run, err := w.hub.StartRun(w.shop, actions.RunSpec{Actor: w.agent, Jobs: []actions.JobSpec{{Name: "a", Environment: "production"}}})
	w.must(err)
	w.hub.Lag(lag.Lag{})
	head, err := p.Push(fakehub.Files{"more.txt": "x\n"})
	w.must(err)
	var reads sync.WaitGroup
	reads.Go(func() {
		for range 100 {
			if p.HeadSHA() != head || len(w.hub.Deployments(w.shop, e.Name)) != 1 || run.View().ID != run.ID || w.shop.Name != "shop" ||
				p.Number != 1 || w.shop.ID == 0 {
				t.Error("it is not as it is")
			}
		}
	})
	for range 20 {
		w.api().ask(headQuery, map[string]any{"n": 1})
		w.api().get(shop + "/pulls/1").want(200)
	}
	reads.Wait()
}
