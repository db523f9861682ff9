package site_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
)

func TestAPressIsOfThePaintingThatItsPresserSaw(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	button := func(nonce string) []any {
		return []any{fields{"label": "Approve", "description": "Let it go", "identifier": nonce}}
	}
	id := fmt.Sprint(w.check(fields{"conclusion": "action_required", "actions": button("first"),
		"output": fields{"title": "83", "summary": "s"}}).want(201).value("id"))
	w.api().do("PATCH", runs+"/"+id, fields{"conclusion": "action_required", "actions": button("second"),
		"output": fields{"title": "99", "summary": "s"}}).want(200)
	w.took()
	run := w.shop.CheckRuns(w.shop.Tip("main"))[0].ID
	bob := w.hub.CreateUser("bob")
	presses := w.hub.Hold("check_run", "requested_action")
	w.must(w.hub.Press(run, "Approve", w.alice))
	w.must(w.hub.PressPainted(run, 0, "Approve", bob))
	if w.hub.Press(run, "Deny", w.alice) == nil ||
		w.hub.PressPainted(run, 2, "Approve", w.alice) == nil || w.hub.Click(run, "first", w.alice) == nil {
		t.Error("a button that there is not was pressed")
	}
	presses.Release(1, 0)
	var arrived []string
	for _, h := range only(w.took(), "check_run", "requested_action") {
		arrived = append(arrived, fmt.Sprint(h.payload["requested_action"].(map[string]any)["identifier"], " by ",
			h.payload["sender"].(map[string]any)["login"]))
	}
	if fmt.Sprint(arrived) != "[first by bob second by alice]" {
		t.Errorf("%v arrived", arrived)
	}
	var made []string
	for _, p := range w.hub.Presses() {
		made = append(made, fmt.Sprint(p.By.Login, " saw ", w.hub.Paintings(p.RunID)[p.Painting].Title))
	}
	if fmt.Sprint(made) != "[alice saw 99 bob saw 83]" {
		t.Errorf("people pressed so: %v", made)
	}
}

// TestWeatherPasses holds that whoever asks again is told the truth: after
// lags and faults have ended by themselves, and the weather where it does not.
func TestWeatherPasses(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(60) {
		c := newClock()
		w := newWorld(t, fakehub.Options{Now: c.now, Seed: seed, RESTQuota: -1, GraphQLQuota: -1})
		w.app.SetWebhook("", "")
		p := w.opened(fakehub.NewPull{Title: "A"})
		random := rand.New(rand.NewPCG(seed, 3))
		var ends []func()
		for range 3 {
			what, end := w.hub.Weather(random)
			seen[what] = true
			ends = append(ends, end)
			_, err := p.Push(fakehub.Files{"f": what})
			w.must(err)
			if _, err := w.api().try("GET", shop+"/pulls/1", nil); err != nil {
				continue // the line broke, which is weather
			}
			c.forward(time.Second)
		}
		for _, end := range ends {
			end()
		}
		w.api().get(shop+"/pulls/1").want(200).is("head.sha", p.HeadSHA())
		w.api().ask(headQuery, map[string]any{"n": 1}).is("data.repository.pullRequest.headRefOid", p.HeadSHA())
		w.hub.Close()
	}
	if len(seen) < 40 {
		t.Errorf("only %d kinds of weather were drawn", len(seen))
	}
}
