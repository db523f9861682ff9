// Package identity finds what weakens identity and access in program text and
// settings: connections and tokens whose other side is no longer checked,
// guards before handlers that are gone, policies that allow by default,
// sign-on that asks for less.
//
// It reads lines, before against after: what a change adds, and guards of
// which fewer stand than before. Rules of infrastructure (IAM, RBAC, security
// groups) are other detectors' subject.
package identity

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/linematch"
	"github.com/gatehold/gatehold/internal/pattern"
)

// maxBytes bounds one file.
const maxBytes = 4 << 20

type detector struct{}

// New returns the detector of identity and access code.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "identity" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

var wanted = map[string]bool{".go": true, ".py": true, ".js": true, ".ts": true, ".jsx": true, ".tsx": true, ".mjs": true,
	".cjs": true, ".java": true, ".kt": true,
	".kts": true, ".scala": true, ".groovy": true, ".rb": true, ".php": true, ".cs": true, ".rs": true, ".ex": true,
	".exs": true, ".swift": true, ".rego": true,
	".cedar": true, ".rules": true, ".yml": true, ".yaml": true, ".toml": true, ".ini": true, ".conf": true, ".cfg": true,
	".properties": true, ".env": true,
	".json": true, ".xml": true, ".sh": true, ".csv": true, ".j2": true, ".vue": true, ".svelte": true, ".astro": true, ".mts": true,
	".cts": true, ".graphql": true, ".gql": true, ".jsonc": true, ".tpl": true, ".template": true, ".htaccess": true, ".caddy": true,
	".razor": true, ".fs": true, ".vb": true, ".clj": true, ".dart": true, ".hcl": true}

// named are files without a telling extension.
var named = map[string]bool{"sshd_config": true, "sudoers": true, "authorized_keys": true, "Caddyfile": true, "_headers": true,
	"nginx": true, "haproxy": true, "Procfile": true, "default": true}

// Wants takes program text and settings, but for lock files and what is
// generated.
func (detector) Wants(f *change.File) bool {
	b := path.Base(f.Path)
	if strings.HasSuffix(b, ".min.js") || strings.Contains(b, "lock") || strings.Contains("/"+f.Path, "/node_modules/") ||
		strings.Contains("/"+f.Path, "/vendor/") {
		return false
	}
	return wanted[strings.ToLower(path.Ext(b))] || strings.HasPrefix(b, ".env") || named[b] ||
		strings.HasPrefix(b, "Caddyfile") || strings.Contains(f.Path, "sudoers.d/")
}

// Detect reads the lines that differ.
// Closely: of settings the lines that differ, of programs what stands around them too.
func (detector) Closely(f *change.File) int {
	switch strings.ToLower(path.Ext(f.Path)) {
	case ".json", ".csv", ".xml", ".properties":
		if !hosts[path.Base(f.Path)] {
			return set().Closely(f)
		}
	}
	return len(f.Before.Body) + len(f.After.Body)
}

func (detector) Detect(f *change.File, r *detect.Report) {
	after := f.After
	if after.State == change.Absent && f.Before.State == change.Loaded {
		return // what guarded nothing any more goes with what it guarded
	}
	if after.State != change.Loaded || len(after.Body) > maxBytes {
		if after.State != change.Absent {
			why := after.Reason
			if after.State == change.Loaded {
				why = "too large to be read"
			}
			r.Add(detect.Observation{Kind: kindUnreadable, Object: path.Base(f.Path), Detail: why})
		}
		return
	}
	o := linematch.Options{Only: linematch.Added}
	if testPath(f.Path) {
		o.As = kindInTest
	}
	set().Run(f, r, o)
	if o.As == nil {
		switches(f, r)
		narrowed(f, r)
		mounted(f, r)
		yes(f, r)
		answers(f, r)
		dead(f, r)
		around(f, r)
		strangers(f, r)
		limited(f, r)
		headers(f, r)
	}
}

