package workflows

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

// revision is a commit that an expression names, itself or through a tag.
type revision struct {
	Type   string       `json:"__typename"`
	File   *files.Entry `json:"file"`
	Target *struct {
		Type string       `json:"__typename"`
		File *files.Entry `json:"file"`
	} `json:"target"`
}

type workflowAnswer map[string]*struct {
	DatabaseID int64     `json:"databaseId"`
	At         *revision `json:"at"`
}

// workflowQuery asks for a level of workflows (w0: the first), each at its own
// repository and revision. The repository that was asked about is named w too.
func workflowQuery(level []*callee) (string, map[string]any) {
	var params, fields strings.Builder
	vars := map[string]any{}
	for i, w := range level {
		owner, name, ref := "owner", "name", "sha"
		if w.file.owner != "" {
			owner, name, ref = fmt.Sprintf("o%d", i), fmt.Sprintf("n%d", i), fmt.Sprintf("r%d", i)
			fmt.Fprintf(&params, ", $%s: String!, $%s: String!, $%s: String!", owner, name, ref)
			vars[owner], vars[name], vars[ref] = w.file.owner, w.file.name, w.file.ref
		}
		fmt.Fprintf(&params, ", $p%d: String!", i)
		vars[fmt.Sprintf("p%d", i)] = w.file.path
		fmt.Fprintf(&fields,
			"  w%d: repository(owner: $%s, name: $%s) {\n    databaseId\n    at: object(expression: $%s) { __typename ... "+
				"on Commit { file(path: $p%d) { ...Side } } ... on Tag { target { __typename ... on Commit { file(path: "+
				"$p%d) { ...Side } } } } }\n  }\n", i, owner, name, ref, i, i)
	}
	return "query($owner: String!, $name: String!, $sha: String!" + params.String() + ") {\n" +
		"  w: repository(owner: $owner, name: $name) { databaseId at: object(expression: $sha) { __typename } }\n" +
		fields.String() + "}\n" +
		"fragment Side on TreeEntry { mode oid object { __typename ... on Blob { byteSize isBinary isTruncated text } } }\n", vars
}

// read asks for a level in one query. Trouble with a remote repository is the
// called workflow's; with the repository itself, an error.
func (f *following) read(ctx context.Context, level []*callee) error {
	return f.client.GitHub.ByName(ctx, f.repo, func(repo gate.Repo) error {
		f.repo = repo
		return f.readNamed(ctx, level)
	})
}

func (f *following) readNamed(ctx context.Context, level []*callee) error {
	query, vars := workflowQuery(level)
	vars["owner"], vars["name"], vars["sha"] = f.repo.Owner, f.repo.Name, f.sha
	var answer workflowAnswer
	r := api.Request{Route: workflowRoute, Doing: fmt.Sprintf("read the workflows of %s at %s", f.repo.FullName(), wire.ShortSHA(f.sha))}
	errs, err := f.client.Query(ctx, r, query, vars, &answer)
	if err != nil {
		return err
	}
	trouble := map[string]api.GraphError{}
	for _, e := range errs {
		alias := fmt.Sprint(e.Path[0])
		trouble[alias] = e
		for i, w := range level {
			if w.file.owner != "" && alias == fmt.Sprintf("w%d", i) {
				alias = ""
			}
		}
		if alias != "" {
			return f.client.GraphRefusal(e, r)
		}
	}
	switch home := answer["w"]; {
	case home == nil:
		return api.Malformed("it lacks the repository")
	case home.DatabaseID != f.repo.ID:
		return api.AnotherRepository(f.repo)
	case home.At == nil || home.At.Type != "Commit":
		return &gate.Error{Code: "not_found",
			Text: fmt.Sprintf("gatehold could not read the workflows of %s: it has no commit %s.", f.repo.FullName(), wire.ShortSHA(f.sha))}
	}
	for i, w := range level {
		alias := fmt.Sprintf("w%d", i)
		e, failed := trouble[alias]
		switch {
		case failed:
			w.text = files.Unreadable("", fmt.Sprintf("GitHub does not show %s/%s to the App: %s", w.file.owner, w.file.name,
				wire.Clip(e.Message, 200)))
		case answer[alias] == nil || answer[alias].At == nil:
			w.text = files.Unreadable("", fmt.Sprintf("%s/%s has no %q that the App may see", w.file.owner, w.file.name, w.file.ref))
		default:
			w.text = answer[alias].At.workflow(f.client.GitHub.MaxText())
		}
		if w.uses != "" && w.text.State == change.Absent {
			w.text = files.Unreadable("", "there is no file of this name")
		}
	}
	return nil
}

// workflow is the text of the file that was asked for.
func (r *revision) workflow(limit int) change.Text {
	e := r.File
	if r.Target != nil {
		e = r.Target.File
	}
	if e == nil {
		return change.NoText()
	}
	switch o := e.Object; {
	case e.GitMode() != change.ModeFile && e.GitMode() != change.ModeExecutable || o == nil || o.Type != "Blob":
		return files.Unreadable(e.Oid, "it is a link or a folder, not a file")
	case o.IsBinary != nil && *o.IsBinary:
		return files.Unreadable(e.Oid, "it is binary")
	case o.ByteSize > int64(limit):
		return change.TooLarge(e.Oid, o.ByteSize, limit)
	case o.Text == nil || o.IsTruncated || !files.IsBlob(*o.Text, e.Oid):
		return files.Unreadable(e.Oid, "GitHub does not show it whole")
	default:
		return files.AsText(e.Oid, *o.Text)
	}
}
