package fakehub

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

func (r *Repo) gitURL(kind, sha string) string { return r.api() + "/git/" + kind + "/" + sha }

// treeOf finds the tree that a name means: a tree's id, a commit's, a branch.
func (r *Repo) treeOf(name string) (string, bool) {
	if _, ok := r.store.Tree(name); ok {
		return name, true
	}
	if c := r.resolve(name); c != nil {
		return c.Tree, true
	}
	return "", false
}

func (h *Hub) getTree(c *call) answer {
	r := c.repo
	sha, found := r.treeOf(c.r.PathValue("tree_sha"))
	if !found {
		return notFound()
	}
	recursive := c.r.URL.Query().Has("recursive") // GitHub takes any value for yes, "0" and "false" too
	entries, truncated := r.store.Walk(sha, recursive, h.opt.TreeLimit)
	return ok(obj{"sha", sha, "url", r.gitURL("trees", sha), "tree", r.entriesJSON(entries), "truncated", truncated})
}

// entriesJSON is written by hand: a tree of a hundred thousand entries is one
// answer.
func (r *Repo) entriesJSON(entries []objects.PathEntry) raw {
	url := encode(r.api() + "/git/")
	url = url[:len(url)-1]
	b := append(make(raw, 0, 64+len(entries)*(220+len(url))), '[')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendString(append(b, `{"path":`...), e.Path)
		b = append(append(b, `,"mode":"`...), e.Mode...)
		b = append(append(b, `","type":"`...), e.Kind()...)
		b = append(append(b, `","sha":"`...), e.SHA...)
		switch e.Kind() {
		case "blob":
			blob, _ := r.store.Blob(e.SHA)
			b = strconv.AppendInt(append(b, `","size":`...), int64(len(blob)), 10)
			b = append(append(append(append(append(b, `,"url":`...), url...), "blobs/"...), e.SHA...), `"}`...)
		case "tree":
			b = append(append(append(append(append(b, `","url":`...), url...), "trees/"...), e.SHA...), `"}`...)
		default: // a submodule has neither
			b = append(b, `"}`...)
		}
	}
	return append(b, ']')
}

func (h *Hub) getBlob(c *call) answer {
	sha := c.r.PathValue("file_sha")
	data, found := c.repo.store.Blob(sha)
	if !found {
		return notFound()
	}
	if strings.Contains(c.r.Header.Get("Accept"), "raw") {
		return rawAnswer(data)
	}
	return ok(obj{"sha", sha, "node_id", gitNode("B", c.repo, sha), "size", len(data), "url", c.repo.gitURL("blobs", sha),
		"content", base64.StdEncoding.EncodeToString(data) + "\n", "encoding", "base64"})
}

func rawAnswer(data []byte) answer {
	return answer{status: 200, body: data, header: map[string][]string{"Content-Type": {"application/vnd.github.raw; charset=utf-8"}}}
}

func gitNode(kind string, r *Repo, sha string) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString([]byte(nodeID("R", r.ID)+sha))
}

func (h *Hub) getGitCommit(c *call) answer {
	commit := c.repo.store.Commit(c.r.PathValue("commit_sha"))
	if commit == nil {
		return notFound()
	}
	return ok(append(obj{"sha", commit.SHA, "node_id", gitNode("C", c.repo, commit.SHA), "url", c.repo.gitURL("commits", commit.SHA),
		"html_url", c.repo.html() + "/commit/" + commit.SHA}, c.repo.gitCommit(commit)...))
}

// gitCommit is what the git object itself says, with the signature's standing.
func (r *Repo) gitCommit(c *objects.Commit) obj {
	parents := list{}
	for _, p := range c.Parents {
		parents = append(parents, obj{"sha", p, "url", r.gitURL("commits", p), "html_url", r.html() + "/commit/" + p})
	}
	person := func(p objects.Person) obj { return obj{"name", p.Name, "email", p.Email, "date", p.Date} }
	return obj{
		"author", person(c.Author), "committer", person(c.Committer), "message", c.Message,
		"tree", obj{"sha", c.Tree, "url", r.gitURL("trees", c.Tree)}, "parents", parents, "verification", r.verification(c),
	}
}

func (r *Repo) verification(c *objects.Commit) obj {
	s := r.signatures[c.SHA]
	if s == nil {
		return obj{"verified", false, "reason", "unsigned", "signature", nil, "payload", nil, "verified_at", nil}
	}
	return obj{"verified", s.Valid, "reason", s.Reason, "signature", c.Signature, "payload", c.Payload(), "verified_at", c.Committer.Date}
}

// commitJSON is a commit as REST lists show it.
func (r *Repo) commitJSON(c *objects.Commit) obj {
	url, html := r.api()+"/commits/"+c.SHA, r.html()+"/commit/"
	parents := list{}
	for _, p := range c.Parents {
		parents = append(parents, obj{"sha", p, "url", r.api() + "/commits/" + p, "html_url", html + p})
	}
	inner := obj{}
	for i, git := 0, r.gitCommit(c); i < len(git); i += 2 {
		if git[i] != "parents" {
			inner = append(inner, git[i], git[i+1])
		}
	}
	return obj{
		"sha", c.SHA, "node_id", gitNode("C", r, c.SHA), "commit", append(inner, "url", r.gitURL("commits", c.SHA), "comment_count", 0),
		"url", url, "html_url", html + c.SHA, "comments_url", url + "/comments", "author", r.hub.byEmail[fold(c.Author.Email)].json(),
		"committer", r.hub.byEmail[fold(c.Committer.Email)].json(), "parents", parents,
	}
}

func (h *Hub) getRef(c *call) answer {
	branch, isBranch := strings.CutPrefix(c.r.PathValue("ref"), "heads/")
	if !isBranch || c.repo.refs[branch] == "" {
		return notFound()
	}
	return ok(c.repo.refJSON(branch))
}

func (r *Repo) refJSON(branch string) obj {
	ref, sha := "refs/heads/"+branch, r.refs[branch]
	return obj{"ref", ref, "node_id", nodeID("REF", r.ID), "url", r.api() + "/git/" + ref,
		"object", obj{"type", "commit", "sha", sha, "url", r.gitURL("commits", sha)}}
}

func (h *Hub) getBranch(c *call) answer {
	name := c.r.PathValue("branch")
	commit := c.repo.store.Commit(c.repo.refs[name])
	if commit == nil {
		return failed(404, "Branch not found")
	}
	url := c.repo.api() + "/branches/" + name
	protected := len(c.repo.rulesOn(name)) > 0
	return ok(obj{"name", name, "commit", c.repo.commitJSON(commit), "_links", obj{"self", url, "html", c.repo.html() + "/tree/" + name},
		"protected", protected, "protection", obj{"enabled", protected}, "protection_url", url + "/protection"})
}

func (h *Hub) branchRules(c *call) answer {
	rules := c.repo.rulesOn(c.r.PathValue("branch"))
	from, to, link := c.page(len(rules))
	ans := ok(append([]raw{}, rules[from:to]...))
	ans.link = link
	return ans
}
