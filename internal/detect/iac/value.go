package iac

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// values turns what a program writes into the values that it stands for.
type values struct {
	program *construct.Program
	left    int // nodes that may still be made: variables used in many places cost each time
}

// maxValues bounds what the values of one program come to.
const maxValues = 400_000

const maxDeep = 40

// of is a value with keys in snake case.
func (v *values) of(n *tree.Node) *tree.Node { return v.value(n, 0, false) }

// value is a value; asWritten keeps the keys of a policy document.
func (v *values) value(n *tree.Node, depth int, asWritten bool) *tree.Node {
	if v.left--; n == nil || depth > maxDeep || v.left < 0 {
		return nil
	}
	line := n.Line
	n = v.program.Value(n)
	switch n.Kind {
	case tree.Scalar:
		if c := v.program.CallOf(n); c != nil {
			return v.call(n, c, depth, asWritten)
		}
		return at(scalar(n), line)
	case tree.List:
		out := &tree.Node{Kind: tree.List, Line: line}
		for _, item := range n.Items {
			out.Items = append(out.Items, v.value(item, depth+1, asWritten))
		}
		return out
	case tree.Map:
		return v.fields(n, depth, asWritten || n.Has("Statement"))
	}
	return n
}

func at(n *tree.Node, line int) *tree.Node {
	if n.Line == line {
		return n
	}
	out := *n
	out.Line = line
	return &out
}

// fields is a map, with the fields of other maps that are spread in it.
func (v *values) fields(n *tree.Node, depth int, asWritten bool) *tree.Node {
	out := &tree.Node{Kind: tree.Map, Line: n.Line}
	for _, f := range n.Fields {
		if f.Key == construct.Rest {
			if inner := v.value(f.Value, depth+1, asWritten); inner.IsMap() {
				out.Fields = append(out.Fields, inner.Fields...)
			}
			continue
		}
		key := f.Key
		if !asWritten {
			key = cloud.Snake(key)
		}
		out.Fields = append(out.Fields, tree.Field{Key: key, Line: f.Line, Value: v.value(f.Value, depth+1, asWritten)})
	}
	return out
}

// scalar reads the constants that programs have for words: RemovalPolicy.DESTROY,
// RemovalPolicy_DESTROY, PublicNetworkAccess.Disabled.
func scalar(n *tree.Node) *tree.Node {
	if n.Tag != construct.Unknown || !isPath(n.Text) {
		return n
	}
	parts := strings.Split(n.Text, ".")
	last := parts[len(parts)-1]
	if before, after, ok := strings.Cut(last, "_"); ok && capital(before) && capital(after) && strings.ToUpper(before) != before {
		return &tree.Node{Kind: tree.Scalar, Text: after, Line: n.Line} // Go's way
	}
	if len(parts) > 1 && capital(last) && capital(parts[len(parts)-2]) {
		return &tree.Node{Kind: tree.Scalar, Text: last, Line: n.Line}
	}
	return n
}

// isPath says whether a text is names with dots between them.
func isPath(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '.' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

// wrappers are calls that give what they are given.
var wrappers = words(`string bool int integer number float float64 stringptr boolptr intptr stringify jsonstringify dumps jsondumps
	serialize tojsonstring of output create some fromjson literal asstring str`)

// listMakers give a list of what they are given.
var listMakers = words(`aslist listof setof strings numbers slice`)

// days is how many of each unit make a day; 0: less than one.
var days = map[string]float64{"days": 1, "hours": 24, "minutes": 1440, "seconds": 86400, "millis": 86400000}

// call is the value of a call that only says one.
func (v *values) call(n *tree.Node, c *construct.Call, depth int, asWritten bool) *tree.Node {
	name := folded(c)
	first := c.Arg(0)
	switch {
	case days[name] > 0 && len(c.Args) == 1:
		if amount, err := strconv.ParseFloat(v.value(first, depth+1, false).Str(), 64); err == nil {
			return &tree.Node{Kind: tree.Scalar, Text: strconv.FormatFloat(amount/days[name], 'g', 6, 64), Line: n.Line}
		}
	case listMakers[name], name == "of" && listOf(c):
		return v.value(&tree.Node{Kind: tree.List, Line: n.Line, Items: c.Args}, depth+1, asWritten)
	case name == "of" && strings.HasSuffix(c.Receiver(), "Map"):
		return v.value(pairs(c), depth+1, asWritten)
	case wrappers[name] && len(c.Args) > 0:
		return at(orUnknown(v.value(first, depth+1, asWritten), n), n.Line)
	case c.Set != nil && len(c.Args) == 0:
		return v.fields(c.Set, depth+1, asWritten)
	case capital(c.Last()) && len(c.Args) == 1 && v.program.Value(first).IsMap():
		return v.value(first, depth+1, asWritten)
	case strings.HasSuffix(name, "resourceid"): // Azure's: what it names stands in its arguments
		out := *n
		for _, a := range c.Args {
			out.Text += " " + v.value(a, depth+1, false).Str()
		}
		return &out
	case len(c.Args) == 0 && c.On == nil:
		return scalar(&tree.Node{Kind: tree.Scalar, Tag: construct.Unknown, Text: c.Name, Line: n.Line})
	}
	return n
}

func orUnknown(n, unknown *tree.Node) *tree.Node {
	if n == nil {
		return unknown
	}
	return n
}

func listOf(c *construct.Call) bool {
	r := c.Receiver()
	return strings.HasSuffix(r, "List") || strings.HasSuffix(r, "Set") || strings.HasSuffix(r, "Array")
}

// pairs is the map that Map.of(key, value, ...) makes.
func pairs(c *construct.Call) *tree.Node {
	out := &tree.Node{Kind: tree.Map, Line: c.Line}
	for i := 0; i+1 < len(c.Args); i += 2 {
		out.Fields = append(out.Fields, tree.Field{Key: c.Args[i].Str(), Line: c.Args[i].Line, Value: c.Args[i+1]})
	}
	return out
}

// folded is the name of what is called, the same for each language's case:
// "anyipv4" for anyIpv4, any_ipv4, AnyIpv4 and Go's Peer_AnyIpv4.
func folded(c *construct.Call) string {
	last := c.Last()
	if before, after, ok := strings.Cut(last, "_"); ok && capital(before) && capital(after) {
		last = after
	}
	return strings.ToLower(strings.ReplaceAll(last, "_", ""))
}

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(list) {
		out[w] = true
	}
	return out
}

// put sets a field, in place of one of that key.
func put(n *tree.Node, key string, value *tree.Node) {
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			n.Fields[i].Value, n.Fields[i].Line = value, value.At()
			return
		}
	}
	n.Fields = append(n.Fields, tree.Field{Key: key, Line: value.At(), Value: value})
}

// take removes a field and returns its value.
func take(n *tree.Node, key string) *tree.Node {
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			v := n.Fields[i].Value
			n.Fields = append(n.Fields[:i], n.Fields[i+1:]...)
			return v
		}
	}
	return nil
}

func plain(text string, line int) *tree.Node {
	return &tree.Node{Kind: tree.Scalar, Text: text, Line: line}
}

func mapOf(line int, fields ...tree.Field) *tree.Node {
	return &tree.Node{Kind: tree.Map, Line: line, Fields: fields}
}

func field(key string, n *tree.Node) tree.Field { return tree.Field{Key: key, Line: n.At(), Value: n} }

// capital says whether a name begins with a capital letter.
func capital(s string) bool { return s != "" && s[0] >= 'A' && s[0] <= 'Z' }
