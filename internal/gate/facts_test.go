package gate_test

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/gate"
)

// words are the fields of a verdict that are sentences, names of what GitHub
// knows by an id, or what led to it. Every other one is a fact.
var words = map[string]bool{
	"ID": true, "Repository": true, "Reason": true, "Notes": true, "Origin": true, "Intent": true, "Tell": true, "Agent.Signed": true, "Proposed": true, "Digest": true, "Facts": true,
	"Rules.Sources": true, "Rules.Before": true,
	"Agent.Evidence.Text": true, "Agent.Owners": true, "Agent.Unknown": true, // how many they are is a fact
	"Findings.Message": true, "Findings.Why": true, "Findings.Controls": true,
	"Problems.Text": true, "Contributors.Role": true, "Excluded.Role": true,
	"Deploy.BaseAt": true, "Deploy.Summary": true, "Deploy.Chain": true, "Deploy.Waits": true, "Deploy.Over": true,
	"Deploy.Outgoing.Title": true, "Deploy.Outgoing.Worst": true, "Deploy.Outgoing.Why": true, "Deploy.Outgoing.ApprovedBy": true,
	"Deploy.Jobs.Can": true, "Deploy.Jobs.Why": true,
}

var indexRE = regexp.MustCompile(`\[\d+\]`)

// isWords reports whether a field, or one that it stands in, is words.
func isWords(path string) bool {
	for path = indexRE.ReplaceAllString(path, ""); path != ""; {
		if words[path] {
			return true
		}
		i := strings.LastIndex(path, ".")
		path = path[:max(i, 0)]
	}
	return false
}

// place is one value in a verdict that can be changed.
type spot struct {
	path string
	set  reflect.Value
}

// spots are all texts, numbers and truths in a value.
func spots(v reflect.Value, path string) []spot {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return nil
		}
		return spots(v.Elem(), path)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return []spot{{path, v}}
		}
		var out []spot
		for i := range v.NumField() {
			out = append(out, spots(v.Field(i), strings.TrimPrefix(path+"."+v.Type().Field(i).Name, "."))...)
		}
		return out
	case reflect.Slice:
		var out []spot
		for i := range v.Len() {
			out = append(out, spots(v.Index(i), fmt.Sprintf("%s[%d]", path, i))...)
		}
		return out
	}
	return []spot{{path, v}}
}

// change makes a value another one.
func (s spot) change(text string, more int64) {
	switch v := s.set; v.Kind() {
	case reflect.String:
		v.SetString(v.String() + text)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Int, reflect.Int64:
		v.SetInt(v.Int() + more)
	default:
		v.Set(reflect.ValueOf(v.Interface().(time.Time).Add(time.Hour)))
	}
}

// fill gives every field of a value something.
func fill(v reflect.Value, deep int) {
	switch v.Kind() {
	case reflect.Pointer:
		if deep < 4 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), deep+1)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Date(2026, 11, 20, 16, 0, 0, 0, time.UTC)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i), deep)
		}
	case reflect.Slice:
		if deep < 4 {
			v.Set(reflect.MakeSlice(v.Type(), 2, 2))
			for i := range 2 {
				fill(v.Index(i), deep+1)
			}
		}
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(7)
	}
}

func whole() *gate.Verdict {
	v := &gate.Verdict{}
	fill(reflect.ValueOf(v).Elem(), 0)
	v.Contributors = append(v.Contributors, gate.Contributor{Login: "only-a-login", Role: "x"})
	v.Level, v.Agent.Instigators = gate.High, []string{"lee", "Jo <jo@example.org>"}
	return v
}

// byAnID reports whether a spot is the login of somebody whose id is known.
func (s spot) byAnID() bool {
	return s.path == "Contributors[0].Login" || s.path == "Contributors[1].Login"
}

func (s spot) isFact() bool { return !isWords(s.path) && !s.byAnID() }

// TestADigestCoversEveryFactAndNoWord changes every field of a verdict, one at a
// time: none that was added since can be neither.
func TestADigestCoversEveryFactAndNoWord(t *testing.T) {
	v := whole()
	v.Seal()
	before, seen := v.Digest, ""
	for i := range spots(reflect.ValueOf(v).Elem(), "") {
		v := whole()
		s := spots(reflect.ValueOf(v).Elem(), "")[i]
		s.change("y", 1)
		seen += "\n" + indexRE.ReplaceAllString(s.path, "") + "."
		switch v.Seal(); {
		case !s.isFact() && v.Digest != before:
			t.Errorf("other words in %s make another digest", s.path)
		case s.isFact() && v.Digest == before:
			t.Errorf("another %s makes no other digest", s.path)
		}
	}
	for path := range words {
		if !strings.Contains(seen, "\n"+path+".") {
			t.Errorf("a verdict has no %s", path)
		}
	}
}