// DetectChange looks at guards that are gone. What another file of the change
// has now has only moved.
func (d detector) DetectChange(c *change.Change, r *detect.Report) {
	var changed []*change.File
	for i := range c.Files {
		if f := &c.Files[i]; d.Wants(f) && readable(f.After) && readable(f.Before) {
			changed = append(changed, f)
		}
	}
	if len(changed) == 0 {
		return
	}
	come := d.come(c)
	gone := &losses{files: d.left(c), known: map[string]bool{}}
	for _, f := range changed {
		with, over, inGroup := gone.of(f), lifted(f), groups(f)
		moved := func(l change.Line) bool {
			t := strings.TrimSpace(l.Text)
			if depth, ok := over[t]; ok && depth < indent(l.Text) {
				return true
			}
			come[t]--
			return come[t] >= 0 || with(l) || within(inGroup, l.Text)
		}
		o := linematch.Options{Only: linematch.Gone, Keep: replaced(f), Moved: moved}
		if testPath(f.Path) {
			o.As = kindInTest
		}
		one := detect.NewReport(f.Path)
		set().Run(f, one, o)
		for _, seen := range one.Observations() {
			r.Add(seen)
		}
	}
}

func readable(t change.Text) bool { return t.State == change.Loaded && len(t.Body) <= maxBytes }

// left are the files that can be read after the change.
func (d detector) left(c *change.Change) []*change.File {
	var out []*change.File
	for i := range c.Files {
		if f := &c.Files[i]; d.Wants(f) && readable(f.After) {
			out = append(out, f)
		}
	}
	return out
}

// come counts the lines that the files of a change gained.
func (d detector) come(c *change.Change) map[string]int {
	out := map[string]int{}
	for i := range c.Files {
		f := &c.Files[i]
		if !d.Wants(f) || !readable(f.After) || testPath(f.Path) {
			continue
		}
		for _, l := range f.AddedLines() {
			if t := strings.TrimSpace(l.Text); len(t) > 2 && len(out) < maxMoved {
				out[t]++
			}
		}
	}
	return out
}

// maxMoved bounds the lines that are remembered of a change.
const maxMoved = 200_000

// guard matches a call or name that by its words asks who may.
var guard = pattern.Of(`(?i)\b\w*(?:require|ensure|check|verify|assert|must|has|can|authori[sz]e|authenticate|guard|protect|restrict|` +
	`enforce|deny|forbid|unauthori[sz]ed|forbidden|permission_?denied)\w*(?:auth|permission|admin|role|login|access|scope|owner|` +
	`polic|abilit|` +
	`claim|allowed|error|exception|user)?\w*\s*[(\[]`)

var privileged = pattern.Of(`(?i)admin|owner|staff|superuser|root|manager`)

// replaced makes a test of whether a guard that goes is truly gone: not where
// as many others came in its file, none of which asks for less.
func replaced(f *change.File) func(*linematch.Pattern, string) bool {
	gone, come, lower := 0, 0, false
	known := false
	return func(p *linematch.Pattern, object string) bool {
		if p.Kind != kindGuardRemoved || p.Tag == "sole" {
			return true
		}
		if !known {
			known = true
			for _, l := range f.RemovedLines() {
				if guard().MatchString(l.Text) {
					gone++
					lower = lower || privileged().MatchString(l.Text)
				}
			}
			for _, l := range f.AddedLines() {
				if guard().MatchString(l.Text) {
					come++
					lower = lower && !privileged().MatchString(l.Text)
				}
			}
		}
		return gone == 0 || come < gone || lower
	}
}

func testPath(p string) bool {
	l := strings.ToLower(p)
	for part := range strings.SplitSeq(path.Dir(l), "/") {
		switch part {
		case "test", "tests", "testdata", "__tests__", "spec", "specs", "fixtures", "examples", "example", "docs", "mocks",
			"e2e", "testing":
			return true
		}
	}
	b := path.Base(l)
	return strings.Contains(b, "_test.") || strings.Contains(b, ".test.") || strings.Contains(b, ".spec.") ||
		strings.HasPrefix(b, "test_") || strings.HasSuffix(b, "test.java")
}
