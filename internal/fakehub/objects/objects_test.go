package objects

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func file(s *Store, path, text string) Change {
	return Change{Path: path, Mode: ModeFile, SHA: s.PutBlob([]byte(text))}
}

func mustApply(t *testing.T, s *Store, tree string, changes ...Change) string {
	t.Helper()
	sha, err := s.Apply(tree, changes)
	if err != nil {
		t.Fatal(err)
	}
	return sha
}

// git runs the real git in dir; it is what the ids and patches are held against.
func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=1700000000 +0000",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_COMMITTER_DATE=1700000000 +0000")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

func TestIdsAreGits(t *testing.T) {
	dir := t.TempDir()
	git(t, dir, "init", "-q", "-b", "main")
	write := func(path, text string, mode os.FileMode) {
		full := filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("a.txt", "one\n", 0o644)
	write("a/b.txt", "two", 0o644)
	write("a-b", "three\n", 0o644)
	write("bin/run.sh", "#!/bin/sh\n", 0o755)
	if err := os.Symlink("a.txt", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "-m", "First\n\nWith a body.")

	s := NewStore()
	tree := mustApply(t, s, EmptyTree,
		file(s, "a/b.txt", "two"), file(s, "a.txt", "one\n"), file(s, "a-b", "three\n"),
		Change{Path: "bin/run.sh", Mode: ModeExecutable, SHA: s.PutBlob([]byte("#!/bin/sh\n"))},
		Change{Path: "link", Mode: ModeSymlink, SHA: s.PutBlob([]byte("a.txt"))})
	if want := git(t, dir, "rev-parse", "HEAD^{tree}"); tree != want {
		t.Errorf("tree %s, git says %s", tree, want)
	}
	ada := Person{Name: "Ada", Email: "ada@example.com", Date: time.Unix(1700000000, 0)}
	sha, err := s.PutCommit(&Commit{Tree: tree, Author: ada, Committer: ada, Message: "First\n\nWith a body.\n"})
	if err != nil {
		t.Fatal(err)
	}
	if want := git(t, dir, "rev-parse", "HEAD"); sha != want {
		t.Errorf("commit %s, git says %s", sha, want)
	}
}

func TestApplyReplacesAndPrunes(t *testing.T) {
	s := NewStore()
	tree := mustApply(t, s, EmptyTree, file(s, "a/b/c", "1"), file(s, "x", "2"))
	if got := mustApply(t, s, tree, Change{Path: "a/b/c", Remove: true}, Change{Path: "x", Remove: true}); got != EmptyTree {
		t.Errorf("removing everything left %v", s.trees[got])
	}
	swapped := mustApply(t, s, tree, file(s, "a", "now a file"), Change{Path: "x", Remove: true}, file(s, "x/y", "now a folder"))
	if e, ok := s.Lookup(swapped, "a"); !ok || e.Mode != ModeFile {
		t.Errorf("a is %+v", e)
	}
	if e, ok := s.Lookup(swapped, "x/y"); !ok || e.Kind() != "blob" {
		t.Errorf("x/y is %+v", e)
	}
	for _, bad := range []string{"", "/a", "a//b", "a/../b", ".git/config", strings.Repeat("d/", 200) + "f"} {
		if _, err := s.Apply(tree, []Change{file(s, bad, "x")}); err == nil {
			t.Errorf("the path %.20q was taken", bad)
		}
	}
}

func TestDiffTellsWhatHappened(t *testing.T) {
	s := NewStore()
	before := mustApply(t, s, EmptyTree, file(s, "keep", "k\n"), file(s, "edit", "1\n"), file(s, "gone", "g\n"),
		file(s, "old/name", "moved\n"), file(s, "type", "t\n"), file(s, "mode", "m\n"), file(s, "dir/in", "x\n"))
	after := mustApply(t, s, before, file(s, "edit", "2\n"), Change{Path: "gone", Remove: true},
		Change{Path: "old/name", Remove: true}, file(s, "new/name", "moved\n"),
		Change{Path: "type", Mode: ModeSymlink, SHA: s.PutBlob([]byte("keep"))},
		Change{Path: "mode", Mode: ModeExecutable, SHA: s.PutBlob([]byte("m\n"))},
		Change{Path: "sub", Mode: ModeSubmodule, SHA: strings.Repeat("1", 40)}, file(s, "dir", "a file now\n"))
	var got []string
	for _, d := range s.Diff(before, after) {
		got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s>%s %s", d.Status, d.Path, d.OldMode, d.NewMode, d.Previous)))
	}
	want := []string{
		"added dir >100644", "removed dir/in 100644>", "modified edit 100644>100644", "removed gone 100644>",
		"modified mode 100644>100755", "renamed new/name 100644>100644 old/name", "added sub >160000", "changed type 100644>120000",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestMergeBaseAndRangeAreGits(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		s := NewStore()
		n := rapid.IntRange(1, 24).Draw(rt, "commits")
		var shas []string
		for i := range n {
			var parents []string
			for range rapid.IntRange(0, 2).Draw(rt, "parents") {
				if i > 0 {
					p := shas[rapid.IntRange(max(0, i-5), i-1).Draw(rt, "parent")]
					if len(parents) == 0 || parents[0] != p {
						parents = append(parents, p)
					}
				}
			}
			sha, err := s.PutCommit(&Commit{Tree: EmptyTree, Parents: parents, Message: fmt.Sprint(i)})
			if err != nil {
				rt.Fatal(err)
			}
			shas = append(shas, sha)
		}
		base, head := shas[rapid.IntRange(0, n-1).Draw(rt, "base")], shas[rapid.IntRange(0, n-1).Draw(rt, "head")]
		r := s.Between(base, head)
		inBase, inHead := ancestors(s, base), ancestors(s, head)
		checkSide(rt, "ahead", r.Ahead, inHead, inBase)
		checkSide(rt, "behind", r.Behind, inBase, inHead)
		any := false
		for sha := range inBase {
			any = any || inHead[sha]
			if inHead[sha] && inBase[sha] && sha != r.MergeBase && ancestors(s, sha)[r.MergeBase] {
				rt.Fatalf("%s is a better merge base than %s", sha, r.MergeBase)
			}
		}
		if any != (r.MergeBase != "") || any && (!inBase[r.MergeBase] || !inHead[r.MergeBase]) {
			rt.Fatalf("merge base %q, common history: %v", r.MergeBase, any)
		}
	})
}

func checkSide(rt *rapid.T, name string, got []string, in, notIn map[string]bool) {
	want := 0
	for sha := range in {
		if !notIn[sha] {
			want++
		}
	}
	if len(got) != want {
		rt.Fatalf("%s has %d commits, want %d", name, len(got), want)
	}
	for _, sha := range got {
		if !in[sha] || notIn[sha] {
			rt.Fatalf("%s holds %s, which is not in it", name, sha)
		}
	}
}

func ancestors(s *Store, sha string) map[string]bool {
	seen := map[string]bool{}
	for todo := []string{sha}; len(todo) > 0; {
		at := todo[0]
		todo = todo[1:]
		if !seen[at] {
			seen[at] = true
			todo = append(todo, s.Commit(at).Parents...)
		}
	}
	return seen
}

// TestPatchRebuildsTheNewText applies the patch to the old text, so that no
// line of it can be wrong, and holds its size against git's.
func TestPatchRebuildsTheNewText(t *testing.T) {
	line := rapid.SampledFrom([]string{"a", "b", "c", "-d", "+e", " f", "@@ g", ""})
	text := rapid.Custom(func(rt *rapid.T) string {
		lines := rapid.SliceOfN(line, 0, 30).Draw(rt, "lines")
		return strings.Join(lines, "\n") + rapid.SampledFrom([]string{"", "\n"}).Draw(rt, "end")
	})
	rapid.Check(t, func(rt *rapid.T) {
		before, after := text.Draw(rt, "before"), text.Draw(rt, "after")
		st, patch := Patch([]byte(before), []byte(after), 1<<20)
		got, adds, dels := apply(before, patch)
		if got != after {
			rt.Fatalf("before %q\npatch\n%s\ngives %q, want %q", before, patch, got, after)
		}
		if adds != st.Additions || dels != st.Deletions {
			rt.Fatalf("patch has +%d -%d, stat says %+v", adds, dels, st)
		}
	})
}

func apply(before, patch string) (after string, adds, dels int) {
	old := splitLines([]byte(before))
	at := 0
	var out strings.Builder
	var lines []string
	if patch != "" {
		lines = strings.Split(patch, "\n")
	}
	for i, l := range lines {
		text := "\n"
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], `\ No newline`) {
			text = ""
		}
		switch {
		case strings.HasPrefix(l, "@@ -"):
			var start, count int
			if n, _ := fmt.Sscanf(l, "@@ -%d,%d", &start, &count); n < 2 {
				count = 1
			}
			if count > 0 {
				start--
			}
			for ; at < start; at++ {
				out.WriteString(old[at])
			}
		case strings.HasPrefix(l, " "):
			out.WriteString(l[1:] + text)
			at++
		case strings.HasPrefix(l, "-"):
			dels++
			at++
		case strings.HasPrefix(l, "+"):
			adds++
			out.WriteString(l[1:] + text)
		}
	}
	for ; at < len(old); at++ {
		out.WriteString(old[at])
	}
	return out.String(), adds, dels
}

