package workflow

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// text is a value at a line.
type text struct {
	s    string
	line int
}

func (t text) empty() bool { return strings.TrimSpace(t.s) == "" }

// file is a workflow or a composite action, reduced to what matters for risk.
type file struct {
	action  bool // an action.yml: one job without triggers
	events  map[string]event
	perms   perms
	env     []pair
	envExpr text
	jobs    []job

	checks   *checks // filled in when it is first asked for
	followed int     // values that were followed to where they come from
	indexes  map[*pair]map[string]string
}

type event struct {
	name     string
	line     int
	branches []string
	tags     []string
	filtered bool              // any branch or tag filter is set
	inputs   map[string]string // name to type: of workflow_call and workflow_dispatch
	options  map[string][]string
}

// pair is one entry of a map, key and value. The key is in lower case for
// inputs, as written for variables.
type pair struct {
	key   string
	value text
}

// perms is a permissions block. The zero value means that there is none: the
// token then has what the repository's settings give.
type perms struct {
	set    bool
	all    string // "read-all" or "write-all"
	scopes map[string]string
	lines  map[string]int
	line   int
}

type job struct {
	id          string
	name        string
	line        int
	ifs         text
	perms       perms
	env         []pair
	envExpr     text
	environ     text // name of the environment, empty where there is none
	hasEnv      bool
	labels      []text // runs-on, matrix values resolved
	group       text
	matrix      []pair // every scalar of the matrix, with its key
	images      []image
	uses        text // reusable workflow
	with        []pair
	secrets     []pair
	inherit     bool
	inheritLine int
	carryOn     bool // continue-on-error
	carryLine   int
	steps       []step
	needs       []string // ids of jobs that come before it
	outputs     []pair
	byID        map[string]int // steps by their ids, once it is asked for
}

type image struct {
	ref      text
	service  string
	password text
	options  text
	volumes  []text
}

type step struct {
	id        string
	name      string
	line      int
	ifs       text
	uses      text
	with      []pair
	env       []pair
	envExpr   text
	run       text
	shell     string // in lower case: the step's own, or what defaults say
	carryOn   bool
	carryLine int

	checkKnown bool // checkIs is filled in
	checkIs    string

	scriptIs *shell.Script // read once

	commandsKnown bool // commandsAre is filled in
	commandsAre   []string
}

func (s *step) input(key string) text {
	for _, p := range s.with {
		if p.key == key {
			return p.value
		}
	}
	return text{}
}

func (s *step) has(key string) bool {
	for _, p := range s.with {
		if p.key == key {
			return true
		}
	}
	return false
}

// action is the repository and path of what a step uses, in lower case and
// without its ref; empty for local and docker references.
func (s *step) action() string { return actionOf(s.uses.s) }

func actionOf(uses string) string {
	r := parseRef(uses)
	if r.kind != remote {
		return ""
	}
	return r.name
}

// on tells whether the file is started by event.
func (f *file) on(events ...string) bool {
	for _, e := range events {
		if _, ok := f.events[e]; ok {
			return true
		}
	}
	return false
}

// privileged tells whether outsiders can start the file with a token that
// writes or with secrets, and by which event.
func (f *file) privileged() (event, bool) {
	for _, name := range privilegedEvents {
		if e, ok := f.events[name]; ok {
			return e, true
		}
	}
	return event{}, false
}

// privilegedEvents run in the base repository's context though anybody on the
// internet can cause them.
// https://docs.github.com/en/actions/reference/security/secure-use
var privilegedEvents = [...]string{"pull_request_target", "workflow_run", "issue_comment", "issues",
	"discussion", "discussion_comment", "pull_request_review", "pull_request_review_comment"}

// effective is what a job's token may do: its own block, or the workflow's.
func (f *file) effective(j *job) perms {
	if j.perms.set {
		return j.perms
	}
	return f.perms
}

// level is what a block gives on a scope: 0 none, 1 read, 2 write. A scope
// that an explicit block does not name has none.
func (p perms) level(scope string) int {
	switch p.all {
	case "write-all":
		return 2
	case "read-all":
		if scope == "id-token" {
			return 0
		}
		return 1
	}
	switch p.scopes[scope] {
	case "write":
		return 2
	case "read":
		return 1
	}
	return 0
}

func (p perms) lineOf(scope string) int {
	if l := p.lines[scope]; l > 0 {
		return l
	}
	return p.line
}

// lineAt is the line of the text that holds offset off of a block scalar's
// value: a block's first line lies under its key.
func (t text) lineAt(off int) int {
	if !strings.Contains(t.s, "\n") {
		return t.line
	}
	return t.line + 1 + strings.Count(t.s[:min(off, len(t.s))], "\n")
}

// defined is the value that a map gives a name. Maps that are asked often may be
// long: they are looked through once.
func (f *file) defined(in []pair, name string) (string, bool) {
	if len(in) < 8 {
		for _, p := range in {
			if strings.EqualFold(p.key, name) {
				return p.value.s, true
			}
		}
		return "", false
	}
	index := f.indexes[&in[0]]
	if index == nil {
		index = map[string]string{}
		for _, p := range in {
			if key := strings.ToLower(p.key); index[key] == "" {
				index[key] = p.value.s
			}
		}
		if f.indexes == nil {
			f.indexes = map[*pair]map[string]string{}
		}
		f.indexes[&in[0]] = index
	}
	value, ok := index[strings.ToLower(name)]
	return value, ok
}

// stepOf is the step with an id.
func (j *job) stepOf(id string) *step {
	if j.byID == nil {
		j.byID = map[string]int{}
		for i := range j.steps {
			j.byID[strings.ToLower(j.steps[i].id)] = i
		}
	}
	if i, ok := j.byID[strings.ToLower(id)]; ok && id != "" {
		return &j.steps[i]
	}
	return nil
}
