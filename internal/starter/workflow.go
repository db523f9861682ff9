package starter

import (
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
	if deployName().MatchString(path.Base(file.Path)) {
		why = "its name says so"
	}
	for _, job := range jobsOf(file.Text) {
		if job.environment != "" {
			f.environment(job.environment, file.Path)
		}
		switch {
		case job.environment != "" && !certain:
			certain = true
			why = fmt.Sprintf("the job %s deploys to %s", shown(job.name), shown(job.environment))
		case why == "" && deployName().MatchString(job.name):
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

// job is a job of a workflow and the environment that it names.
type job struct{ name, environment string }

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
		j := job{name: jobs.Content[i].Value}
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

// findOwners takes the owners of everything, the last line for `*`, or else
// those of the most lines; teams rather than people.
func (f *found) findOwners(files []File) {
	for _, name := range ownersFiles {
		i := slices.IndexFunc(files, func(file File) bool { return file.Path == name })
		if i < 0 {
			continue
		}
		all, counts := ownersOf(files[i].Text)
		f.ownersFile, f.ownersWhy = name, "they own everything"
		if f.owners = fewTeams(all); len(f.owners) == 0 {
			f.ownersWhy = "they own the most lines of it"
			f.owners = fewTeams(most(counts))
		}
		return // GitHub reads the first only
	}
}

func ownersOf(text string) (all []string, counts map[string]int) {
	counts = map[string]int{}
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		var here []string
		for _, w := range words[1:] {
			if w = strings.ToLower(w); owner().MatchString(w) {
				here = append(here, w)
				counts[w]++
			}
		}
		if words[0] == "*" || words[0] == "**" || words[0] == "/**" {
			all = here
		}
	}
	return all, counts
}

// most are the owners of the most lines.
func most(counts map[string]int) []string {
	best := 0
	for _, n := range counts {
		best = max(best, n)
	}
	var out []string
	for o, n := range counts {
		if n == best {
			out = append(out, o)
		}
	}
	return out
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
