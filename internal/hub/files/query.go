package files

import (
	"cmp"
	"context" // git's object ids, no security rests on it here
	"fmt"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
)

var (
	textsRoute = api.Route{Name: "POST /graphql (texts)", Need: "contents: read", Max: 48 << 20, Timeout: 40 * time.Second}
	// answerFrame is what an answer about 100 files has beside their texts, in bytes.
	answerFrame int64 = 256 << 10
)

type textsAnswer struct {
	Repository *struct {
		Base *struct {
			Oid string `json:"oid"`
		} `json:"baseCommit"`
		Head *struct {
			Oid string `json:"oid"`
		} `json:"headCommit"`
		Before map[string]*Entry `json:"before"`
		After  map[string]*Entry `json:"after"`
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
	return t.client.GitHub.ByName(ctx, t.subject.Repo, func(repo gate.Repo) error { return t.askNamed(ctx, repo, batch) })
}

func (t *texts) askNamed(ctx context.Context, repo gate.Repo, batch []*wanted) error {
	query, vars := textsQuery(batch)
	vars["owner"], vars["name"] = repo.Owner, repo.Name
	vars["base"], vars["head"] = cmp.Or(t.change.Base, t.change.Head), t.change.Head // nothing is asked of a base that there is not
	var answer textsAnswer
	r := api.Request{Route: textsRoute, Doing: t.doing()}
	if t.limit > 0 { // no letter of a text takes more than six in JSON
		r.Route.Max = min(r.Route.Max, 6*t.limit+answerFrame)
	}
	errs, err := t.client.Query(ctx, r, query, vars, &answer)
	if t.limit > 0 && gate.AsError(err).Code == "answer_too_large" {
		t.sizes = t.limit + 1
		return t.pastLimit()
	}
	if err != nil {
		return err
	}
	if len(errs) > 0 {
		return t.client.GraphRefusal(errs[0], r)
	}
	if answer.Repository == nil || answer.Repository.Base == nil || answer.Repository.Head == nil {
		return api.Lacking("it lacks the commits whose files were asked for")
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
func (t *texts) found(to *found, l look, e *Entry, blobs *[]*found) {
	if l == nothing {
		return
	}
	if e == nil {
		if l == content {
			to.text = Unreadable("", "GitHub finds no file of this name in the commit")
		}
		return
	}
	to.mode = e.GitMode()
	if l == modeOnly {
		if to.text.State != change.NotLoaded {
			to.text.Blob = e.Oid
		}
		return
	}
	limit := t.client.GitHub.MaxText()
	to.text.Blob = e.Oid
	switch o := e.Object; {
	case to.mode == change.ModeSubmodule:
		to.text = Unreadable(e.Oid, "it is a submodule: a commit of another repository")
	case o == nil || o.Type != "Blob":
		to.text = Unreadable(e.Oid, "it is not a file")
	case o.IsBinary != nil && *o.IsBinary:
		to.text = Unreadable(e.Oid, "it is binary")
	case o.ByteSize > int64(limit):
		to.text = change.TooLarge(e.Oid, o.ByteSize, limit)
	case t.counts(o.ByteSize):
	case o.Text == nil || o.IsTruncated || !IsBlob(*o.Text, e.Oid):
		to.size = o.ByteSize
		*blobs = append(*blobs, to)
	default:
		to.text = AsText(e.Oid, *o.Text)
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
