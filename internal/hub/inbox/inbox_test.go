package inbox

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const thisApp = 4711

var (
	shop   = gate.Repo{Installation: 7, ID: 99, Owner: "acme", Name: "shop"}
	pull12 = gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 12}
)

const testSecret = "It's a Secret to Everybody"

func errorOf(t *testing.T, err error) *gate.Error {
	t.Helper()
	if err == nil {
		t.Fatal("there was no error")
	}
	return gate.AsError(err)
}

func sign(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return "sha256=" + hex.EncodeToString(mac.Sum(nil))
}

func delivery(event string, body []byte) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("X-GitHub-Event", event)
	h.Set("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
	h.Set("X-GitHub-Hook-Installation-Target-Type", "integration")
	h.Set("X-GitHub-Hook-Installation-Target-ID", "4711")
	h.Set("X-Hub-Signature-256", sign(testSecret, body))
	return h
}

// whole is a body that comes at once.
func whole(body []byte) func(io.Writer) ([]byte, error) {
	return func(signed io.Writer) ([]byte, error) {
		_, err := signed.Write(body)
		return body, err
	}
}

func testInbox(t testing.TB, secrets ...string) *Inbox {
	if len(secrets) == 0 {
		secrets = []string{testSecret}
	}
	var list [][]byte
	for _, s := range secrets {
		list = append(list, []byte(s))
	}
	in, err := New(thisApp, list)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

const (
	commonPart = `"installation":{"id":7},"repository":{"id":99,"name":"shop","owner":{"login":"acme"}},` +
		`"sender":{"login":"copilot-swe-agent[bot]","id":198982749,"type":"Bot"}`
	pullPart = `"pull_request":{"number":12,"state":"open","changed_files":3,` +
		`"head":{"sha":"1111111111111111111111111111111111111111"},` +
		`"base":{"sha":"2222222222222222222222222222222222222222","ref":"main"}}`
)

func TestInboxNeedsSecrets(t *testing.T) {
	for name, secrets := range map[string][][]byte{"none": nil, "empty list": {}, "one empty": {{}}, "second empty": {[]byte("x"), nil}} {
		if _, err := New(thisApp, secrets); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if _, err := New(0, [][]byte{[]byte("x")}); err == nil {
		t.Error("no App id is accepted")
	}
}

// The example of GitHub's documentation.
// https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries#testing-the-webhook-payload-validation
func TestSignatureAsDocumented(t *testing.T) {
	header := delivery("ping", nil)
	header.Set("X-Hub-Signature-256", "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17")
	_, err := testInbox(t).Open(header, whole([]byte("Hello, World!")))
	if gate.AsError(err).Code != "payload_invalid" { // signed well, but no JSON
		t.Errorf("error is %v", err)
	}
}

func TestInboxRefuses(t *testing.T) {
	body := []byte(`{"action":"opened",` + commonPart + `,` + pullPart + `}`)
	sha1mac := hmac.New(sha1.New, []byte(testSecret))
	sha1mac.Write(body)
	for name, test := range map[string]struct {
		change func(http.Header)
		code   string
	}{
		"no signature": {func(h http.Header) { h.Del("X-Hub-Signature-256") }, "signature_missing"},
		"SHA-1 only": {func(h http.Header) {
			h.Del("X-Hub-Signature-256")
			h.Set("X-Hub-Signature", "sha1="+hex.EncodeToString(sha1mac.Sum(nil)))
		}, "signature_missing"},
		"empty signature": {func(h http.Header) { h.Set("X-Hub-Signature-256", "") }, "signature_invalid"},
		"no prefix": {func(h http.Header) {
			h.Set("X-Hub-Signature-256", strings.TrimPrefix(sign(testSecret, body), "sha256="))
		}, "signature_invalid"},
		"short": {func(h http.Header) { h.Set("X-Hub-Signature-256", sign(testSecret, body)[:20]) }, "signature_invalid"},
		"not hex": {func(h http.Header) { h.Set("X-Hub-Signature-256", "sha256="+strings.Repeat("z", 64)) },
			"signature_invalid"},
		"other secret":   {func(h http.Header) { h.Set("X-Hub-Signature-256", sign("other", body)) }, "signature_invalid"},
		"empty secret":   {func(h http.Header) { h.Set("X-Hub-Signature-256", sign("", body)) }, "signature_invalid"},
		"two signatures": {func(h http.Header) { h.Add("X-Hub-Signature-256", sign("other", body)) }, "signature_invalid"},
		"other App":      {func(h http.Header) { h.Set("X-GitHub-Hook-Installation-Target-ID", "4712") }, "target_mismatch"},
		"a repository's own hook": {func(h http.Header) { h.Set("X-GitHub-Hook-Installation-Target-Type", "repository") },
			"target_mismatch"},
		"form":             {func(h http.Header) { h.Set("Content-Type", "application/x-www-form-urlencoded") }, "not_json"},
		"no type":          {func(h http.Header) { h.Del("Content-Type") }, "not_json"},
		"no delivery id":   {func(h http.Header) { h.Del("X-GitHub-Delivery") }, "payload_invalid"},
		"odd delivery id":  {func(h http.Header) { h.Set("X-GitHub-Delivery", "a:b\n") }, "payload_invalid"},
		"long delivery id": {func(h http.Header) { h.Set("X-GitHub-Delivery", strings.Repeat("a", 101)) }, "payload_invalid"},
		"no event":         {func(h http.Header) { h.Del("X-GitHub-Event") }, "payload_invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			header := delivery("pull_request", body)
			test.change(header)
			asked := false
			d, err := testInbox(t).Open(header, func(signed io.Writer) ([]byte, error) {
				asked = true
				return whole(body)(signed)
			})
			if e := errorOf(t, err); e.Code != test.code || !e.Final || e.Text == "" || d.Key != "" {
				t.Errorf("got %+v, %v", d, err)
			}
			if byOther := name == "other secret" || name == "empty secret"; asked != byOther {
				t.Errorf("the body was asked for: %v", asked)
			}
		})
	}
}

// What nobody signed is not parsed: it is refused for its signature, whatever it
// holds, and so is what is signed as something else than came in.
func TestNothingUnsignedIsParsed(t *testing.T) {
	for _, body := range []string{"", "{", "[]", strings.Repeat("[", 20_000), `{"action":"opened"}`} {
		header := delivery("pull_request", []byte(body+" "))
		if _, err := testInbox(t).Open(header, whole([]byte(body))); errorOf(t, err).Code != "signature_invalid" {
			t.Errorf("%.20q: %v", body, err)
		}
	}
	cut := errors.New("cut off")
	header := delivery("ping", []byte("{}"))
	if _, err := testInbox(t).Open(header, func(io.Writer) ([]byte, error) { return []byte("{}"), cut }); err != cut {
		t.Errorf("a body that was cut off: %v", err)
	}
	if _, err := testInbox(t).Open(header, func(io.Writer) ([]byte, error) { return []byte("{}"), nil }); errorOf(t,
		err).Code != "signature_invalid" {
		t.Errorf("a body of which nothing was hashed: %v", err)
	}
}

func TestInboxOpens(t *testing.T) {
	body := []byte(`{"action":"synchronize",` + commonPart + `,` + pullPart + `}`)
	header := delivery("pull_request", body)
	want := gate.Delivery{
		Key: "4711:72d3162e-cc78-11e3-81ab-4c9367dc0958", Event: "pull_request", Action: "synchronize",
		Seen: &gate.Seen{
			Subject: pull12, Event: "pull_request", Action: "synchronize",
			Sender: gate.Actor{Login: "copilot-swe-agent[bot]", ID: 198982749, Type: "Bot"},
			Head:   strings.Repeat("1", 40), Base: strings.Repeat("2", 40), BaseRef: "main", ChangedFiles: 3,
			Said: &gate.Said{Head: strings.Repeat("1", 40), BaseRef: "main", Text: gate.TextKey("", "")},
		},
	}
	for name, change := range map[string]func(http.Header){
		"as GitHub sends it": func(http.Header) {},
		"with a charset":     func(h http.Header) { h.Set("Content-Type", "application/json; charset=utf-8") },
		"without target": func(h http.Header) {
			h.Del("X-GitHub-Hook-Installation-Target-ID")
			h.Del("X-GitHub-Hook-Installation-Target-Type")
		},
		"upper-case hex": func(h http.Header) {
			h.Set("X-Hub-Signature-256", "sha256="+strings.ToUpper(strings.TrimPrefix(sign(testSecret, body), "sha256=")))
		},
	} {
		h := header.Clone()
		change(h)
		got, err := testInbox(t, "older", testSecret, "newer").Open(h, whole(body))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v %+v, %v", name, got, got.Seen, err)
		}
	}
}

