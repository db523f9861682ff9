package terraform

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// isUnit says whether a file makes its folder one unit of Terragrunt: a module
// of its own, with a state of its own that is found by where the folder is.
// https://terragrunt.gruntwork.io/docs/features/units/
func isUnit(p string) bool { return path.Base(p) == "terragrunt.hcl" }

// unit files what a unit applies, as a module. The file that others only
// include applies nothing.
func (f *file) unit(p string, included bool) {
	from := f.blocks["terraform."]
	if !isUnit(p) || from == nil && !included || from != nil && from.body.Get("source") == nil && !included {
		return
	}
	body := &tree.Node{Kind: tree.Map, Line: 1}
	line := 1
	if from != nil {
		if source := from.body.Get("source"); source != nil {
			body.Fields = append(body.Fields, tree.Field{Key: "source", Line: source.Line, Value: source})
			line = source.Line
		}
	}
	address := path.Dir(p)
	f.resources[address] = &cloud.Resource{Address: address, Type: "module", Body: body, Line: line}
}

// keepsState guesses from a module's name and source what it makes.
func keepsState(res *cloud.Resource) bool {
	source, _, _ := strings.Cut(res.Body.Get("source").Str(), "?")
	source = strings.TrimSuffix(source, "/") // NAMESPACE/NAME/PROVIDER, or a place
	if parts := strings.Split(source, "/"); len(parts) == 3 && !strings.ContainsAny(source, ":.@") {
		source = parts[1]
	}
	for _, name := range []string{strings.TrimPrefix(res.Address, "module."), source} {
		name = strings.NewReplacer("-", "_", ".", "_").Replace(strings.TrimSuffix(path.Base(name), ".git"))
		name = strings.TrimPrefix(name, "terraform_")
		if cloud.Stateful(name) || dataNoun(strings.Split(strings.ToLower(name), "_")) {
			return true
		}
	}
	return false
}

// included says whether a file takes settings from another.
func included(f *file) bool {
	for name := range f.blocks {
		if strings.HasPrefix(name, "include.") {
			return true
		}
	}
	return false
}
