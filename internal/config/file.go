package config

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// configFile reads the YAML file.
func (l *loader) configFile(path string) source {
	s := source{name: func(key string) string { return path + ": " + key }}
	text, err := l.readFile(path)
	if err != nil {
		l.fail("The configuration file cannot be read: %v.", plainError(err))
		return s
	}
	var problems []string
	s.values, problems = parseFile(text)
	for _, p := range problems {
		l.fail("%s%s", path, p)
	}
	return s
}

// plainError leaves out the operation, which a sentence says already.
func plainError(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return fmt.Errorf("%s: %w", at.Path, at.Err)
	}
	return err
}

// parseFile reads the settings of a YAML file. A problem begins with its
// place, ":LINE:COLUMN: ", to be put behind the file's name. Values are never
// repeated in problems, nor are the YAML library's sentences: either may hold
// a secret.
func parseFile(text []byte) (map[string]string, []string) {
	if len(text) > maxConfigFile {
		return nil, []string{fmt.Sprintf(": the file has %d bytes, more than any configuration needs: is it the right one?", len(text))}
	}
	if !saysAnything(text) {
		return nil, nil
	}
	var root yaml.Node
	err := yaml.Load(text, &root, yaml.WithV4Defaults(),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(8), loaderlimits.AliasValue(0))))
	if err != nil {
		return nil, []string{unreadable(err)}
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) != 1 || isNull(root.Content[0]) {
		return nil, nil
	}
	top := root.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, []string{place(top) + "the file must be one mapping, as in `listen: \":8080\"`."}
	}
	f := file{values: make(map[string]string), lines: make(map[string]int)}
	for i := 0; i+1 < len(top.Content); i += 2 {
		if len(f.problems) == maxFileProblems {
			f.fail(top.Content[i], "and perhaps more from here on.")
			break
		}
		f.add(top.Content[i], top.Content[i+1])
	}
	return f.values, f.problems
}

// saysAnything is false for a file of comments and empty lines, which the YAML
// library takes for an error.
func saysAnything(text []byte) bool {
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return true
		}
	}
	return false
}

type file struct {
	values   map[string]string
	lines    map[string]int
	problems []string
}

func (f *file) fail(n *yaml.Node, format string, args ...any) {
	f.problems = append(f.problems, place(n)+fmt.Sprintf(format, args...))
}

func place(n *yaml.Node) string { return fmt.Sprintf(":%d:%d: ", n.Line, n.Column) }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

func (f *file) add(key, value *yaml.Node) {
	name := key.Value
	switch {
	case key.Kind != yaml.ScalarNode || !slices.Contains(keys(), name):
		f.fail(key, "this is not a key of the configuration.%s", suggestion(key))
		return
	case f.lines[name] != 0:
		f.fail(key, "%s stands here twice, first on line %d: keep one.", name, f.lines[name])
		return
	}
	f.lines[name] = key.Line
	switch {
	case key.Anchor != "" || value.Anchor != "" || value.Kind == yaml.AliasNode || value.Style&yaml.TaggedStyle != 0:
		f.fail(value, "%s: anchors, aliases and tags are not allowed here. A value that begins with & * or ! needs quotes.", name)
	case isNull(value) || value.Kind == yaml.ScalarNode && strings.TrimSpace(value.Value) == "":
		f.fail(value, "%s has no value: write it, or remove the line.", name)
	case (name == keyWebhookSecret || name == keyProxies) && value.Kind == yaml.SequenceNode:
		f.list(name, value)
	case (name == keyNotify || name == keyIssuers) && value.Kind == yaml.MappingNode:
		f.mapping(name, value)
	case value.Kind != yaml.ScalarNode:
		f.fail(value, "%s must be one value, not a list or a mapping.", name)
	default:
		f.values[name] = value.Value
	}
}

// list takes several values. They are joined as the variable has them.
func (f *file) list(name string, value *yaml.Node) {
	var all []string
	for _, item := range value.Content {
		if item.Kind != yaml.ScalarNode || item.Anchor != "" || item.Style&yaml.TaggedStyle != 0 || strings.TrimSpace(item.Value) == "" {
			f.fail(item, "%s must be a list of plain values. A value that begins with & * or ! needs quotes.", name)
			return
		}
		all = append(all, item.Value)
	}
	f.values[name] = strings.Join(all, "\n")
}

// mapping takes a mapping whole, as text, for whoever reads it.
func (f *file) mapping(name string, value *yaml.Node) {
	text, err := yaml.Dump(value)
	if err != nil {
		f.fail(value, "%s cannot be read.", name)
		return
	}
	f.values[name] = string(text)
}

// suggestion names the key that was meant, if one is near. The key as it
// stands is not repeated: it may be a secret in the wrong place.
func suggestion(key *yaml.Node) string {
	best, distance := "", 4
	if key.Kind == yaml.ScalarNode && len(key.Value) < 40 {
		for _, k := range keys() {
			if d := levenshtein.ComputeDistance(strings.ToLower(key.Value), k); d < distance {
				best, distance = k, d
			}
		}
	}
	if best == "" {
		return " The keys are: " + strings.Join(keys(), ", ") + "."
	}
	return " Is " + best + " meant?"
}

// unreadable tells the place of a YAML error and nothing of the text there.
func unreadable(err error) string {
	const advice = "this is not readable YAML. A value with characters such as : # & * ! % @ needs quotes."
	var one *yaml.LoadError
	if errors.As(err, &one) && one.Mark.Line > 0 {
		return fmt.Sprintf(":%d:%d: %s", one.Mark.Line, one.Mark.Column, advice)
	}
	return ": " + advice + " The file may hold one document only."
}