// The words of a pull request come with the events that change them, to the
// letter, and with no other.
func TestWordsOfAnEdit(t *testing.T) {
	words := `"title":"Two\u0020words","body":null,"draft":true,"labels":[{"name":"b"},{"name":"a"}],` +
		`"assignees":[{"login":"ana","id":11,"type":"User"},{"login":"x[bot]","id":12,"type":"Bot"}],`
	for action, tells := range map[string]bool{"edited": true, "labeled": true, "unassigned": true, "converted_to_draft": true,
		"synchronize": false, "opened": false, "locked": false} {
		d := opened(t, "pull_request", `{"action":"`+action+`",`+commonPart+`,`+strings.Replace(pullPart, `{"number"`,
			`{`+words+`"number"`, 1)+`}`)
		want := &gate.Words{Title: "Two words", Labels: []string{"b", "a"}, Draft: true,
			Assignees: []gate.Actor{{Login: "ana", ID: 11, Type: "User"}}}
		if !tells {
			want = nil
		}
		if !reflect.DeepEqual(d.Words, want) {
			t.Errorf("%s: %+v", action, d.Words)
		}
	}
	odd := `{"action":"edited",` + commonPart + `,` + strings.Replace(pullPart, `{"number"`, `{"title":7,"number"`, 1) + `}`
	if d := opened(t, "pull_request", odd); d.Seen == nil || d.Words != nil {
		t.Errorf("an odd title: %+v", d)
	}
}

