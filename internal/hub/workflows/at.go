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

// Bounds of one workflow with all that it calls. GitHub itself allows more.
// https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#limitations-of-reusable-workflows
const (
	maxWorkflowDepth = 4  // the workflow itself is the first level
	maxWorkflowFiles = 20 // read, the workflow itself included
	maxCalls         = 60 // named, read or not: beyond the files that are read, so that one too many is always said
)

var workflowRoute = api.Route{Name: "POST /graphql (workflow)", Need: "contents: read", Max: 16 << 20}

// dynamicPrefix begins the path of what GitHub runs by itself, without a file
// of the repository: Pages, Dependabot, code scanning, its own agent.
const dynamicPrefix = "dynamic/"

// WorkflowAt reads a workflow file at a commit, and the reusable workflows that
// it calls, level by level, one request each: four levels and twenty files,
// the workflow itself included. next names what a text calls, in the words of
// `uses:`; what calls no reusable workflow may be among them.
//
// A file that does not exist is Absent, with a Reason where GitHub runs the
// workflow by itself. A called one that is not to be had, lies deeper or is one
// too many is Unreadable with its reason. A call that starts with "./" lies in
// the repository and commit of the file that calls: within a remote one it is
// named "owner/name/path@ref" like the remote itself.
// https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#calling-a-reusable-workflow
func (wf *Folder) WorkflowAt(ctx context.Context, repo gate.Repo, sha, path string,
	next func(text string) []string) (change.Workflow, error) {
	out := change.Workflow{Path: path}
	if strings.HasPrefix(path, dynamicPrefix) {
		out.Text = change.Text{State: change.Absent, Reason: "GitHub runs this by itself; no file of the repository says what it does."}
		return out, nil
	}
	if !wire.IsSHA(sha) {
		return out, api.Invalid("A workflow is read by its path at a commit's full SHA.")
	}
	if !wire.IsWorkflow(path) { // whoever names a file so must not keep its run from being judged
		out.Text = change.Text{State: change.Unreadable, Reason: "gatehold reads no file by such a name"}
		return out, nil
	}
	c, err := wf.gh.Of(ctx, repo)
	if err != nil {
		return out, err
	}
	f := &following{client: c, repo: repo, sha: sha, next: next, named: map[string]bool{}, files: 1}
	root := &callee{file: wfile{path: path}}
	f.named[root.file.String()] = true
	level := []*callee{root}
	for depth := 1; len(level) > 0; depth++ {
		if err := api.Halved(level, func(part []*callee) error { return f.read(ctx, part) }); err != nil {
			return out, err
		}
		level = f.calls(level, depth)
	}
	out.Text, out.Calls = root.text, make([]change.Called, 0, len(f.found))
	for _, called := range f.found {
		out.Calls = append(out.Calls, change.Called{Uses: called.uses, Text: called.text})
	}
	return out, nil
}

// wfile is a place where a workflow lies: in the repository and commit that was
// asked about where owner is "".
type wfile struct {
	owner, name, path, ref string
}

func (w wfile) String() string {
	if w.owner == "" {
		return "./" + w.path
	}
	return w.owner + "/" + w.name + "/" + w.path + "@" + w.ref
}

// callee is a workflow that is read.
type callee struct {
	uses string
	file wfile
	text change.Text
}

// following is one call of WorkflowAt.
type following struct {
	client *api.Client
	repo   gate.Repo
	sha    string
	next   func(string) []string
	named  map[string]bool
	found  []*callee
	files  int // asked for
}

// calls lists what a level calls and is to be read, and says of the rest why
// it is not.
func (f *following) calls(level []*callee, depth int) []*callee {
	var out []*callee
	for _, from := range level {
		if from.text.State != change.Loaded {
			continue
		}
		for _, use := range f.next(from.text.Body) {
			file, ok, reason := workflowUse(use, from.file)
			if !ok && reason == "" || ok && f.named[file.String()] || !ok && f.named[use] || len(f.found) >= maxCalls {
				continue
			}
			called := &callee{uses: use, file: file}
			if ok {
				called.uses = file.String()
			}
			f.named[called.uses] = true
			f.found = append(f.found, called)
			switch {
			case !ok:
			case depth >= maxWorkflowDepth:
				reason = fmt.Sprintf("it is called more than %d levels deep", maxWorkflowDepth)
			case f.files >= maxWorkflowFiles:
				reason = fmt.Sprintf("the workflow calls more than the %d files that gatehold reads", maxWorkflowFiles)
			default:
				f.files++
				out = append(out, called)
				continue
			}
			called.text = files.Unreadable("", reason)
		}
	}
	return out
}

// workflowUse reads one `uses:`. ok is false for what is no reusable workflow,
// and then reason is empty, and for one that cannot be looked for.
func workflowUse(use string, from wfile) (file wfile, ok bool, reason string) {
	if path, local := strings.CutPrefix(use, "./"); local {
		if !wire.IsWorkflow(path) {
			return wfile{}, false, ""
		}
		from.path = path
		return from, true, ""
	}
	place, ref, pinned := strings.Cut(use, "@")
	steps := strings.SplitN(place, "/", 3)
	if len(steps) != 3 || !strings.HasPrefix(steps[2], wire.WorkflowFolder) {
		return wfile{}, false, ""
	}
	file = wfile{owner: steps[0], name: steps[1], path: steps[2], ref: ref}
	switch {
	case !wire.IsName(file.owner) || !wire.IsName(file.name) || !wire.IsWorkflow(file.path):
		return wfile{}, false, "it is no place that GitHub could have"
	case !pinned || !wire.IsRef(ref):
		return wfile{}, false, "it names no branch, tag or commit"
	}
	return file, true, ""
}
