package fakehub

import (
	"strings"
	"time"
)

func (r *Repo) api() string  { return r.hub.URL() + "/repos/" + r.fullName() }
func (r *Repo) html() string { return r.hub.URL() + "/" + r.fullName() }

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

// json is the repository as REST and webhooks show it, made once until
// something of it changes.
func (r *Repo) json() raw {
	if c := r.cached.Load(); c != nil {
		return *c
	}
	made := raw(encode(r.fields(r.created, r.pushed)))
	if r.hub.base.Load() != nil {
		r.cached.Store(&made)
	}
	return made
}

// pushJSON is the repository of a push event: there, times are numbers.
func (r *Repo) pushJSON() obj {
	o := r.fields(r.created.Unix(), r.pushed.Unix())
	return append(o, "stargazers", 0, "master_branch", r.defaultBranch)
}

// updated is when it was changed last: a push changes it too.
func (r *Repo) updated() time.Time {
	if r.changed.After(r.pushed) {
		return r.changed
	}
	return r.pushed
}

func (r *Repo) fields(created, pushed any) obj {
	visibility := "public"
	if r.private {
		visibility = "private"
	}
	html := r.html()
	open := r.openPulls
	o := obj{
		"id", r.ID, "node_id", nodeID("R", r.ID), "name", r.Name, "full_name", r.fullName(), "private", r.private, "owner", r.owner.json(),
		"html_url", html, "description", nil, "fork", r.parent != nil, "url", r.api(),
		"created_at", created, "updated_at", r.updated(), "pushed_at", pushed,
		"git_url", "git://" + strings.TrimPrefix(html, "http://") + ".git", "ssh_url",
		"git@" + strings.TrimPrefix(html, "http://") + ".git",
		"clone_url", html + ".git", "svn_url", html, "homepage", nil, "mirror_url", nil, "size", 1, "stargazers_count", 0,
		"watchers_count", 0, "language", nil, "has_issues", true, "has_projects", true, "has_downloads", true, "has_wiki", false,
		"has_pages", false, "has_discussions", false, "has_pull_requests", true, "pull_request_creation_policy", "all",
		"forks_count", 0, "archived", r.archived, "disabled", false, "open_issues_count", open,
		"license", nil, "allow_forking", true, "is_template", false, "web_commit_signoff_required", false, "topics", list{},
		"visibility", visibility, "forks", 0, "open_issues", open, "watchers", 0, "default_branch", r.defaultBranch,
	}
	for i := 0; i+1 < len(repoURLs); i += 2 {
		o = append(o, repoURLs[i]+"_url", r.api()+repoURLs[i+1])
	}
	return o
}
