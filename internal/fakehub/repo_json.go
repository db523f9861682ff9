package fakehub

import (
	"encoding/base64"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub/wire"
)

// API is the repository's address for programs, HTML the one of its page.
func (r *Repo) API() string  { return r.hub.URL() + "/repos/" + r.FullName() }
func (r *Repo) HTML() string { return r.hub.URL() + "/" + r.FullName() }

// repoURLs are the addresses that every form of a repository carries: the key
// without _url, and what follows the repository's own address.
var repoURLs = strings.Fields(`
	forks /forks  keys /keys{/key_id}  collaborators /collaborators{/collaborator}  teams /teams  hooks /hooks
	issue_events /issues/events{/number}  events /events  assignees /assignees{/user}  branches /branches{/branch}
	tags /tags  blobs /git/blobs{/sha}  git_tags /git/tags{/sha}  git_refs /git/refs{/sha}  trees /git/trees{/sha}
	statuses /statuses/{sha}  languages /languages  stargazers /stargazers  contributors /contributors
	subscribers /subscribers  subscription /subscription  commits /commits{/sha}  git_commits /git/commits{/sha}
	comments /comments{/number}  issue_comment /issues/comments{/number}  contents /contents/{+path}
	compare /compare/{base}...{head}  merges /merges  archive /{archive_format}{/ref}  downloads /downloads
	issues /issues{/number}  pulls /pulls{/number}  milestones /milestones{/number}
	notifications /notifications{?since,all,participating}  labels /labels{/name}  releases /releases{/id}
	deployments /deployments`)

// JSON is the repository as REST and webhooks show it, made once until
// something of it changes.
func (r *Repo) JSON() wire.Raw {
	if c := r.cached.Load(); c != nil {
		return *c
	}
	made := wire.Raw(wire.Encode(r.Fields(r.Created, r.Pushed)))
	if r.hub.base.Load() != nil {
		r.cached.Store(&made)
	}
	return made
}

// pushJSON is the repository of a push event: there, times are numbers.
func (r *Repo) pushJSON() wire.Object {
	o := r.Fields(r.Created.Unix(), r.Pushed.Unix())
	return append(o, "stargazers", 0, "master_branch", r.DefaultBranch)
}

// Updated is when it was changed last: a push changes it too.
func (r *Repo) Updated() time.Time {
	if r.changed.After(r.Pushed) {
		return r.changed
	}
	return r.Pushed
}

// Fields is the repository with its times in a form of the caller's choice.
func (r *Repo) Fields(created, pushed any) wire.Object {
	visibility := "public"
	if r.Private {
		visibility = "private"
	}
	html := r.HTML()
	open := r.OpenPulls
	o := wire.Object{
		"id", r.ID, "node_id", wire.NodeID("R", r.ID), "name", r.Name, "full_name", r.FullName(), "private", r.Private, "owner", r.Owner.JSON(),
		"html_url", html, "description", nil, "fork", r.Parent != nil, "url", r.API(),
		"created_at", created, "updated_at", r.Updated(), "pushed_at", pushed,
		"git_url", "git://" + strings.TrimPrefix(html, "http://") + ".git", "ssh_url",
		"git@" + strings.TrimPrefix(html, "http://") + ".git",
		"clone_url", html + ".git", "svn_url", html, "homepage", nil, "mirror_url", nil, "size", 1, "stargazers_count", 0,
		"watchers_count", 0, "language", nil, "has_issues", true, "has_projects", true, "has_downloads", true, "has_wiki", false,
		"has_pages", false, "has_discussions", false, "has_pull_requests", true, "pull_request_creation_policy", "all",
		"forks_count", 0, "archived", r.Archived, "disabled", false, "open_issues_count", open,
		"license", nil, "allow_forking", true, "is_template", false, "web_commit_signoff_required", false, "topics", wire.List{},
		"visibility", visibility, "forks", 0, "open_issues", open, "watchers", 0, "default_branch", r.DefaultBranch,
	}
	for i := 0; i+1 < len(repoURLs); i += 2 {
		o = append(o, repoURLs[i]+"_url", r.API()+repoURLs[i+1])
	}
	return o
}

// GitNode is the global id of a git object in a repository.
func GitNode(kind string, r *Repo, sha string) string {
	return kind + "_" + base64.RawURLEncoding.EncodeToString([]byte(wire.NodeID("R", r.ID)+sha))
}
