package gate_test

import (
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/check"
)

var start = time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)

var shop = gate.Repo{Installation: 7, ID: 42, Owner: "acme", Name: "shop"}

// stream appends events to a gate's stream the way the keeper does, through
// their stored form.
type stream struct {
	t     rapid.TB
	state gate.State
	at    time.Time
}

func (s *stream) add(e gate.Event) {
	body, err := gate.Encode(e)
	if err != nil {
		s.t.Fatalf("encoding %T: %v", e, err)
	}
	stored, err := gate.Decode(e.Kind(), body)
	if err != nil {
		s.t.Fatalf("decoding %T: %v", e, err)
	}
	s.at = s.at.Add(time.Second)
	s.state = s.state.After(gate.Entry{Version: s.state.Version + 1, At: s.at, Event: stored})
}

func seen(head, baseRef string) gate.Seen {
	return gate.Seen{
		Subject: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: 12},
		Event:   "pull_request", Action: "synchronize", Head: head, BaseRef: baseRef,
		Sender: gate.Actor{Login: "ana", ID: 1, Type: "User"},
	}
}

func judged(s gate.State, head string, held bool) gate.Judged {
	digest := head + s.Seen.BaseRef
	if held {
		digest += " held"
	}
	return gate.Judged{
		Covers: s.Version, Head: head, BaseRef: s.Seen.BaseRef, Digest: digest,
		Verdict: &gate.Verdict{Head: head, Held: held, Digest: digest},
	}
}

// TestAGateWantsWhatItLacks drives a gate with any order of events and holds
// it to what must always be true.
func TestAGateWantsWhatItLacks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &stream{t: t, at: start}
		heads := rapid.SampledFrom([]string{"a1", "b2", "c3"})
		bases := rapid.SampledFrom([]string{"main", "release"})
		s.add(seen(heads.Draw(t, "head"), bases.Draw(t, "base")))
		for range rapid.IntRange(0, 30).Draw(t, "steps") {
			before := s.state
			switch rapid.SampledFrom([]string{"seen", "judged", "late verdict", "closed", "told", "failed", "failed for good",
				"ours"}).Draw(t, "what") {
			case "seen":
				s.add(seen(heads.Draw(t, "head"), bases.Draw(t, "base")))
				if s.state.Wanted != s.state.Version {
					t.Fatal("an event does not ask for judging")
				}
			case "ours":
				s.add(gate.Seen{Subject: before.Subject, Event: "gatehold", Action: "rerequested"})
				if s.state.Seen.Head != before.Seen.Head {
					t.Fatal("a request of ours forgot the head")
				}
			case "judged":
				s.add(judged(s.state, s.state.Seen.Head, rapid.Bool().Draw(t, "held")))
			case "late verdict":
				v := judged(s.state, s.state.Seen.Head, false)
				s.add(seen(heads.Draw(t, "head"), bases.Draw(t, "base")))
				s.add(v)
				if s.state.Released(s.at) {
					t.Fatal("released by a verdict that does not cover what was seen last")
				}
			case "closed":
				s.add(gate.Closed{Covers: s.state.Version})
			case "told":
				told := gate.Told{Covers: s.state.Changed}
				if !s.state.Done {
					told.Checks = []string{s.state.Head()}
				}
				s.add(told)
			case "failed", "failed for good":
				e := &gate.Error{Code: "github_unavailable", Text: "GitHub answered 502.", Final: rapid.Bool().Draw(t, "final")}
				s.add(e.Failed(gate.Assess, s.state.Failure, s.at, 0.5))
			}
			holds(t, s.state)
		}
	})
}

func holds(t *rapid.T, s gate.State) {
	step, when := s.Due()
	switch {
	case s.Changed > s.ToldUpTo:
		if step != gate.NotifyChecks {
			t.Fatalf("news is kept back: due is %q", step)
		}
	case s.Wanted > s.Covered:
		waits := s.Failure != nil && s.Failure.Next.IsZero()
		if waits != (step == gate.Nothing) {
			t.Fatalf("an event waits for a verdict, and due is %q", step)
		}
		if s.Failure != nil && !waits && !when.Equal(s.Failure.Next) {
			t.Fatal("the next attempt is not at the time on record")
		}
	case step != gate.Nothing:
		t.Fatalf("all is done, and due is %q", step)
	}
	if s.Released(start) && (s.Done || s.Failure != nil || s.Wanted > s.Covered || s.Verdict == nil || s.Verdict.Held) {
		t.Fatalf("released without a complete verdict that holds nothing: %+v", s)
	}
	if step != gate.NotifyChecks && !s.Done && s.Failure == nil && s.Verdict != nil && s.Wanted <= s.Covered {
		found := false
		for _, sha := range s.ToldChecks {
			found = found || sha == s.Head()
		}
		if !found {
			t.Fatalf("the check of %s was never told: %v", s.Head(), s.ToldChecks)
		}
	}
}

