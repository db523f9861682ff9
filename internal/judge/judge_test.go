package judge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/rulesfile/rulestest"
)

func rulesOf(t *testing.T, text string) *policy.Rules {
	t.Helper()
	return mustCompile(t, nil, rulestest.MustParse(t, "repository", text))
}

// What is not shown counts all the same: in the score, in the count, in the
// digest.
func TestHiddenFindings(t *testing.T) {
	r := rulesOf(t, "version: 1\nextends: []\nrules:\n"+
		"  - { id: all, title: All, paths: [\"**\"], risk: 10 }\n  - { id: sql, title: SQL, detect: [\"sql/*\"], risk: 20 }\n")
	c := &change.Change{HeadRef: "copilot/x"}
	for i := range 1000 {
		c.Files = append(c.Files, change.File{Path: fmt.Sprintf("db/%04d.sql", i), Status: change.Added,
			Before: change.NoText(), After: change.TextOf("DROP TABLE a\nDROP TABLE b\n")})
	}
	v := Change(r, c)
	if len(v.Findings) != MaxFindings || v.Hidden != 3000-MaxFindings || v.Score != 28 {
		t.Fatalf("%d shown, %d hidden, score %d", len(v.Findings), v.Hidden, v.Score)
	}
	if !slices.IsSortedFunc(v.Findings, compareFindings) {
		t.Error("the findings are not in order")
	}
	c.Files[999].After = change.TextOf("DROP TABLE a\nDROP TABLE c\n")
	if other := Change(r, c); other.Digest == v.Digest || other.FindingsDigest == v.FindingsDigest {
		t.Error("another table was dropped where nobody sees it, and the digests are the same")
	}
}

// Of the texts that are asked for, some rule in force has the use.
func TestWants(t *testing.T) {
	sql, text := &change.File{Path: "db/1.sql", Status: change.Added}, &change.File{Path: "README.md", Status: change.Modified}
	for _, c := range []struct {
		rules string
		want  bool
	}{
		{"rules: [{ id: a, title: A, paths: [\"db/**\"], risk: 5 }]", false},
		{"rules: [{ id: a, title: A, detect: [\"sql/*\"] }]", true},
		{"rules: [{ id: a, title: A, detect: [\"shape/*\"] }]", false},
		{"rules: [{ id: a, title: A, detect: [\"sql/*\"], paths: [\"other/**\"] }]", false},
		{"rules: [{ id: a, title: A, detect: [\"sql/*\"], paths: [\"db/**\"], status: [removed] }]", false},
		{"boundaries: { a: { paths: [\"a/**\"] }, b: { detect: [\"sql/*\"] } }\nseparate: [[a, b]]", true},
	} {
		r := rulesOf(t, "version: 1\nextends: []\n"+c.rules+"\n")
		if got := r.Wants(sql); got != c.want {
			t.Errorf("%s: wants a SQL file: %v", c.rules, got)
		}
		if r.Wants(text) {
			t.Errorf("%s: wants a README", c.rules)
		}
	}
}

func TestLoad(t *testing.T) {
	found := func(text string) change.RulesFile {
		return change.RulesFile{State: change.RulesFound, Name: "acme/shop/.github/gatehold.yml@1234567", Text: []byte(text)}
	}
	absent := change.RulesFile{State: change.RulesAbsent}
	observe := found("version: 1\nmode: observe\nextends: []\n")
	human := &change.Change{Author: change.Actor{Login: "ana", ID: 1, Type: change.User}}
	for _, c := range []struct {
		name      string
		org, repo change.RulesFile
		held      bool
		code      string
	}{
		{"nothing anywhere", absent, absent, false, ""},
		{"a good file", absent, found("version: 1\n"), false, ""},
		{"a file with a fault", absent, found("version: 1\nmodes: observe\n"), true, "rules_invalid"},
		{"a fault of the organisation's", found("rules: 1"), observe, true, "rules_invalid"},
		{"a file that could not be looked for", absent, change.RulesFile{}, true, "rules_unreadable"},
		{"a link", observe, change.RulesFile{State: change.RulesRefused, Reason: "it is a symbolic link"}, true, "rules_unreadable"},
	} {
		v := Change(policy.Load(c.org, c.repo), human)
		if v.Held != c.held {
			t.Errorf("%s: held %v: %s", c.name, v.Held, v.Reason)
		}
		if c.code != "" && (len(v.Problems) != 1 || v.Problems[0].Code != c.code || v.Needs == nil) {
			t.Errorf("%s: %+v, needs %v", c.name, v.Problems, v.Needs)
		}
	}
	if same := policy.Load(absent, absent); same.Digest() != policy.Builtin().Digest() {
		t.Error("no file is not the built-in default")
	}
}