func TestPatchIsGits(t *testing.T) {
	dir := t.TempDir()
	before := strings.Join(strings.Split("abcdefghijklmnopqrstuvwxyz", ""), "\n") + "\n"
	after := strings.Replace(strings.Replace(strings.Replace(before, "c\n", "C\nC2\n", 1), "n\n", "", 1), "z\n", "z", 1)
	for name, text := range map[string]string{"old": before, "new": after} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("git", "diff", "--no-index", "old", "new")
	cmd.Dir = dir
	out, _ := cmd.Output() // exits 1 when there are differences
	_, want, _ := strings.Cut(string(out), "@@")
	want = "@@" + strings.TrimSuffix(want, "\n")
	for _, l := range strings.Split(want, "\n") { // git names the line above a hunk behind its header
		if strings.HasPrefix(l, "@@") && !strings.HasSuffix(l, "@@") {
			want = strings.Replace(want, l, l[:strings.LastIndex(l, "@@")+2], 1)
		}
	}
	if _, got := Patch([]byte(before), []byte(after), 1<<20); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPatchBounds(t *testing.T) {
	if st, p := Patch([]byte("a\n"), []byte("a\x00b"), 1<<20); p != "" || !st.Binary || st.Additions != 0 {
		t.Errorf("binary: %+v %q", st, p)
	}
	big := strings.Repeat("line\n", 1000)
	if st, p := Patch(nil, []byte(big), 100); p != "" || st.Additions != 1000 {
		t.Errorf("past the limit: %+v, %d bytes", st, len(p))
	}
	var a, b strings.Builder
	for i := range 6000 { // nothing in common but every third line: past the edit bound
		fmt.Fprintf(&a, "a%d\nsame\n", i)
		fmt.Fprintf(&b, "b%d\nsame\n", i)
	}
	if st, p := Patch([]byte(a.String()), []byte(b.String()), 1<<24); st.Additions < 6000 || p == "" {
		t.Errorf("too many edits: %+v, %d bytes", st, len(p))
	}
}
