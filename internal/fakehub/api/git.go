package api

import (
	"encoding/base64"
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

func gitURL(r *fakehub.Repo, kind, sha string) string { return r.API() + "/git/" + kind + "/" + sha }

// treeOf finds the tree that a name means: a tree's id, a commit's, a branch.
func treeOf(r *fakehub.Repo, name string) (string, bool) {
	if _, ok := r.Store.Tree(name); ok {
		return name, true
	}
	if c := r.Resolve(name); c != nil {
		return c.Tree, true
	}
	return "", false
}

func getTree(c *call) answer {
	r := c.repo
	sha, found := treeOf(r, c.r.PathValue("tree_sha"))
	if !found {
		return notFound()
	}
	recursive := c.r.URL.Query().Has("recursive") // GitHub takes any value for yes, "0" and "false" too
	entries, truncated := r.Store.Walk(sha, recursive, c.hub.Options.TreeLimit)
	return ok(wire.Object{"sha", sha, "url", gitURL(r, "trees", sha), "tree", entriesJSON(r, entries), "truncated", truncated})
}

// entriesJSON is written by hand: a tree of a hundred thousand entries is one
// answer.
func entriesJSON(r *fakehub.Repo, entries []objects.PathEntry) wire.Raw {
	url := wire.Encode(r.API() + "/git/")
	url = url[:len(url)-1]
	b := append(make(wire.Raw, 0, 64+len(entries)*(220+len(url))), '[')
	for i, e := range entries {
		if i > 0 {
			b = append(b, ',')
		}
		b = wire.AppendString(append(b, `{"path":`...), e.Path)
		b = append(append(b, `,"mode":"`...), e.Mode...)
		b = append(append(b, `","type":"`...), e.Kind()...)
		b = append(append(b, `","sha":"`...), e.SHA...)
		switch e.Kind() {
		case "blob":
			blob, _ := r.Store.Blob(e.SHA)
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

func getBlob(c *call) answer {
	sha := c.r.PathValue("file_sha")
	data, found := c.repo.Store.Blob(sha)
	if !found {
		return notFound()
	}
	if strings.Contains(c.r.Header.Get("Accept"), "raw") {
		return rawAnswer(data)
	}
	return ok(wire.Object{"sha", sha, "node_id", fakehub.GitNode("B", c.repo, sha), "size", len(data), "url", gitURL(c.repo, "blobs", sha),
		"content", base64.StdEncoding.EncodeToString(data) + "\n", "encoding", "base64"})
}

func rawAnswer(data []byte) answer {
	return answer{status: 200, body: data, header: map[string][]string{"Content-Type": {"application/vnd.github.raw; charset=utf-8"}}}
}

func getGitCommit(c *call) answer {
	commit := c.repo.Store.Commit(c.r.PathValue("commit_sha"))
	if commit == nil {
		return notFound()
	}
	return ok(append(wire.Object{"sha", commit.SHA, "node_id", fakehub.GitNode("C", c.repo, commit.SHA), "url",
		gitURL(c.repo, "commits", commit.SHA),
		"html_url", c.repo.HTML() + "/commit/" + commit.SHA}, gitCommit(c.repo, commit)...))
}

// gitCommit is what the git object itself says, with the signature's standing.
func gitCommit(r *fakehub.Repo, c *objects.Commit) wire.Object {
	parents := wire.List{}
	for _, p := range c.Parents {
		parents = append(parents, wire.Object{"sha", p, "url", gitURL(r, "commits", p), "html_url", r.HTML() + "/commit/" + p})
	}
	person := func(p objects.Person) wire.Object {
		return wire.Object{"name", p.Name, "email", p.Email, "date", p.Date}
	}
	return wire.Object{
		"author", person(c.Author), "committer", person(c.Committer), "message", c.Message,
		"tree", wire.Object{"sha", c.Tree, "url", gitURL(r, "trees", c.Tree)}, "parents", parents, "verification", verification(r, c),
	}
}

func verification(r *fakehub.Repo, c *objects.Commit) wire.Object {
	s := r.Signatures[c.SHA]
	if s == nil {
		return wire.Object{"verified", false, "reason", "unsigned", "signature", nil, "payload", nil, "verified_at", nil}
	}
	return wire.Object{"verified", s.Valid, "reason", s.Reason, "signature", c.Signature, "payload", c.Payload(),
		"verified_at", c.Committer.Date}
}

// commitJSON is a commit as REST lists show it.
func commitJSON(r *fakehub.Repo, c *objects.Commit) wire.Object {
	url, html := r.API()+"/commits/"+c.SHA, r.HTML()+"/commit/"
	parents := wire.List{}
	for _, p := range c.Parents {
		parents = append(parents, wire.Object{"sha", p, "url", r.API() + "/commits/" + p, "html_url", html + p})
	}
	inner := wire.Object{}
	for i, git := 0, gitCommit(r, c); i < len(git); i += 2 {
		if git[i] != "parents" {
			inner = append(inner, git[i], git[i+1])
		}
	}
	return wire.Object{
		"sha", c.SHA, "node_id", fakehub.GitNode("C", r, c.SHA), "commit", append(inner, "url", gitURL(r, "commits", c.SHA), "comment_count", 0),
		"url", url, "html_url", html + c.SHA, "comments_url", url + "/comments", "author", r.AccountOf(c.Author).JSON(),
		"committer", r.AccountOf(c.Committer).JSON(), "parents", parents,
	}
}

func getRef(c *call) answer {
	branch, isBranch := strings.CutPrefix(c.r.PathValue("ref"), "heads/")
	if !isBranch || c.repo.Refs[branch] == "" {
		return notFound()
	}
	return ok(refJSON(c.repo, branch))
}

func refJSON(r *fakehub.Repo, branch string) wire.Object {
	ref, sha := "refs/heads/"+branch, r.Refs[branch]
	return wire.Object{"ref", ref, "node_id", wire.NodeID("REF", r.ID), "url", r.API() + "/git/" + ref,
		"object", wire.Object{"type", "commit", "sha", sha, "url", gitURL(r, "commits", sha)}}
}

func getBranch(c *call) answer {
	name := c.r.PathValue("branch")
	commit := c.repo.Store.Commit(c.repo.Refs[name])
	if commit == nil {
		return failed(404, "Branch not found")
	}
	url := c.repo.API() + "/branches/" + name
	protected := len(c.repo.RulesOn(name)) > 0
	return ok(wire.Object{"name", name, "commit", commitJSON(c.repo, commit), "_links", wire.Object{"self", url, "html",
		c.repo.HTML() + "/tree/" + name},
		"protected", protected, "protection", wire.Object{"enabled", protected}, "protection_url", url + "/protection"})
}

func branchRules(c *call) answer {
	rules := c.repo.RulesOn(c.r.PathValue("branch"))
	from, to, link := c.page(len(rules))
	ans := ok(append([]wire.Raw{}, rules[from:to]...))
	ans.link = link
	return ans
}
