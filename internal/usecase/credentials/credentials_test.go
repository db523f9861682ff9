package credentials_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/usecase/credentials"
)

// TestADeployGetsItsTokenFromTheGate: it waits, is approved, is given what the rules say,
// and has nothing left once the job is over.
func TestADeployGetsItsTokenFromTheGate(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		identity := w.identity(1)
		_, err := w.ask(identity, wish)
		w.want(err, "gate_missing")
		w.hold(1, "d")
		for range 3 { // as often as it likes, with whatever token of its own
			_, err = w.ask(identity, wish)
			w.want(err, credentials.Pending)
		}
		if text := gate.AsError(err).Text; !strings.Contains(text, "https://gatehold.acme.example/gates/deploy/42/7/") {
			t.Errorf("it does not say where to look: %s", text)
		}
		w.release(1)
		got, err := w.ask(identity, wish)
		w.want(err, "given")
		if g := got.Grant; g.Permissions["contents"] != "write" || len(g.RepoIDs) != 1 || len(g.Approvers) != 1 || g.Approvers[0].Channel != "passkey" ||
			g.For.Verdict != "d" || g.For.Attempt != 1 {
			t.Errorf("it was granted %+v", g)
		}
		_, err = w.ask(identity, wish)
		w.want(err, "token_used")
		w.settle(3 * time.Minute)
		if n := len(w.alive()); n != 1 {
			t.Errorf("%d tokens live while the job works", n)
		}
		w.set(func() { w.over = true })
		if err := w.given.Stir(context.Background(), gate.Seen{Subject: deployment(1)}, "delivery"); err != nil {
			t.Error(err)
		}
		w.settle(time.Second)
		if n := len(w.alive()); n != 0 || len(w.vault) != 0 {
			t.Errorf("%d tokens live after the job, and %d are kept", n, len(w.vault))
		}
		f, _ := w.book.Credentials.Load(context.Background(), got.Stream)
		if r, _ := f.State.Request(got.ID); r.Ended == nil || r.Ended.Status != 204 || r.Ended.Refused != 401 || r.Ending.Why != "job_over" ||
			r.Minted.Hash == "" {
			t.Errorf("it is on record as %+v", r)
		}
	})
}

// TestWhatTakesACredentialAway: whatever it hangs on, and at the latest its time.
func TestWhatTakesACredentialAway(t *testing.T) {
	t.Parallel()
	for why, happens := range map[string]func(w *world, got credentials.Given){
		"gate_denied":     func(w *world, _ credentials.Given) { w.deny(1) },
		"verdict_changed": func(w *world, _ credentials.Given) { w.judge(1, "other") },
		"gate_closed": func(w *world, _ credentials.Given) {
			w.record(1, gate.Closed{Covers: w.gate(1).Version, Why: "The run is over."})
		},
		"credential_unknown": func(w *world, _ credentials.Given) {
			other := rulesOf(w.t, "version: 1\n")
			w.set(func() { w.rules = other })
		},
		"not_allowed": func(w *world, _ credentials.Given) {
			other := rulesOf(w.t, strings.ReplaceAll(rulesText, "contents: write", "contents: read"))
			w.set(func() { w.rules = other })
		},
		"job_over": func(w *world, _ credentials.Given) { w.set(func() { w.over = true }) },
		"revoked": func(w *world, got credentials.Given) {
			w.want(w.given.Revoke(context.Background(), got.Stream, got.ID, ana, "Not today."), "given")
		},
		"": func(w *world, _ credentials.Given) { w.settle(15 * time.Minute) },
	} {
		t.Run(why, func(t *testing.T) {
			play(t, func(w *world) {
				w.hold(1, "d")
				w.release(1)
				narrow := wish
				narrow.Permissions = map[string]string{"contents": "write"}
				got, err := w.ask(w.identity(1), narrow)
				w.want(err, "given")
				happens(w, got)
				w.settle(90 * time.Second)
				if n := len(w.alive()); n != 0 {
					t.Errorf("%d tokens live", n)
				}
				f, _ := w.book.Credentials.Load(context.Background(), got.Stream)
				r, _ := f.State.Request(got.ID)
				if r.Ended == nil || why != "" && (r.Ending == nil || r.Ending.Why != why) {
					t.Errorf("it ended by %+v, %+v", r.Ending, r.Ended)
				}
			})
		})
	}
}

