package site_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/faults"
)

func TestWebhooksAreSignedAndAddressed(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.took()
	w.open(fakehub.NewPull{Title: "T", Files: fakehub.Files{"a": "1\n"}})
	got := w.took()
	for _, want := range []string{"push", "check_suite", "pull_request"} {
		if len(only(got, want, "")) != 1 {
			t.Errorf("%d webhooks of %s", len(only(got, want, "")), want)
		}
	}
	h := only(got, "pull_request", "opened")[0]
	mac := hmac.New(sha256.New, []byte("s3cret"))
	mac.Write(h.body)
	for name, want := range map[string]string{
		"X-Hub-Signature-256": "sha256=" + hex.EncodeToString(mac.Sum(nil)), "X-GitHub-Hook-Installation-Target-ID": fmt.Sprint(w.app.ID),
		"X-GitHub-Hook-Installation-Target-Type": "integration", "Content-Type": "application/json",
		"User-Agent": "GitHub-Hookshot/044aadd",
	} {
		if h.header.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, h.header.Get(name), want)
		}
	}
	if len(h.header.Get("X-GitHub-Delivery")) != 36 {
		t.Errorf("the GUID is %q", h.header.Get("X-GitHub-Delivery"))
	}
}

func TestOnlyThoseHearWhoMay(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	second := newReceiver(t)
	app, err := w.hub.CreateApp(fakehub.NewApp{Slug: "other", PrivateKey: key(), WebhookURL: second.url, Events: []string{"pull_request"}})
	if err != nil {
		t.Fatal(err)
	}
	vault := w.acme.CreateRepo("vault", nil)
	app.Install(w.acme, vault)
	w.took()
	w.open(fakehub.NewPull{Title: "T", Files: fakehub.Files{"a": "1\n"}})
	w.inst.Grant(map[string]string{"metadata": "read", "pull_requests": "read"})
	first := w.took()
	if _, err := vault.OpenPull(fakehub.NewPull{Author: w.agent, Title: "V", Files: fakehub.Files{"a": "1\n"}}); err != nil {
		t.Fatal(err)
	}
	got := w.took()
	if len(got) != 1 || got[0].event != "pull_request" {
		t.Errorf("without contents and checks the App heard %d events", len(got))
	}
	second.mu.Lock()
	defer second.mu.Unlock()
	var heard []string
	for _, h := range second.got {
		heard = append(heard, h.event+" "+h.action)
	}
	if strings.Join(heard, ", ") != "installation created, pull_request opened" {
		t.Errorf("an App of one repository and one event heard %v", heard)
	}
	if len(only(first, "pull_request", "opened")) != 1 ||
		second.got[1].header.Get("X-GitHub-Delivery") != only(got, "pull_request", "opened")[0].header.Get("X-GitHub-Delivery") {
		t.Error("an event has one GUID for all Apps")
	}
}

func TestTheDeliveryLogFindsWhatFailed(t *testing.T) {
	c := newClock()
	w := newWorld(t, fakehub.Options{Now: c.now, HookWorkers: 1})
	w.took()
	w.hooks.mu.Lock()
	w.hooks.answer = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(503) }
	w.hooks.mu.Unlock()
	w.open(fakehub.NewPull{Title: "T", Files: fakehub.Files{"a": "1\n"}})
	failed := only(w.took(), "pull_request", "opened")[0]
	w.hooks.mu.Lock()
	w.hooks.answer = nil
	w.hooks.mu.Unlock()

	app := w.as(w.appJWT())
	r := app.get("/app/hook/deliveries?status=failure&per_page=2").want(200).is("0.event", "pull_request").is("0.status_code",
		503).is("0.redelivery", false)
	id := fmt.Sprint(r.value("0.id"))
	rest := app.get(link(r, "next")).want(200)
	if fmt.Sprint(rest.value("0.id")) >= fmt.Sprint(r.value("1.id")) {
		t.Error("the second page does not go on where the first ends")
	}
	app.get("/app/hook/deliveries?status=success").want(200).is("0.event", "installation")
	app.get("/app/hook/deliveries/"+id).want(200).is("request.payload.action", "opened").is("response.headers.Content-Length", "0")
	app.do("POST", "/app/hook/deliveries/"+id+"/attempts", nil).want(202)
	again := w.took()
	if len(again) != 1 || string(again[0].body) != string(failed.body) ||
		again[0].header.Get("X-GitHub-Delivery") != failed.header.Get("X-GitHub-Delivery") {
		t.Fatalf("the redelivery is not the same: %d webhooks", len(again))
	}
	app.get("/app/hook/deliveries?per_page=1").want(200).is("0.redelivery", true).is("0.status", "OK").is("0.guid",
		failed.header.Get("X-GitHub-Delivery"))
	app.get("/app/hook/deliveries?cursor=zz").want(400)
	app.get("/app/hook/deliveries/1").want(404)
	c.forward(73 * time.Hour)
	w.as(jwt(t, key(), map[string]any{"iss": fmt.Sprint(w.app.ID), "iat": c.now().Unix(), "exp": c.now().Unix() + 300})).
		get("/app/hook/deliveries").want(200).says("[]")
}

