package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/board"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/answers"
)

// desk is the door with GitHub and a keeper that the test plays.
type desk struct {
	t    testing.TB
	door http.Handler
	log  bytes.Buffer

	mu      sync.Mutex
	at      time.Time
	who     gate.Actor // who enters the codes; no id: nobody yet
	fails   error      // of GitHub
	codes   int
	told    map[string]bool // device codes that were used
	offered map[string]gate.Offered
	streams map[string]string // of the offers
	look    answers.Look
	unseen  bool
}

func (d *desk) SignIn(context.Context) (gate.SignIn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.codes++
	return gate.SignIn{Device: fmt.Sprint("secret-", d.codes), UserCode: "ABCD-1234",
		Address: "https://github.com/login/device", Interval: 5 * time.Second, Life: 15 * time.Minute}, d.fails
}

func (d *desk) SignedIn(_ context.Context, device string) (gate.Actor, time.Duration, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch {
	case d.fails != nil:
		return gate.Actor{}, 0, d.fails
	case d.told[device]:
		return gate.Actor{}, 0, &gate.Error{Code: "sign_in_expired", Text: "It was used already."}
	case d.who.ID == 0:
		return gate.Actor{}, 10 * time.Second, nil
	}
	d.told[device] = true
	return d.who, 0, nil
}

func (d *desk) Holds(_ context.Context, who gate.Actor, repository string) (board.Holds, error) {
	return board.Holds{Gates: []board.Hold{{Stream: "pr/42/1", Subject: "for " + who.Login + " in " + repository}}}, nil
}

func (d *desk) Resolve(subject string) (string, error) { return subject, nil }

func (d *desk) Look(_ context.Context, _ gate.Actor, subject string, _ gate.Offered) (answers.Look, error) {
	if d.unseen {
		return answers.Look{}, &gate.Error{Code: "not_found", Text: "There is no such gate."}
	}
	look := d.look
	look.Subject = subject
	return look, nil
}

func (d *desk) Offer(_ context.Context, stream, key string, o gate.Offered) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, had := d.offered[key]; had {
		return false, nil
	}
	d.offered[key], d.streams[key] = o, stream
	return true, nil
}

func (d *desk) Outcome(_ context.Context, _, key string, after uint64) (answers.Outcome, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, had := d.offered[key]; !had || after != 9 {
		return answers.Outcome{State: "unknown"}, nil
	}
	return answers.Outcome{State: "counted", Text: "It counts."}, nil
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

func (d *desk) pass(by time.Duration) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.at = d.at.Add(by)
}

var keyA, keyB, keyC = bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{3}, 32)

func newDesk(t testing.TB, keys ...[]byte) *desk {
	d := &desk{
		t: t, at: time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC), told: map[string]bool{}, offered: map[string]gate.Offered{},
		streams: map[string]string{},
		look: answers.Look{Stream: "pr/42/1", Title: "Held", Version: 9,
			For: gate.For{Head: "aaa1", Verdict: "d1ge57", Rules: "r"}, Verdict: gate.Verdict{Digest: "d1ge57"}},
	}
	if len(keys) == 0 {
		keys = [][]byte{keyA}
	}
	d.serve(keys...)
	return d
}

// serve is a server that begins anew, with keys of its own.
func (d *desk) serve(keys ...[]byte) {
	sealer, err := NewSealer(keys, d.now)
	if err != nil {
		d.t.Fatal(err)
	}
	d.door = New(Deps{Metrics: NewMetrics(), Slog: slog.New(slog.NewTextHandler(&d.log, nil)), Now: d.now, SignIns: d,
		Answers: d, Waiting: d, Sealer: sealer})
}

// post sends a body as it is.
func (d *desk) post(path, body, from string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer ghu_of-nobody") // is worth nothing here
	if from != "" {
		req.RemoteAddr = from
	}
	w := httptest.NewRecorder()
	d.door.ServeHTTP(w, req)
	return w
}