// TestOtherWordsAreNoOtherVerdict: all words of a verdict can be others at once,
// and its digest is the same; with one fact besides it is another.
func TestOtherWordsAreNoOtherVerdict(t *testing.T) {
	size := len(spots(reflect.ValueOf(whole()).Elem(), ""))
	rapid.Check(t, func(t *rapid.T) {
		plain, said := whole(), whole()
		plain.Seal()
		all := spots(reflect.ValueOf(said).Elem(), "")
		for _, s := range all {
			if !s.isFact() && rapid.Bool().Draw(t, s.path) {
				s.change(rapid.String().Draw(t, "text"), rapid.Int64().Draw(t, "number"))
			}
		}
		if said.Seal(); said.Digest != plain.Digest {
			t.Fatal("other words make another digest")
		}
		s := all[rapid.IntRange(0, size-1).Draw(t, "spot")]
		if s.change(rapid.StringN(1, 20, -1).Draw(t, "text"), rapid.Int64Range(1, 1000).Draw(t, "number")); !s.isFact() {
			return
		}
		if said.Seal(); said.Digest == plain.Digest {
			t.Fatalf("another %s makes no other digest", s.path)
		}
	})
}

// TestHowManyAreNotKnownIsAFact: their sentences are not.
func TestHowManyAreNotKnownIsAFact(t *testing.T) {
	v := whole()
	v.Seal()
	before := v.Digest
	v.Agent.Unknown = v.Agent.Unknown[:1]
	if v.Seal(); v.Digest == before {
		t.Error("fewer people are not known, under the same digest")
	}
}

// TestADigestStandsForAsLongAsItsVersion: an approval of last year is for the same
// digest next year. Whoever covers more raises the version.
func TestADigestStandsForAsLongAsItsVersion(t *testing.T) {
	v := whole()
	v.Brings = nil // as in every verdict from before it was told: those keep their digests
	v.Seal()
	const pinned = "39a74a8a2cf82cf5b52664d3b45e699e6d480f9c72ff20c3ec004289ce54dcf0" // of version 3
	if v.Facts != 3 || v.Digest != pinned {
		t.Errorf("version %d has the digest %s: whatever changes what is covered is another version", v.Facts, v.Digest)
	}
}

// TestASubjectIsAFact: at one and the same place it is another thing that is lost.
func TestASubjectIsAFact(t *testing.T) {
	kind, digests := "sql/drop-table", map[string]bool{}
	for _, f := range []gate.Finding{{Object: "users"}, {Object: "orders"}, {Object: "users", Args: "cascade"}} {
		f.Observation, f.Path, f.Line, f.Message = &kind, "db/1.sql", 3, "drops a table"
		v := gate.Verdict{Findings: []gate.Finding{f}}
		v.Seal()
		digests[v.Digest] = true
	}
	if len(digests) != 3 {
		t.Errorf("three findings have %d digests", len(digests))
	}
}

// TestChoicesAreTakenAlong: what was approved as an earlier version said it is
// approved as this one says the same; and of anything else it is asked again.
func TestChoicesAreTakenAlong(t *testing.T) {
	old := func() *gate.Verdict { // whose digest was over every word
		v := whole()
		v.Hidden, v.Beyond, v.Read, v.Facts, v.Digest, v.Held, v.Deploy = 0, "", "", 0, "words", true, nil
		v.Head, v.Needs, v.Problems = "a1", &gate.Need{Approvals: 1}, nil
		v.Rules = gate.RulesRef{Digest: "old rules"}
		return v
	}
	for name, c := range map[string]struct {
		now   func(v *gate.Verdict)
		stand int
	}{
		"other words": {func(v *gate.Verdict) {
			v.Reason, v.Findings[0].Message, v.Repository = "other", "other", "acme/renamed"
		}, 1},
		"other rules":        {func(v *gate.Verdict) { v.Rules.Before = "others" }, 0},
		"another finding":    {func(v *gate.Verdict) { v.Findings[0].Object = "orders" }, 0},
		"a need of more":     {func(v *gate.Verdict) { v.Needs.Approvals = 2 }, 0},
		"more than is shown": {func(v *gate.Verdict) { v.Hidden = 1 }, 0},
	} {
		s := &stream{t: t, at: start}
		s.add(seen("a1", "main"))
		before := old()
		s.add(gate.Judged{Covers: s.state.Version, Head: "a1", BaseRef: "main", Digest: before.Digest, Verdict: before})
		by := gate.Actor{Login: "bo", ID: 3, Type: "User"}
		s.add(gate.Counted{By: by, Answer: gate.Approve, Via: gate.ViaButton, For: s.state.For(), Groups: []string{gate.WriteAccess}})
		s.add(seen("a1", "main"))
		now := old()
		now.Read, now.Rules = "files", gate.RulesRef{Digest: "new rules", Before: "old rules"}
		c.now(now)
		now.Seal()
		s.add(gate.Judged{Covers: s.state.Version, Head: "a1", BaseRef: "main", Digest: now.Digest, Verdict: now})
		if len(s.state.Choices) != c.stand {
			t.Errorf("%s: %d choices stand, want %d; void: %+v", name, len(s.state.Choices), c.stand, s.state.Voided)
		}
		s.add(seen("a1", "main")) // and as before from then on
		s.add(gate.Judged{Covers: s.state.Version, Head: "a1", BaseRef: "main", Digest: now.Digest})
		if len(s.state.Choices) != c.stand {
			t.Errorf("%s: later %d choices stand", name, len(s.state.Choices))
		}
	}
}