func TestASlowWebhookTimesOut(t *testing.T) {
	w := newWorld(t, fakehub.Options{HookTimeout: 50 * time.Millisecond})
	w.took()
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	w.hooks.mu.Lock()
	w.hooks.answer = func(http.ResponseWriter, *http.Request) { <-done }
	w.hooks.mu.Unlock()
	w.open(fakehub.NewPull{Title: "T", Files: fakehub.Files{"a": "1\n"}})
	w.took()
	log := w.hub.Deliveries()
	if last := log[len(log)-1]; last.Status != "timed out" {
		t.Errorf("the delivery is %q (%d)", last.Status, last.Code)
	}
}

func TestWebhooksCanBeLostDoubledAndLate(t *testing.T) {
	w := newWorld(t, fakehub.Options{HookWorkers: 1})
	w.took()
	w.hub.InjectHook(faults.HookFault{Event: "pull_request", Action: "opened", Kind: faults.Drop, Times: 1})
	pull := w.open(fakehub.NewPull{Title: "T", Files: fakehub.Files{"a": "1\n"}})
	if n := len(only(w.took(), "pull_request", "")); n != 0 {
		t.Errorf("%d webhooks came of one that was lost", n)
	}
	w.hub.InjectHook(faults.HookFault{Event: "pull_request", Kind: faults.Duplicate, Times: 1})
	pull.Label("x", w.alice)
	twice := w.took()
	if len(twice) != 2 || twice[0].header.Get("X-GitHub-Delivery") != twice[1].header.Get("X-GitHub-Delivery") {
		t.Errorf("%d webhooks came of one that was doubled", len(twice))
	}
	remove := w.hub.InjectHook(faults.HookFault{Action: "labeled", Kind: faults.Delay, Delay: 100 * time.Millisecond})
	pull.Label("y", w.alice)
	pull.Unlabel("x", w.alice)
	late := w.took()
	if len(late) != 2 || late[0].action != "unlabeled" || late[1].action != "labeled" {
		t.Errorf("nothing overtook the late webhook: %v", late)
	}
	remove()
	pull.Label("z", w.alice)
	if n := len(w.took()); n != 1 {
		t.Errorf("%d webhooks after the fault was removed", n)
	}
}

func TestAClickReachesItsOwnAppOnly(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	second := newReceiver(t)
	other, err := w.hub.CreateApp(fakehub.NewApp{Slug: "other", PrivateKey: key(), WebhookURL: second.url})
	if err != nil {
		t.Fatal(err)
	}
	other.Install(w.acme)
	w.check(fields{"status": "in_progress", "actions": []any{fields{"label": "Approve", "description": "Let it go",
		"identifier": "approve"}}}).want(201)
	run := w.shop.CheckRuns(w.shop.Tip("main"))[0]
	if len(only(w.took(), "check_run", "created")) != 1 {
		t.Error("the creation was not told")
	}
	if err := w.hub.Click(run.ID, "approve", w.alice); err != nil {
		t.Fatal(err)
	}
	if err := w.hub.Rerequest(run.ID, w.agent); err != nil {
		t.Fatal(err)
	}
	got := w.took()
	click := only(got, "check_run", "requested_action")
	if len(click) != 1 || len(only(got, "check_run", "rerequested")) != 1 {
		t.Fatalf("%d clicks came of one", len(click))
	}
	(&reply{t: t, what: "click", body: click[0].body}).is("requested_action.identifier", "approve").is("sender.login", "alice").
		is("check_run.id", run.ID).is("check_run.app.id", w.app.ID).is("installation.id", w.inst.ID).is("check_run.status", "in_progress")
	second.mu.Lock()
	defer second.mu.Unlock()
	for _, h := range second.got {
		if h.action == "requested_action" || h.action == "rerequested" {
			t.Errorf("another App heard %s", h.action)
		}
	}
}
