package fakehub

import (
	"regexp"
	"strings"
)

// Who may call a route.
const (
	byNobody  = 1 << iota // no credentials at all
	byApp                 // the App itself, with a JWT
	byInstall             // an installation token
	byUser                // a person's token
	byToken   = byInstall | byUser
)

// route is one operation of the API.
type route struct {
	method   string
	template string // the path as GitHub's description names it
	who      int
	need     string // permission of an installation: "checks:write"
	write    bool   // takes the state's lock for writing
	public   bool   // of a public repository everybody may read it
	web      bool   // of the web host: without identity, quota and description
	fn       func(*Hub, *call) answer

	names []string // of the path's parameters
}

func (rt *route) name() string { return rt.method + " " + rt.template }

// rest of a path: parameters whose values may hold slashes.
var deepParameters = strings.NewReplacer("/contents/{path}", "/contents/{path...}", "{basehead}", "{basehead...}",
	"/rules/branches/{branch}", "/rules/branches/{branch...}", "/git/ref/{ref}", "/git/ref/{ref...}", "/git/refs/{ref}",
	"/git/refs/{ref...}")

var parameter = regexp.MustCompile(`\{(\w+)\}`)

func (h *Hub) routeAll() {
	var all []route
	for _, routes := range [][]route{
		appRoutes(), repoRoutes(), gitRoutes(), pullRoutes(), checkRoutes(), memberRoutes(), rulesetRoutes(),
		environmentRoutes(), adminRoutes(),
		runRoutes(), deploymentRoutes(), activityRoutes(), writeRoutes(), suiteRoutes(), deviceRoutes(), graphRoutes(),
	} {
		all = append(all, routes...)
	}
	for i := range all {
		rt := &all[i]
		for _, m := range parameter.FindAllStringSubmatch(rt.template, -1) {
			rt.names = append(rt.names, m[1])
		}
		h.mux.HandleFunc(rt.method+" "+deepParameters.Replace(rt.template), h.handle(rt))
	}
	h.mux.HandleFunc("/repositories/{id}", h.serveByID)
	h.mux.HandleFunc("/repositories/{id}/{rest...}", h.serveByID)
	other := &route{method: "ANY", template: "/", who: byNobody | byApp | byToken, fn: h.unserved}
	h.mux.HandleFunc("/", h.pageRoutes(h.handle(other)))
}

func appRoutes() []route {
	return []route{
		{method: "GET", template: "/app", who: byApp, fn: (*Hub).getApp},
		{method: "GET", template: "/app/installations", who: byApp, fn: (*Hub).listInstallations},
		{method: "GET", template: "/app/installations/{installation_id}", who: byApp, fn: (*Hub).getInstallation},
		{method: "POST", template: "/app/installations/{installation_id}/access_tokens", who: byApp, fn: (*Hub).createToken},
		{method: "GET", template: "/app/hook/config", who: byApp, fn: (*Hub).hookConfig},
		{method: "GET", template: "/app/hook/deliveries", who: byApp, fn: (*Hub).listDeliveries},
		{method: "GET", template: "/app/hook/deliveries/{delivery_id}", who: byApp, fn: (*Hub).getDelivery},
		{method: "POST", template: "/app/hook/deliveries/{delivery_id}/attempts", who: byApp, fn: (*Hub).attemptDelivery},
		{method: "GET", template: "/repos/{owner}/{repo}/installation", who: byApp, fn: (*Hub).repoInstallation},
		{method: "GET", template: "/orgs/{org}/installation", who: byApp, fn: (*Hub).accountInstallation},
		{method: "GET", template: "/users/{username}/installation", who: byApp, fn: (*Hub).accountInstallation},
		{method: "GET", template: "/installation/repositories", who: byInstall, need: "metadata:read", fn: (*Hub).installationRepos},
		{method: "DELETE", template: "/installation/token", who: byInstall, fn: (*Hub).revokeToken},
		{method: "GET", template: "/rate_limit", who: byNobody | byToken, fn: (*Hub).rateLimit},
	}
}

func repoRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}", who: byToken, need: "metadata:read", public: true, fn: (*Hub).getRepo},
		{method: "GET", template: "/repos/{owner}/{repo}/branches/{branch}", who: byToken, need: "contents:read", public: true,
			fn: (*Hub).getBranch},
		{method: "GET", template: "/repos/{owner}/{repo}/rules/branches/{branch}", who: byToken, need: "metadata:read",
			public: true, fn: (*Hub).branchRules},
		{method: "GET", template: "/repos/{owner}/{repo}/contents/{path}", who: byToken, need: "contents:read", public: true,
			fn: (*Hub).getContents},
		{method: "GET", template: "/repos/{owner}/{repo}/compare/{basehead}", who: byToken, need: "contents:read", public: true,
			fn: (*Hub).compare},
		{method: "GET", template: "/repos/{owner}/{repo}/commits", who: byToken, need: "contents:read", public: true,
			fn: (*Hub).listCommits},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{ref}", who: byToken, need: "contents:read", public: true,
			fn: (*Hub).getCommit},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", who: byToken, need: "pull_requests:read",
			public: true, fn: (*Hub).commitPulls},
	}
}

func gitRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/git/trees/{tree_sha}", who: byToken, need: "contents:read",
			public: true, fn: (*Hub).getTree},
		{method: "GET", template: "/repos/{owner}/{repo}/git/blobs/{file_sha}", who: byToken, need: "contents:read",
			public: true, fn: (*Hub).getBlob},
		{method: "GET", template: "/repos/{owner}/{repo}/git/commits/{commit_sha}", who: byToken, need: "contents:read",
			public: true, fn: (*Hub).getGitCommit},
		{method: "GET", template: "/repos/{owner}/{repo}/git/ref/{ref}", who: byToken, need: "contents:read", public: true,
			fn: (*Hub).getRef},
	}
}

func pullRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/pulls", who: byToken, need: "pull_requests:read", public: true,
			fn: (*Hub).listPulls},
		{method: "GET", template: "/repos/{owner}/{repo}/pulls/{pull_number}", who: byToken, need: "pull_requests:read",
			public: true, fn: (*Hub).getPull},
		{method: "GET", template: "/repos/{owner}/{repo}/pulls/{pull_number}/files", who: byToken, need: "pull_requests:read",
			public: true, fn: (*Hub).pullFiles},
		{method: "GET", template: "/repos/{owner}/{repo}/pulls/{pull_number}/commits", who: byToken, need: "pull_requests:read",
			public: true, fn: (*Hub).pullCommits},
	}
}

func checkRoutes() []route {
	return []route{
		{method: "POST", template: "/repos/{owner}/{repo}/check-runs", who: byToken, need: "checks:write", write: true,
			fn: (*Hub).createRun},
		{method: "GET", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}", who: byToken, need: "checks:read", fn: (*Hub).getRun},
		{method: "PATCH", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}", who: byToken, need: "checks:write",
			write: true, fn: (*Hub).updateRun},
		{method: "GET", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", who: byToken,
			need: "checks:read", fn: (*Hub).runAnnotations},
		{method: "POST", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", who: byToken,
			need: "checks:write", write: true, fn: (*Hub).rerequestRun},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{ref}/check-runs", who: byToken, need: "checks:read", fn: (*Hub).listRuns},
	}
}

func memberRoutes() []route {
	return []route{
		{method: "GET", template: "/user", who: byUser, fn: (*Hub).getUser},
		{method: "GET", template: "/user/{account_id}", who: byToken, fn: (*Hub).accountByID},
		{method: "GET", template: "/orgs/{org}/members/{username}", who: byToken, need: "members:read", fn: (*Hub).orgMember},
		{method: "GET", template: "/users/{username}", who: byToken, fn: (*Hub).getAccount},
		{method: "GET", template: "/orgs/{org}/memberships/{username}", who: byToken, need: "members:read", fn: (*Hub).orgMembership},
		{method: "GET", template: "/orgs/{org}/teams/{team_slug}", who: byToken, need: "members:read", fn: (*Hub).getTeam},
		{method: "GET", template: "/orgs/{org}/teams/{team_slug}/members", who: byToken, need: "members:read", fn: (*Hub).teamMembers},
		{method: "GET", template: "/orgs/{org}/teams/{team_slug}/memberships/{username}", who: byToken, need: "members:read",
			fn: (*Hub).teamMembership},
		{method: "GET", template: "/repos/{owner}/{repo}/collaborators/{username}/permission", who: byToken,
			need: "metadata:read", fn: (*Hub).collaboratorPermission},
	}
}

func graphRoutes() []route {
	return []route{{method: "POST", template: "/graphql", who: byToken, fn: (*Hub).graphql}}
}
