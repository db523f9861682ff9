package files

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Entry is a file at a commit: mode, id and content from one place, so
// that a symbolic link is never followed.
type Entry struct {
	Mode   int    `json:"mode"`
	Oid    string `json:"oid"`
	Object *Blob  `json:"object"`
}

type Blob struct {
	Type        string  `json:"__typename"`
	ByteSize    int64   `json:"byteSize"`
	IsBinary    *bool   `json:"isBinary"`
	IsTruncated bool    `json:"isTruncated"`
	Text        *string `json:"text"`
}

// GitMode is the entry's git mode. GraphQL gives it as a number: 33188 is octal
// 100644.
func (e *Entry) GitMode() string { return fmt.Sprintf("%06o", e.Mode) }

var blobRoute = api.Route{Name: "GET /repos/{owner}/{repo}/git/blobs/{file_sha}", Need: "contents: read"}

// IsBlob tells whether a text is the very content that git has under the id.
// GraphQL gives UTF-8 whatever the file is in: an encoded or trimmed text is
// not what runs.
func IsBlob(text, id string) bool {
	if len(id) != 40 {
		return true // SHA-256 repositories: taken as it is
	}
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", len(text))
	_, _ = io.WriteString(sum, text)
	return hex.EncodeToString(sum.Sum(nil)) == id
}

func AsText(id, body string) change.Text {
	switch {
	case !utf8.ValidString(body):
		return Unreadable(id, "it is not UTF-8")
	case strings.IndexByte(body, 0) >= 0:
		return Unreadable(id, "it is binary")
	}
	return change.Text{State: change.Loaded, Body: body, Blob: id}
}

// Read reads a file's raw content by its id.
// https://docs.github.com/en/rest/git/blobs#get-a-blob
func Read(ctx context.Context, c *api.Client, repo gate.Repo, id string) (change.Text, error) {
	if !wire.IsSHA(id) {
		return Unreadable(id, "GitHub does not name its content"), nil
	}
	limit := c.GitHub.MaxText()
	r := blobRoute
	r.Max = int64(limit)
	var raw bytes.Buffer
	err := c.Get(ctx, api.Request{
		Route:  r,
		URL:    api.RepoPath(repo) + "/git/blobs/" + id,
		Accept: "application/vnd.github.raw+json",
		Doing:  fmt.Sprintf("read the blob %s of %s", wire.ShortSHA(id), repo.FullName()),
	}, func(body io.Reader) error {
		raw.Reset()
		_, err := raw.ReadFrom(body)
		return err
	})
	var refused *gate.Error
	if errors.As(err, &refused) && refused.Code == "answer_too_large" {
		return Unreadable(id, fmt.Sprintf("it has more than the %d bytes that gatehold reads of one file", limit)), nil
	}
	if err != nil {
		return change.Text{}, err
	}
	return AsText(id, raw.String()), nil
}

func Unreadable(blob, reason string) change.Text {
	return change.Text{State: change.Unreadable, Blob: blob, Reason: reason}
}