// ask posts fields and wants a status and, of a refusal, a code.
func (d *desk) ask(path string, fields map[string]any, status int, code string) map[string]any {
	d.t.Helper()
	body, err := json.Marshal(fields)
	if err != nil {
		d.t.Fatal(err)
	}
	return d.want(d.post(path, string(body), ""), status, code)
}

func (d *desk) want(w *httptest.ResponseRecorder, status int, code string) map[string]any {
	d.t.Helper()
	var out map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		d.t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if got, _ := out["code"].(string); w.Code != status || got != code {
		d.t.Fatalf("answered %d %s, want %d %s", w.Code, w.Body, status, code)
	}
	if w.Header().Get("Cache-Control") != "no-store" {
		d.t.Error("the answer may be stored")
	}
	return out
}

// begins asks for a code and gives the handle.
func (d *desk) begins(fields map[string]any) string {
	d.t.Helper()
	out := d.ask("/api/requests", fields, 200, "")
	if out["user_code"] != "ABCD-1234" || out["verification_uri"] != "https://github.com/login/device" ||
		out["interval"] != 5.0 || out["expires_in"] != 900.0 {
		d.t.Fatalf("%v", out)
	}
	return out["handle"].(string)
}

var approval = map[string]any{"want": "answer", "subject": "acme/shop#1", "answer": "approve", "reason": " checked "}

var ana = gate.Actor{Login: "ana", ID: 11, Type: "User"}

// ticket signs ana in and gives a ticket for an approval.
func (d *desk) ticket() string {
	d.t.Helper()
	d.who = ana
	return d.ask("/api/requests/complete", map[string]any{"handle": d.begins(approval)}, 200, "")["ticket"].(string)
}

func TestAnAnswerThroughTheDoor(t *testing.T) {
	d := newDesk(t)
	handle := d.begins(approval)
	if strings.Contains(handle, "secret") {
		t.Error("the handle shows what it seals")
	}
	if out := d.ask("/api/requests/complete", map[string]any{"handle": handle}, 202, ""); out["status"] != "pending" ||
		out["interval"] != 10.0 {
		t.Errorf("%v", out)
	}
	d.who = ana
	out := d.ask("/api/requests/complete", map[string]any{"handle": handle}, 200, "")
	if shown := out["gate"].(map[string]any); shown["title"] != "Held" || shown["subject"] != "acme/shop#1" {
		t.Errorf("%v", out)
	}
	ticket := map[string]any{"ticket": out["ticket"]}
	if out := d.ask("/api/answers/outcome", ticket, 200, ""); out["state"] != "unknown" {
		t.Errorf("before the answer: %v", out)
	}
	d.ask("/api/answers", ticket, 202, "")
	if out := d.ask("/api/answers/outcome", ticket, 200, ""); out["state"] != "counted" {
		t.Errorf("%v", out)
	}
	want := gate.Offered{By: ana, Answer: gate.Approve, Via: gate.ViaCLI, Reason: "checked", For: d.look.For,
		Saw: gate.Sight{Version: d.look.Version}}
	for key, got := range d.offered {
		if got != want || d.streams[key] != "pr/42/1" || !strings.HasPrefix(key, "cli:") || len(key) < 24 {
			t.Errorf("offered %s %+v, want %+v", key, got, want)
		}
	}
	if strings.Contains(d.log.String(), "secret") || strings.Contains(d.log.String(), "ghu_") {
		t.Errorf("the log tells secrets: %s", &d.log)
	}
}

func TestAListThroughTheDoor(t *testing.T) {
	d := newDesk(t)
	d.who = ana
	out := d.ask("/api/requests/complete", map[string]any{"handle": d.begins(map[string]any{"want": "holds",
		"repository": "acme/shop"})}, 200, "")
	if !strings.Contains(fmt.Sprint(out["holds"]), "for ana in acme/shop") || out["ticket"] != nil {
		t.Errorf("%v", out)
	}
}

