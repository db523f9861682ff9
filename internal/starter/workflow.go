package starter

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gatehold/gatehold/internal/pattern"
	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// workflow finds the environments that a workflow's jobs deploy to, and whether
// it deploys at all. One that cannot be read is taken by its name.
func (f *found) workflow(file *File) {
	why, certain := "", false
	if deploysByName(strings.TrimSuffix(path.Base(file.Path), path.Ext(file.Path))) {
		why = "its name says so"
	}
	jobs := jobsOf(file.Text)
	if why != "" && len(jobs) > 0 && !slices.ContainsFunc(jobs, func(j job) bool { return !j.reports }) {
		why = ""
	}
	for _, job := range jobs {
		if job.environment != "" {
			f.environment(job.environment, file.Path)
		}
		switch {
		case job.environment != "" && !certain:
			certain = true
			why = fmt.Sprintf("the job %s deploys to %s", shown(job.name), shown(job.environment))
		case why == "" && !job.reports && deploysByName(job.name):
			why = fmt.Sprintf("the job %s", shown(job.name))
		}
	}
	if pattern := usable(escape(file.Path)); why != "" && pattern != "" {
		f.deploys = append(f.deploys, named{pattern, why})
	}
}

func (f *found) environment(name, from string) {
	switch {
	case strings.Contains(name, "${{"): // known only when it runs
	case len(name) > 255 || !utf8.ValidString(name) || strings.TrimSpace(name) == "" ||
		strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f || r == utf8.RuneError }):
		f.unfitEnvironments++
	default:
		f.environments = append(f.environments, named{name, from})
	}
}

// deploysByName reports whether a name says that something goes out: not the
// results of tests, nor the notes of a release.
func deploysByName(name string) bool {
	verb, about := "", ""
	for _, word := range strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r < 'a' || r > 'z' }) {
		for _, v := range []string{"deploy", "release", "publish", "rollout", "promote"} {
			if strings.HasPrefix(word, v) {
				verb = cmp.Or(verb, v)
			}
		}
		if on := nothingGoesOut[word]; about != "always" {
			about = cmp.Or(on, about)
		}
	}
	return verb != "" && about != "always" && (about == "" || verb == "deploy")
}

// nothingGoesOut are words beside which a verb sends nothing out: always, or where
// the verb is not "deploy", which may go to a place that is called so.
var nothingGoesOut = map[string]string{
	"dry": "always", "dryrun": "always", "notes": "always", "changelog": "always", "drafter": "always", "draft": "always",
	"validate": "always", "verify": "always", "lint": "always", "comment": "always", "label": "always", "labels": "always",
	"test": "else", "tests": "else", "result": "else", "results": "else", "report": "else", "reports": "else", "junit": "else",
	"coverage": "else", "check": "else", "checks": "else", "summary": "else",
}

// job is a job of a workflow, the environment that it names, and whether all that
// it does is to show what tests came to.
type job struct {
	name, environment string
	reports           bool
}

// reporter is an action that shows the results of tests or the coverage.
var reporter = pattern.Of(`(?i)^[^@]*(test-?(result|report)|junit|codecov|coveralls|coverage)[^@]*@`)

// carrier is an action that only fetches what a job works on.
var carrier = pattern.Of(`(?i)^actions/(checkout|download-artifact|upload-artifact|cache|setup-[a-z]+)@`)

// reports reports whether a job shows what tests came to, and runs nothing.
func reports(n *yaml.Node) bool {
	steps := at(n, "steps")
	if steps == nil || steps.Kind != yaml.SequenceNode {
		return false
	}
	shows := false
	for _, step := range steps.Content {
		uses := scalar(at(step, "uses"))
		switch {
		case reporter().MatchString(uses):
			shows = true
		case !carrier().MatchString(uses):
			return false
		}
	}
	return shows
}

// maxJobs bounds the jobs that are looked at in one workflow.
const maxJobs = 200

// jobsOf reads jobs without following aliases; none where the text is no
// workflow.
func jobsOf(text string) []job {
	var root yaml.Node
	err := yaml.Load([]byte(text), &root, yaml.WithV4Defaults(),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(64), loaderlimits.AliasValue(100))))
	if err != nil || root.Kind != yaml.DocumentNode || len(root.Content) != 1 {
		return nil
	}
	jobs := at(root.Content[0], "jobs")
	if jobs == nil || jobs.Kind != yaml.MappingNode {
		return nil
	}
	var out []job
	for i := 0; i+1 < len(jobs.Content) && len(out) < maxJobs; i += 2 {
		j := job{name: jobs.Content[i].Value, reports: reports(jobs.Content[i+1])}
		if e := at(jobs.Content[i+1], "environment"); e != nil && e.Kind == yaml.MappingNode {
			e = at(e, "name")
			j.environment = scalar(e)
		} else {
			j.environment = scalar(e)
		}
		out = append(out, j)
	}
	return out
}

func scalar(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

func at(n *yaml.Node, key string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// owner is what both CODEOWNERS and a rules file take: an account or a team.
var owner = pattern.Of(`^@[A-Za-z0-9]([A-Za-z0-9-]{0,37}[A-Za-z0-9])?(/[A-Za-z0-9][A-Za-z0-9_.-]{0,99})?$`)

// maxOwners bounds who is suggested: more than a few is nobody in particular.
const maxOwners = 5

// findOwners takes the owners of everything: the last line for `*`. Who owns a
// folder answers for that folder only.
func (f *found) findOwners(files []File) {
	for _, name := range ownersFiles {
		i := slices.IndexFunc(files, func(file File) bool { return file.Path == name })
		if i < 0 {
			continue
		}
		f.ownersFile, f.owners = name, fewTeams(ownersOfAll(files[i].Text))
		return // GitHub reads the first only
	}
}

func ownersOfAll(text string) (all []string) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 || words[0] != "*" && words[0] != "**" && words[0] != "/**" {
			continue
		}
		all = nil
		for _, w := range words[1:] {
			if w = strings.ToLower(w); owner().MatchString(w) {
				all = append(all, w)
			}
		}
	}
	return all
}

// fewTeams keeps teams where there are any, in order, each once.
func fewTeams(owners []string) []string {
	owners = slices.Clone(owners)
	slices.Sort(owners)
	owners = slices.Compact(owners)
	if slices.ContainsFunc(owners, func(o string) bool { return strings.Contains(o, "/") }) {
		owners = slices.DeleteFunc(owners, func(o string) bool { return !strings.Contains(o, "/") })
	}
	return owners[:min(len(owners), maxOwners)]
}
