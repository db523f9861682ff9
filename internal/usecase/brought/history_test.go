package brought

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/branch"
)

// graph reads commits as "sha: parent parent", signed by GitHub where there is a *.
func graph(text string) *history {
	var out []change.Commit
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == ',' }) {
		sha, parents, _ := strings.Cut(strings.TrimSpace(line), ":")
		c := change.Commit{Parents: strings.Fields(parents)}
		c.SHA, c.SignedByGitHub = strings.CutSuffix(sha, "*")
		out = append(out, c)
	}
	return newHistory(out)
}

func merged(sha, head string, pushes ...gate.Push) *merge {
	return &merge{branch.Merged{Merge: gate.Merge{SHA: sha, Head: head, Number: 1}}, branch.State{Pushes: pushes}}
}

func TestWhatAMergeBrought(t *testing.T) {
	from := func(before, after string) gate.Push { return gate.Push{Before: before, After: after} }
	for name, tc := range map[string]struct {
		graph string
		merge *merge
		want  string
	}{
		"a merge commit":                      {"h:b, h2:h, m*:b h2", merged("m", "h2"), "m h h2"},
		"whose branch was brought up to date": {"d:b, h:b, u:h d, m*:d u", merged("m", "u"), "m h u"},
		"that nobody signed":                  {"h:b, m:b h", merged("m", "h"), ""},
		"of another head":                     {"h:b, x:b, m*:b x", merged("m", "h"), ""},
		"the other way round":                 {"h:b, m*:h b", merged("m", "h"), ""},
		"of three":                            {"h:b, x:b, m*:b h x", merged("m", "h"), ""},
		"the head itself":                     {"h:b", merged("h", "h", from("b", "h")), ""},
		"a squash":                            {"m*:b", merged("m", "h", from("b", "m")), "m"},
		"a squash, and no push is known":      {"m*:b", merged("m", "h"), ""},
		"a rebase of two":                     {"r1:b, r2:r1", merged("r2", "h", from("b", "r2")), "r2 r1"},
		"a rebase, and other pushes":          {"r1:b, r2:r1", merged("r2", "h", from("r1", "x"), from("b", "r2")), "r2 r1"},
		"by force":                            {"r1:b", merged("r1", "h", gate.Push{Before: "b", After: "r1", Forced: true}), ""},
		"pushed on top of the head":           {"h:b, m*:h", merged("m", "h", from("b", "m")), ""},
		"from the head":                       {"m*:h", merged("m", "h", from("h", "m")), ""},
		"a line with a merge":                 {"x:b, r1:b x, m*:r1", merged("m", "h", from("b", "m")), ""},
		"a line that goes on":                 {"m*:r1", merged("m", "h", from("b", "m")), ""},
		"a line without an end":               {"m*:m", merged("m", "h", from("b", "m")), ""},
		"the branch was made by it":           {"m*:b", merged("m", "h", from("", "m")), ""},
		"not of the change":                   {"x:b", merged("m", "h"), ""},
		"the head is not known":               {"m*:b", merged("m", "", from("b", "m")), ""},
	} {
		if got := strings.Join(graph(tc.graph).broughtBy(tc.merge), " "); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func partOf(number int, sha string, commits ...string) part {
	p := part{commits: append([]string{sha}, commits...)}
	p.Number, p.SHA = number, sha
	return p
}

func TestHowFarItIsProven(t *testing.T) {
	const two = "h1:b, m1:b h1, h2:m1, m2:m1 h2"
	one, other := partOf(1, "m1", "h1"), partOf(2, "m2", "h2")
	unjudged := other
	unjudged.Counts = gate.CountsUnjudged
	held := other
	held.Counts = gate.CountsHeld
	for name, tc := range map[string]struct {
		graph string
		parts []part
		head  bool
		reach string
	}{
		"all":                       {two, []part{one, other}, true, "m2"},
		"one was not judged":        {two, []part{one, unjudged}, false, "m1"},
		"one was held, and is told": {two, []part{one, held}, true, "m2"},
		"one commit after":          {two + ", m3:m2", []part{one, other}, false, "m2"},
		"one commit before":         {"m0:b, h1:m0, m1:m0 h1", []part{one}, false, ""},
		"a parent is not known":     {"h1:, m1:b h1", []part{one}, false, ""},
		"none":                      {two, nil, false, ""},
	} {
		h := graph(tc.graph)
		last, _, _ := strings.Cut(tc.graph[strings.LastIndex(tc.graph, ", ")+2:], ":")
		if got := h.proven(tc.parts)[last]; got != tc.head {
			t.Errorf("%s: %s is proven: %v", name, last, got)
		}
		if got := h.reach(tc.parts); got != tc.reach {
			t.Errorf("%s: it reaches to %q, want %q", name, got, tc.reach)
		}
	}
}

// Nothing is proven that has a commit which is not, wherever that lies.
func TestWhatFollowsFromTheUnknownIsNotProven(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var commits []change.Commit
		var p part
		known := map[string]bool{"b": true}
		for i := range rapid.IntRange(1, 12).Draw(t, "commits") {
			c := change.Commit{SHA: fmt.Sprint("c", i)}
			mine := rapid.IntRange(0, 3).Draw(t, "whose") > 0
			for range rapid.IntRange(1, 2).Draw(t, "parents") {
				from := rapid.IntRange(-1, i-1).Draw(t, "parent")
				parent := "b"
				if from >= 0 {
					parent = commits[from].SHA
				}
				c.Parents = append(c.Parents, parent)
				known[c.SHA] = mine && known[parent] && (len(c.Parents) == 1 || known[c.SHA])
			}
			if mine {
				p.commits = append(p.commits, c.SHA)
			}
			commits = append(commits, c)
		}
		got := newHistory(rapid.Permutation(commits).Draw(t, "order")).proven([]part{p})
		for _, c := range commits {
			if got[c.SHA] != known[c.SHA] {
				t.Fatalf("%s is proven: %v; %+v", c.SHA, got[c.SHA], commits)
			}
		}
	})
}