// TestTheCheckIsPaintedInTheEnd: whatever comes, a check wants painting as
// long as there is news that it does not show, and the newest run wins.
func TestTheCheckIsPaintedInTheEnd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s check.State
		check := gate.Subject{Kind: gate.Check, Repo: shop, SHA: "a1"}
		add := func(e gate.Event) { s = s.After(gate.Entry{Version: s.Version + 1, At: start, Event: e}) }
		newest := int64(0)
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			switch rapid.IntRange(0, 5).Draw(t, "what") {
			case 0, 1:
				n := rapid.IntRange(1, 3).Draw(t, "number")
				add(gate.News{Check: check, Gate: gate.Subject{Kind: gate.PullRequest, Repo: shop, Number: n}, Since: start})
			case 2:
				add(gate.Creating{})
			case 3:
				run := rapid.Int64Range(1, 9).Draw(t, "run")
				newest = max(newest, run)
				covers := uint64(rapid.IntRange(0, int(s.Version)).Draw(t, "covers"))
				add(gate.Published{Covers: covers, Run: run, Digest: "d", Outcome: "success"})
			case 4:
				add(gate.Seen{Subject: check, Event: "check_run", Action: "rerequested"})
				if step, _ := s.Due(); step != gate.ForwardPresses {
					t.Fatalf("a button was pressed, and due is %q", step)
				}
				add(gate.Handed{Covers: s.Version})
			case 5:
				e := &gate.Error{Code: "x", Text: "y"}
				add(e.Failed(gate.Publish, s.Failure, start, 0))
			}
			step, when := s.Due()
			wants := s.Wanted > s.Painted
			if wants == (step == gate.Nothing) {
				t.Fatalf("wants %v, due %q: %+v", wants, step, s)
			}
			if s.Failure != nil && wants && when.Before(s.Failure.Next) {
				t.Fatal("a failure does not set the time of the next attempt")
			}
			if wants && s.Unsure && !when.After(s.Tried) {
				t.Fatal("a run is looked for before it can be there")
			}
			if s.Run != newest {
				t.Fatalf("the run is %d, the newest was %d", s.Run, newest)
			}
			numbers := map[int]bool{}
			for _, m := range s.Members {
				if numbers[m.Number] {
					t.Fatalf("member %d is listed twice", m.Number)
				}
				numbers[m.Number] = true
			}
		}
	})
}

func TestWaitsGrowAndObeyGitHub(t *testing.T) {
	var before *gate.Failed
	last := time.Duration(0)
	for attempt := 1; attempt <= 40; attempt++ {
		f := (&gate.Error{Code: "github_unavailable"}).Failed(gate.Assess, before, start, 1)
		if f.Attempt != attempt || !f.Since.Equal(start) {
			t.Fatalf("attempt %d is recorded as %d since %s", attempt, f.Attempt, f.Since)
		}
		wait := f.Next.Sub(start)
		if wait < last || wait > 10*time.Minute {
			t.Fatalf("attempt %d waits %s after %s", attempt, wait, last)
		}
		last, before = wait, &f
	}
	if last != 10*time.Minute {
		t.Errorf("the longest wait is %s", last)
	}
	until := start.Add(47 * time.Minute)
	f := (&gate.Error{Code: "rate_limited", Until: until}).Failed(gate.Assess, nil, start, 0.3)
	if f.Next.Before(until) {
		t.Errorf("GitHub asked to wait until %s, and the next attempt is at %s", until, f.Next)
	}
	other := (&gate.Error{Code: "x"}).Failed(gate.Publish, before, start, 0)
	if other.Attempt != 1 {
		t.Errorf("another step goes on counting at %d", other.Attempt)
	}
}

// TestWhatStaysLostIsAskedForEverMoreSeldom: what GitHub has not shown for months may
// come back all the same, and costs a record each time it is asked for.
func TestWhatStaysLostIsAskedForEverMoreSeldom(t *testing.T) {
	const day = 24 * time.Hour
	spans := map[string]time.Duration{"a day": day, "a month": 30 * day, "a year": 365 * day}
	for _, code := range []string{gate.NotFound, gate.NotInstalled} {
		for _, jitter := range []float64{0, 1} {
			var before *gate.Failed
			attempts, at := map[string]int{}, start
			for at.Before(start.Add(365 * day)) {
				f := (&gate.Error{Code: code}).Failed(gate.Assess, before, at, jitter)
				age := at.Sub(start)
				switch wait := f.Next.Sub(at); {
				case wait <= 0:
					t.Fatalf("%s after %s is never tried again", code, age)
				case wait > max(time.Hour, age/24) && wait > 10*time.Minute:
					t.Fatalf("%s after %s waits %s", code, age, wait)
				}
				for within, limit := range spans {
					if age < limit {
						attempts[within]++
					}
				}
				at, before = f.Next, &f
			}
			if attempts["a day"] > 90 || attempts["a month"] > 280 || attempts["a year"] > 400 {
				t.Errorf("%s, jitter %v: %v attempts", code, jitter, attempts)
			}
		}
	}
}

