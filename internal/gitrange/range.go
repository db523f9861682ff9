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

// Ask names a range. Empty fields get defaults: Head is HEAD, Base is the
// branch that Head would be merged into.
type Ask struct {
	Dir        string
	Base, Head string
	Author     string // login of whoever proposes the change
}

// Range is a change read from a repository, still without the texts of its
// files, and what is needed to read them.
type Range struct {
	Change change.Change
	repo   repo
}

// emptyTree is the SHA-1 of a tree without entries: the base of a range that
// starts at the beginning.
const emptyTree = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

// Open reads which commits and files lie between base and head. As on GitHub
// the files are compared with the merge base, not with the tip of the base.
func Open(ctx context.Context, ask Ask) (*Range, error) {
	r, err := openRepo(ctx, ask.Dir)
	if err != nil {
		return nil, err
	}
	head, err := r.commit(ctx, orElse(ask.Head, "HEAD"))
	if err != nil {
		return nil, err
	}
	base, err := r.base(ctx, ask.Base, head)
	if err != nil {
		return nil, err
	}
	out := &Range{repo: r, Change: change.Change{
		Repository: r.name(ctx), Base: base, Head: head,
		BaseRef: ask.Base, HeadRef: r.branch(ctx, ask.Head), Author: author(ask.Author), Vouched: true,
	}}
	if out.Change.Files, err = r.files(ctx, base, head); err != nil {
		return nil, err
	}
	if out.Change.Commits, err = r.commits(ctx, base, head); err != nil {
		return nil, err
	}
	if n := len(out.Change.Commits); n > 0 {
		out.Change.Title, _, _ = strings.Cut(out.Change.Commits[n-1].Message, "\n")
	}
	return out, nil
}

// base resolves the merge base with what was asked for, or with the default
// branch, or the parent of a head that is on the default branch itself.
func (r repo) base(ctx context.Context, asked, head string) (string, error) {
	if asked != "" {
		if asked == emptyTree {
			return emptyTree, nil
		}
		tip, err := r.commit(ctx, asked)
		if err != nil {
			return "", err
		}
		base, err := r.line(ctx, "merge-base", tip, head)
		if err != nil {
			return "", &gate.Error{Code: "unrelated_history", Err: err,
				Text: fmt.Sprintf("%q and the head have no commit in common, so there is nothing to compare.", asked)}
		}
		return base, nil
	}
	for _, name := range []string{"origin/HEAD", "origin/main", "origin/master", "main", "master"} {
		tip, err := r.commit(ctx, name)
		if err != nil {
			continue
		}
		if base, err := r.line(ctx, "merge-base", tip, head); err == nil && base != head {
			return base, nil
		}
	}
	if parent, err := r.commit(ctx, head+"^"); err == nil {
		return parent, nil
	}
	return emptyTree, nil
}

// files lists what changed, with modes, exact and similar renames.
func (r repo) files(ctx context.Context, base, head string) ([]change.File, error) {
	out, err := r.run(ctx, "diff-tree", "-r", "-z", "--raw", "--no-abbrev", "-M", "-l2000",
		"--no-ext-diff", "--no-textconv", "--ignore-submodules=none", base, head)
	if err != nil {
		return nil, err
	}
	fields := strings.Split(string(out), "\x00")
	var files []change.File
	for i := 0; i+1 < len(fields) && strings.HasPrefix(fields[i], ":"); {
		meta := strings.Fields(fields[i][1:])
		if len(meta) != 5 {
			return nil, fmt.Errorf("git diff-tree: unexpected line %q", fields[i])
		}
		f := change.File{PreviousMode: mode(meta[0]), Mode: mode(meta[1])}
		f.Before.Blob, f.After.Blob = blob(meta[2]), blob(meta[3])
		i++
		f.Path = fields[i]
		i++
		switch meta[4][0] {
		case 'A':
			f.Status, f.Before = change.Added, change.NoText()
		case 'D':
			f.Status, f.After = change.Removed, change.NoText()
		case 'R', 'C':
			f.Status = change.Renamed
			if meta[4][0] == 'C' {
				f.Status = change.Copied
			}
			if i >= len(fields) {
				return nil, fmt.Errorf("git diff-tree: a rename without a target")
			}
			f.PreviousPath, f.Path = f.Path, fields[i]
			i++
		default:
			f.Status = change.Modified
			if meta[2] == meta[3] {
				f.Status = change.Changed
			}
		}
		files = append(files, f)
	}
	return files, nil
}

// commits lists the commits of the range, oldest first.
func (r repo) commits(ctx context.Context, base, head string) ([]change.Commit, error) {
	span := []string{head}
	if base != emptyTree {
		span = append(span, "^"+base)
	}
	args := append([]string{"log", "-z", "--reverse", "--topo-order", "--no-show-signature",
		"--format=%H%x01%an%x01%ae%x01%cn%x01%ce%x01%B"}, span...)
	out, err := r.run(ctx, append(args, "--")...)
	if err != nil {
		return nil, err
	}
	var commits []change.Commit
	for entry := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		part := strings.SplitN(entry, "\x01", 6)
		if len(part) != 6 {
			continue
		}
		commits = append(commits, change.Commit{
			SHA: part[0], Message: part[5],
			Author:    change.Person{Name: part[1], Email: part[2]},
			Committer: change.Person{Name: part[3], Email: part[4]},
		})
	}
	return commits, nil
}

// name is the owner and name of the origin on its host, or the directory's.
func (r repo) name(ctx context.Context) string {
	url, err := r.line(ctx, "config", "--get", "remote.origin.url")
	if err == nil && url != "" {
		path := strings.TrimSuffix(strings.TrimSuffix(url, "/"), ".git")
		parts := strings.FieldsFunc(path, func(c rune) bool { return c == '/' || c == ':' })
		if len(parts) >= 2 {
			return parts[len(parts)-2] + "/" + parts[len(parts)-1]
		}
	}
	dir, err := r.line(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		return ""
	}
	return filepath.Base(dir)
}

func (r repo) branch(ctx context.Context, head string) string {
	if head != "" && head != "HEAD" {
		return strings.TrimPrefix(head, "origin/")
	}
	name, err := r.line(ctx, "symbolic-ref", "--quiet", "--short", "HEAD")
	if err != nil {
		return ""
	}
	return name
}

func author(login string) change.Actor {
	a := change.Actor{Login: login}
	if strings.HasSuffix(login, "[bot]") {
		a.Type = change.Bot
	} else if login != "" {
		a.Type = change.User
	}
	return a
}

// mode drops the zero mode of an absent side.
func mode(m string) string {
	if n, err := strconv.ParseUint(m, 8, 32); err != nil || n == 0 {
		return ""
	}
	return m
}

func blob(id string) string {
	if strings.Trim(id, "0") == "" {
		return ""
	}
	return id
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
