package workflows

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/hub/api"
	"github.com/gatehold/gatehold/internal/hub/files"
	"github.com/gatehold/gatehold/internal/hub/rules"
	"github.com/gatehold/gatehold/internal/hub/wire"
)

// Bounds of what is read of a repository's workflow files.
const (
	maxWorkflows      = 50
	maxWorkflowText   = 256 << 10
	maxWorkflowTexts  = 8 << 20  // of one repository
	maxWorkflowsCache = 32 << 20 // bytes kept, all repositories together
)

var workflowsRoute = api.Route{Name: "POST /graphql (workflows)", Need: "contents: read", Max: 16 << 20}

// workflowsQuery asks for the rules at the tip of the default branch, and for
// what lies in the folder of the workflows there.
const workflowsQuery = `query($owner: String!, $name: String!, $rules: String!, $folder: String!) {
  repository(owner: $owner, name: $name) {
    databaseId
    nameWithOwner
    defaultBranchRef {
      name
      target {
        oid
        ...Rules
        ... on Commit { folder: file(path: $folder) { mode oid object { __typename ... on Tree { entries { name mode oid size } } } } }
      }
    }
  }
  org: repository(owner: $owner, name: ".github", followRenames: false) {
    nameWithOwner
    defaultBranchRef { name target { oid ...Rules } }
  }
}
` + rules.Fragment

type workflowsAnswer struct {
	Repository *struct {
		DatabaseID       int64  `json:"databaseId"`
		NameWithOwner    string `json:"nameWithOwner"`
		DefaultBranchRef *struct {
			Name   string `json:"name"`
			Target *struct {
				Oid    string       `json:"oid"`
				File   *files.Entry `json:"file"`
				Folder *struct {
					Mode   int    `json:"mode"`
					Oid    string `json:"oid"`
					Object *struct {
						Type    string         `json:"__typename"`
						Entries []workflowFile `json:"entries"`
					} `json:"object"`
				} `json:"folder"`
			} `json:"target"`
		} `json:"defaultBranchRef"`
	} `json:"repository"`
	Org *rules.Org `json:"org"`
}

type workflowFile struct {
	Name string `json:"name"`
	Mode int    `json:"mode"`
	Oid  string `json:"oid"`
	Size int64  `json:"size"`
}

// Workflows reads the workflow files at the tip of a repository's default branch
// with the rules in force there: one request, and a second where the folder is
// another than before. A repository without commits has neither.
//
// Fifty files are read, of at most 256 KB each and 8 MB together: a larger one
// is Unreadable, and how many more there are is told.
func (wf *Folder) Workflows(ctx context.Context, repo gate.Repo) (out change.Workflows, err error) {
	err = wf.gh.ByName(ctx, repo, func(repo gate.Repo) (err error) {
		out, err = wf.workflowsNamed(ctx, repo)
		return err
	})
	return out, err
}

func (wf *Folder) workflowsNamed(ctx context.Context, repo gate.Repo) (change.Workflows, error) {
	c, err := wf.gh.Of(ctx, repo)
	if err != nil {
		return change.Workflows{}, err
	}
	var answer workflowsAnswer
	r := api.Request{Route: workflowsRoute, Doing: "read the workflows of " + repo.FullName()}
	vars := map[string]any{"owner": repo.Owner, "name": repo.Name, "rules": wire.RulesPath,
		"folder": strings.TrimSuffix(wire.WorkflowFolder, "/")}
	errs, err := c.Query(ctx, r, workflowsQuery, vars, &answer)
	if err != nil {
		return change.Workflows{}, err
	}
	var orgErr *api.GraphError
	for _, e := range errs {
		if e.Path[0] != "org" {
			return change.Workflows{}, c.GraphRefusal(e, r)
		}
		orgErr = rules.Worse(orgErr, e)
	}
	if answer.Repository == nil {
		return change.Workflows{}, api.Malformed("it lacks the repository")
	}
	if repo, err = api.Placed(repo, answer.Repository.DatabaseID, answer.Repository.NameWithOwner); err != nil {
		return change.Workflows{}, err
	}
	out := change.Workflows{Cancels: c.May("actions", "write")}
	out.Org = rules.OfOrg(c, repo.Owner, answer.Org, orgErr)
	at := answer.Repository.DefaultBranchRef
	if at == nil { // nothing was committed yet
		out.Repo = change.RulesFile{State: change.RulesAbsent, Name: repo.FullName() + "/" + wire.RulesPath}
		return out, nil
	}
	if at.Target == nil || !wire.IsSHA(at.Target.Oid) {
		return change.Workflows{}, api.Malformed("it lacks the tip of the default branch")
	}
	out.Tip, out.Repo = at.Target.Oid, rules.OfFile(answer.Repository.NameWithOwner, at.Target.File)
	folder := at.Target.Folder
	if folder == nil || folder.Object == nil || folder.Object.Type != "Tree" {
		return out, nil
	}
	out.Files, out.More, err = wf.workflowFiles(ctx, c, repo, folder.Oid, folder.Object.Entries)
	return out, err
}