func TestWhatConcernsAGate(t *testing.T) {
	ours, foreign := `"app":{"id":4711}`, `"app":{"id":15368}`
	commit := `"head_sha":"3333333333333333333333333333333333333333"`
	for name, test := range map[string]struct {
		event, body string
		kind        gate.Kind // "" for none
	}{
		"opened": {"pull_request", `{"action":"opened",` + commonPart + `,` + pullPart + `}`, gate.PullRequest},
		"retargeted": {"pull_request",
			`{"action":"edited","changes":{"base":{}},` + commonPart + `,` + pullPart + `}`, gate.PullRequest},
		"closed":                {"pull_request", `{"action":"closed",` + commonPart + `,` + pullPart + `}`, gate.PullRequest},
		"locked":                {"pull_request", `{"action":"locked",` + commonPart + `,` + pullPart + `}`, ""},
		"an action of tomorrow": {"pull_request", `{"action":"levitated",` + commonPart + `,` + pullPart + `}`, ""},
		"an event of tomorrow":  {"levitation", `{"action":"opened",` + commonPart + `,` + pullPart + `}`, ""},
		"ping":                  {"ping", `{"zen":"Keep it logically awesome.","hook_id":1}`, ""},
		"our run, again": {"check_run",
			`{"action":"rerequested","check_run":{` + commit + `,` + ours + `},` + commonPart + `}`, gate.Check},
		"a foreign run, again": {"check_run",
			`{"action":"rerequested","check_run":{` + commit + `,` + foreign + `},` + commonPart + `}`, ""},
		"a run of nobody": {"check_run",
			`{"action":"rerequested","check_run":{` + commit + `,"app":null},` + commonPart + `}`, ""},
		"our run, completed": {"check_run",
			`{"action":"completed","check_run":{` + commit + `,` + ours + `},` + commonPart + `}`, ""},
		"our suite, again": {"check_suite",
			`{"action":"rerequested","check_suite":{` + commit + `,` + ours + `},` + commonPart + `}`, gate.Check},
		"a foreign suite, again": {"check_suite",
			`{"action":"rerequested","check_suite":{` + commit + `,` + foreign + `},` + commonPart + `}`, ""},
		"odd fields are no obstacle": {"pull_request",
			`{"action":"opened","label":7,"sender":"x",` + strings.Replace(commonPart, `"sender"`, `"other"`, 1) + `,` +
				strings.Replace(pullPart, `"changed_files":3`, `"changed_files":"many"`, 1) + `}`, gate.PullRequest},
		"a number too large for us": {"pull_request",
			`{"action":"opened",` + commonPart + `,` +
				strings.Replace(pullPart, `"changed_files":3`, `"changed_files":1e400`, 1) + `}`, gate.PullRequest},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := testInbox(t).Open(delivery(test.event, []byte(test.body)), whole([]byte(test.body)))
			if err != nil {
				t.Fatal(err)
			}
			if (d.Seen != nil) != (test.kind != "") || d.Seen != nil && d.Seen.Subject.Kind != test.kind {
				t.Errorf("got %+v", d.Seen)
			}
			if test.kind == gate.Check && d.Seen.Subject.SHA != strings.Repeat("3", 40) {
				t.Errorf("got %+v", d.Seen)
			}
		})
	}
}

