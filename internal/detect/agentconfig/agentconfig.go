// Package agentconfig reads what tells coding agents what to do and what they
// may do: instruction files, agent, command and skill definitions, permission
// settings, hooks and MCP servers.
//
// Who can change these files directs every agent that works in the repository,
// on the machines and with the credentials of its people. The detector looks
// for instructions that turn an agent against its owner, for text that people
// do not see, for permissions that get wider, for hooks and servers that run or
// fetch code. What stood there before, anywhere in the file, is not reported.
//
// It reads at most maxText bytes of a file, in time linear in them.
package agentconfig

import (
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

const maxText = 512 << 10

// detector reads with a table of tools; nil is the one that is built in.
type detector struct{ table *tool.Table }

// New returns the detector.
func New() detect.Detector { return detector{} }

// Under is this detector with an organisation's own tools beside those that are
// built in, and any other detector as it is.
func Under(d detect.Detector, own *tool.Table) detect.Detector {
	if _, is := d.(detector); is && own != nil {
		return detector{table: own}
	}
	return d
}

func (detector) Name() string          { return "agentconfig" }
func (detector) Kinds() []*detect.Kind { return shipped.All() }
func (detector) Wants(f *change.File) bool {
	return classOf(f.Path) != other || classOf(f.PreviousPath) != other
}

// sighting is one thing seen on one side of a file.
type sighting struct {
	kind   *detect.Kind
	line   int
	object string
	detail string
	bound  bool // a reader gave up at a bound
}

// what makes two sightings the same, wherever they stand.
type identity struct {
	kind           *detect.Kind
	object, detail string
}

func (d detector) Detect(f *change.File, r *detect.Report) {
	before := d.look(classOf(pathBefore(f)), pathBefore(f), f.Before)
	after := d.look(classOf(f.Path), f.Path, f.After)
	if f.After.State == change.Unreadable || f.After.State == change.NotLoaded {
		r.Add(detect.Observation{Kind: unreadable, Object: f.Path, Detail: f.After.Reason})
		return
	}
	old := map[identity]bool{}
	for _, s := range before.seen {
		old[identity{s.kind, s.object, s.detail}] = true
	}
	for _, s := range after.seen {
		key := identity{s.kind, s.object, s.detail}
		if old[key] {
			continue
		}
		old[key] = true
		r.Add(detect.Observation{Kind: s.kind, Line: s.line, Object: s.object, Detail: s.detail, Bound: s.bound})
	}
	if instructions(f) {
		lifted(f.Before.Body, f.After.Body, r)
	}
	for _, g := range before.guards {
		if !after.has(g) {
			r.Add(detect.Observation{Kind: guardRemoved, Line: g.line, Removed: true, Object: g.object, Detail: g.detail})
		}
	}
}

func pathBefore(f *change.File) string {
	if f.PreviousPath != "" {
		return f.PreviousPath
	}
	return f.Path
}

// view is what one side of a file holds.
type view struct {
	seen   []sighting
	guards []sighting // what holds an agent back: reported where it is gone
	table  *tool.Table
}

func (v *view) add(kind *detect.Kind, line int, object, detail string) {
	if len(v.seen) < 20*detect.MaxPerFile {
		v.seen = append(v.seen, sighting{kind: kind, line: line, object: object, detail: detail})
	}
}

func (v *view) guard(line int, object, detail string) {
	v.guards = append(v.guards, sighting{kind: guardRemoved, line: line, object: object, detail: detail})
}

func (v *view) has(g sighting) bool {
	for _, h := range v.guards {
		if h.object == g.object && h.detail == g.detail {
			return true
		}
	}
	return false
}

// look reads one side of a file.
func (d detector) look(c class, path string, t change.Text) *view {
	v := &view{table: d.table}
	if c == prose && strings.HasPrefix(t.Body, "#!") {
		c = scriptOf(path)
	}
	if t.State != change.Loaded || c == other {
		return v
	}
	text := t.Body
	if len(text) > maxText {
		v.add(unreadable, 0, path, "the file is too large to be read whole")
		text = text[:maxText]
	}
	text = strings.ReplaceAll(text, "\r\n", "\n")
	v.invisible(text)
	switch c {
	case prose:
		v.frontmatter(text)
		v.prose(text)
	case script:
		v.script(text, 1)
		v.refusals(path, text)
	case aside:
		v.aside(text)
	case settings:
		v.settings(text, path)
	case code:
		v.program(text)
		v.refusals(path, text)
	}
	return v
}

// refusals notes that a hook turns away what an agent would do: by the status or
// the answer that tools take for that.
func (v *view) refusals(path, text string) {
	if !strings.Contains(path, "hook") {
		return
	}
	for _, way := range []string{"exit 2", "exit(2)", `"deny"`, `"block"`, "'deny'", "'block'", `\"deny\"`, `\"block\"`} {
		if strings.Contains(text, way) {
			v.guard(0, path[strings.LastIndexByte(path, '/')+1:], "the hook turned commands away")
			return
		}
	}
}