// A repository is surveyed again once something is heard of it, or it is listed.
func TestASurveyOfWhatIsGoneWaits(t *testing.T) {
	gone := &gate.Error{Code: gate.NotFound}
	first := gone.Failed(gate.Survey, nil, start, 1)
	later := gone.Failed(gate.Survey, &first, start.Add(gate.DoubtFor-time.Second), 1)
	if first.Next.IsZero() || later.Next.IsZero() {
		t.Errorf("not tried again while GitHub may be behind: %v, %v", first.Next, later.Next)
	}
	if last := gone.Failed(gate.Survey, &later, start.Add(gate.DoubtFor), 1); !last.Next.IsZero() || last.Attempt != 3 {
		t.Errorf("tried again at %v", last.Next)
	}
}

func TestARecordOfAnotherVersionStopsTheFold(t *testing.T) {
	if _, err := gate.Decode("absolved", []byte(`{}`)); err == nil {
		t.Fatal("a kind that is not known was read")
	}
	if _, err := gate.Decode("judged", []byte(`[`)); err == nil {
		t.Fatal("a broken record was read")
	}
}

func TestEventsSurviveTheirStoredForm(t *testing.T) {
	all := []gate.Event{
		seen("a1", "main"), judged(gate.State{}, "a1", true), gate.Closed{Covers: 3, Why: "merged"},
		gate.Told{Covers: 4, Checks: []string{"a1"}}, gate.News{Version: 5, Since: start},
		gate.Creating{}, gate.Published{Covers: 1, Run: 2, Digest: "d", Outcome: "success", Painting: 7},
		gate.Painting{Nonce: "n", Covers: 6, Run: 2, Shows: []gate.Shown{{For: gate.For{Head: "a1", Attempt: 2}, Version: 4}}},
		gate.Handed{Covers: 6}, gate.Failed{Step: "assess", Attempt: 2, Since: start, Next: start, Painting: 7},
		gate.Offered{Answer: gate.Deny, Saw: gate.Sight{Version: 4, Check: "check/42/a1", Painting: 7}},
	}
	for _, e := range all {
		body, err := gate.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := gate.Decode(e.Kind(), body)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(e, back) {
			t.Errorf("%s came back as %+v, was %+v", e.Kind(), back, e)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("seen", []byte(`{"subject":{"kind":"pr","repo":{"id":42}},"head":"a1"}`))
	f.Add("judged", []byte(`{"covers":1,"verdict":{"held":true}}`))
	f.Add("failed", []byte(`{"attempt":-3,"next":"2026-11-02T09:00:00Z"}`))
	f.Add("published", []byte(`{"run":9223372036854775807}`))
	f.Add("published", []byte(`{"painting":1}`))
	f.Add("painting", []byte(`{"nonce":"a","shows":[{"gate":{"kind":"pr"},"for":{"head":"a1"}}]}`))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		e, err := gate.Decode(kind, body)
		if err != nil {
			return
		}
		var g gate.State
		var c check.State
		entry := gate.Entry{Version: 1, At: start, Event: e}
		g = g.After(entry)
		c = c.After(entry)
		g.Due()
		c.Due()
		g.Checks()
	})
}

// Two processes judge at once: one finds what is on record already, and before it
// says so the other has put another verdict there. Neither is believed to be the
// newer: it is judged again.
func TestTheSameAsBeforeIsNotTheSameAsAnothers(t *testing.T) {
	s := &stream{t: t, at: start}
	s.add(seen("aaa", "main"))
	s.add(judged(s.state, "aaa", true))
	first := judged(s.state, "aaa", true)
	s.add(seen("aaa", "main"))
	again := gate.Judged{Covers: s.state.Version, Head: "aaa", BaseRef: "main", Digest: first.Digest}
	s.add(judged(s.state, "aaa", false))
	s.add(gate.Told{Covers: s.state.Changed, Checks: []string{"aaa"}})
	s.add(again)
	if step, when := s.state.Due(); step != gate.Assess || !when.IsZero() {
		t.Errorf("due is %q at %s", step, when)
	}
	s.add(judged(s.state, "aaa", true))
	if got := s.state.Current(); got == nil || !got.Held {
		t.Errorf("judged again it shows %+v", got)
	}
}

// Which files were judged is known of the very verdict on record, and of no other.
func TestPathsAreOfTheVerdict(t *testing.T) {
	judged := func(s gate.State, read string, paths []string) gate.State {
		v := gate.Verdict{Head: read, Read: read}
		v.Seal()
		s.Covered = 0
		return s.After(gate.Entry{Version: s.Version + 1, Event: gate.Judged{Covers: s.Version, Head: read, Digest: v.Digest, Verdict: &v,
			Paths: paths}})
	}
	one := judged(gate.State{}, "r1", []string{"a"})
	if paths, known := one.Paths(); !known || len(paths) != 1 {
		t.Errorf("%v, known %v", paths, known)
	}
	if paths, known := judged(one, "r2", nil).Paths(); known {
		t.Errorf("of what was judged before: %v", paths)
	}
	if _, known := judged(judged(one, "r2", nil), "r1", nil).Paths(); !known {
		t.Error("of the same as before")
	}
	if paths, known := judged(one, "r2", []string{}).Paths(); !known || len(paths) != 0 {
		t.Errorf("no files: %v, known %v", paths, known)
	}
	if _, known := (gate.State{}).Paths(); known {
		t.Error("of nothing")
	}
}
