// Package pipeline reads the files of continuous integration and delivery other
// than GitHub's: GitLab, CircleCI, Jenkins, Azure Pipelines, Buildkite, Bitbucket
// and those like them. It reports what no longer holds a deployment: a person
// who was asked, a scan that was run, a failure that counted.
//
// Each file is reduced to one neutral model, whatever it is written for: jobs,
// which of them wait for a person, and steps that are nothing but waiting. What
// their scripts do is package command's subject.
package pipeline

import (
	"embed"
	"errors"
	"path"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/linematch"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

//go:embed kinds
var files embed.FS

// shipped are all that this detector reports.
var shipped = detect.KindsOf("pipeline", files)

var (
	kindApproval   = shipped.Of("approval-removed")
	kindScan       = shipped.Of("scan-removed")
	kindIgnored    = shipped.Of("failure-ignored")
	kindHost       = shipped.Of("runs-with-host")
	kindForeign    = shipped.Of("foreign-steps")
	kindUnreadable = shipped.Of("unreadable")
)

type detector struct{}

// New returns the detector of pipelines other than GitHub's.
func New() detect.Detector { return detector{} }

func (detector) Name() string { return "pipeline" }

func (detector) Kinds() []*detect.Kind { return shipped.All() }

// maxBytes bounds one file.
const maxBytes = 1 << 20

// reader makes the model of one file.
type reader func(*tree.Node) model

// model is a pipeline, reduced to what holds it.
type model struct {
	jobs  map[string]job // by name
	waits []wait         // steps that do nothing but wait for a person
}

type job struct {
	line    int
	waits   bool // a person starts it, or it is behind who may approve
	ignored bool // its failure does not count
}

type wait struct {
	name string
	line int
}

// readerOf is the reader of a path; nil where lines are all that is looked at.
func readerOf(p string) (read reader, known bool) {
	b := path.Base(p)
	yaml := strings.HasSuffix(b, ".yml") || strings.HasSuffix(b, ".yaml")
	switch {
	case yaml && (strings.HasSuffix(b, ".gitlab-ci.yml") || strings.HasSuffix(b, ".gitlab-ci.yaml") || strings.Contains("/"+p,
		"/.gitlab/") ||
		strings.Contains("/"+p, "/gitlab-ci/")):
		return gitlab, true
	case yaml && strings.Contains("/"+p, "/.circleci/"):
		return circle, true
	case yaml && (strings.HasPrefix(b, "azure-pipelines") || strings.Contains("/"+p, "/.azure-pipelines/") ||
		strings.Contains("/"+p, "/.azuredevops/") || strings.Contains("/"+p, "/azure-pipelines/")):
		return azure, true
	case yaml && strings.Contains("/"+p, "/.buildkite/"):
		return buildkite, true
	case strings.HasPrefix(b, "bitbucket-pipelines."):
		return bitbucket, true
	}
	return nil, byLines(p)
}

// byLines tells whether a path is that of a pipeline of which lines are all that
// is looked at.
func byLines(p string) bool {
	b, whole := path.Base(p), "/"+p
	if strings.HasSuffix(b, ".gocd.yml") || strings.HasSuffix(b, ".gocd.yaml") || strings.HasSuffix(b, ".jenkinsfile") ||
		strings.Contains(whole, "/jenkins/") && path.Ext(b) == ".groovy" {
		return true
	}
	for _, beginning := range [...]string{"Jenkinsfile", "cloudbuild.", "clouddeploy.", "skaffold.", ".travis.", "appveyor.", ".drone.",
		".woodpecker.", "buildspec", "atlantis.", "wercker.", "codefresh."} {
		if strings.HasPrefix(b, beginning) {
			return true
		}
	}
	for _, folder := range [...]string{"/.woodpecker/", "/.tekton/", "/.semaphore/", "/.teamcity/", "/.harness/", "/.spinnaker/",
		"/spinnaker/", "/concourse/", "/ci/", "/workflows/", "/pipelines/"} {
		if strings.Contains(whole, folder) && !strings.Contains(whole, "/.github/") {
			return true
		}
	}
	return false
}

// Wants takes the files by which pipelines are told apart.
func (detector) Wants(f *change.File) bool {
	_, known := readerOf(f.Path)
	return known
}

// Detect compares a pipeline with what it was.
func (detector) Detect(f *change.File, r *detect.Report) {
	read, _ := readerOf(f.Path)
	if f.After.State == change.Absent || f.Before.State == change.Absent ||
		f.After.State == change.Loaded && f.Before.State == change.Loaded && f.After.Body == f.Before.Body {
		return
	}
	if f.After.State != change.Loaded || len(f.After.Body) > maxBytes {
		unread(f, r, errors.New(max(f.After.Reason, "too large to be read")))
		return
	}
	var gone, come int // steps that waited
	if read != nil {
		after, err := models(f.After.Body, read)
		if err != nil {
			unread(f, r, err)
			return
		}
		if before, err := models(f.Before.Body, read); f.Before.State == change.Loaded && err == nil {
			compare(before, after, r)
			gone, come = len(before.waits), len(after.waits)
		}
	}
	o := linematch.Options{}
	if read != nil { // what waits was compared by what it is
		o.Keep = func(p *linematch.Pattern, _ string) bool {
			return p.Kind != kindApproval || gone == 0 && come == 0 && p.Tag == "any"
		}
	}
	lines().Run(f, r, o)
}

func unread(f *change.File, r *detect.Report, err error) {
	o := detect.Unread(kindUnreadable, err)
	o.Object = path.Base(f.Path)
	r.Add(o)
}

// models reads a text; several documents are one pipeline.
func models(body string, read reader) (model, error) {
	out := model{jobs: map[string]job{}}
	docs, err := tree.ParseYAML(body)
	if err != nil {
		return out, err
	}
	for _, d := range docs {
		m := read(d)
		for name, j := range m.jobs {
			out.jobs[name] = j
		}
		out.waits = append(out.waits, m.waits...)
	}
	return out, nil
}

// compare reports jobs that no longer wait and waiting that is gone.
func compare(before, after model, r *detect.Report) {
	names := make([]string, 0, len(before.jobs))
	for name := range before.jobs {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		was := before.jobs[name]
		is, still := after.jobs[name]
		if !still {
			continue
		}
		if was.waits && !is.waits && len(after.waits) <= len(before.waits) {
			r.Add(detect.Observation{Kind: kindApproval, Line: was.line, Removed: true, Object: name,
				Detail: "nobody is asked before it"})
		}
		if is.ignored && !was.ignored {
			r.Add(detect.Observation{Kind: kindIgnored, Line: is.line, Object: name})
		}
	}
	if n := len(before.waits) - len(after.waits); n > 0 && len(after.jobs) > 0 {
		still := map[string]int{}
		for _, w := range after.waits {
			still[w.name]++
		}
		for _, w := range before.waits {
			if still[w.name]--; still[w.name] < 0 && n > 0 {
				n--
				r.Add(detect.Observation{Kind: kindApproval, Line: w.line, Removed: true, Object: w.name,
					Detail: "the step that waited is gone"})
			}
		}
	}
}
