package graph

import (
	"encoding/base64"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

// maxBlobText is where GitHub cuts the text of a blob off.
const maxBlobText = 512_000

// gitObject is an object as seen in a repository.
type gitObject struct {
	repo *fakehub.Repo
	sha  string
}

type commitObject struct {
	repo *fakehub.Repo
	*objects.Commit
}

type treeEntry struct {
	repo *fakehub.Repo
	path string
	objects.Entry
}

type gitPerson struct {
	hub *fakehub.Hub
	objects.Person
}

type signedCommit struct {
	commit *objects.Commit
	sig    *fakehub.Signature
}

// object is the node of a commit, tree or blob, or nil.
func object(r *fakehub.Repo, sha string) any {
	if c := r.Store.Commit(sha); c != nil {
		return node{"Commit", commitObject{r, c}}
	}
	if _, ok := r.Store.Tree(sha); ok {
		return node{"Tree", gitObject{r, sha}}
	}
	if _, ok := r.Store.Blob(sha); ok {
		return node{"Blob", gitObject{r, sha}}
	}
	return nil
}

// expression resolves what git rev-parse would: REV, or REV:PATH.
func expression(r *fakehub.Repo, text string) any {
	rev, file, hasPath := strings.Cut(text, ":")
	if rev == "HEAD" {
		rev = r.DefaultBranch
	}
	c := r.Resolve(rev)
	switch {
	case c == nil && !hasPath:
		return object(r, rev)
	case c == nil:
		return nil
	case !hasPath:
		return node{"Commit", commitObject{r, c}}
	}
	e, ok := r.Store.Lookup(c.Tree, strings.Trim(file, "/"))
	if !ok {
		return nil
	}
	return object(r, e.SHA)
}

// of makes a field of a function on the Go value behind the node.
func of[T any](pick func(x *execution, v T) any) field {
	return func(x *execution, v any, _ arguments) (any, error) { return pick(x, v.(T)), nil }
}

func commitFields() map[string]field {
	return map[string]field{
		"id":              of(func(_ *execution, c commitObject) any { return fakehub.GitNode("C", c.repo, c.SHA) }),
		"oid":             of(func(_ *execution, c commitObject) any { return c.SHA }),
		"abbreviatedOid":  of(func(_ *execution, c commitObject) any { return c.SHA[:7] }),
		"message":         of(func(_ *execution, c commitObject) any { return c.Message }),
		"messageHeadline": of(func(_ *execution, c commitObject) any { h, _, _ := strings.Cut(c.Message, "\n"); return h }),
		"messageBody": of(func(_ *execution, c commitObject) any {
			_, b, _ := strings.Cut(c.Message, "\n")
			return strings.TrimSpace(b)
		}),
		"authoredDate":    of(func(_ *execution, c commitObject) any { return c.Author.Date }),
		"committedDate":   of(func(_ *execution, c commitObject) any { return c.Committer.Date }),
		"committedViaWeb": of(func(x *execution, c commitObject) any { return c.Committer.Email == x.hub.WebFlow().Email }),
		"author":          of(func(x *execution, c commitObject) any { return node{"GitActor", gitPerson{x.hub, c.Author}} }),
		"committer":       of(func(x *execution, c commitObject) any { return node{"GitActor", gitPerson{x.hub, c.Committer}} }),
		"tree":            of(func(_ *execution, c commitObject) any { return node{"Tree", gitObject{c.repo, c.Tree}} }),
		"repository":      of(func(_ *execution, c commitObject) any { return node{"Repository", c.repo} }),
		"url":             of(func(_ *execution, c commitObject) any { return c.repo.HTML() + "/commit/" + c.SHA }),
		"signature":       of(commitSignature),
		"file":            commitFile,
		"authors":         commitAuthors,
		"history":         commitHistory,
		"deployments":     commitDeployments,
		"parents": func(_ *execution, v any, a arguments) (any, error) {
			c := v.(commitObject)
			return paginate(a, "parents", "CommitConnection", len(c.Parents), func(i int) node {
				return node{"Commit", commitObject{c.repo, c.repo.Store.Commit(c.Parents[i])}}
			})
		},
		"associatedPullRequests": func(_ *execution, v any, a arguments) (any, error) {
			c := v.(commitObject)
			pulls := c.repo.ByCommit[c.SHA]
			return paginate(a, "associatedPullRequests", "PullRequestConnection", len(pulls),
				func(i int) node { return node{"PullRequest", pulls[i]} })
		},
	}
}

func commitSignature(_ *execution, c commitObject) any {
	s := c.repo.Signatures[c.SHA]
	if s == nil {
		return nil
	}
	if strings.Contains(c.Signature, "SSH") {
		return node{"SshSignature", signedCommit{c.Commit, s}}
	}
	return node{"GpgSignature", signedCommit{c.Commit, s}}
}

// commitFile is null where there is no such file.
func commitFile(_ *execution, v any, a arguments) (any, error) {
	c := v.(commitObject)
	e, ok := c.repo.Store.Lookup(c.Tree, a.text("path"))
	if !ok || a.text("path") == "" {
		return nil, nil
	}
	return node{"TreeEntry", treeEntry{c.repo, a.text("path"), e}}, nil
}

func gitActorFields() map[string]field {
	return map[string]field{
		"name":  of(func(_ *execution, p gitPerson) any { return p.Name }),
		"email": of(func(_ *execution, p gitPerson) any { return p.Email }),
		"date":  of(func(_ *execution, p gitPerson) any { return p.Date.Format(time.RFC3339) }),
		// A bot comes as a User here, with [bot] in its login: the schema has
		// no other type for it.
		"user": of(func(_ *execution, p gitPerson) any {
			if a := p.hub.AccountByEmail[fakehub.Fold(p.Email)]; a != nil && a.Type != "Organization" {
				return node{"User", a}
			}
			return nil
		}),
	}
}

func signatureFields() map[string]field {
	return map[string]field{
		"isValid":           of(func(_ *execution, s signedCommit) any { return s.sig.Valid }),
		"wasSignedByGitHub": of(func(_ *execution, s signedCommit) any { return s.sig.ByGitHub }),
		"state":             of(func(_ *execution, s signedCommit) any { return strings.ToUpper(s.sig.Reason) }),
		"email":             of(func(_ *execution, s signedCommit) any { return s.commit.Committer.Email }),
		"payload":           of(func(_ *execution, s signedCommit) any { return s.commit.Payload() }),
		"signature":         of(func(_ *execution, s signedCommit) any { return s.commit.Signature }),
		"verifiedAt":        of(func(_ *execution, s signedCommit) any { return s.commit.Committer.Date }),
		"signer": of(func(_ *execution, s signedCommit) any {
			if s.sig.Signer == nil {
				return nil
			}
			return node{"User", s.sig.Signer}
		}),
	}
}

func treeFields() map[string]field {
	return map[string]field{
		"id":             of(func(_ *execution, t gitObject) any { return fakehub.GitNode("T", t.repo, t.sha) }),
		"oid":            of(func(_ *execution, t gitObject) any { return t.sha }),
		"abbreviatedOid": of(func(_ *execution, t gitObject) any { return t.sha[:7] }),
		"repository":     of(func(_ *execution, t gitObject) any { return node{"Repository", t.repo} }),
		"entries": of(func(_ *execution, t gitObject) any {
			entries, _ := t.repo.Store.Tree(t.sha)
			out := make([]node, len(entries))
			for i, e := range entries {
				out[i] = node{"TreeEntry", treeEntry{t.repo, e.Name, e}}
			}
			return out
		}),
	}
}

func treeEntryFields() map[string]field {
	return map[string]field{
		"name": of(func(_ *execution, e treeEntry) any { return path.Base(e.path) }),
		"nameRaw": of(func(_ *execution, e treeEntry) any {
			return base64.StdEncoding.EncodeToString([]byte(path.Base(e.path)))
		}),
		"path":      of(func(_ *execution, e treeEntry) any { return e.path }),
		"extension": of(func(_ *execution, e treeEntry) any { return path.Ext(e.path) }),
		"oid":       of(func(_ *execution, e treeEntry) any { return e.SHA }),
		"type":      of(func(_ *execution, e treeEntry) any { return e.Kind() }),
		// GitHub gives the number that the octal digits stand for: 33188 for 100644.
		"mode": of(func(_ *execution, e treeEntry) any { n, _ := strconv.ParseInt(e.Mode, 8, 64); return n }),
		"size": of(func(_ *execution, e treeEntry) any { b, _ := e.repo.Store.Blob(e.SHA); return len(b) }),
		"object": of(func(_ *execution, e treeEntry) any {
			if e.Mode == objects.ModeSubmodule {
				return nil
			}
			return object(e.repo, e.SHA)
		}),
		"repository": of(func(_ *execution, e treeEntry) any { return node{"Repository", e.repo} }),
	}
}

func blobFields() map[string]field {
	data := func(b gitObject) []byte { d, _ := b.repo.Store.Blob(b.sha); return d }
	return map[string]field{
		"id":             of(func(_ *execution, b gitObject) any { return fakehub.GitNode("B", b.repo, b.sha) }),
		"oid":            of(func(_ *execution, b gitObject) any { return b.sha }),
		"abbreviatedOid": of(func(_ *execution, b gitObject) any { return b.sha[:7] }),
		"byteSize":       of(func(_ *execution, b gitObject) any { return len(data(b)) }),
		"isBinary":       of(func(_ *execution, b gitObject) any { return objects.IsBinary(data(b)) }),
		"isTruncated":    of(func(_ *execution, b gitObject) any { return len(data(b)) > maxBlobText }),
		"repository":     of(func(_ *execution, b gitObject) any { return node{"Repository", b.repo} }),
		"text": of(func(_ *execution, b gitObject) any {
			d := data(b)
			if objects.IsBinary(d) {
				return nil
			}
			if len(d) > maxBlobText {
				d = d[:maxBlobText]
				for len(d) > 0 && !utf8.RuneStart(d[len(d)-1]) {
					d = d[:len(d)-1]
				}
			}
			return string(d)
		}),
	}
}
