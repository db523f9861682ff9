package fakehub

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

const (
	maxContent     = 1 << 20   // bytes of a file that contents gives encoded
	maxRawContent  = 100 << 20 // and raw
	maxDirectory   = 1000      // entries of a folder
	maxLinkFollows = 10
)

func escapePath(p string) string {
	parts := strings.Split(p, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return strings.Join(parts, "/")
}

func (h *Hub) getRepo(c *call) answer {
	r := c.repo
	o := append(r.fields(r.created, r.pushed), "permissions", c.repoPermissions(), "network_count", 0, "subscribers_count", 0)
	if owner := h.orgs[r.owner.ID]; owner != nil {
		o = append(o, "organization", r.owner.json())
	}
	if r.parent != nil {
		o = append(o, "parent", r.parent.json(), "source", r.parent.json())
	}
	return ok(o)
}

// repoPermissions are a person's; for an installation all are false, as GitHub
// has it.
func (c *call) repoPermissions() obj {
	have := ""
	if c.auth.kind == byUser {
		have = c.repo.permission(c.auth.grant.user)
	}
	rank := roleRank(have)
	return obj{"admin", rank >= 5, "maintain", rank >= 4, "push", rank >= 3, "triage", rank >= 2, "pull", rank >= 1}
}

// getContents reads a file or a folder. It follows symlinks inside of the
// repository, as GitHub does: what it returns then is the target.
func (h *Hub) getContents(c *call) answer {
	r := c.repo
	ref := orElse(c.query("ref"), r.defaultBranch)
	commit := r.resolve(ref)
	if commit == nil {
		return failed(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	name := strings.Trim(c.r.PathValue("path"), "/")
	e, at, found := r.follow(commit.Tree, name)
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

func (c *call) content(item obj, e objects.Entry) answer {
	data, _ := c.repo.store.Blob(e.SHA)
	accept := c.r.Header.Get("Accept")
	switch {
	case len(data) > maxRawContent:
		return failed(http.StatusForbidden, "This API returns blobs up to 100 MB in size.",
			obj{"resource", "Blob", "field", "data", "code", "too_large"})
	case strings.Contains(accept, "raw"):
		return rawAnswer(data)
	case len(data) > maxContent && strings.Contains(accept, "object"):
		return ok(append(item, "encoding", "none", "content", ""))
	case len(data) > maxContent:
		return failed(http.StatusForbidden,
			"This API returns blobs up to 1 MB in size. The requested blob is too large to fetch via the API.",
			obj{"resource", "Blob", "field", "data", "code", "too_large"})
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
func (r *Repo) follow(tree, name string) (e objects.Entry, at string, found bool) {
	at = name
	for range maxLinkFollows {
		e, found = r.store.Lookup(tree, at)
		if !found || e.Mode != objects.ModeSymlink {
			return e, at, found
		}
		target, _ := r.store.Blob(e.SHA)
		next := path.Join(path.Dir(at), string(target))
		if strings.HasPrefix(string(target), "/") || next == ".." || strings.HasPrefix(next, "../") {
			return e, at, true // it points outside: the link itself is shown
		}
		if _, there := r.store.Lookup(tree, next); !there {
			return e, at, true
		}
		at = next
	}
	return e, at, true
}

func (c *call) directory(tree, dir, ref string) []obj {
	entries, _ := c.repo.store.Tree(tree)
	entries = entries[:min(len(entries), maxDirectory)]
	out := make([]obj, len(entries))
	for i, e := range entries {
		out[i] = c.contentItem(path.Join(dir, e.Name), e, ref)
	}
	return out
}

func (c *call) contentItem(name string, e objects.Entry, ref string) obj {
	r := c.repo
	data, _ := r.store.Blob(e.SHA)
	self := fmt.Sprintf("%s/contents/%s?ref=%s", r.api(), escapePath(name), url.QueryEscape(ref))
	html := r.html() + "/blob/" + ref + "/" + escapePath(name)
	kind, git, download := "file", r.gitURL("blobs", e.SHA), any(r.html()+"/raw/"+ref+"/"+escapePath(name))
	switch {
	case e.Kind() == "tree":
		kind, git, download = "dir", r.gitURL("trees", e.SHA), nil
	case e.Kind() == "commit": // before API version 2026-03-10 a submodule in a listing is called a file
		kind, git, download = "submodule", r.gitURL("trees", e.SHA), nil
	case e.Mode == objects.ModeSymlink:
		kind = "symlink"
	}
	o := obj{"name", path.Base(name), "path", name, "sha", e.SHA, "size", len(data), "url", self, "html_url", html, "git_url", git,
		"download_url", download, "type", kind, "_links", obj{"self", self, "git", git, "html", html}}
	switch kind {
	case "symlink":
		o = append(o, "target", string(data))
	case "submodule":
		o = append(o, "submodule_git_url", "https://github.com/example/submodule.git")
	}
	return o
}
