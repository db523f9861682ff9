package iac

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// readYAML reads a program of Pulumi, or what tasks of Ansible declare.
func readYAML(file, text string) (*declared, error) {
	first := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(text), "---"))
	if !strings.HasPrefix(first, "-") && !strings.HasPrefix(first, "#") {
		return readPulumiYAML(file, text)
	}
	if !ansibleWords(text) {
		return readPulumiYAML(file, text)
	}
	docs, err := tree.ParseYAML(text)
	if err != nil {
		return nil, nil // package ansible says so
	}
	return readAnsible(docs), nil
}

// ansibleWords says whether a text names a module that declares something.
func ansibleWords(text string) bool {
	for name := range ansibleTypes {
		if strings.Contains(text, name+":") {
			return true
		}
	}
	return false
}

// readPulumiYAML reads a program of Pulumi in YAML: Pulumi.yaml, Main.yaml.
// https://www.pulumi.com/docs/iac/languages-sdks/yaml/yaml-language-reference/
func readPulumiYAML(file, text string) (*declared, error) {
	if !strings.Contains(text, "resources:") || !strings.Contains(text, "type:") || strings.Contains(text, "AWS::") {
		return nil, nil
	}
	docs, err := tree.ParseYAML(text)
	if err != nil {
		if base := strings.ToLower(path.Base(file)); strings.HasPrefix(base, "pulumi") {
			return nil, err
		}
		return nil, nil // of another sort, whose readers say so
	}
	d := newDeclared()
	for _, doc := range docs {
		for _, e := range doc.Get("resources").Entries() {
			typ := e.Value.Get("type").Str()
			parts := strings.Split(typ, ":")
			if len(parts) < 2 || len(parts) > 3 {
				continue
			}
			module, class := strings.Join(parts[:len(parts)-1], "/"), parts[len(parts)-1]
			snaked := tree.Rekeyed(e.Value, cloud.Snake)
			args := snaked.Get("properties")
			if !args.IsMap() {
				args = mapOf(e.Line)
			}
			options := snaked.Get("options")
			if !options.IsMap() {
				options = mapOf(e.Line)
			}
			neutral := pulumiType(module, class)
			name := e.Key
			if own := e.Value.Get("name").Str(); own != "" {
				name = own
			}
			d.add(&cloud.Resource{Address: name, Type: neutral, Body: pulumiBody(neutral, policyKeys(args, e.Value.Get("properties")), options),
				Line: e.Line}, name)
			for _, a := range options.Get("aliases").Each() {
				if old := a.Get("name").Str(); old != "" {
					d.aliases[keyOf(neutral, name)] = keyOf(neutral, old)
				}
			}
		}
	}
	return d, nil
}

// policyKeys puts back the keys of policy documents, as they are written.
func policyKeys(snaked, written *tree.Node) *tree.Node {
	for i, f := range snaked.Entries() {
		if i >= len(written.Entries()) {
			break
		}
		w := written.Fields[i].Value
		if inner := w.Get("fn::toJSON"); inner != nil {
			w = inner
		}
		if w.Has("Statement") {
			snaked.Fields[i].Value = w
		} else if f.Value.IsMap() && w.IsMap() {
			policyKeys(f.Value, w)
		}
	}
	return snaked
}
