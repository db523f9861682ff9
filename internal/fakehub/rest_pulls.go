package fakehub

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub/objects"
)

const (
	maxPullFiles      = 3000
	maxCompareFiles   = 300
	maxCompareCommits = 250
)

func (c *call) pull() *Pull { return c.repo.pulls[int(c.number("pull_number"))] }

func (h *Hub) getPull(c *call) answer {
	p := c.pull()
	if p == nil {
		return notFound()
	}
	return ok(p.full())
}

func (h *Hub) listPulls(c *call) answer {
	state, head, base := orElse(c.query("state"), "open"), c.query("head"), c.query("base")
	all := make([]*Pull, 0, len(c.repo.pulls))
	for _, p := range c.repo.pulls {
		if (state == "all" || p.state == state) && (base == "" || p.base == base) &&
			(head == "" || head == p.from.owner.Login+":"+p.branch) {
			all = append(all, p)
		}
	}
	ascending := c.query("direction") == "asc"
	slices.SortFunc(all, func(a, b *Pull) int {
		if ascending {
			return a.Number - b.Number
		}
		return b.Number - a.Number
	})
	return c.pullPage(all)
}

func (c *call) pullPage(all []*Pull) answer {
	from, to, link := c.page(len(all))
	out := make([]obj, 0, to-from)
	for _, p := range all[from:to] {
		out = append(out, p.simple())
	}
	ans := ok(out)
	ans.link = link
	return ans
}

func (h *Hub) pullFiles(c *call) answer {
	p := c.pull()
	if p == nil {
		return notFound()
	}
	deltas := p.files().deltas
	deltas = deltas[:min(len(deltas), maxPullFiles)]
	from, to, link := c.page(len(deltas))
	ans := ok(c.repo.filesJSON(deltas[from:to], p.head))
	ans.link = link
	return ans
}

func (h *Hub) pullCommits(c *call) answer {
	p := c.pull()
	if p == nil {
		return notFound()
	}
	shas := p.commits().Ahead
	shas = shas[:min(len(shas), maxPullCommits)]
	from, to, link := c.page(len(shas))
	ans := ok(c.repo.commitsJSON(shas[from:to]))
	ans.link = link
	return ans
}

func (r *Repo) commitsJSON(shas []string) []obj {
	out := make([]obj, len(shas))
	for i, sha := range shas {
		out[i] = r.commitJSON(r.store.Commit(sha))
	}
	return out
}

// filesJSON is files as pull requests, commits and comparisons list them: no
// mode, and no patch where it is binary, huge, or a rename without an edit.
func (r *Repo) filesJSON(deltas []objects.Delta, head string) []obj {
	out := make([]obj, len(deltas))
	for i, d := range deltas {
		st, patch := objects.Patch(r.store.Content(d.OldMode, d.OldSHA), r.store.Content(d.NewMode, d.NewSHA), r.hub.opt.PatchLimit)
		path := escapePath(d.Path)
		sha := orElse(d.NewSHA, d.OldSHA)
		o := obj{"sha", sha, "filename", d.Path, "status", d.Status, "additions", st.Additions, "deletions", st.Deletions,
			"changes", st.Additions + st.Deletions, "blob_url", r.html() + "/blob/" + head + "/" + path,
			"raw_url", r.html() + "/raw/" + head + "/" + path, "contents_url", r.api() + "/contents/" + path + "?ref=" + head}
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

func (h *Hub) commitPulls(c *call) answer {
	commit := c.repo.resolve(c.r.PathValue("commit_sha"))
	if commit == nil {
		return failed(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.r.PathValue("commit_sha"))
	}
	pulls := slices.DeleteFunc(slices.Clone(c.repo.byCommit[commit.SHA]),
		func(p *Pull) bool { return p.state != "open" && p.merged.IsZero() })
	return c.pullPage(pulls)
}

func (h *Hub) getCommit(c *call) answer {
	commit := c.repo.resolve(c.r.PathValue("ref"))
	if commit == nil {
		return unprocessable("No commit found for SHA: " + c.r.PathValue("ref"))
	}
	parent := objects.EmptyTree
	if len(commit.Parents) > 0 {
		parent = c.repo.store.Commit(commit.Parents[0]).Tree
	}
	d := c.repo.diff(parent, commit.Tree)
	deltas := d.deltas[:min(len(d.deltas), maxPullFiles)]
	from, to, link := c.filePage(len(deltas))
	ans := ok(append(c.repo.commitJSON(commit),
		"stats", obj{"additions", d.additions, "deletions", d.deletions, "total", d.additions + d.deletions},
		"files", c.repo.filesJSON(deltas[from:to], commit.SHA)))
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

func (h *Hub) listCommits(c *call) answer {
	tip := c.repo.resolve(orElse(c.query("sha"), c.repo.defaultBranch))
	if tip == nil {
		return notFound()
	}
	shas := c.repo.store.Between("", tip.SHA).Ahead
	slices.Reverse(shas)
	from, to, link := c.page(len(shas))
	ans := ok(c.repo.commitsJSON(shas[from:to]))
	ans.link = link
	return ans
}

// compare answers base...head: the files against the merge base, 300 at most
// and on the first page only, and the commits, 250 unless they are paged.
func (h *Hub) compare(c *call) answer {
	left, right, _ := strings.Cut(c.r.PathValue("basehead"), "...")
	base, head := c.side(left), c.side(right)
	if base == nil || head == nil {
		return notFound()
	}
	r := c.repo
	rg, d := r.between(base.SHA, head.SHA)
	mergeBase := r.store.Commit(rg.MergeBase)
	if mergeBase == nil {
		return failed(http.StatusNotFound, "No common ancestor between "+left+" and "+right+".")
	}
	commits, files, link := rg.Ahead, d.deltas[:min(len(d.deltas), maxCompareFiles)], ""
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
	url := r.html() + "/compare/" + left + "..." + right
	ans := ok(obj{
		"url", r.api() + "/compare/" + left + "..." + right, "html_url", url, "permalink_url", url, "diff_url", url + ".diff",
		"patch_url", url + ".patch",
		"base_commit", r.commitJSON(base), "merge_base_commit", r.commitJSON(mergeBase), "status", rangeStatus(rg), "ahead_by",
		len(rg.Ahead),
		"behind_by", len(rg.Behind), "total_commits", len(rg.Ahead), "commits", r.commitsJSON(commits), "files",
		r.filesJSON(files, head.SHA),
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
		fork := c.hub.repos[fold(owner+"/"+c.repo.Name)]
		if fork == nil || fork.store != c.repo.store {
			return nil
		}
		return fork.resolve(branch)
	}
	return c.repo.resolve(name)
}
