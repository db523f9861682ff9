package iac

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// readBicep reads resources and modules. What they are called in the file is how
// they are told from one another; a symbol that is renamed leaves the resource
// what it is, by its name.
// https://learn.microsoft.com/azure/azure-resource-manager/bicep/file
func readBicep(_, text string) (*declared, error) {
	program := construct.Read(text, ".bicep")
	v := values{program, maxValues}
	d := newDeclared()
	roles := map[string]string{} // the ids of roles, by the symbols of those that exist
	for _, one := range program.Declared {
		if len(one.Words) > 2 && contains(one.Words, "existing") && azureType(one.Words[2]) == "azurerm_role_definition" {
			roles[one.Words[1]+".id"] = v.of(one.Value).Get("name").Str()
		}
	}
	for _, one := range program.Declared {
		if len(one.Words) < 3 || one.Words[0] != "resource" && one.Words[0] != "module" || contains(one.Words, "existing") {
			continue
		}
		written := one.Value
		if written.IsList() && len(written.Items) > 0 { // a loop
			written = written.Items[0]
		}
		if !written.IsMap() {
			continue
		}
		symbol, typ := one.Words[1], azureType(one.Words[2])
		if one.Words[0] == "module" {
			typ = moduleType(one.Words[2])
			d.registry(one.Words[2])
		}
		body := v.of(written)
		if id := body.Get("properties", "role_definition_id"); id != nil && roles[id.Str()] != "" {
			put(body.Get("properties"), "role_definition_id", at(plain(roles[id.Text], 0), id.Line))
		}
		d.declare(symbol, typ, azureBody(typ, body), one.Line)
	}
	return d, nil
}

// declare adds a resource with a symbol and a name.
func (d *declared) declare(symbol, typ string, body *tree.Node, line int) {
	d.add(&cloud.Resource{Address: symbol, Type: typ, Body: body, Line: line}, symbol)
	if name := body.Get("name").Str(); name != "" {
		d.names[keyOf(typ, symbol)] = typ + "\x00name\x00" + name
	}
}

// registry notes what a module of a registry says by its name that it makes: it
// cannot be read, and what moved into it is not gone.
func (d *declared) registry(source string) {
	if !strings.HasPrefix(source, "br") && !strings.HasPrefix(source, "ts") {
		return
	}
	source = strings.NewReplacer("-", "_", "/", "_").Replace(source)
	for _, typ := range azureTypes {
		if strings.Contains(source, strings.TrimPrefix(typ, "azurerm_")) {
			d.loose[typ]++
		}
	}
}

// moduleType guesses from a module's source what it makes: the file's name, or
// that of a verified module of Azure's.
func moduleType(source string) string {
	source, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimPrefix(source, "br/public:"), "br:mcr.microsoft.com/bicep/"), ":")
	if _, rest, ok := strings.Cut(source, "avm/res/"); ok {
		provider, typ, _ := strings.Cut(rest, "/")
		if strings.HasPrefix(typ, provider+"-") {
			provider = ""
		}
		return strings.ReplaceAll("azurerm_"+strings.TrimPrefix(provider+"_", "_")+typ, "-", "_")
	}
	base := path.Base(source)
	return "construct_" + cloud.Snake(strings.TrimSuffix(base, path.Ext(base)))
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}
