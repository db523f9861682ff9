package gitrange

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/change"
)

// Texts fills in both sides of the files that want asks for, by one git
// process for all of them.
func (g *Range) Texts(ctx context.Context, want func(*change.File) bool) error {
	var asked []*change.Text
	for i := range g.Change.Files {
		f := &g.Change.Files[i]
		if !want(f) {
			continue
		}
		asked = append(asked, pending(&f.Before, f.PreviousMode)...)
		asked = append(asked, pending(&f.After, f.Mode)...)
	}
	return g.repo.read(ctx, asked)
}

// pending is the text if there is a blob to read. A submodule has none: its
// content is the commit that it points to.
func pending(t *change.Text, mode string) []*change.Text {
	switch {
	case t.State != change.NotLoaded:
		return nil
	case mode == change.ModeSubmodule:
		t.State, t.Body = change.Loaded, "Subproject commit "+t.Blob+"\n"
		return nil
	case t.Blob == "":
		t.State = change.Absent
		return nil
	}
	return []*change.Text{t}
}

// File reads one file at a commit. ok is false where there is none, or where
// it is not a regular file.
func (g *Range) File(ctx context.Context, commit, path string) (text string, ok bool, err error) {
	out, err := g.repo.run(ctx, "ls-tree", "-z", "--full-tree", commit, "--", path)
	if err != nil {
		return "", false, err
	}
	meta, _, _ := strings.Cut(string(out), "\t")
	fields := strings.Fields(meta)
	if len(fields) != 3 || fields[0] != change.ModeFile {
		return "", false, nil
	}
	t := change.Text{Blob: fields[2]}
	if err := g.repo.read(ctx, []*change.Text{&t}); err != nil {
		return "", false, err
	}
	if t.State != change.Loaded {
		return "", false, fmt.Errorf("%s: %s", path, t.Reason)
	}
	return t.Body, true, nil
}

// read asks git cat-file for the blobs, writing and reading at the same time
// so that neither pipe fills up.
func (r repo) read(ctx context.Context, texts []*change.Text) error {
	if len(texts) == 0 {
		return nil
	}
	cmd := r.command(ctx, "cat-file", "--batch", "--buffer")
	var in bytes.Buffer
	for _, t := range texts {
		in.WriteString(t.Blob)
		in.WriteByte('\n')
	}
	cmd.Stdin = &in
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	reader := bufio.NewReaderSize(out, 1<<16)
	left := int64(change.MaxTexts)
	for _, t := range texts {
		if err := readBlob(reader, t, &left); err != nil {
			_ = cmd.Process.Kill()
			return errors.Join(fmt.Errorf("git cat-file: %w", err), cmd.Wait())
		}
	}
	return cmd.Wait()
}

// readBlob reads one blob, of which left is how many bytes may still be kept.
func readBlob(r *bufio.Reader, t *change.Text, left *int64) error {
	header, err := r.ReadString('\n')
	if err != nil {
		return err
	}
	fields := strings.Fields(header)
	if len(fields) != 3 || fields[1] != "blob" {
		t.State, t.Reason = change.Unreadable, "git does not have the content here"
		return nil
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return err
	}
	if size > change.MaxText {
		*t = change.TooLarge(t.Blob, size, change.MaxText)
		_, err := io.CopyN(io.Discard, r, size+1)
		return err
	}
	if *left -= size; *left < 0 {
		t.State, t.Reason = change.Unreadable, change.PastMaxTexts
		_, err := io.CopyN(io.Discard, r, size+1)
		return err
	}
	body := make([]byte, size+1)
	if _, err := io.ReadFull(r, body); err != nil {
		return err
	}
	body = body[:size]
	switch {
	case bytes.IndexByte(body, 0) >= 0:
		t.State, t.Reason = change.Unreadable, "binary"
	case !utf8.Valid(body):
		t.State, t.Reason = change.Unreadable, "not UTF-8"
	default:
		t.State, t.Body = change.Loaded, string(body)
	}
	return nil
}
