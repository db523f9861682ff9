package rules

import (
	"context"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/files"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

const (
	// maxOwnersFile is from which size on GitHub ignores a CODEOWNERS.
	// https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
	maxOwnersFile = 3 << 20
	maxOwners     = 32 << 20 // bytes kept of all of them
)

var ownersRoute = api.Route{Name: "POST /graphql (owners)", Need: "contents: read", Max: 16 << 20}

// Owners reads the first file of places that a commit has: who owns what. It
// takes one request, and a second for a file past what GraphQL shows; what a
// commit says of it never changes, so it is asked for once.
//
// A file that GitHub ignores for its size is absent, with the reason. One that
// is no plain text is Refused. A commit that GitHub does not have is an error.
func (rs *Rules) Owners(ctx context.Context, repo gate.Repo, commit string, places []string) (change.RulesFile, error) {
	if err := api.CheckRepo(repo); err != nil {
		return change.RulesFile{}, err
	}
	if !wire.IsSHA(commit) || len(places) == 0 {
		return change.RulesFile{}, api.Invalid("Code owners are read at a commit.")
	}
	key := fmt.Sprintf("%d/%s/%s", repo.ID, commit, strings.Join(places, " "))
	rs.mu.Lock()
	had, ok := rs.owners.Get(key)
	rs.mu.Unlock()
	if ok {
		return had, nil
	}
	c, err := rs.gh.Of(ctx, repo)
	if err != nil {
		return change.RulesFile{}, err
	}
	var f change.RulesFile
	err = rs.gh.ByName(ctx, repo, func(repo gate.Repo) (err error) {
		f, err = firstFile(ctx, c, repo, commit, places)
		return err
	})
	if err != nil {
		return change.RulesFile{}, err
	}
	rs.mu.Lock()
	rs.owners.Put(key, f, len(f.Text)+1<<10)
	rs.mu.Unlock()
	return f, nil
}

// ownersQuery names each place by its number, p0 the first.
func ownersQuery(places []string) (string, map[string]any) {
	var params, fields strings.Builder
	vars := map[string]any{}
	for i, place := range places {
		name := fmt.Sprintf("p%d", i)
		vars[name] = place
		fmt.Fprintf(&params, ", $%s: String!", name)
		fmt.Fprintf(&fields,
			"      %s: file(path: $%s) { mode oid object { __typename ... on Blob { byteSize isBinary isTruncated text } } }\n", name, name)
	}
	return "query($owner: String!, $name: String!, $commit: GitObjectID!" + params.String() + ") {\n" +
		"  repository(owner: $owner, name: $name) {\n    there: object(oid: $commit) { oid }\n" +
		"    at: object(oid: $commit) { ... on Commit {\n" + fields.String() + "    } }\n  }\n}\n", vars
}

func firstFile(ctx context.Context, c *api.Client, repo gate.Repo, commit string, places []string) (change.RulesFile, error) {
	query, vars := ownersQuery(places)
	vars["owner"], vars["name"], vars["commit"] = repo.Owner, repo.Name, commit
	var answer struct {
		Repository *struct {
			There *struct {
				Oid string `json:"oid"`
			} `json:"there"`
			At map[string]*files.Entry `json:"at"`
		} `json:"repository"`
	}
	r := api.Request{Route: ownersRoute, Doing: "read the code owners of " + repo.FullName()}
	errs, err := c.Query(ctx, r, query, vars, &answer)
	if err != nil {
		return change.RulesFile{}, err
	}
	if len(errs) > 0 {
		return change.RulesFile{}, c.GraphRefusal(errs[0], r)
	}
	if answer.Repository == nil || answer.Repository.There == nil || answer.Repository.There.Oid != commit {
		return change.RulesFile{}, api.Lacking("it lacks the commit whose code owners were asked for")
	}
	for i, place := range places {
		if e := answer.Repository.At[fmt.Sprintf("p%d", i)]; e != nil {
			return ownersFile(ctx, c, repo, repo.FullName()+"/"+place, e)
		}
	}
	return change.RulesFile{State: change.RulesAbsent}, nil
}

// ownersFile judges the file that was found. What GraphQL cuts is read as a blob.
func ownersFile(ctx context.Context, c *api.Client, repo gate.Repo, place string, e *files.Entry) (change.RulesFile, error) {
	o := e.Object
	if e.GitMode() != change.ModeFile || o == nil || o.Type != "Blob" || o.ByteSize <= maxRules && !o.IsTruncated {
		return plainFile(place, e), nil
	}
	f := change.RulesFile{Name: place + "@" + wire.ShortSHA(e.Oid)}
	if o.ByteSize >= maxOwnersFile {
		f.State, f.Reason = change.RulesAbsent, fmt.Sprintf("GitHub ignores it: it has %d bytes, and the limit is %d.",
			o.ByteSize, maxOwnersFile)
		return f, nil
	}
	text, err := files.Read(ctx, c, repo, e.Oid)
	switch {
	case err != nil:
		return change.RulesFile{}, err
	case text.State != change.Loaded:
		f.State, f.Reason = change.RulesRefused, "It cannot be read: "+text.Reason+"."
	default:
		f.State, f.Text = change.RulesFound, []byte(text.Body)
	}
	return f, nil
}
