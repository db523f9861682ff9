package hub

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha1" // git's object ids, no security rests on it here
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

var (
	textsRoute = route{name: "POST /graphql (texts)", need: "contents: read", max: 48 << 20, timeout: 40 * time.Second}
	// answerFrame is what an answer about 100 files has beside their texts, in bytes.
	answerFrame int64 = 256 << 10
	blobRoute         = route{name: "GET /repos/{owner}/{repo}/git/blobs/{file_sha}", need: "contents: read"}
)

type textsAnswer struct {
	Repository *struct {
		Base *struct {
			Oid string `json:"oid"`
		} `json:"baseCommit"`
		Head *struct {
			Oid string `json:"oid"`
		} `json:"headCommit"`
		Before map[string]*treeEntry `json:"before"`
		After  map[string]*treeEntry `json:"after"`
	} `json:"repository"`
}

// textsQuery writes the query for a batch: an alias for each side of each file
// (f3: the fourth file), paths as variables. The two commits are named beside
// them, so that a missing commit is told from a missing file.
func textsQuery(batch []*wanted) (string, map[string]any) {
	var params, before, after strings.Builder
	vars := map[string]any{}
	part := func(to *strings.Builder, variable, alias, path string, l look) {
		if l == nothing {
			return
		}
		fragment := "Side"
		if l == modeOnly {
			fragment = "Mode"
		}
		fmt.Fprintf(&params, ", $%s: String!", variable)
		fmt.Fprintf(to, "      %s: file(path: $%s) { ...%s }\n", alias, variable, fragment)
		vars[variable] = path
	}
	for i, w := range batch {
		alias := fmt.Sprintf("f%d", i)
		part(&before, fmt.Sprintf("b%d", i), alias, w.beforePath, w.before)
		part(&after, fmt.Sprintf("a%d", i), alias, w.file.Path, w.after)
	}
	var q strings.Builder
	q.WriteString("query($owner: String!, $name: String!, $base: GitObjectID!, $head: GitObjectID!" + params.String() + ") {\n")
	q.WriteString("  repository(owner: $owner, name: $name) {\n")
	q.WriteString("    baseCommit: object(oid: $base) { oid }\n    headCommit: object(oid: $head) { oid }\n")
	for _, side := range []struct{ alias, variable, fields string }{{"before", "base", before.String()},
		{"after", "head", after.String()}} {
		if side.fields != "" {
			fmt.Fprintf(&q, "    %s: object(oid: $%s) { ... on Commit {\n%s    } }\n", side.alias, side.variable, side.fields)
		}
	}
	q.WriteString("  }\n}\n")
	// A fragment that is not used would make the query invalid.
	if strings.Contains(before.String()+after.String(), "...Mode") {
		q.WriteString("fragment Mode on TreeEntry { mode oid }\n")
	}
	if strings.Contains(before.String()+after.String(), "...Side") {
		q.WriteString("fragment Side on TreeEntry { mode oid object { __typename ... on Blob { byteSize isBinary isTruncated text } } }\n")
	}
	return q.String(), vars
}

// ask sends one batch and fills in what was found.
func (t *texts) ask(ctx context.Context, batch []*wanted) error {
	return t.client.hub.byName(ctx, t.subject.Repo, func(repo gate.Repo) error { return t.askNamed(ctx, repo, batch) })
}

func (t *texts) askNamed(ctx context.Context, repo gate.Repo, batch []*wanted) error {
	query, vars := textsQuery(batch)
	vars["owner"], vars["name"] = repo.Owner, repo.Name
	vars["base"], vars["head"] = cmp.Or(t.change.Base, t.change.Head), t.change.Head // nothing is asked of a base that there is not
	var answer textsAnswer
	r := request{route: textsRoute, doing: t.doing()}
	if t.limit > 0 { // no letter of a text takes more than six in JSON
		r.route.max = min(r.route.max, 6*t.limit+answerFrame)
	}
	errs, err := t.client.query(ctx, r, query, vars, &answer)
	if t.limit > 0 && gate.AsError(err).Code == "answer_too_large" {
		t.sizes = t.limit + 1
		return t.pastLimit()
	}
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return t.client.graphRefusal(errs[0], r)
	}
	if answer.Repository == nil || answer.Repository.Base == nil || answer.Repository.Head == nil {
		return lacking("it lacks the commits whose files were asked for")
	}
	var blobs []*found
	for i, w := range batch {
		alias := fmt.Sprintf("f%d", i)
		t.found(&w.found[0], w.before, answer.Repository.Before[alias], &blobs)
		t.found(&w.found[1], w.after, answer.Repository.After[alias], &blobs)
	}
	if err := t.pastLimit(); err != nil {
		return err
	}
	return t.fromBlobs(ctx, blobs)
}

