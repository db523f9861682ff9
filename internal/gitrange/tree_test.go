package gitrange_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gitrange"
)

func TestTree(t *testing.T) {
	c := newCheckout(t)
	c.write("a.txt", "one\n")
	c.write("dir/ü \"quoted\"\nand broken", "two\n")
	first := c.commit("First")
	c.git("checkout", "-q", "-b", "side")
	c.write("b.txt", "b\n")
	c.commit("On the side")
	c.write("c.txt", "c\x00\n")
	c.commit("On the side again")
	c.git("checkout", "-q", "main")
	c.git("merge", "-q", "--no-ff", "-m", "Merge the side", "side")
	c.write("later", "uncommitted\n")
	tree, err := gitrange.OpenTree(t.Context(), c.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if tree.Branch != "main" || tree.Top == "" {
		t.Errorf("%+v", tree)
	}
	entries, err := tree.Paths(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, e := range entries {
		paths = append(paths, e.Path)
	}
	if want := []string{"a.txt", "b.txt", "c.txt", "dir/ü \"quoted\"\nand broken"}; !slices.Equal(paths, want) {
		t.Errorf("paths %q", paths)
	}
	if entries[0].Size != 4 || entries[0].Mode != change.ModeFile {
		t.Errorf("%+v", entries[0])
	}
	texts, err := tree.Texts(t.Context(), append(entries, gitrange.Entry{Path: "link", Mode: change.ModeSymlink, Blob: entries[0].Blob}))
	if err != nil || texts[0].Body != "one\n" || texts[2].State != change.Unreadable || texts[3].Body != "two\n" ||
		texts[4].State != change.Unreadable {
		t.Errorf("%v, %+v", err, texts)
	}
	last, err := tree.Last(t.Context(), 10)
	if err != nil || len(last) != 2 || last[0] != tree.Commit || last[1] != first {
		t.Fatalf("%v, %v", err, last)
	}
	merged, err := tree.Range(t.Context(), last[0])
	if err != nil {
		t.Fatal(err)
	}
	if m := merged.Change; m.Title != "Merge the side" || m.BaseRef != "main" || m.HeadRef != "" || len(m.Files) != 2 ||
		len(m.Commits) != 3 || !strings.HasPrefix(last[0], m.ID) {
		t.Errorf("%+v", m)
	}
	root, err := tree.Range(t.Context(), last[1])
	if err != nil || len(root.Change.Files) != 2 || root.Change.Files[0].Status != change.Added {
		t.Errorf("%v, %+v", err, root)
	}
	if _, err := gitrange.OpenTree(t.Context(), t.TempDir(), ""); err == nil || !strings.Contains(err.Error(), "not_a_repository") {
		t.Errorf("outside of a repository: %v", err)
	}
}

func TestTheFirstFileOfTheBase(t *testing.T) {
	c := newCheckout(t)
	places := []string{".github/CODEOWNERS", "CODEOWNERS"}
	c.write("a", "a\n")
	c.commit("Begin")
	read := func() change.RulesFile {
		t.Helper()
		c.write("a", c.git("rev-parse", "HEAD"))
		c.commit("Change")
		f, err := c.open(gitrange.Ask{Base: "HEAD^", Head: "HEAD"}).FirstFile(t.Context(), places)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	if f := read(); f.State != change.RulesAbsent {
		t.Errorf("%+v", f)
	}
	c.write("CODEOWNERS", "* @ana\n")
	c.commit("Own")
	if f := read(); f.State != change.RulesFound || string(f.Text) != "* @ana\n" {
		t.Errorf("%+v", f)
	}
	if err := os.MkdirAll(filepath.Join(c.dir, ".github"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../CODEOWNERS", filepath.Join(c.dir, ".github/CODEOWNERS")); err != nil {
		t.Fatal(err)
	}
	c.commit("Link")
	if f := read(); f.State != change.RulesRefused || f.Text != nil {
		t.Errorf("a link is used, or passed over: %+v", f)
	}
}