// TestWhatOneGateAllowsSaysNothingOfAnother: each is refused, or waits, with a reason.
func TestWhatOneGateAllowsSaysNothingOfAnother(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		w.hold(1, "d")
		w.release(1)
		as := func(change func(*gate.Workload)) error {
			text := w.identity(1)
			job := w.jobs[text]
			own := *job.Job
			job.Job = &own
			change(&job)
			w.jobs[text] = job
			_, err := w.ask(text, wish)
			return err
		}
		for _, c := range []struct {
			what, want string
			change     func(*gate.Workload)
		}{
			{"another attempt", credentials.Pending, func(w *gate.Workload) { w.Job.Attempt = 2 }},
			{"another run", "gate_missing", func(w *gate.Workload) { w.Job.Run = 8 }},
			{"another commit", "gate_of_another_commit", func(w *gate.Workload) { w.Job.SHA = "other" }},
			{"staging", "not_for_this_workload", func(w *gate.Workload) { w.Job.Environment = "staging" }},
			{"no environment", "not_for_this_workload", func(w *gate.Workload) { w.Job.Environment = "" }},
			{"another workflow", "not_for_this_workload", func(w *gate.Workload) {
				w.Job.Workflow = "acme/shop/.github/workflows/other.yml@refs/heads/main"
			}},
			{"a workflow of another repository", "not_for_this_workload", func(w *gate.Workload) {
				w.Job.Workflow = "evil/shop/.github/workflows/deploy.yml@refs/heads/main"
			}},
			{"a reusable workflow that nobody named", "not_for_this_workload", func(w *gate.Workload) {
				w.Job.JobWorkflow = "evil/shop/.github/workflows/deploy.yml@refs/heads/main"
			}},
			{"a repository of the same name", "repository_unknown", func(w *gate.Workload) { w.Job.Repo = 43 }},
			{"another issuer", "workload_homeless", func(w *gate.Workload) { w.Job = nil }},
			{"a token that has run out", "token_expired", func(w *gate.Workload) { w.Until = time.Now().Add(-2 * time.Minute) }},
		} {
			t.Run(c.what, func(*testing.T) { w.want(as(c.change), c.want) })
		}
		for what, wish := range map[string]gate.Wish{
			"more than the rules give": {Rule: "deploy", Type: gate.InstallationToken, Permissions: map[string]string{"packages": "write"}},
			"what they do not name":    {Rule: "deploy", Type: gate.InstallationToken, Permissions: map[string]string{"administration": "read"}},
			"a level that is none":     {Rule: "deploy", Type: gate.InstallationToken, Permissions: map[string]string{"contents": ""}},
			"another repository":       {Rule: "deploy", Type: gate.InstallationToken, Repositories: []string{"infra"}},
			"another audience":         {Rule: "deploy", Type: gate.IdentityToken, Audience: []string{"other"}},
		} {
			t.Run(what, func(*testing.T) {
				_, err := w.ask(w.identity(1), wish)
				w.want(err, "not_allowed")
			})
		}
		if n := len(w.alive()); n != 0 {
			t.Errorf("%d tokens were made", n)
		}
	})
}

// TestARepositoryGivesAwayNothingButItself: its own rules cannot hand out another one's,
// nor does a gate count that only watches.
func TestARepositoryGivesAwayNothingButItself(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		w.hold(1, "d")
		w.release(1)
		wide := rulesOf(w.t, strings.ReplaceAll(rulesText, "packages: read }", "packages: read }, repositories: [shop, infra]"))
		w.set(func() { w.rules = wide })
		_, err := w.ask(w.identity(1), wish)
		w.want(err, "not_allowed")
		own := wish
		own.Repositories = []string{"shop"}
		_, err = w.ask(w.identity(1), own)
		w.want(err, "given")
	})
	play(t, func(w *world) {
		w.hold(1, "d")
		v := *w.gate(1).Verdict
		v.Held, v.WouldHold, v.Digest = false, true, "watched"
		w.record(1, gate.Judged{Covers: w.gate(1).Version, Head: "head", Digest: "watched", Verdict: &v},
			gate.Replied{Covers: w.gate(1).Version, Reply: gate.Approved, Attempt: 1})
		_, err := w.ask(w.identity(1), wish)
		w.want(err, "gate_watches")
	})
}

// TestAGateThatIsShutWhileATokenIsMade: nobody is handed what was made, and it is ended at
// once.
func TestAGateThatIsShutWhileATokenIsMade(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		w.hold(1, "d")
		w.release(1)
		w.meanwhile = func() { w.deny(1) }
		_, err := w.ask(w.identity(1), wish)
		w.want(err, "gate_denied")
		if n := len(w.alive()); n != 0 || len(w.tokens) != 1 {
			t.Errorf("%d of %d tokens live", n, len(w.tokens))
		}
	})
}

