package site_test

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/fakehub"
)

// ask runs a query.
func (c *caller) ask(query string, vars map[string]any) *reply {
	c.t.Helper()
	return c.do("POST", "/graphql", map[string]any{"query": query, "variables": vars}).want(200)
}

const pullQuery = `query($owner: String!, $name: String!, $number: Int!, $rules: String!) {
  repository(owner: $owner, name: $name) {
    databaseId nameWithOwner
    pullRequest(number: $number) {
      number state isDraft title body author { login __typename ... on User { databaseId } ... on Bot { databaseId } }
      baseRefName baseRefOid headRefName headRefOid headRepository { nameWithOwner } isCrossRepository changedFiles additions deletions
      labels(first: 10) { nodes { name } } assignees(first: 10) { nodes { login databaseId } }
      commits(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { commit { ...C } } }
      files(first: 100) { nodes { path changeType additions deletions } }
      baseRef { name target { oid ... on Commit { file(path: $rules) { ...F } missing: file(path: "no/such") { oid } } } }
    }
    ref(qualifiedName: "refs/heads/main") { name }
    defaultBranchRef { name target { __typename oid ... on Commit { tree { entries { name mode type oid } } } } }
    readme: object(expression: "main:README.md") { ... on Blob { text byteSize isBinary isTruncated } }
  }
  rateLimit { cost remaining resetAt }
}
fragment C on Commit { oid message author { name email user { login databaseId } } committer { name } signature { isValid wasSignedByGitHub signer { login } } parents(first: 2) { nodes { oid } } }
fragment F on TreeEntry { mode oid type object { __typename ... on Blob { oid text byteSize isBinary isTruncated } } }`

func TestGraphQLTellsAPullRequestWhole(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	if _, err := w.shop.Commit("main", fakehub.NewCommit{Message: "Rules",
		Files: fakehub.Files{".github/gatehold.yml": "version: 1\n", "bin/x": fakehub.Executable("#!\x00"),
			"l": fakehub.Symlink("README.md")}}); err != nil {
		t.Fatal(err)
	}
	pull, err := w.shop.OpenPull(fakehub.NewPull{Author: w.agent, Title: "T", Labels: []string{"agent"},
		Assignees: []*fakehub.Account{w.alice},
		Commits: []fakehub.NewCommit{{Message: "a", Files: fakehub.Files{"a": "1\n"}},
			{Message: "b", SignedByGitHub: true, Files: fakehub.Files{"old.txt": fakehub.Deleted}}}})
	if err != nil {
		t.Fatal(err)
	}
	r := w.api().ask(pullQuery, map[string]any{"owner": "acme", "name": "shop", "number": 1, "rules": ".github/gatehold.yml"})
	p := "data.repository.pullRequest."
	r.is(p+"author.login", "fixer").is(p+"author.__typename", "Bot").is(p+"author.databaseId", w.agent.ID).
		is(p+"headRefOid", pull.HeadSHA()).is(p+"changedFiles", 2).is(p+"labels.nodes.0.name",
		"agent").is(p+"assignees.nodes.0.login", "alice").
		is(p+"commits.totalCount", 2).is(p+"commits.pageInfo.hasNextPage",
		true).is(p+"commits.nodes.0.commit.author.user.login", "fixer[bot]").
		is(p+"commits.nodes.0.commit.signature", nil).is(p+"files.nodes.1.changeType", "DELETED").
		is(p+"baseRef.target.file.mode", 33188).is(p+"baseRef.target.file.object.text", "version: 1\n").is(p+"baseRef.target.missing", nil).
		is("data.repository.readme.text", "hello\n").is("data.rateLimit.cost", 1)
	next := w.api().ask(`{ repository(owner: "acme", name: "shop") { pullRequest(number: 1) { commits(first: 1, after: "`+
		r.value(p+"commits.pageInfo.endCursor").(string)+`") { nodes { commit { message signature { wasSignedByGitHub `+
		`signer { login } } } } } } } }`, nil)
	next.is(p+"commits.nodes.0.commit.message", "b").is(p+"commits.nodes.0.commit.signature.wasSignedByGitHub", true)
}

func TestGraphQLSaysWhatIsNotThere(t *testing.T) {
	w := newWorld(t, fakehub.Options{})
	w.hub.CreateOrg("other").CreateRepo("hidden", nil)
	api := w.api()
	api.ask(`{ a: repository(owner: "acme", name: "shop") { name } b: repository(owner: "other", name: "hidden") { name } }`, nil).
		is("data.a.name", "shop").is("data.b", nil).is("errors.0.type", "NOT_FOUND").is("errors.0.path.0", "b")
	api.ask(`{ repository(owner: "acme", name: "shop") { pullRequest(number: 99) { title } } }`, nil).
		is("data.repository.pullRequest", nil).is("errors.0.type", "NOT_FOUND").is("errors.0.path.1", "pullRequest")
	api.ask(`{ repository(owner: "acme", name: "shop") { pullRequests { totalCount } } }`, nil).is("errors.0.type",
		"MISSING_PAGINATION_BOUNDARIES")
	api.ask(`{ repository(owner: "acme", name: "shop") { pullRequests(first: 101) { totalCount } } }`, nil).is("errors.0.type",
		"EXCESSIVE_PAGINATION")
	for query, says := range map[string]string{
		`{ nonsense }`: "doesn't exist on type 'Query'", `{ repository(`: "Parse error",
		`query($n: Int!) { repository(owner: "acme", name: "shop") { pullRequest(number: $n) { title } } }`: "Variable $n",
		`{ ...F }`: "not defined",
		`{ ...F } fragment F on Query { ...F ...F }`: "too complex",
		`{ r: repository(owner: "acme", name: "shop") { ...R } } fragment R on Repository { a: defaultBranchRef { ` +
			`repository { ...R } } b: defaultBranchRef { repository { ...R } } }`: "too complex",
		`{ repository(owner: "acme", name: "shop") { ` + strings.Repeat("defaultBranchRef { repository { ", 40) + "name" +
			strings.Repeat("} }", 40) + ` } }`: "depth",
	} {
		r := api.ask(query, nil).says(says)
		if r.value("data") != nil {
			t.Errorf("%.40s: a query that is not valid has data: %s", query, r.body)
		}
	}
	narrow := w.as(w.newToken(map[string]any{"permissions": map[string]string{"checks": "write"}}))
	narrow.ask(`{ repository(owner: "acme", name: "shop") { name object(expression: "main") { oid } } }`, nil).
		is("data.repository.name", "shop").is("errors.0.type", "FORBIDDEN")
}