// What one pull request brought of others is theirs; if it was released and brought
// nothing else, it is nothing by itself.
func TestWhatIsOfWhom(t *testing.T) {
	inner, outer := partOf(12, "m12", "h12"), partOf(50, "m50", "m12", "h12")
	mixed := partOf(51, "m51", "m12", "h12", "own")
	held := outer
	held.Counts = gate.CountsHeld
	unproven := partOf(13, "m13")
	unproven.commits = nil
	for name, tc := range map[string]struct {
		parts []part
		want  string
	}{
		"alone":                    {[]part{inner}, "12: m12 h12"},
		"a release of it":          {[]part{outer, inner}, "12: m12 h12"},
		"a release that was held":  {[]part{held, inner}, "12: m12 h12, 50 held: m50"},
		"with a commit of its own": {[]part{mixed, inner}, "12: m12 h12, 51: m51 own"},
		"that is not proven":       {[]part{unproven}, "13 not_judged: "},
	} {
		var got []string
		for _, p := range owned(tc.parts) {
			got = append(got, strings.TrimSpace(fmt.Sprint(p.Number, " ", p.Counts))+": "+strings.Join(p.Commits, " "))
		}
		if strings.Join(got, ", ") != tc.want {
			t.Errorf("%s: %v, want %s", name, got, tc.want)
		}
	}
}

func TestWhatIsAsItWasLeft(t *testing.T) {
	file := func(path, blob string, status change.Status) change.File {
		return change.File{Path: path, Status: status, After: change.Text{Blob: blob}}
	}
	a, b := file("a", "1", change.Added), file("b", "1", change.Modified)
	gone := file("c", "", change.Removed)
	moved := file("d", "1", change.Renamed)
	moved.PreviousPath = "e"
	for name, tc := range map[string]struct {
		now, made []change.File
		beside    []string
		want      []string
	}{
		"all":                         {[]change.File{a, b, gone, moved}, []change.File{a, b, gone, moved}, nil, []string{"a", "b", "c", "d"}},
		"more":                        {[]change.File{a, b}, []change.File{a}, nil, []string{"a"}},
		"less":                        {[]change.File{a}, []change.File{a, b}, nil, nil},
		"less, and the other side":    {[]change.File{a}, []change.File{a, b}, []string{"b"}, []string{"a"}},
		"another text":                {[]change.File{a, file("b", "2", change.Modified)}, []change.File{a, b}, nil, []string{"a"}},
		"a text that is not known":    {[]change.File{a, file("b", "", change.Modified)}, []change.File{a, file("b", "", change.Modified)}, nil, []string{"a"}},
		"something else became of it": {[]change.File{file("a", "1", change.Modified)}, []change.File{a}, nil, nil},
		"from elsewhere":              {[]change.File{a, moved}, []change.File{a, file("d", "1", change.Renamed)}, nil, []string{"a"}},
		"the other side had it":       {[]change.File{a, moved}, []change.File{a, moved}, []string{"e"}, []string{"a"}},
	} {
		beside := map[string]bool{}
		for _, path := range tc.beside {
			beside[path] = true
		}
		var got []string
		for path := range unchanged(tc.now, tc.made, beside) {
			got = append(got, path)
		}
		if slices.Sort(got); !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v, want %v", name, got, tc.want)
		}
	}
}