// Only what was pressed on our own check is a click, by the account that sent it.
func TestButtonsThatWerePressed(t *testing.T) {
	const button = `{"action":"requested_action","requested_action":{"identifier":"approve"},` +
		`"check_run":{"id":4000000001,"name":"gatehold","status":"in_progress",` +
		`"head_sha":"3333333333333333333333333333333333333333","app":{"id":4711}},` + commonPart + `}`
	open := func(body string) (gate.Delivery, error) {
		return testInbox(t).Open(delivery("check_run", []byte(body)), whole([]byte(body)))
	}
	const nonce = "abcdefghijklmno2345"
	for id, pressed := range map[string][2]string{
		"a" + nonce: {"approve", nonce}, "d" + nonce: {"deny", nonce}, "c" + nonce: {"recheck", nonce},
		"o" + nonce: {"override", nonce}, "r" + nonce: {"review", nonce}, "approve": {"approve", ""}, "review": {"review", ""},
	} {
		d, err := open(strings.Replace(button, "approve", id, 1))
		want := gate.Seen{
			Subject: gate.Subject{Kind: gate.Check, Repo: shop, SHA: strings.Repeat("3", 40)},
			Event:   "check_run", Action: "requested_action", Head: strings.Repeat("3", 40), Button: pressed[0],
			Nonce: pressed[1], Run: 4000000001,
			Sender: gate.Actor{Login: "copilot-swe-agent[bot]", ID: 198982749, Type: "Bot"},
		}
		if err != nil || d.Seen == nil || *d.Seen != want || d.Event != "check_run" || d.Action != "requested_action" {
			t.Errorf("%s: %+v, %v", id, d.Seen, err)
		}
	}
	for name, body := range map[string]string{
		"another App's check":  strings.Replace(button, `"app":{"id":4711}`, `"app":{"id":15368}`, 1),
		"nobody's check":       strings.Replace(button, `"app":{"id":4711}`, `"app":null`, 1),
		"another check":        strings.Replace(button, `"name":"gatehold"`, `"name":"gatehold2"`, 1),
		"a look-alike check":   strings.Replace(button, `"name":"gatehold"`, `"name":"gateh\u043eld"`, 1),
		"another button":       strings.Replace(button, `"approve"`, `"merge"`, 1),
		"a letter of none":     strings.Replace(button, `"approve"`, `"x`+nonce+`"`, 1),
		"a nonce cut short":    strings.Replace(button, `"approve"`, `"a`+nonce[1:]+`"`, 1),
		"a nonce too long":     strings.Replace(button, `"approve"`, `"a`+nonce+`b"`, 1),
		"a nonce of others":    strings.Replace(button, `"approve"`, `"a`+strings.ToUpper(nonce)+`"`, 1),
		"another case":         strings.Replace(button, `"approve"`, `"Approve"`, 1),
		"no button":            strings.Replace(button, `{"identifier":"approve"}`, `null`, 1),
		"a button of no type":  strings.Replace(button, `"approve"`, `["approve"]`, 1),
		"a completed run":      strings.Replace(button, `"requested_action",`, `"completed",`, 1),
		"a click on nothing":   strings.Replace(button, `"check_run":`, `"other":`, 1),
		"a button of a suite":  strings.Replace(button, `"check_run":`, `"check_suite":`, 1),
		"an action, no button": strings.Replace(button, `"requested_action":{`, `"requested":{`, 1),
	} {
		if d, err := open(body); err != nil || d.Seen != nil {
			t.Errorf("%s: %+v, %v", name, d.Seen, err)
		}
	}
	if _, err := open(strings.Replace(button, strings.Repeat("3", 40), "main", 1)); errorOf(t, err).Code != "payload_invalid" {
		t.Errorf("no commit: %v", err)
	}
	again := strings.Replace(button, `"requested_action",`, `"rerequested",`, 1)
	if d, err := open(again); err != nil || d.Seen == nil || d.Seen.Run != 4000000001 || d.Seen.Button != "" {
		t.Errorf("a rerequest that says it was a button: %+v, %v", d.Seen, err)
	}
}

