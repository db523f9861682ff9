package credential_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/credential"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

// job is a workload whose stream is written as the law lets it be.
type job struct {
	t     rapid.TB
	state credential.State
	now   time.Time
}

func newJob(t rapid.TB) *job { return &job{t: t, now: start} }

func (j *job) add(e gate.Event) {
	j.t.Helper()
	body, err := gate.Encode(e)
	if err != nil {
		j.t.Fatal(err)
	}
	stored, err := gate.Decode(e.Kind(), body)
	if err != nil {
		j.t.Fatal(err)
	}
	j.state = j.state.After(gate.Entry{Version: j.state.Version + 1, At: j.now, Event: stored})
}

// workload is the job with a token, each of which is of another hour.
func (j *job) workload(token string) gate.Workload {
	until := start.Add(time.Duration(token[0]-'a'+1) * time.Hour)
	return gate.Workload{Issuer: "https://token.example", Subject: "repo:acme/shop", Token: token, Until: until}
}

func wish(rule string) gate.Wish { return gate.Wish{Rule: rule, Type: gate.InstallationToken} }

func (j *job) ask(token, rule string) (id string, err error) {
	r, fresh, err := j.state.Ask(j.workload(token), wish(rule), gate.Repo{ID: 1}, j.now)
	if err == nil && fresh {
		j.add(r)
	}
	return r.ID, err
}

// mint announces and makes what was asked for.
func (j *job) mint(id, token, rule string, life time.Duration) error {
	g := gate.Grant{ID: id, Token: token, Usable: j.workload(token).Until, Wish: wish(rule)}
	if err := j.state.Mint(g, j.now); err != nil {
		return err
	}
	j.add(gate.Minting{Grant: g})
	if life > 0 {
		j.add(gate.Minted{ID: id, Hash: "h", Until: j.now.Add(life), Ends: j.now.Add(time.Hour)})
	}
	return nil
}

func (j *job) want(err error, want string) {
	j.t.Helper()
	got := "taken"
	if err != nil {
		got = gate.AsError(err).Code
	}
	if got != want {
		j.t.Errorf("%s, not %s", got, want)
	}
}

func (j *job) due(want gate.Step, in time.Duration) {
	j.t.Helper()
	step, when := j.state.Due()
	if step != want || want != gate.Nothing && max(0, when.Sub(j.now)) != in {
		j.t.Errorf("due is %q in %s, not %q in %s", step, when.Sub(j.now), want, in)
	}
}

func TestATokenIsUsedOnceAndATaskHasOneCredential(t *testing.T) {
	j := newJob(t)
	j.due(gate.Nothing, 0)
	id, err := j.ask("a", "deploy")
	j.want(err, "taken")
	again, err := j.ask("b", "deploy") // while it waits, with whatever token
	if j.want(err, "taken"); again != id {
		t.Error("what waits is another request when it is asked for again")
	}
	j.want(j.mint(id, "b", "deploy", 15*time.Minute), "taken")
	j.due(gate.Uphold, credential.LookEvery)
	_, err = j.ask("b", "deploy")
	j.want(err, "token_used")
	_, err = j.ask("b", "other")
	j.want(err, "token_used")
	next, err := j.ask("a", "deploy") // which only waited
	j.want(err, "taken")
	j.want(j.mint(next, "a", "deploy", time.Minute), "credential_live")
	j.add(gate.Ending{ID: id, Why: "replaced"})
	j.due(gate.Revoke, 0)
	j.want(j.mint(next, "a", "deploy", time.Minute), "credential_live")
	j.add(gate.Ended{ID: id, Status: 204, Refused: 401})
	j.want(j.mint(next, "a", "deploy", time.Minute), "taken")
	j.want(j.mint(next, "c", "deploy", time.Minute), "request_unknown")
	other, err := j.ask("d", "other")
	j.want(err, "taken")
	j.want(j.mint(other, "d", "other", time.Hour), "taken")
	j.now = start.Add(time.Hour + time.Minute)
	_, err = j.ask("a", "deploy")
	j.want(err, "token_expired")
}

func TestWhatWasAnnouncedAndNotHeardOf(t *testing.T) {
	j := newJob(t)
	id, _ := j.ask("a", "deploy")
	j.want(j.mint(id, "a", "deploy", 0), "taken")
	if !live(j, id) {
		t.Error("it may have been made")
	}
	j.due(gate.Revoke, time.Minute)
	j.add(gate.Unminted{ID: id, Code: "lost", Lost: j.now.Add(time.Hour)})
	if !live(j, id) {
		t.Error("nobody knows that it was not made")
	}
	j.due(gate.Nothing, 0)
	if j.now = j.now.Add(time.Hour); live(j, id) {
		t.Error("it has ended by itself")
	}
}

func live(j *job, id string) bool {
	r, _ := j.state.Request(id)
	return r.MayLive(j.now)
}

