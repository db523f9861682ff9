// Package construct reads programs for what they construct: the calls in them
// with their arguments as trees, whichever way a language writes those: objects,
// keywords, composite literals, initializers, chains of a builder.
//
// It is a tolerant reader on the tokens of package source: it accepts any text,
// knows no types, and takes what it cannot read as a value that nobody knows
// (the tag "!expr", with its source as text). It is linear in the text. Bicep,
// whose objects are written as programs write theirs, is read too.
package construct

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/source"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Call is one call in a program.
type Call struct {
	Name string // what is called, dotted: "s3.Bucket", "sg.addIngressRule"; of a chained call the last name alone
	New  bool   // written with "new", or made by a builder
	Args []*tree.Node
	Set  *tree.Node // keyword arguments, the settings of a builder, or an initializer behind the call; nil: none
	Line int

	On     *Call  // the call that this one is chained to: a() of a().b()
	In     *Call  // the call among whose arguments it stands
	Var    string // the variable that it is assigned to
	before string // the variable of the call that it is chained to
}

// Last is the last part of the call's name.
func (c *Call) Last() string { return c.Name[strings.LastIndexByte(c.Name, '.')+1:] }

// Receiver is what stands before the last part of the name: "" for none.
func (c *Call) Receiver() string {
	if i := strings.LastIndexByte(c.Name, '.'); i >= 0 {
		return c.Name[:i]
	}
	return c.before
}

// Arg is an argument by its place, nil where there are fewer.
func (c *Call) Arg(i int) *tree.Node {
	if c == nil || i >= len(c.Args) {
		return nil
	}
	return c.Args[i]
}

// Import is what a name stands for: a module, or a member of one.
type Import struct{ Module, Member string }

// Program is what was read of a text.
type Program struct {
	Calls   []*Call
	Objects []*tree.Node      // all that are written out
	Imports map[string]Import // by the name that they have in the text
	Using   []string          // modules of which all names are in the text

	// Declared are the assignments of Bicep, which declares by them.
	Declared []Declaration

	of   map[*tree.Node]*Call
	vars map[string]*tree.Node
}

// Declaration is what stands before the sign of an assignment, and the value.
type Declaration struct {
	Words []string // "resource", "vault", "Microsoft.KeyVault/vaults@2023-07-01"
	Value *tree.Node
	Line  int
}

// CallOf is the call that a value is, or nil.
func (p *Program) CallOf(n *tree.Node) *Call {
	if n == nil {
		return nil
	}
	return p.of[n]
}

// Value is what a value stands for: of a variable that is assigned once, what it
// is assigned.
func (p *Program) Value(n *tree.Node) *tree.Node {
	for range 4 {
		if n == nil || n.Kind != tree.Scalar || n.Tag != Unknown || p.of[n] != nil {
			return n
		}
		known := p.vars[n.Text]
		if known == nil || known == n {
			return n
		}
		n = known
	}
	return n
}

// Member is what is assigned to a member of something, once.
type Member struct {
	Name  string // "cfn.cfnOptions.deletionPolicy"
	Value *tree.Node
}

// Members are those of a program, by their names.
func (p *Program) Members() []Member {
	var out []Member
	for name, v := range p.vars {
		if strings.Contains(name, ".") {
			out = append(out, Member{name, v})
		}
	}
	slices.SortFunc(out, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// Unknown is the tag of a value that only running the program tells.
const Unknown = "!expr"

// Rest is the key of a field that stands for all fields of its value.
const Rest = "..."

// dialect is how a language writes what is read here.
type dialect struct {
	lang      source.Language
	lines     bool // the end of a line ends an entry of an object: Bicep
	composite bool // Type{...} is a value: Go
	keywords  byte // the sign between a keyword argument and its value; 0: none
	bareEntry bool // entries without a key make a list: C#, Go
}

// dialectOf tells how a file is written from its ending, in lower case.
func dialectOf(ext string) dialect {
	d := dialect{lang: source.LanguageOf(ext)}
	switch {
	case ext == ".bicep" || ext == ".bicepparam":
		d.lang, d.lines = source.CLike, true
	case d.lang == source.Go:
		d.composite, d.bareEntry = true, true
	case d.lang == source.Python:
		d.keywords = '='
	case ext == ".cs" || ext == ".fs":
		d.keywords, d.bareEntry = ':', true
	case ext == ".kt" || ext == ".kts" || ext == ".scala":
		d.keywords = '='
	case d.lang == source.CLike:
		d.bareEntry = true
	}
	return d
}

// Reads says whether files with this ending are read, in lower case.
func Reads(ext string) bool {
	switch ext {
	case ".ts", ".tsx", ".mts", ".cts", ".js", ".mjs", ".cjs", ".jsx", ".py", ".go", ".java", ".kt", ".kts", ".scala", ".cs", ".fs",
		".bicep", ".bicepparam":
		return true
	}
	return false
}

// Read reads a program; ext is the ending of its name in lower case. It stops
// (package bound) where a text nests deeper than programs do.
func Read(text, ext string) *Program {
	d := dialectOf(ext)
	p := &parser{src: text, dialect: d, toks: source.Tokens(text, d.lang), assigned: map[string]int{},
		out: &Program{Imports: map[string]Import{}, of: map[*tree.Node]*Call{}, vars: map[string]*tree.Node{}}}
	p.imports()
	for p.i < len(p.toks) {
		p.statements()
		p.i++ // a closing bracket that nothing opened
	}
	for name, n := range p.assigned {
		if n > 1 {
			delete(p.out.vars, name)
		}
	}
	return p.out
}
