package api

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/gatehold/gatehold/internal/fakehub/access"
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
	fn       func(*call) answer

	names []string // of the path's parameters
}

func (rt *route) name() string { return rt.method + " " + rt.template }

// rest of a path: parameters whose values may hold slashes.
var deepParameters = strings.NewReplacer("/contents/{path}", "/contents/{path...}", "{basehead}", "{basehead...}",
	"/rules/branches/{branch}", "/rules/branches/{branch...}", "/git/ref/{ref}", "/git/ref/{ref...}", "/git/refs/{ref}",
	"/git/refs/{ref...}")

var parameter = regexp.MustCompile(`\{(\w+)\}`)

func (s *Server) routeAll(other func(http.HandlerFunc) http.HandlerFunc) {
	var all []route
	for _, routes := range [][]route{
		appRoutes(), repoRoutes(), gitRoutes(), pullRoutes(), checkRoutes(), memberRoutes(), rulesetRoutes(),
		environmentRoutes(), adminRoutes(),
		runRoutes(), deploymentRoutes(), activityRoutes(), writeRoutes(), suiteRoutes(), signInRoutes(), oauthRoutes(), graphRoutes(),
	} {
		all = append(all, routes...)
	}
	for i := range all {
		rt := &all[i]
		for _, m := range parameter.FindAllStringSubmatch(rt.template, -1) {
			rt.names = append(rt.names, m[1])
		}
		s.mux.HandleFunc(rt.method+" "+deepParameters.Replace(rt.template), s.handle(rt))
	}
	s.mux.HandleFunc("/repositories/{id}", s.serveByID)
	s.mux.HandleFunc("/repositories/{id}/{rest...}", s.serveByID)
	unknown := &route{method: "ANY", template: "/", who: access.ByNobody | access.ByApp | access.ByToken, fn: s.unserved}
	s.mux.HandleFunc("/", other(s.handle(unknown)))
}

func appRoutes() []route {
	return []route{
		{method: "GET", template: "/app", who: access.ByApp, fn: getApp},
		{method: "GET", template: "/app/installations", who: access.ByApp, fn: listInstallations},
		{method: "GET", template: "/app/installations/{installation_id}", who: access.ByApp, fn: getInstallation},
		{method: "POST", template: "/app/installations/{installation_id}/access_tokens", who: access.ByApp, fn: createToken},
		{method: "GET", template: "/app/hook/config", who: access.ByApp, fn: hookConfig},
		{method: "GET", template: "/app/hook/deliveries", who: access.ByApp, fn: listDeliveries},
		{method: "GET", template: "/app/hook/deliveries/{delivery_id}", who: access.ByApp, fn: getDelivery},
		{method: "POST", template: "/app/hook/deliveries/{delivery_id}/attempts", who: access.ByApp, fn: attemptDelivery},
		{method: "GET", template: "/repos/{owner}/{repo}/installation", who: access.ByApp, fn: repoInstallation},
		{method: "GET", template: "/orgs/{org}/installation", who: access.ByApp, fn: accountInstallation},
		{method: "GET", template: "/users/{username}/installation", who: access.ByApp, fn: accountInstallation},
		{method: "GET", template: "/installation/repositories", who: access.ByInstall, need: "metadata:read", fn: installationRepos},
		{method: "DELETE", template: "/installation/token", who: access.ByInstall, fn: revokeToken},
		{method: "GET", template: "/rate_limit", who: access.ByNobody | access.ByToken, fn: rateLimit},
	}
}

func repoRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}", who: access.ByToken, need: "metadata:read", public: true, fn: getRepo},
		{method: "GET", template: "/repos/{owner}/{repo}/branches/{branch}", who: access.ByToken, need: "contents:read", public: true,
			fn: getBranch},
		{method: "GET", template: "/repos/{owner}/{repo}/rules/branches/{branch}", who: access.ByToken, need: "metadata:read",
			public: true, fn: branchRules},
		{method: "GET", template: "/repos/{owner}/{repo}/contents/{path}", who: access.ByToken, need: "contents:read", public: true,
			fn: getContents},
		{method: "GET", template: "/repos/{owner}/{repo}/compare/{basehead}", who: access.ByToken, need: "contents:read", public: true,
			fn: compare},
		{method: "GET", template: "/repos/{owner}/{repo}/commits", who: access.ByToken, need: "contents:read", public: true,
			fn: listCommits},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{ref}", who: access.ByToken, need: "contents:read", public: true,
			fn: getCommit},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{commit_sha}/pulls", who: access.ByToken, need: "pull_requests:read",
			public: true, fn: commitPulls},
	}
}

func gitRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/git/trees/{tree_sha}", who: access.ByToken, need: "contents:read",
			public: true, fn: getTree},
		{method: "GET", template: "/repos/{owner}/{repo}/git/blobs/{file_sha}", who: access.ByToken, need: "contents:read",
			public: true, fn: getBlob},
		{method: "GET", template: "/repos/{owner}/{repo}/git/commits/{commit_sha}", who: access.ByToken, need: "contents:read",
			public: true, fn: getGitCommit},
		{method: "GET", template: "/repos/{owner}/{repo}/git/ref/{ref}", who: access.ByToken, need: "contents:read", public: true,
			fn: getRef},
	}
}

func pullRoutes() []route {
	return []route{
		{method: "GET", template: "/repos/{owner}/{repo}/pulls", who: access.ByToken, need: "pull_requests:read", public: true,
			fn: listPulls},
		{method: "GET", template: "/repos/{owner}/{repo}/pulls/{pull_number}", who: access.ByToken, need: "pull_requests:read",
			public: true, fn: getPull},
		{method: "GET", template: "/repos/{owner}/{repo}/pulls/{pull_number}/files", who: access.ByToken, need: "pull_requests:read",
			public: true, fn: pullFiles},
		{method: "GET", template: "/repos/{owner}/{repo}/pulls/{pull_number}/commits", who: access.ByToken, need: "pull_requests:read",
			public: true, fn: pullCommits},
	}
}

func checkRoutes() []route {
	return []route{
		{method: "POST", template: "/repos/{owner}/{repo}/check-runs", who: access.ByToken, need: "checks:write", write: true,
			fn: createRun},
		{method: "GET", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}", who: access.ByToken, need: "checks:read", fn: getRun},
		{method: "PATCH", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}", who: access.ByToken, need: "checks:write",
			write: true, fn: updateRun},
		{method: "GET", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}/annotations", who: access.ByToken,
			need: "checks:read", fn: runAnnotations},
		{method: "POST", template: "/repos/{owner}/{repo}/check-runs/{check_run_id}/rerequest", who: access.ByToken,
			need: "checks:write", write: true, fn: rerequestRun},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{ref}/check-runs", who: access.ByToken, need: "checks:read", fn: listRuns},
		{method: "GET", template: "/repos/{owner}/{repo}/commits/{ref}/status", who: access.ByToken, need: "statuses:read", public: true,
			fn: commitStatus},
	}
}

func memberRoutes() []route {
	return []route{
		{method: "GET", template: "/user", who: access.ByUser, fn: getUser},
		{method: "GET", template: "/user/{account_id}", who: access.ByToken, fn: accountByID},
		{method: "GET", template: "/orgs/{org}/members/{username}", who: access.ByToken, need: "members:read", fn: orgMember},
		{method: "GET", template: "/users/{username}", who: access.ByToken, fn: getAccount},
		{method: "GET", template: "/orgs/{org}/memberships/{username}", who: access.ByToken, need: "members:read", fn: orgMembership},
		{method: "GET", template: "/orgs/{org}/teams/{team_slug}", who: access.ByToken, need: "members:read", fn: getTeam},
		{method: "GET", template: "/orgs/{org}/teams/{team_slug}/members", who: access.ByToken, need: "members:read", fn: teamMembers},
		{method: "GET", template: "/orgs/{org}/teams/{team_slug}/memberships/{username}", who: access.ByToken, need: "members:read",
			fn: teamMembership},
		{method: "GET", template: "/repos/{owner}/{repo}/collaborators/{username}/permission", who: access.ByToken,
			need: "metadata:read", fn: collaboratorPermission},
	}
}