func TestAttackTicketReplayed(t *testing.T) {
	d := newDesk(t)
	ticket := map[string]any{"ticket": d.ticket()}
	d.ask("/api/answers", ticket, 202, "")
	if out := d.ask("/api/answers", ticket, 200, ""); out["status"] != "seen" || len(d.offered) != 1 {
		t.Errorf("%v, %d answers", out, len(d.offered))
	}
	d.pass(10 * time.Minute)
	d.ask("/api/answers", ticket, 410, "ticket_expired")
	d.ask("/api/answers/outcome", ticket, 200, "") // what became of it is told for a while
	d.pass(20 * time.Minute)
	d.ask("/api/answers/outcome", ticket, 410, "ticket_expired")
}

func TestAttackHandleReplayed(t *testing.T) {
	d := newDesk(t)
	d.who = ana
	handle := map[string]any{"handle": d.begins(approval)}
	d.ask("/api/requests/complete", handle, 200, "")
	d.ask("/api/requests/complete", handle, 410, "sign_in_expired")
	late := map[string]any{"handle": d.begins(approval)}
	d.pass(15 * time.Minute)
	d.ask("/api/requests/complete", late, 410, "handle_expired")
}

func TestAttackHandleForHoldsUsedToAnswer(t *testing.T) {
	d := newDesk(t)
	d.who = ana
	holds := d.begins(map[string]any{"want": "holds"})
	d.ask("/api/answers", map[string]any{"ticket": holds}, 400, "ticket_invalid")
	d.ask("/api/answers/outcome", map[string]any{"ticket": holds}, 400, "ticket_invalid")
	d.ask("/api/requests/complete", map[string]any{"handle": d.ticket()}, 400, "handle_invalid")
	d.ask("/api/requests/complete", map[string]any{"handle": holds, "answer": "approve"}, 400, "request_invalid")
	if len(d.offered) != 0 {
		t.Error("it answered")
	}
}

// A ticket holds the gate, so what is posted beside it is refused, and two of
// them put together are none.
func TestAttackTicketOfAnotherGate(t *testing.T) {
	d := newDesk(t)
	one := d.ticket()
	d.look.Stream = "pr/42/2"
	two := d.ticket()
	d.ask("/api/answers", map[string]any{"ticket": one, "stream": "pr/42/2"}, 400, "request_invalid")
	for cut := range min(len(one), len(two)) {
		if mixed := one[:cut] + two[cut:]; mixed != one && mixed != two {
			d.pass(time.Second)
			d.ask("/api/answers", map[string]any{"ticket": mixed}, 400, "ticket_invalid")
		}
	}
	d.ask("/api/answers", map[string]any{"ticket": one}, 202, "")
	for _, stream := range d.streams {
		if stream != "pr/42/1" {
			t.Errorf("the ticket of pr/42/1 answered on %s", stream)
		}
	}
}

func TestAttackTicketChanged(t *testing.T) {
	d := newDesk(t)
	ticket := d.ticket()
	for i := range ticket {
		changed := []byte(ticket)
		changed[i] ^= 1
		d.pass(time.Second) // the door is limited
		w := d.post("/api/answers", `{"ticket":`+string(quoted(string(changed)))+`}`, "")
		if w.Code != 400 {
			t.Fatalf("with character %d changed it is answered %d %s", i, w.Code, w.Body)
		}
	}
	for _, bad := range []string{"", "A", ticket[:10], ticket + "A", ticket + "=", " " + ticket, strings.Repeat("A", maxSealed),
		strings.Repeat("A", maxSealed+1)} {
		d.ask("/api/answers", map[string]any{"ticket": bad}, 400, "ticket_invalid")
	}
	if len(d.offered) != 0 {
		t.Error("a changed ticket answered")
	}
}

func quoted(s string) []byte {
	out, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return out
}

func TestKeysAreRotated(t *testing.T) {
	d := newDesk(t, keyA)
	ticket := map[string]any{"ticket": d.ticket()}
	d.serve(keyB, keyA) // the new one seals, the old one opens
	d.ask("/api/answers", ticket, 202, "")
	fresh := map[string]any{"ticket": d.ticket()}
	d.serve(keyB)
	d.ask("/api/answers", fresh, 202, "")
	d.ask("/api/answers", ticket, 400, "ticket_invalid")
	d.serve(keyC)
	d.ask("/api/answers", fresh, 400, "ticket_invalid")
	for _, keys := range [][][]byte{nil, {keyA[:16]}, {keyA, nil}} {
		if _, err := NewSealer(keys, d.now); err == nil {
			t.Errorf("%d keys are taken", len(keys))
		}
	}
}