func TestPayloadsThatCannotBeUsed(t *testing.T) {
	pull := `{"action":"opened",` + commonPart + `,` + pullPart + `}`
	for name, body := range map[string]string{
		"no JSON": `not json`, "cut off": `{"action":"opened"`, "an array": `[]`, "a string": `"x"`, "nothing": ``,
		"no repository": strings.Replace(pull, `"id":99`, `"id":null`, 1),
		"odd name":      strings.Replace(pull, `"name":"shop"`, `"name":"../../app"`, 1),
		"odd owner":     strings.Replace(pull, `"login":"acme"`, `"login":"acme/x?y"`, 1),
		"dots":          strings.Replace(pull, `"name":"shop"`, `"name":".."`, 1),
		"no number":     strings.Replace(pull, `"number":12`, `"number":"12"`, 1),
		"too deep":      strings.Repeat("[", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := testInbox(t).Open(delivery("pull_request", []byte(body)), whole([]byte(body)))
			if e := errorOf(t, err); e.Code != "payload_invalid" || !e.Final || e.Text == "" {
				t.Errorf("error is %v", err)
			}
		})
	}
	for _, id := range []string{`null`, `{"id":0}`, `{"id":-3}`} {
		body := strings.Replace(pull, `{"id":7}`, id, 1)
		d, err := testInbox(t).Open(delivery("pull_request", []byte(body)), whole([]byte(body)))
		if err != nil || d.Seen == nil || d.Seen.Subject.Repo.Installation != 0 {
			t.Errorf("an installation that is not named is asked for later: %+v, %v", d.Seen, err)
		}
	}
	odd := strings.Replace(pull, strings.Repeat("1", 40), "HEAD", 1)
	d, err := testInbox(t).Open(delivery("pull_request", []byte(odd)), whole([]byte(odd)))
	if err != nil || d.Seen.Head != "" || d.Seen.Base == "" {
		t.Errorf("an odd SHA is only a lost hint: %+v, %v", d.Seen, err)
	}
}

func TestEventsAreSorted(t *testing.T) {
	if !slices.IsSorted(Events()) || len(Events()) == 0 {
		t.Errorf("%v", Events())
	}
}

// known holds for what a button of ours says, with or without a painting.
func known(s gate.Seen) bool {
	button, nonce, ok := gate.ReadButton(gate.ButtonID(s.Button, s.Nonce))
	return ok && button == s.Button && nonce == s.Nonce
}

func FuzzInbox(f *testing.F) {
	f.Add("pull_request", []byte(`{"action":"opened",`+commonPart+`,`+pullPart+`}`))
	f.Add("check_run",
		[]byte(`{"action":"rerequested","check_run":{"head_sha":"3333333333333333333333333333333333333333","app":{"id":4711}},`+commonPart+`}`))
	f.Add("check_run",
		[]byte(`{"action":"requested_action","requested_action":{"identifier":"approve"},"check_run":{"id":5,`+
			`"name":"gatehold","head_sha":"3333333333333333333333333333333333333333","app":{"id":4711}},`+commonPart+`}`))
	f.Add("check_run",
		[]byte(`{"action":"requested_action","requested_action":{"identifier":"aabcdefghijklmno2345"},`+
			`"check_run":{"id":5,"name":"gatehold","head_sha":"3333333333333333333333333333333333333333","app":{"id":4711}},`+commonPart+`}`))
	f.Add("check_suite", []byte(`{"action":"rerequested","check_suite":null}`))
	f.Add("pull_request", []byte(`{"action":"opened","pull_request":{"number":-1}}`))
	f.Add("push", []byte(`[]`))
	in := testInbox(f)
	f.Fuzz(func(t *testing.T, event string, body []byte) {
		d, err := in.Open(delivery(event, body), whole(body))
		if err != nil {
			if e := gate.AsError(err); e.Code == "internal" || !e.Final {
				t.Errorf("error is %v", err)
			}
			return
		}
		if s := d.Seen; s != nil {
			r := s.Subject.Repo
			if r.Installation < 0 || r.ID <= 0 || !wire.IsName(r.Owner) || !wire.IsName(r.Name) || s.Head != "" && !wire.IsSHA(s.Head) ||
				s.Base != "" && !wire.IsSHA(s.Base) || s.ChangedFiles < 0 {
				t.Errorf("seen %+v", s)
			}
			if s.Run < 0 || s.Button != "" && (s.Action != "requested_action" || !known(*s) || s.Subject.Kind != gate.Check) {
				t.Errorf("seen %+v", s)
			}
			if s.Subject.Kind == gate.PullRequest && s.Subject.Number <= 0 || s.Subject.Kind == gate.Check && s.Subject.SHA == "" {
				t.Errorf("seen %+v", s)
			}
		}
	})
}