// workflowFiles reads the files of a folder that was not read before. What lies
// there under another name than a workflow's is none.
func (wf *Folder) workflowFiles(ctx context.Context, c *api.Client, repo gate.Repo, tree string,
	entries []workflowFile) (found []change.Workflow, more int, err error) {
	entries = slices.DeleteFunc(slices.Clone(entries), func(e workflowFile) bool {
		low := strings.ToLower(e.Name)
		return !strings.HasSuffix(low, ".yml") && !strings.HasSuffix(low, ".yaml") || !wire.IsWorkflow(wire.WorkflowFolder+e.Name)
	})
	slices.SortFunc(entries, func(a, b workflowFile) int { return cmp.Compare(a.Name, b.Name) })
	more = max(0, len(entries)-maxWorkflows)
	entries = entries[:len(entries)-more]
	key := fmt.Sprintf("%d/%s", repo.ID, tree)
	wf.mu.Lock()
	found, known := wf.kept.Get(key)
	wf.mu.Unlock()
	if known {
		return found, more, nil
	}
	found = make([]change.Workflow, len(entries))
	cost, read := 1<<10, []int(nil)
	for i, e := range entries {
		found[i].Path = wire.WorkflowFolder + e.Name
		entry := files.Entry{Mode: e.Mode}
		switch mode := entry.GitMode(); {
		case mode != change.ModeFile && mode != change.ModeExecutable:
			found[i].Text = files.Unreadable(e.Oid, "it is a link or a folder, not a file")
		case e.Size > maxWorkflowText:
			found[i].Text = change.TooLarge(e.Oid, e.Size, maxWorkflowText)
		case cost+int(e.Size) > maxWorkflowTexts:
			found[i].Text = files.Unreadable(e.Oid, "the workflows of the repository hold more text than gatehold reads of them")
		default:
			cost += int(e.Size)
			read = append(read, i)
		}
	}
	err = api.Halved(read, func(part []int) error { return workflowTexts(ctx, c, repo, entries, found, part) })
	if err != nil {
		return nil, 0, err
	}
	wf.mu.Lock()
	wf.kept.Put(key, found, cost)
	wf.mu.Unlock()
	return found, more, nil
}

// workflowTextsQuery asks for files by their ids (b0: the first).
func workflowTextsQuery(ids []string) (string, map[string]any) {
	var params, fields strings.Builder
	vars := map[string]any{}
	for i, id := range ids {
		fmt.Fprintf(&params, ", $b%d: GitObjectID!", i)
		fmt.Fprintf(&fields, "    b%d: object(oid: $b%d) { ...Text }\n", i, i)
		vars[fmt.Sprintf("b%d", i)] = id
	}
	return "query($owner: String!, $name: String!" + params.String() + ") {\n  repository(owner: $owner, name: $name) { databaseId }\n" +
		"  files: repository(owner: $owner, name: $name) {\n" + fields.String() + "  }\n}\n" +
		"fragment Text on GitObject { __typename ... on Blob { byteSize isBinary isTruncated text } }\n", vars
}

func workflowTexts(ctx context.Context, c *api.Client, repo gate.Repo, entries []workflowFile, found []change.Workflow, read []int) error {
	if len(read) == 0 {
		return nil
	}
	var ids []string
	for _, i := range read {
		ids = append(ids, entries[i].Oid)
	}
	query, vars := workflowTextsQuery(ids)
	vars["owner"], vars["name"] = repo.Owner, repo.Name
	var answer struct {
		Repository *struct {
			DatabaseID int64 `json:"databaseId"`
		} `json:"repository"`
		Files map[string]*files.Blob `json:"files"`
	}
	r := api.Request{Route: workflowsRoute, Doing: "read the workflows of " + repo.FullName()}
	errs, err := c.Query(ctx, r, query, vars, &answer)
	switch {
	case err != nil:
		return err
	case len(errs) > 0:
		return c.GraphRefusal(errs[0], r)
	case answer.Repository == nil || answer.Repository.DatabaseID != repo.ID:
		return api.AnotherRepository(repo)
	}
	for n, i := range read {
		e := entries[i]
		at := revision{File: &files.Entry{Mode: e.Mode, Oid: e.Oid, Object: answer.Files[fmt.Sprintf("b%d", n)]}}
		found[i].Text = at.workflow(maxWorkflowText)
	}
	return nil
}
