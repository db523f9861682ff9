package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/fakehub/objects"
	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

const (
	maxCompareFiles   = 300
	maxCompareCommits = 250
)

func (c *call) pull() *fakehub.Pull { return c.repo.Pulls[int(c.number("pull_number"))] }

func getPull(c *call) answer {
	p := c.pull()
	if p == nil {
		return notFound()
	}
	return ok(p.Full())
}

func listPulls(c *call) answer {
	state, head, base := cmp.Or(c.query("state"), "open"), c.query("head"), c.query("base")
	all := make([]*fakehub.Pull, 0, len(c.repo.Pulls))
	for _, p := range c.repo.Pulls {
		if (state == "all" || p.Status == state) && (base == "" || p.Base == base) &&
			(head == "" || head == p.From.Owner.Login+":"+p.Branch) {
			all = append(all, p)
		}
	}
	ascending := c.query("direction") == "asc"
	slices.SortFunc(all, func(a, b *fakehub.Pull) int {
		if ascending {
			return a.Number - b.Number
		}
		return b.Number - a.Number
	})
	return c.pullPage(all)
}

func (c *call) pullPage(all []*fakehub.Pull) answer {
	from, to, link := c.page(len(all))
	out := make([]wire.Object, 0, to-from)
	for _, p := range all[from:to] {
		out = append(out, p.Simple())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func pullFiles(c *call) answer {
	p := c.pull()
	if p == nil {
		return notFound()
	}
	deltas := p.Files().Deltas
	deltas = deltas[:min(len(deltas), fakehub.MaxPullFiles)]
	from, to, link := c.page(len(deltas))
	ans := ok(filesJSON(c.repo, deltas[from:to], p.Head))
	ans.link = link
	return ans
}

func pullCommits(c *call) answer {
	p := c.pull()
	if p == nil {
		return notFound()
	}
	shas := p.Commits().Ahead
	shas = shas[:min(len(shas), fakehub.MaxPullCommits)]
	from, to, link := c.page(len(shas))
	ans := ok(commitsJSON(c.repo, shas[from:to]))
	ans.link = link
	return ans
}

func commitsJSON(r *fakehub.Repo, shas []string) []wire.Object {
	out := make([]wire.Object, len(shas))
	for i, sha := range shas {
		out[i] = commitJSON(r, r.Store.Commit(sha))
	}
	return out
}

// filesJSON is files as pull requests, commits and comparisons list them: no
// mode, and no patch where it is binary, huge, or a rename without an edit.
func filesJSON(r *fakehub.Repo, deltas []objects.Delta, head string) []wire.Object {
	out := make([]wire.Object, len(deltas))
	for i, d := range deltas {
		st, patch := r.Patch(d)
		path := wire.EscapePath(d.Path)
		sha := cmp.Or(d.NewSHA, d.OldSHA)
		o := wire.Object{"sha", sha, "filename", d.Path, "status", d.Status, "additions", st.Additions, "deletions", st.Deletions,
			"changes", st.Additions + st.Deletions, "blob_url", r.HTML() + "/blob/" + head + "/" + path,
			"raw_url", r.HTML() + "/raw/" + head + "/" + path, "contents_url", r.API() + "/contents/" + path + "?ref=" + head}
		if patch != "" {
			o = append(o, "patch", patch)
		}
		if d.Previous != "" {
			o = append(o, "previous_filename", d.Previous)
		}
		out[i] = o
	}
	return out
}

func commitPulls(c *call) answer {
	commit := c.repo.Resolve(c.r.PathValue("commit_sha"))
	if commit == nil {
		return failed(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.r.PathValue("commit_sha"))
	}
	pulls := slices.DeleteFunc(slices.Clone(c.repo.ByCommit[commit.SHA]),
		func(p *fakehub.Pull) bool { return p.Status != "open" && p.Merged.IsZero() })
	return c.pullPage(pulls)
}

func getCommit(c *call) answer {
	commit := c.repo.Resolve(c.r.PathValue("ref"))
	if commit == nil {
		return unprocessable("No commit found for SHA: " + c.r.PathValue("ref"))
	}
	parent := objects.EmptyTree
	if len(commit.Parents) > 0 {
		parent = c.repo.Store.Commit(commit.Parents[0]).Tree
	}
	d := c.repo.Diff(parent, commit.Tree)
	deltas := d.Deltas[:min(len(d.Deltas), fakehub.MaxPullFiles)]
	from, to, link := c.filePage(len(deltas))
	ans := ok(append(commitJSON(c.repo, commit),
		"stats", wire.Object{"additions", d.Additions, "deletions", d.Deletions, "total", d.Additions + d.Deletions},
		"files", filesJSON(c.repo, deltas[from:to], commit.SHA)))
	ans.link = link
	return ans
}

// filePage is for a commit's files: 300 on a page unless asked for fewer.
func (c *call) filePage(total int) (from, to int, link string) {
	if c.query("per_page") == "" && total <= maxCompareFiles {
		return 0, total, ""
	}
	return c.page(total)
}

func listCommits(c *call) answer {
	tip := c.repo.Resolve(cmp.Or(c.query("sha"), c.repo.DefaultBranch))
	if tip == nil {
		return notFound()
	}
	shas := c.repo.Store.Between("", tip.SHA).Ahead
	slices.Reverse(shas)
	from, to, link := c.page(len(shas))
	ans := ok(commitsJSON(c.repo, shas[from:to]))
	ans.link = link
	return ans
}

// compare answers base...head: the files against the merge base, 300 at most
// and on the first page only, and the commits, 250 unless they are paged.
func compare(c *call) answer {
	left, right, _ := strings.Cut(c.r.PathValue("basehead"), "...")
	base, head := c.side(left), c.side(right)
	if base == nil || head == nil {
		return notFound()
	}
	r := c.repo
	rg, d := r.Between(base.SHA, head.SHA)
	mergeBase := r.Store.Commit(rg.MergeBase)
	if mergeBase == nil {
		return failed(http.StatusNotFound, "No common ancestor between "+left+" and "+right+".")
	}
	commits, files, link := rg.Ahead, d.Deltas[:min(len(d.Deltas), maxCompareFiles)], ""
	if c.query("per_page") != "" || c.query("page") != "" {
		var from, to int
		from, to, link = c.page(len(commits))
		if from > 0 {
			files = nil
		}
		commits = commits[from:to]
	} else {
		commits = commits[max(0, len(commits)-maxCompareCommits):]
	}
	url := r.HTML() + "/compare/" + left + "..." + right
	ans := ok(wire.Object{
		"url", r.API() + "/compare/" + left + "..." + right, "html_url", url, "permalink_url", url, "diff_url", url + ".diff",
		"patch_url", url + ".patch",
		"base_commit", commitJSON(r, base), "merge_base_commit", commitJSON(r, mergeBase), "status", rangeStatus(rg), "ahead_by",
		len(rg.Ahead),
		"behind_by", len(rg.Behind), "total_commits", len(rg.Ahead), "commits", commitsJSON(r, commits), "files",
		filesJSON(r, files, head.SHA),
	})
	ans.link = link
	return ans
}

func rangeStatus(rg objects.Range) string {
	switch {
	case len(rg.Ahead) > 0 && len(rg.Behind) > 0:
		return "diverged"
	case len(rg.Ahead) > 0:
		return "ahead"
	case len(rg.Behind) > 0:
		return "behind"
	}
	return "identical"
}

// side resolves one end of a comparison; OWNER:BRANCH is a fork's.
func (c *call) side(name string) *objects.Commit {
	if owner, branch, ok := strings.Cut(name, ":"); ok {
		fork := c.hub.Repo(owner + "/" + c.repo.Name)
		if fork == nil || fork.Store != c.repo.Store {
			return nil
		}
		return fork.Resolve(branch)
	}
	return c.repo.Resolve(name)
}