// TestWhatMovesAJobsStream: what comes between the judgement and the announcement is no
// reason to refuse, unless it has taken what was asked for, or ended the job.
func TestWhatMovesAJobsStream(t *testing.T) {
	t.Parallel()
	minting, ending := (gate.Minting{}).Kind(), (gate.Ending{}).Kind()
	ends := func(w *world, _ string) {
		w.set(func() { w.over = true })
		if err := w.given.Stir(context.Background(), gate.Seen{Subject: deployment(1)}, "meanwhile"); err != nil {
			t.Error(err)
		}
	}
	for _, c := range []struct {
		name, before string
		happens      func(w *world, identity string)
		want         string
		alive        int
	}{
		{"another wish", minting, func(w *world, _ string) {
			_, err := w.ask(w.identity(1), gate.Wish{Rule: "nothing", Type: gate.InstallationToken})
			w.want(err, "credential_unknown")
		}, "given", 1},
		{"the same token", minting, func(w *world, identity string) {
			_, err := w.ask(identity, wish)
			w.want(err, "given")
		}, "token_used", 1},
		{"the job's end", minting, ends, "job_over", 0},
		{"the job's end, while the credential before is ended", ending, ends, "job_over", 0},
	} {
		t.Log(c.name)
		play(t, func(w *world) {
			w.hold(1, "d")
			w.release(1)
			if c.before == ending {
				_, err := w.ask(w.identity(1), wish)
				w.want(err, "given")
			}
			identity := w.identity(1)
			w.before = map[string]func(){c.before: func() { c.happens(w, identity) }}
			_, err := w.ask(identity, wish)
			w.want(err, c.want)
			if n := len(w.alive()); n != c.alive || len(w.before) != 0 {
				t.Errorf("%s: %d credentials live", c.name, n)
			}
		})
	}
}

// TestATaskHasOneCredential: another request of the same job ends the one before, and of
// two at once one is answered.
func TestATaskHasOneCredential(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		w.hold(1, "d")
		w.release(1)
		first, err := w.ask(w.identity(1), wish)
		w.want(err, "given")
		second, err := w.ask(w.identity(1), wish)
		w.want(err, "given")
		if alive := w.alive(); len(alive) != 1 || alive[0] != second.Token || first.Token == second.Token {
			t.Errorf("%v live after two requests", alive)
		}
		both, identity := make(chan error, 2), w.identity(1)
		for range 2 {
			go func() { _, err := w.ask(identity, wish); both <- err }()
		}
		one, other := code(<-both), code(<-both)
		if one == other || one != "given" && other != "given" {
			t.Errorf("two requests at once by one token: %s and %s", one, other)
		}
		if n := len(w.alive()); n != 1 {
			t.Errorf("%d tokens live", n)
		}
		id, err := w.ask(w.identity(1), gate.Wish{Rule: "deploy", Type: gate.IdentityToken})
		if w.want(err, "given"); !strings.HasSuffix(id.Token, "sts.amazonaws.com") || time.Until(id.Until) > 15*time.Minute {
			t.Errorf("the identity is %+v", id)
		}
	})
}

// TestAKilledMintLeavesNothingAlive: what was made and not handed out is found, and ended.
func TestAKilledMintLeavesNothingAlive(t *testing.T) {
	t.Parallel()
	for _, fault := range []string{"killed", "refused"} {
		t.Run(fault, func(t *testing.T) {
			play(t, func(w *world) {
				w.hold(1, "d")
				w.release(1)
				w.settle(time.Second)
				w.set(func() { w.fault = fault })
				if got, err := w.ask(w.identity(1), wish); err == nil && fault != "killed" {
					t.Errorf("it was given %s", got.ID)
				}
				w.set(func() { w.over = true })
				w.settle(3 * time.Minute)
				if n := len(w.alive()); n != 0 || len(w.vault) != 0 {
					t.Errorf("%d tokens live, and %d are kept", n, len(w.vault))
				}
			})
		})
	}
}

// TestALostTokenIsSaid: GitHub's answer came to nobody, so that nobody has the token, and
// nobody can end it.
func TestALostTokenIsSaid(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		w.hold(1, "d")
		w.release(1)
		w.set(func() { w.fault = "lost" })
		_, err := w.ask(w.identity(1), wish)
		w.want(err, "timeout")
		f, _ := w.book.Credentials.Load(context.Background(), w.jobs["oidc 1"].Stream())
		if live := f.State.Live(time.Now()); len(live) != 1 || live[0].Unminted == nil || !live[0].Unminted.Lost.After(time.Now()) {
			t.Errorf("on record is %+v", live)
		}
		_, err = w.ask(w.identity(1), wish) // which does not wait for an hour
		w.want(err, "given")
	})
}

// TestRevocationOutlivesAnOutage: what cannot be ended now is ended later, and is in
// sight meanwhile.
func TestRevocationOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	play(t, func(w *world) {
		w.hold(1, "d")
		w.release(1)
		got, err := w.ask(w.identity(1), wish)
		w.want(err, "given")
		w.settle(time.Second)
		w.set(func() { w.down = true })
		w.deny(1)
		w.settle(5 * time.Minute)
		f, _ := w.book.Credentials.Load(context.Background(), got.Stream)
		if r, _ := f.State.Request(got.ID); f.State.Failure == nil || r.Ending == nil || r.Ended != nil || w.count("unended") == 0 {
			t.Errorf("it is %+v, %+v", r, f.State.Failure)
		}
		w.set(func() { w.down = false })
		w.settle(11 * time.Minute)
		if n := len(w.alive()); n != 0 {
			t.Errorf("%d tokens live", n)
		}
	})
}