// found judges one side. Those to be read again as blobs are added to the list.
func (t *texts) found(to *found, l look, e *treeEntry, blobs *[]*found) {
	if l == nothing {
		return
	}
	if e == nil {
		if l == content {
			to.text = unreadable("", "GitHub finds no file of this name in the commit")
		}
		return
	}
	to.mode = e.mode()
	if l == modeOnly {
		if to.text.State != change.NotLoaded {
			to.text.Blob = e.Oid
		}
		return
	}
	limit := t.client.hub.cfg.MaxText
	to.text.Blob = e.Oid
	switch o := e.Object; {
	case to.mode == change.ModeSubmodule:
		to.text = unreadable(e.Oid, "it is a submodule: a commit of another repository")
	case o == nil || o.Type != "Blob":
		to.text = unreadable(e.Oid, "it is not a file")
	case o.IsBinary != nil && *o.IsBinary:
		to.text = unreadable(e.Oid, "it is binary")
	case o.ByteSize > int64(limit):
		to.text = change.TooLarge(e.Oid, o.ByteSize, limit)
	case t.counts(o.ByteSize):
	case o.Text == nil || o.IsTruncated || !isBlob(*o.Text, e.Oid):
		*blobs = append(*blobs, to)
	default:
		to.text = asText(e.Oid, *o.Text)
	}
}

// counts adds up what is found where there is a limit. It reports whether that is
// past it.
func (t *texts) counts(size int64) bool {
	if t.limit > 0 {
		t.sizes += size
	}
	return t.pastLimit() != nil
}

// isBlob tells whether a text is the very content that git has under the id.
// GraphQL gives UTF-8 whatever the file is in: an encoded or trimmed text is
// not what runs.
func isBlob(text, id string) bool {
	if len(id) != 40 {
		return true // SHA-256 repositories: taken as it is
	}
	sum := sha1.New()
	fmt.Fprintf(sum, "blob %d\x00", len(text))
	_, _ = io.WriteString(sum, text)
	return hex.EncodeToString(sum.Sum(nil)) == id
}

func asText(id, body string) change.Text {
	switch {
	case !utf8.ValidString(body):
		return unreadable(id, "it is not UTF-8")
	case strings.IndexByte(body, 0) >= 0:
		return unreadable(id, "it is binary")
	}
	return change.Text{State: change.Loaded, Body: body, Blob: id}
}

// blob reads a file's raw content by its id.
// https://docs.github.com/en/rest/git/blobs#get-a-blob
func (c *client) blob(ctx context.Context, repo gate.Repo, id string) (change.Text, error) {
	if !wire.IsSHA(id) {
		return unreadable(id, "GitHub does not name its content"), nil
	}
	limit := c.hub.cfg.MaxText
	r := blobRoute
	r.max = int64(limit)
	var raw bytes.Buffer
	err := c.get(ctx, request{
		route:  r,
		url:    repoPath(repo) + "/git/blobs/" + id,
		accept: "application/vnd.github.raw+json",
		doing:  fmt.Sprintf("read the blob %s of %s", wire.ShortSHA(id), repo.FullName()),
	}, func(body io.Reader) error {
		raw.Reset()
		_, err := raw.ReadFrom(body)
		return err
	})
	var refused *gate.Error
	if errors.As(err, &refused) && refused.Code == "answer_too_large" {
		return unreadable(id, fmt.Sprintf("it has more than the %d bytes that gatehold reads of one file", limit)), nil
	}
	if err != nil {
		return change.Text{}, err
	}
	return asText(id, raw.String()), nil
}