// The name of a file, and the commit in it, are no part of what is approved.
func TestDigestIgnoresNames(t *testing.T) {
	text := []byte("version: 1\n")
	a := policy.Load(change.RulesFile{State: change.RulesAbsent}, change.RulesFile{State: change.RulesFound, Name: "x@1", Text: text})
	b := policy.Load(change.RulesFile{State: change.RulesAbsent},
		change.RulesFile{State: change.RulesFound, Name: "x@2", Text: append(text, "# a comment\n"...)})
	c := manyFiles(10)
	if va, vb := Change(a, c), Change(b, c); va.Digest != vb.Digest || a.Digest() != b.Digest() {
		t.Error("the same rules under another name give another digest")
	}
	other := policy.Load(change.RulesFile{State: change.RulesAbsent},
		change.RulesFile{State: change.RulesFound, Name: "x@1", Text: []byte("version: 1\nneeds: { low: { approvals: 1 } }\n")})
	if other.Digest() == a.Digest() {
		t.Error("other rules have the same digest")
	}
}

// A push that changes nothing about what was found keeps FindingsDigest; one
// that finds more, or finds it in other content, does not.
func TestFindingsDigest(t *testing.T) {
	r := rulesOf(t,
		"version: 1\nextends: []\nrules:\n  - { id: sql, title: SQL, detect: [\"sql/*\"] }\n  - { id: db, title: DB, paths: "+
			"[\"db/**\"], risk: 5 }\n")
	at := func(before, after string, more ...change.File) string {
		c := &change.Change{HeadRef: "copilot/x",
			Files: append([]change.File{{Path: "db/1.sql", Status: change.Modified, Before: change.TextOf(before),
				After: change.TextOf(after)}}, more...)}
		return Change(r, c).FindingsDigest
	}
	far := strings.Repeat("-- what was there\n", 30)
	first := at(far+"a\n", far+"a\nDROP TABLE x\n")
	if first == "" {
		t.Fatal("no digest of the findings")
	}
	if got := at("new line of the base\n"+far+"a\n", "new line of the base\n"+far+"a\nDROP TABLE x\n"); got != first {
		t.Error("a line of the base far above moved the finding, and its digest changed")
	}
	if got := at(far+"a\n", far+"a\nDROP TABLE x\n", change.File{Path: "notes.txt", Status: change.Modified}); got != first {
		t.Error("a file that no detector reads changed the digest")
	}
	if got := at(far+"a\n", far+"a\nDROP TABLE x CASCADE\n"); got == first {
		t.Error("other content has the same digest")
	}
	if got := at(far+"a\n", far+"a\nDROP TABLE x\n",
		change.File{Path: "db/x", Status: change.Added, Before: change.NoText(), After: change.TextOf("")}); got == first {
		t.Error("a new finding has the same digest")
	}
	if got := at(far+"a\n", far+"a\nDROP TABLE x\n", change.File{Path: "db/x", Status: change.Modified}); got != "" {
		t.Error("content that nobody knows has a digest")
	}
}

func TestContributors(t *testing.T) {
	c := &change.Change{
		HeadRef: "copilot/x", Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot},
		Pusher:    change.Actor{Login: "bea", ID: 2},
		Assignees: []change.Actor{{Login: "ana", ID: 1, Type: change.User}},
		Commits: []change.Commit{{Author: change.Person{Login: "cleo", ID: 3}, Committer: change.Person{Login: "dan", ID: 4},
			Message: "x\n\nCo-authored-by: Eva <5+eva@users.noreply.github.com>\n"}},
	}
	v := Change(rulesOf(t, "version: 1\n"), c)
	var got []string
	for _, p := range v.Contributors {
		got = append(got, strings.ToLower(p.Login))
	}
	for _, who := range []string{"copilot", "bea", "cleo", "dan", "ana", "eva"} {
		if !slices.Contains(got, who) {
			t.Errorf("%s had a part in it and is not named: %v", who, got)
		}
	}
}

// A login that one account gave up and another took names both, each by its id.
func TestContributorsOfOneLogin(t *testing.T) {
	c := &change.Change{
		Author: change.Actor{Login: "bo", ID: 9, Type: change.User},
		Commits: []change.Commit{
			{Author: change.Person{Login: "Bo", ID: 14}, Message: "x\n\nCo-authored-by: Bo <bo@users.noreply.github.com>\n"},
			{Author: change.Person{Login: "bo", ID: 14}},
			{Author: change.Person{Login: "bo"}},
		},
	}
	var got []int64
	for _, p := range Change(rulesOf(t, "version: 1\n"), c).Contributors {
		got = append(got, p.ID)
	}
	if !slices.Equal(got, []int64{9, 14}) {
		t.Errorf("the accounts that had a part in it are %v", got)
	}
}

