package gitrange

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
)

// Tree is the files of a repository at one commit.
type Tree struct {
	Commit string
	Branch string // that is checked out; empty: none
	Top    string // the work tree's directory; empty: there is none
	repo   repo
}

// Entry is one file of a tree.
type Entry struct {
	Path string
	Mode string
	Blob string
	Size int64 // of a file, in bytes
}

// OpenTree resolves a revision, HEAD where it is empty.
func OpenTree(ctx context.Context, dir, rev string) (*Tree, error) {
	r, err := openRepo(ctx, dir)
	if err != nil {
		return nil, err
	}
	t := &Tree{repo: r, Branch: r.branch(ctx, "")}
	if t.Commit, err = r.commit(ctx, orElse(rev, "HEAD")); err != nil {
		return nil, err
	}
	if top, err := r.line(ctx, "rev-parse", "--show-toplevel"); err == nil && top != "" {
		t.Top = filepath.Clean(top)
	}
	return t, nil
}

func openRepo(ctx context.Context, dir string) (repo, error) {
	r := repo{dir: orElse(dir, ".")}
	if _, err := r.line(ctx, "rev-parse", "--git-dir"); err != nil {
		if known := gate.AsError(err); known.Code == "git_missing" {
			return r, err
		}
		return r, &gate.Error{Code: "not_a_repository", Text: fmt.Sprintf("%s is not in a git repository.", r.dir), Err: err}
	}
	return r, nil
}

// Paths lists the files of the tree, in git's order.
func (t *Tree) Paths(ctx context.Context) ([]Entry, error) {
	out, err := t.repo.run(ctx, "ls-tree", "-r", "-l", "-z", "--full-tree", t.Commit)
	if err != nil {
		return nil, err
	}
	var entries []Entry
	for line := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		meta, path, ok := strings.Cut(line, "\t")
		fields := strings.Fields(meta)
		if !ok || len(fields) != 4 {
			continue
		}
		size, err := strconv.ParseInt(fields[3], 10, 64)
		if err != nil { // a submodule has none
			size = 0
		}
		entries = append(entries, Entry{Path: path, Mode: fields[0], Blob: fields[2], Size: size})
	}
	return entries, nil
}

// Texts reads the contents of entries, in their order. What is no regular
// file, larger than change.MaxText, binary or not UTF-8 is Unreadable.
func (t *Tree) Texts(ctx context.Context, entries []Entry) ([]change.Text, error) {
	texts := make([]change.Text, len(entries))
	var asked []*change.Text
	for i, e := range entries {
		if e.Mode != change.ModeFile && e.Mode != change.ModeExecutable {
			texts[i] = change.Text{State: change.Unreadable, Blob: e.Blob, Reason: "not a file"}
			continue
		}
		texts[i].Blob = e.Blob
		asked = append(asked, &texts[i])
	}
	return texts, t.repo.read(ctx, asked)
}

// Range reads what one commit of the tree's history brought: the difference
// from its first parent, which for a merge is all that was merged.
func (t *Tree) Range(ctx context.Context, commit string) (*Range, error) {
	base := emptyTree
	if parent, err := t.repo.commit(ctx, commit+"^1"); err == nil {
		base = parent
	}
	r, err := Open(ctx, Ask{Dir: t.repo.dir, Base: base, Head: commit})
	if err != nil {
		return nil, err
	}
	subject, err := t.repo.line(ctx, "log", "-1", "--no-show-signature", "--format=%s", commit)
	if err != nil {
		return nil, err
	}
	r.Change.ID, r.Change.Title = commit[:min(len(commit), 8)], subject
	r.Change.BaseRef, r.Change.HeadRef = t.Branch, ""
	return r, nil
}

// Last lists the last n commits of the tree's history along first parents, the
// newest first.
func (t *Tree) Last(ctx context.Context, n int) ([]string, error) {
	out, err := t.repo.run(ctx, "rev-list", "--first-parent", "--max-count="+strconv.Itoa(n), t.Commit, "--")
	if err != nil {
		return nil, err
	}
	return strings.Fields(string(out)), nil
}