func TestAttackBotSignsIn(t *testing.T) {
	d := newDesk(t)
	d.who = gate.Actor{Login: "devin-ai-integration[bot]", ID: 5, Type: "Bot"}
	d.ask("/api/requests/complete", map[string]any{"handle": d.begins(approval)}, 403, "not_human")
	d.ask("/api/requests/complete", map[string]any{"handle": d.begins(map[string]any{"want": "holds"})}, 403, "not_human")
}

func TestWhatTheDoorPassesOn(t *testing.T) {
	d := newDesk(t)
	handle := map[string]any{"handle": d.begins(approval)}
	for code, status := range map[string]int{
		"sign_in_denied": 403, "sign_in_expired": 410, "github_unavailable": 503, "channel_off": 404, "not_human": 403,
		"answer_too_large": 502,
	} {
		d.fails = &gate.Error{Code: code, Text: "It is so."}
		d.ask("/api/requests/complete", handle, status, code)
	}
	d.fails = &gate.Error{Code: "rate_limited", Text: "Later.", Until: d.now().Add(time.Minute)}
	w := d.post("/api/requests", string(quotedFields(approval)), "")
	d.want(w, 503, "rate_limited")
	if got := w.Header().Get("Retry-After"); got != "61" {
		t.Errorf("Retry-After is %q", got)
	}
	d.fails, d.who, d.unseen = nil, ana, true
	d.ask("/api/requests/complete", handle, 404, "not_found")
}

func quotedFields(fields map[string]any) []byte {
	out, err := json.Marshal(fields)
	if err != nil {
		panic(err)
	}
	return out
}

func TestWhatIsNoRequest(t *testing.T) {
	d := newDesk(t)
	for _, body := range []string{
		``, `null x`, `[]`, `{`, `{"want":"holds"} {}`, `{"want":"holds"}x`, `{"want":1}`, `{"want":"all"}`, `{}`, "\xff",
		`{"want":"holds","more":1}`,
		`{"want":"holds","answer":"approve"}`, `{"want":"holds","subject":"acme/shop#1"}`,
		`{"want":"holds","repository":"` + strings.Repeat("a", 300) + `"}`,
		`{"want":"answer"}`, `{"want":"answer","subject":"acme/shop#1"}`, `{"want":"answer","subject":"acme/shop#1","answer":"release"}`,
		`{"want":"answer","subject":"acme/shop","answer":"approve"}`,
		`{"want":"answer","subject":"acme/shop#1","answer":"approve","repository":"acme/shop"}`,
		`{"want":"answer","subject":"acme/shop#1","answer":"approve","reason":"two\nlines"}`,
		`{"want":"answer","subject":"acme/shop#1","answer":"approve","reason":"` + strings.Repeat("a", 501) + `"}`,
	} {
		d.pass(time.Minute)
		d.want(d.post("/api/requests", body, ""), 400, "request_invalid")
	}
	d.want(d.post("/api/requests", `{"want":"answer","subject":"group/42/aa","answer":"approve"}`, ""), 400, "queue")
	d.want(d.post("/api/requests", `{"reason":"`+strings.Repeat("a", maxRequest)+`"}`, ""), 413, "too_large")
	req := httptest.NewRequest(http.MethodPost, "/api/requests", strings.NewReader(`{"want":"holds"}`))
	req.Header.Set("Content-Type", "text/plain")
	w := httptest.NewRecorder()
	d.door.ServeHTTP(w, req)
	d.want(w, 415, "not_json")
	if d.codes != 0 {
		t.Errorf("%d codes were asked for", d.codes)
	}
}