// A verdict is JSON with lists where lists are promised.
func TestVerdictJSON(t *testing.T) {
	text, err := json.Marshal(Change(policy.Builtin(), &change.Change{}))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"findings":[]`, `"names":[]`, `"evidence":[]`, `"instigators":[]`, `"digest":"`} {
		if !strings.Contains(string(text), part) {
			t.Errorf("%s is missing in %s", part, text)
		}
	}
}

// Rules may be used by many goroutines; the race detector watches.
func TestConcurrentUse(t *testing.T) {
	r := strictRules(t)
	want := Change(r, manyFiles(30)).Digest
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			c := manyFiles(30)
			for i := range c.Files {
				r.Wants(&c.Files[i])
			}
			if got := Change(r, c).Digest; got != want {
				t.Errorf("another verdict on another goroutine: %s", got)
			}
			r.Explain()
		})
	}
	wg.Wait()
}

// Adding a file never lowers the score by the detectors that ship either. The
// one exception is what it is about: a lock file that changes without its
// manifest is not alone any more once the manifest changes too.
func TestMoreIsNeverLessInEarnest(t *testing.T) {
	r := strictRules(t)
	var files []change.File
	for _, k := range catalog.Kinds() {
		if k.Build == nil && k.ExamplePath != "" {
			files = append(files, exampleFile(k.ExamplePath, k.FiresBefore, k.Fires), exampleFile(k.ExamplePath, k.QuietBefore, k.Quiet))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		c := &change.Change{HeadRef: "copilot/x", BaseRef: "main"}
		for _, f := range rapid.SliceOfN(rapid.SampledFrom(files), 1, 5).Draw(t, "files") {
			if !slices.ContainsFunc(c.Files, func(x change.File) bool { return x.Path == f.Path }) {
				c.Files = append(c.Files, f)
			}
		}
		more := Change(r, c)
		fewer := *c
		fewer.Files = c.Files[:len(c.Files)-1]
		less := Change(r, &fewer)
		alone := slices.ContainsFunc(less.Findings,
			func(f gate.Finding) bool { return observationOf(f) == "dependency/lock-without-manifest" })
		if more.Score < less.Score && !alone {
			t.Fatalf("%s lowered the score from %d to %d", c.Files[len(c.Files)-1].Path, less.Score, more.Score)
		}
		slices.Reverse(c.Files)
		if again := Change(r, c); again.Digest != more.Digest {
			t.Fatal("the order of the files matters")
		}
	})
}

func exampleFile(path, before, after string) change.File {
	f := change.File{Path: path, Status: change.Modified, Mode: change.ModeFile, PreviousMode: change.ModeFile,
		Before: change.TextOf(before), After: change.TextOf(after)}
	if before == "" {
		f.Status, f.PreviousMode, f.Before = change.Added, "", change.NoText()
	}
	if after == "" {
		f.Status, f.Mode, f.After = change.Removed, "", change.NoText()
	}
	return f
}

// What is seen only in the change as a whole is held to the declared kinds too.
func TestIntentHoldsTheWholeChange(t *testing.T) {
	r, err := policy.Compile(mustParseText(t, "version: 1\nextends: [intent, shape]\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &change.Change{Author: change.Actor{Login: "Copilot", ID: 198982749, Type: change.Bot},
		Body: "```gatehold-intent\nkinds: [sql]\n```\n"}
	for i := range 400 {
		c.Files = append(c.Files, change.File{Path: fmt.Sprintf("docs/%d.txt", i), Status: change.Removed,
			PreviousMode: change.ModeFile, Before: change.TextOf("words\n"), After: change.NoText()})
	}
	said := ""
	for _, f := range Change(r, c).Findings {
		said += f.Message + "\n"
	}
	if !strings.Contains(said, "declared are the kinds sql/*, done is shape/bulk-deletion") {
		t.Errorf("nothing lies outside: %.500s", said)
	}
}

func mustParseText(t *testing.T, text string) *rulesfile.File {
	t.Helper()
	f, err := rulesfile.Parse(rulesfile.Source{Name: "rules", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A trailer with the id of nobody beside a login does not hide whom the agent names.
func TestATrailerHidesNobody(t *testing.T) {
	var all participants
	all.add(gate.Contributor{Login: "cy", ID: 999, Role: roleCoAuthored})
	all.add(gate.Contributor{Login: "cy", Role: roleInstigated})
	if len(all.list) != 2 {
		t.Errorf("%+v", all.list)
	}
}
