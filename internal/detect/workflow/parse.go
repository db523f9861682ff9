package workflow

import (
	"errors"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// maxBytes is far above any workflow that people write; GitHub itself takes
// less.
const maxBytes = 512 << 10

// maxJobs bounds what is compared pairwise. GitHub's own limit on the jobs of
// one run is 256.
const maxJobs = 256

// read builds the syntax tree of a workflow. It is tolerant, as a gate's
// reader must be: a key that it does not know is passed over and everything
// beside it is still read, so that nothing can hide behind an odd key. What
// cannot be a workflow at all is an error with a sentence.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
func read(body string) (*file, error) {
	if len(body) > maxBytes {
		return nil, bound.Error("the file is larger than any workflow should be")
	}
	docs, err := tree.ParseYAML(body)
	if err != nil {
		return nil, err
	}
	if len(docs) != 1 {
		return nil, errors.New("the file does not hold exactly one YAML document")
	}
	root := docs[0]
	jobs := root.Get("jobs")
	switch {
	case !root.IsMap():
		return nil, errors.New("the file holds no workflow")
	case jobs != nil && !jobs.IsMap() && jobs.Kind != tree.Null:
		return nil, errors.New("`jobs` is not a map of jobs")
	case jobs.IsMap() && len(jobs.Fields) > maxJobs:
		return nil, errors.New("the workflow has more than 256 jobs")
	}
	f := &file{events: toEvents(root), perms: toPerms(root), env: pairs(root.Get("env")),
		envExpr: scalar(root.Get("env"))}
	shell := strings.ToLower(root.Get("defaults", "run", "shell").Str())
	for _, field := range fields(jobs) {
		f.jobs = append(f.jobs, toJob(field, shell))
	}
	return f, nil
}

func fields(n *tree.Node) []tree.Field {
	if !n.IsMap() {
		return nil
	}
	return n.Fields
}

func scalar(n *tree.Node) text { return text{n.Str(), n.At()} }

func scalars(n *tree.Node) []text {
	var out []text
	for _, item := range n.Each() {
		if item.Str() != "" {
			out = append(out, scalar(item))
		}
	}
	return out
}

func pairs(n *tree.Node) []pair {
	var out []pair
	for _, f := range fields(n) {
		out = append(out, pair{f.Key, text{f.Value.Str(), f.Line}})
		if v := f.Value; v.IsMap() || v.IsList() {
			out[len(out)-1].value.s = flat(v)
		} else if strings.Contains(v.Str(), "\n") {
			out[len(out)-1].value.line = v.At()
		}
	}
	return out
}

// flat joins what lies below a value that should have been a scalar.
func flat(n *tree.Node) string {
	var b strings.Builder
	tree.Walk(n, func(_ []string, v *tree.Node) bool {
		if v.Kind == tree.Scalar && b.Len() < maxBytes {
			b.WriteString(v.Text)
			b.WriteByte('\n')
		}
		return true
	})
	return b.String()
}

func lowered(ps []pair) []pair {
	for i := range ps {
		ps[i].key = strings.ToLower(ps[i].key)
	}
	return ps
}

func toEvents(root *tree.Node) map[string]event {
	out := map[string]event{}
	on := root.Get("on")
	if on == nil {
		on = root.Get("true") // what YAML 1.1 makes of a bare on
	}
	for _, t := range scalars(on) {
		name := strings.ToLower(t.s)
		out[name] = event{name: name, line: t.line}
	}
	for _, f := range fields(on) {
		ev := event{name: strings.ToLower(f.Key), line: f.Line}
		ev.branches, ev.tags = f.Value.Get("branches").Strings(), f.Value.Get("tags").Strings()
		for _, key := range []string{"branches", "tags", "branches-ignore", "tags-ignore"} {
			ev.filtered = ev.filtered || f.Value.Has(key)
		}
		ev.inputs, ev.options = map[string]string{}, map[string][]string{}
		for _, in := range fields(f.Value.Get("inputs")) {
			kind := "string"
			if t := in.Value.Get("type").Str(); t != "" && t != "string" {
				kind = "fixed"
			}
			ev.inputs[strings.ToLower(in.Key)] = kind
			ev.options[strings.ToLower(in.Key)] = in.Value.Get("options").Strings()
		}
		out[ev.name] = ev
	}
	return out
}

func toPerms(n *tree.Node) perms {
	for _, f := range fields(n) {
		if f.Key != "permissions" {
			continue
		}
		out := perms{set: true, line: f.Line, scopes: map[string]string{}, lines: map[string]int{}}
		out.all = strings.ToLower(strings.TrimSpace(f.Value.Str()))
		for _, s := range fields(f.Value) {
			scope := strings.ToLower(s.Key)
			out.scopes[scope], out.lines[scope] = strings.ToLower(s.Value.Str()), s.Line
		}
		return out
	}
	return perms{}
}

func toJob(f tree.Field, shell string) job {
	n := f.Value
	if own := n.Get("defaults", "run", "shell").Str(); own != "" {
		shell = strings.ToLower(own)
	}
	j := job{id: f.Key, name: n.Get("name").Str(), line: f.Line, ifs: scalar(n.Get("if")), perms: toPerms(n),
		env: pairs(n.Get("env")), envExpr: scalar(n.Get("env"))}
	if e := n.Get("environment"); e != nil && e.Kind != tree.Null {
		j.environ, j.hasEnv = scalar(e), true
		if e.IsMap() {
			j.environ = scalar(e.Get("name"))
		}
	}
	if c := n.Get("continue-on-error"); c != nil {
		j.carryOn, j.carryLine = c.True() || condition(c.Str()) == "true", c.At()
	}
	for _, before := range scalars(n.Get("needs")) {
		j.needs = append(j.needs, before.s)
	}
	j.outputs = pairs(n.Get("outputs"))
	j.matrix = matrixOf(n.Get("strategy", "matrix"))
	labels := n.Get("runs-on")
	if labels.IsMap() {
		j.group, labels = scalar(labels.Get("group")), labels.Get("labels")
	}
	for _, l := range scalars(labels) {
		j.labels = append(j.labels, resolve(l, j.matrix)...)
	}
	if c := n.Get("container"); c != nil {
		j.images = append(j.images, toImages("", c, j.matrix)...)
	}
	for _, s := range fields(n.Get("services")) {
		j.images = append(j.images, toImages(s.Key, s.Value, j.matrix)...)
	}
	j.uses, j.with = scalar(n.Get("uses")), lowered(pairs(n.Get("with")))
	if s := n.Get("secrets"); strings.EqualFold(strings.TrimSpace(s.Str()), "inherit") {
		j.inherit, j.inheritLine = true, s.At()
	} else {
		j.secrets = pairs(s)
	}
	for _, s := range n.Get("steps").Each() {
		j.steps = append(j.steps, toStep(s))
		if last := &j.steps[len(j.steps)-1]; last.shell == "" {
			last.shell = shell
		}
	}
	return j
}

// matrixOf lists every scalar of a matrix with its nearest key.
func matrixOf(n *tree.Node) []pair {
	var out []pair
	if n.Str() != "" {
		return []pair{{"", scalar(n)}} // made whole by an expression
	}
	tree.Walk(n, func(path []string, v *tree.Node) bool {
		if v.Kind == tree.Scalar && len(path) > 0 && path[0] != "exclude" && len(out) < 2000 {
			key := ""
			for i := len(path) - 1; i >= 0 && key == ""; i-- {
				if path[i] != "" && (path[i][0] < '0' || path[i][0] > '9') {
					key = path[i]
				}
			}
			out = append(out, pair{strings.ToLower(key), text{v.Text, v.Line}})
		}
		return true
	})
	return out
}

// resolve follows the matrix expressions of a value to what the matrix gives
// them; any other value stands as it is.
func resolve(t text, matrix []pair) []text {
	if t.empty() {
		return nil
	}
	out := []text{t}
	for _, e := range expressions(t.s) {
		for _, c := range contexts(e.body) {
			key, ok := strings.CutPrefix(c.path, "matrix.")
			if !ok {
				continue
			}
			key = key[strings.LastIndexByte(key, '.')+1:]
			for _, m := range matrix {
				if m.key == key {
					out = append(out, m.value)
				}
			}
		}
	}
	return out
}

func toImages(service string, n *tree.Node, matrix []pair) []image {
	first := image{service: service}
	ref := n
	if n.IsMap() {
		ref = n.Get("image")
		first.options, first.volumes = scalar(n.Get("options")), scalars(n.Get("volumes"))
		first.password = scalar(n.Get("credentials", "password"))
	}
	refs := resolve(scalar(ref), matrix)
	if refs == nil {
		return []image{first}
	}
	out := make([]image, len(refs))
	for i := range refs {
		if i == 0 {
			out[i] = first
		}
		out[i].service, out[i].ref = service, refs[i]
	}
	return out
}

func toStep(n *tree.Node) step {
	s := step{id: n.Get("id").Str(), name: n.Get("name").Str(), line: n.At(), ifs: scalar(n.Get("if")),
		uses: scalar(n.Get("uses")), run: scalar(n.Get("run")), shell: strings.ToLower(n.Get("shell").Str()),
		with: lowered(pairs(n.Get("with"))), env: pairs(n.Get("env")), envExpr: scalar(n.Get("env"))}
	if c := n.Get("continue-on-error"); c != nil {
		s.carryOn, s.carryLine = c.True() || condition(c.Str()) == "true", c.At()
	}
	return s
}

// readAction reads an action.yml. The steps of a composite action become the
// one job of a file without triggers; a Docker action's image its one step.
// https://docs.github.com/en/actions/reference/workflows-and-actions/metadata-syntax
func readAction(body string) (*file, error) {
	if len(body) > maxBytes {
		return nil, bound.Error("the file is larger than any action should be")
	}
	docs, err := tree.ParseYAML(body)
	if err != nil {
		return nil, err
	}
	if len(docs) != 1 || !docs[0].Get("runs").IsMap() {
		return &file{action: true}, nil // another sort of file by that name: it runs nothing
	}
	runs := docs[0].Get("runs")
	f := &file{action: true, events: map[string]event{}}
	j := job{id: "runs", line: runs.At()}
	if image := runs.Get("image"); strings.EqualFold(runs.Get("using").Str(), "docker") {
		j.steps = append(j.steps, step{line: image.At(), uses: scalar(image)})
	}
	for _, n := range runs.Get("steps").Each() {
		j.steps = append(j.steps, toStep(n))
	}
	f.jobs = []job{j}
	return f, nil
}
