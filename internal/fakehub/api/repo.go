package api

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/access"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

const (
	maxContent     = 1 << 20   // bytes of a file that contents gives encoded
	maxRawContent  = 100 << 20 // and raw
	maxDirectory   = 1000      // entries of a folder
	maxLinkFollows = 10
)

func getRepo(c *call) answer {
	r := c.repo
	o := append(r.Fields(r.Created, r.Pushed), "permissions", c.repoPermissions(), "network_count", 0, "subscribers_count", 0)
	if owner := c.hub.Orgs[r.Owner.ID]; owner != nil {
		o = append(o, "organization", r.Owner.JSON())
	}
	if r.Parent != nil {
		o = append(o, "parent", r.Parent.JSON(), "source", r.Parent.JSON())
	}
	return ok(o)
}

// repoPermissions are a person's; for an installation all are false, as GitHub
// has it.
func (c *call) repoPermissions() wire.Object {
	have := ""
	if c.auth.Kind == access.ByUser {
		have = c.repo.Permission(c.auth.Grant.User)
	}
	rank := fakehub.RoleRank(have)
	return wire.Object{"admin", rank >= 5, "maintain", rank >= 4, "push", rank >= 3, "triage", rank >= 2, "pull", rank >= 1}
}

// getContents reads a file or a folder. It follows symlinks inside of the
// repository, as GitHub does: what it returns then is the target.
func getContents(c *call) answer {
	r := c.repo
	ref := cmp.Or(c.query("ref"), r.DefaultBranch)
	commit := r.Resolve(ref)
	if commit == nil {
		return failed(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	name := strings.Trim(c.r.PathValue("path"), "/")
	e, at, found := follow(r, commit.Tree, name)
	if !found {
		return notFound()
	}
	if e.Kind() == "tree" {
		return ok(c.directory(e.SHA, at, ref))
	}
	item := c.contentItem(name, e, ref)
	if e.Kind() == "commit" || e.Mode == objects.ModeSymlink {
		return ok(item)
	}
	return c.content(item, e)
}

func (c *call) content(item wire.Object, e objects.Entry) answer {
	data, _ := c.repo.Store.Blob(e.SHA)
	accept := c.r.Header.Get("Accept")
	switch {
	case len(data) > maxRawContent:
		return failed(http.StatusForbidden, "This API returns blobs up to 100 MB in size.",
			wire.Object{"resource", "Blob", "field", "data", "code", "too_large"})
	case strings.Contains(accept, "raw"):
		return rawAnswer(data)
	case len(data) > maxContent && strings.Contains(accept, "object"):
		return ok(append(item, "encoding", "none", "content", ""))
	case len(data) > maxContent:
		return failed(http.StatusForbidden,
			"This API returns blobs up to 1 MB in size. The requested blob is too large to fetch via the API.",
			wire.Object{"resource", "Blob", "field", "data", "code", "too_large"})
	}
	return ok(append(item, "content", wrap(base64.StdEncoding.EncodeToString(data)), "encoding", "base64"))
}

// wrap breaks base64 into lines of 60, as GitHub sends it.
func wrap(text string) string {
	var b strings.Builder
	for len(text) > 60 {
		b.WriteString(text[:60] + "\n")
		text = text[60:]
	}
	b.WriteString(text + "\n")
	return b.String()
}

// follow is Lookup through symlinks.
func follow(r *fakehub.Repo, tree, name string) (e objects.Entry, at string, found bool) {
	at = name
	for range maxLinkFollows {
		e, found = r.Store.Lookup(tree, at)
		if !found || e.Mode != objects.ModeSymlink {
			return e, at, found
		}
		target, _ := r.Store.Blob(e.SHA)
		next := path.Join(path.Dir(at), string(target))
		if strings.HasPrefix(string(target), "/") || next == ".." || strings.HasPrefix(next, "../") {
			return e, at, true // it points outside: the link itself is shown
		}
		if _, there := r.Store.Lookup(tree, next); !there {
			return e, at, true
		}
		at = next
	}
	return e, at, true
}

func (c *call) directory(tree, dir, ref string) []wire.Object {
	entries, _ := c.repo.Store.Tree(tree)
	entries = entries[:min(len(entries), maxDirectory)]
	out := make([]wire.Object, len(entries))
	for i, e := range entries {
		out[i] = c.contentItem(path.Join(dir, e.Name), e, ref)
	}
	return out
}

func (c *call) contentItem(name string, e objects.Entry, ref string) wire.Object {
	r := c.repo
	data, _ := r.Store.Blob(e.SHA)
	self := fmt.Sprintf("%s/contents/%s?ref=%s", r.API(), wire.EscapePath(name), url.QueryEscape(ref))
	html := r.HTML() + "/blob/" + ref + "/" + wire.EscapePath(name)
	kind, git, download := "file", gitURL(r, "blobs", e.SHA), any(r.HTML()+"/raw/"+ref+"/"+wire.EscapePath(name))
	switch {
	case e.Kind() == "tree":
		kind, git, download = "dir", gitURL(r, "trees", e.SHA), nil
	case e.Kind() == "commit": // before API version 2026-03-10 a submodule in a listing is called a file
		kind, git, download = "submodule", gitURL(r, "trees", e.SHA), nil
	case e.Mode == objects.ModeSymlink:
		kind = "symlink"
	}
	o := wire.Object{"name", path.Base(name), "path", name, "sha", e.SHA, "size", len(data), "url", self, "html_url", html, "git_url", git,
		"download_url", download, "type", kind, "_links", wire.Object{"self", self, "git", git, "html", html}}
	switch kind {
	case "symlink":
		o = append(o, "target", string(data))
	case "submodule":
		o = append(o, "submodule_git_url", "https://github.com/example/submodule.git")
	}
	return o
}