// TestTwoStepsThatFailWaitApart: while GitHub does not answer neither has the other tried
// at once, and each is tried less and less often.
func TestTwoStepsThatFailWaitApart(t *testing.T) {
	j := newJob(t)
	for _, rule := range []string{"deploy", "fix"} {
		id, _ := j.ask(string(rule[0])[:1], rule)
		j.want(j.mint(id, string(rule[0]), rule, 15*time.Minute), "taken")
		if rule == "fix" {
			j.add(gate.Ending{ID: id, Why: "revoked"})
		}
	}
	j.add(gate.Stirred{})
	tried := map[gate.Step]int{}
	for end := j.now.Add(10 * time.Minute); ; {
		step, when := j.state.Due()
		if when.After(j.now) {
			j.now = when
		}
		if j.now.After(end) {
			break
		}
		tried[step]++
		j.add(gate.Failed{Step: string(step), Code: "github_unavailable", Attempt: 1, Next: j.now.Add(time.Second)})
	}
	if n := tried[gate.Revoke]; n < 5 || n > 12 || tried[gate.Uphold] < 5 || tried[gate.Uphold] > 12 {
		t.Errorf("in ten minutes they were tried %v times", tried)
	}
}

func TestARefusalIsOnRecordOnceForEachReason(t *testing.T) {
	j := newJob(t)
	id, _ := j.ask("a", "deploy")
	for i, want := range []bool{true, false, true} {
		w, fresh := j.state.Withhold(id, &gate.Error{Code: "gate_held", Text: fmt.Sprint(i / 2)}, false)
		if fresh != want {
			t.Errorf("refusal %d: %v", i, fresh)
		}
		if fresh {
			j.add(w)
		}
	}
	j.want(j.mint(id, "a", "deploy", time.Minute), "taken")
	if _, fresh := j.state.Withhold(id, &gate.Error{Code: "late"}, false); fresh {
		t.Error("what was given is refused")
	}
}

// longestWait is how long a step may wait that has failed, and a little more.
const longestWait = 11 * time.Minute

// Whatever happens in whatever order: no token of an issuer is used twice, no task has
// two credentials, what was made is ended by its time, and only once.
func TestEveryCredentialEnds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		j := newJob(t)
		rules, tokens := []string{"deploy", "fix"}, []string{"a", "b", "c", "d", "e", "f"}
		usedFor, ended := map[string]string{}, map[string]bool{}
		do := func(step gate.Step) {
			switch step {
			case gate.Uphold:
				j.add(gate.Upheld{Covers: j.state.Version, Next: j.now.Add(credential.LookEvery)})
			case gate.Revoke:
				r, _, _ := j.state.Next()
				switch {
				case r.Minted == nil:
					j.add(gate.Unminted{ID: r.ID, Code: "lost", Lost: r.GrantAt.Add(time.Hour)})
				case ended[r.ID]:
					t.Fatalf("%s is ended twice", r.ID)
				default:
					ended[r.ID] = true
					j.add(gate.Ended{ID: r.ID, Status: 204})
				}
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"time": func(t *rapid.T) {
				to := j.now.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "minutes")) * time.Minute)
				for range 1000 {
					step, when := j.state.Due()
					if step == gate.Nothing || when.After(to) {
						break
					}
					if when.After(j.now) {
						j.now = when
					}
					do(step)
				}
				j.now = to
			},
			"ask": func(t *rapid.T) {
				token, rule := rapid.SampledFrom(tokens).Draw(t, "token"), rapid.SampledFrom(rules).Draw(t, "rule")
				id, err := j.ask(token, rule)
				if err != nil || j.mint(id, token, rule, time.Duration(rapid.IntRange(0, 15).Draw(t, "life"))*time.Minute) != nil {
					return
				}
				if usedFor[token] != "" {
					t.Fatalf("%s is used for %s and %s", token, usedFor[token], id)
				}
				usedFor[token] = id
			},
			"end": func(t *rapid.T) {
				if all := j.state.Live(j.now); len(all) > 0 {
					j.add(gate.Ending{ID: rapid.SampledFrom(all).Draw(t, "which").ID, Why: "revoked"})
				}
			},
			"stir": func(*rapid.T) { j.add(gate.Stirred{}) },
			"fail": func(t *rapid.T) {
				step, when := j.state.Due()
				if when.After(j.now) {
					return // what waits is not tried
				}
				j.add(gate.Failed{Step: string(step), Attempt: 1, Next: j.now.Add(time.Minute)})
			},
			"": func(t *rapid.T) {
				for _, rule := range rules {
					if all := j.state.Holds(wish(rule), j.now); len(all) > 1 {
						t.Fatalf("%s has %d credentials", rule, len(all))
					}
				}
				for _, r := range j.state.Requests {
					step, when := j.state.Due()
					if r.Minted != nil && r.Ended == nil && r.MayLive(j.now) && (step == gate.Nothing || when.After(r.Minted.Until.Add(longestWait))) {
						t.Fatalf("nothing ends %s: %q at %s", r.ID, step, when)
					}
				}
			},
		})
	})
}
