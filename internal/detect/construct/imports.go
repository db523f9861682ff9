package construct

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
)

// imports reads what names of other modules a program uses. It looks at the
// tokens beside the words that import alone, wherever they stand.
func (p *parser) imports() {
	for i := 0; i < len(p.toks); i++ {
		t := p.toks[i]
		if t.Kind != source.Name || i > 0 && p.toks[i-1].Is(".") {
			continue
		}
		switch t.Text {
		case "import", "using":
			p.imported(i)
		case "require":
			if p.at(i+1).Is("(") && p.at(i+2).Kind == source.String {
				p.required(i, p.at(i+2).Text)
			}
		case "from":
			if module, next := p.path(i + 1); p.lang == source.Python && p.at(next).Is("import") {
				p.members(next+1, module)
			}
		}
	}
}

// imported reads what stands behind the word that imports, in each language.
func (p *parser) imported(i int) {
	switch p.lang {
	case source.Go:
		p.goImports(i + 1)
	case source.JavaScript:
		p.members(i+1, p.moduleBehind(i))
	case source.Python:
		if !p.pythonMembers(i) {
			p.modules(i + 1)
		}
	case source.CLike:
		p.using(i + 1)
	}
}

// pythonMembers says whether an import is the second half of from x import y.
func (p *parser) pythonMembers(i int) bool {
	for k := i - 1; k >= 0 && k > i-30 && p.toks[k].Kind != source.Newline; k-- {
		if p.toks[k].Is("from") {
			return true
		}
	}
	return false
}

// path reads a.b.c and says where it ends.
func (p *parser) path(i int) (string, int) {
	var parts []string
	for p.at(i).Kind == source.Name || p.at(i).Is(".") {
		if p.at(i).Kind == source.Name {
			if len(parts) > 0 && !p.at(i-1).Is(".") {
				break
			}
			parts = append(parts, p.at(i).Text)
		}
		i++
	}
	return strings.Join(parts, "."), i
}

// maxImported is how many tokens one import may have.
const maxImported = 400

// moduleBehind is the string behind from in an import of JavaScript.
func (p *parser) moduleBehind(i int) string {
	for k := i + 1; k < len(p.toks) && k < i+maxImported; k++ {
		if t := p.toks[k]; t.Kind == source.String {
			return t.Text
		} else if t.Is(";") || t.Is("(") || t.Is("=") || t.Is("import") {
			return ""
		}
	}
	return ""
}

// members reads "* as a", "a", "{ b, c as d }" and "(b, c as d)".
func (p *parser) members(i int, module string) {
	if module == "" {
		return
	}
	braces := p.lang == source.Python
	depth := 0
	for k := i; k < len(p.toks) && k < i+maxImported; k++ {
		t := p.toks[k]
		switch {
		case t.Is("{"):
			braces = true
		case t.Is("("):
			depth++
		case p.endsMembers(t, depth):
			return
		case t.Kind == source.Name && t.Text != "as" && t.Text != "type":
			member := t.Text
			if p.at(k + 1).Is("as") {
				k += 2
			}
			if p.at(k-2).Is("*") || !braces {
				member = ""
			}
			p.out.Imports[p.at(k).Text] = Import{module, member}
		case t.Is("*") && p.at(k+1).Is("as"):
			p.out.Imports[p.at(k+2).Text] = Import{module, ""}
			k += 2
		}
	}
}

// endsMembers says whether no name of an import follows.
func (p *parser) endsMembers(t source.Token, depth int) bool {
	if p.lang == source.Python && t.Kind == source.Newline {
		return depth == 0
	}
	return t.Is(")") || t.Is("}") || t.Is("from") || t.Is("import") || t.Kind == source.String
}

// required reads const a = require("m") and const { b, c } = require("m").
func (p *parser) required(i int, module string) {
	for k := i - 1; k >= 0 && k > i-60; k-- {
		t := p.toks[k]
		if t.Is("const") || t.Is("let") || t.Is("var") || t.Is(";") {
			return
		}
		if t.Kind == source.Name {
			member := ""
			if p.at(i - 2).Is("}") {
				member = t.Text
			}
			p.out.Imports[t.Text] = Import{module, member}
		}
	}
}

// modules reads import a.b as c, d of Python.
func (p *parser) modules(i int) {
	for k := i; ; {
		module, next := p.path(k)
		if module == "" {
			return
		}
		name := module
		if p.at(next).Is("as") {
			name = p.at(next + 1).Text
			next += 2
		}
		p.out.Imports[name] = Import{module, ""}
		if !p.at(next).Is(",") {
			return
		}
		k = next + 1
	}
}

// using reads import a.b.C of Java and using A.B, using C = A.B of C#.
func (p *parser) using(i int) {
	if p.at(i).Is("static") {
		i++
	}
	module, next := p.path(i)
	if p.at(next).Is("=") {
		target, _ := p.path(next + 1)
		p.out.Imports[module] = Import{target, ""}
		return
	}
	if p.at(next).Is("*") || p.at(i-1).Is("using") {
		p.out.Using = append(p.out.Using, strings.TrimSuffix(module, "."))
		return
	}
	if dot := strings.LastIndexByte(module, '.'); dot > 0 {
		p.out.Imports[module[dot+1:]] = Import{module[:dot], module[dot+1:]}
	}
}

// goImports reads import "a/b", import c "a/b" and a list of them.
func (p *parser) goImports(i int) {
	list := p.at(i).Is("(")
	for k := i; k < len(p.toks) && k < i+maxImported; k++ {
		t := p.toks[k]
		switch {
		case t.Is(")"), t.Kind == source.Newline && !list:
			return
		case t.Kind == source.String:
			name := baseOf(t.Text)
			if prev := p.at(k - 1); prev.Kind == source.Name && !prev.Is("import") {
				name = prev.Text
			}
			p.out.Imports[name] = Import{t.Text, ""}
		}
	}
}

// baseOf is the name of a Go package: its last part that is no version.
func baseOf(module string) string {
	parts := strings.Split(module, "/")
	for k := len(parts) - 1; k > 0; k-- {
		if v := parts[k]; len(v) < 2 || v[0] != 'v' || strings.Trim(v[1:], "0123456789") != "" {
			return v
		}
	}
	return parts[0]
}
