package site_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
)

// pressable is a check run with two buttons.
func (w *world) pressable() int64 {
	w.t.Helper()
	w.check(fields{"status": "in_progress", "actions": []any{
		fields{"label": "Approve", "description": "Let it go", "identifier": "approve"},
		fields{"label": "Deny", "description": "Stop it", "identifier": "deny"}}}).want(201)
	w.took()
	return w.shop.CheckRuns(w.shop.Tip("main"))[0].ID
}

// pressed is what arrived of presses, in order.
func (w *world) pressed() (out []string) {
	w.t.Helper()
	for _, h := range only(w.took(), "check_run", "requested_action") {
		out = append(out, fmt.Sprint(h.payload["requested_action"].(map[string]any)["identifier"]))
	}
	return out
}

func TestHeldWebhooksAreReleasedInAnyOrder(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	run := w.pressable()
	presses := w.hub.Hold("check_run", "requested_action")
	for _, button := range []string{"approve", "deny", "approve"} {
		w.must(w.hub.Click(run, button, w.alice))
	}
	w.hub.Rerequest(run, w.alice)
	if got := w.took(); len(got) != 1 || got[0].action != "rerequested" {
		t.Fatalf("%d webhooks arrived, want the one that is not held", len(got))
	}
	if n := len(presses.Waiting()); n != 3 {
		t.Fatalf("%d presses wait, want 3", n)
	}
	presses.Release(1, 0, 7, 1)
	if got := fmt.Sprint(w.pressed()); got != "[deny approve]" {
		t.Errorf("%s arrived, want the denial first", got)
	}
	presses.Lose()
	w.must(w.hub.Click(run, "deny", w.alice))
	presses.End()
	w.must(w.hub.Click(run, "approve", w.alice))
	if got := fmt.Sprint(w.pressed()); got != "[deny approve]" {
		t.Errorf("%s arrived after one was lost and the rest let go", got)
	}
	if n := len(w.hub.DeliveriesOf("check_run", "requested_action")); n != 4 {
		t.Errorf("%d presses are in the log, want 4", n)
	}
}

func TestAPressThatFailedIsDeliveredAgainUnderItsGUID(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	run := w.pressable()
	w.hub.InjectHook(faults.HookFault{Event: "check_run", Kind: faults.Fail, Code: 502, Times: 1})
	w.must(w.hub.Click(run, "approve", w.alice))
	if got := w.pressed(); len(got) != 0 {
		t.Fatalf("%v arrived", got)
	}
	app := w.as(w.appJWT())
	failed := app.get("/app/hook/deliveries?status=failure").want(200).is("0.status_code", 502).is("0.action", "requested_action")
	app.do("POST", fmt.Sprintf("/app/hook/deliveries/%v/attempts", failed.value("0.id")), nil).want(202)
	if got := fmt.Sprint(w.pressed()); got != "[approve]" {
		t.Errorf("%s arrived", got)
	}
	log := w.hub.DeliveriesOf("check_run", "requested_action")
	if len(log) != 2 || log[0].GUID != log[1].GUID || !log[1].Redelivery || log[1].Code != 202 {
		t.Errorf("the log has %d entries", len(log))
	}
}

func TestACaughtBodyIsReplayedUnderAnotherGUID(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	run := w.pressable()
	w.must(w.hub.Click(run, "approve", w.alice))
	first := w.took()
	log := w.hub.DeliveriesOf("check_run", "requested_action")
	guid, status, err := w.hub.Replay(log[0].ID)
	w.must(err)
	again := w.took()
	if status != 202 || len(again) != 1 || string(again[0].body) != string(first[0].body) ||
		again[0].header.Get("X-GitHub-Delivery") != guid || guid == log[0].GUID ||
		again[0].header.Get("X-Hub-Signature-256") != first[0].header.Get("X-Hub-Signature-256") {
		t.Errorf("the replay is not the same body under another GUID: %d webhooks, status %d", len(again), status)
	}
	if len(w.hub.DeliveriesOf("check_run", "requested_action")) != 1 {
		t.Error("GitHub's log has what GitHub did not send")
	}
	if _, _, err := w.hub.Replay(1); err == nil {
		t.Error("a delivery that there is not was replayed")
	}
}

func TestALateWebhookComesWhenItsTimeHasCome(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now})
	run := w.pressable()
	w.hub.InjectHook(faults.HookFault{Event: "check_run", Kind: faults.Late, Delay: time.Hour, Times: 1})
	w.must(w.hub.Click(run, "approve", w.alice))
	w.must(w.hub.Click(run, "deny", w.alice))
	if got := fmt.Sprint(w.pressed()); got != "[deny]" {
		t.Errorf("%s arrived at once, want the denial", got)
	}
	c.forward(59 * time.Minute)
	w.hub.Tick()
	if got := w.pressed(); len(got) != 0 {
		t.Errorf("%v arrived too early", got)
	}
	c.forward(time.Minute)
	w.hub.Tick()
	if got := fmt.Sprint(w.pressed()); got != "[approve]" {
		t.Errorf("%s arrived late, want the approval", got)
	}
}