func TestTheChannelIsOff(t *testing.T) {
	d := newDesk(t)
	d.door = New(Deps{Metrics: NewMetrics(), Slog: slog.New(slog.DiscardHandler), Now: d.now})
	for _, path := range []string{"/api/requests", "/api/requests/complete", "/api/answers", "/api/answers/outcome"} {
		if out := d.want(d.post(path, `{}`, ""), 404, "channel_off"); !strings.Contains(out["text"].(string), "GATEHOLD_CLIENT_ID") {
			t.Errorf("%v", out)
		}
	}
}

func TestCodesAreScarce(t *testing.T) {
	d := newDesk(t)
	holds := `{"want":"holds"}`
	for range codeBurst {
		d.want(d.post("/api/requests", holds, "192.0.2.1:5"), 200, "")
	}
	w := d.post("/api/requests", holds, "192.0.2.1:6")
	d.want(w, 429, "too_many_requests")
	if got := w.Header().Get("Retry-After"); got != "61" {
		t.Errorf("Retry-After is %q", got)
	}
	for range codeBurst { // one network of IPv6 is one asker
		d.want(d.post("/api/requests", holds, "[2001:db8::1]:5"), 200, "")
	}
	d.want(d.post("/api/requests", holds, "[2001:db8::2]:5"), 429, "too_many_requests")
	for n := range codeBurstOverall - 2*codeBurst {
		d.want(d.post("/api/requests", holds, fmt.Sprintf("198.51.100.%d:5", n)), 200, "")
	}
	d.want(d.post("/api/requests", holds, "203.0.113.1:5"), 429, "too_many_requests")
	if d.codes != codeBurstOverall {
		t.Errorf("%d codes were asked for", d.codes)
	}
	d.pass(codeEvery)
	d.want(d.post("/api/requests", holds, "192.0.2.1:5"), 200, "")
	for range callBurst + 1 {
		w = d.post("/api/answers", `{"ticket":""}`, "192.0.2.9:5")
	}
	d.want(w, 429, "too_many_requests")
}

// FuzzRequests: whatever is posted, nothing is answered by it, no answer is on
// record, and the door answers in JSON.
func FuzzRequests(f *testing.F) {
	d := newDesk(f)
	d.who = ana
	ticket := d.ticket()
	paths := []string{"/api/requests/complete", "/api/answers", "/api/answers/outcome", "/api/requests"}
	for n, body := range []string{`{"handle":"AAAA"}`, `{"ticket":"` + ticket[:len(ticket)/2] + `"}`,
		`{"ticket":"` + ticket[len(ticket)/2:] + `"}`,
		`{"want":"answer","subject":"acme/shop#1","answer":"approve","reason":"x"}`, `{"ticket":{"ticket":[]}}`} {
		f.Add(uint8(n), []byte(body))
	}
	f.Fuzz(func(t *testing.T, path uint8, body []byte) {
		if bytes.Contains(body, []byte(ticket)) {
			return
		}
		d.pass(time.Minute)
		w := d.post(paths[int(path)%len(paths)], string(body), "")
		if !json.Valid(w.Body.Bytes()) || w.Code >= 500 || len(d.offered) != 0 {
			t.Errorf("%s: %d %s, %d answers", body, w.Code, w.Body, len(d.offered))
		}
		if path%4 < 3 && w.Code < 400 {
			t.Errorf("%s: %d %s", body, w.Code, w.Body)
		}
	})
}

// FuzzSealed: nothing opens but what was sealed.
func FuzzSealed(f *testing.F) {
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	s, err := NewSealer([][]byte{keyA, keyB}, now)
	if err != nil {
		f.Fatal(err)
	}
	whole, err := s.seal(sealedTicket, now().Add(time.Minute), ticket{ID: "x", Stream: "pr/1/2"})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole[:len(whole)/2]) // each process of the fuzzer seals another one: a whole one would open
	f.Add(whole[len(whole)/2:])
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		var got ticket
		err := s.open(sealedTicket, text, 0, &got)
		if (err == nil) != (text == whole) {
			t.Errorf("%q opens: %v", text, err)
		}
		if s.open(sealedSignIn, text, 0, &got) == nil {
			t.Errorf("%q opens for another purpose", text)
		}
	})
}
