package ansible

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// Task is one task with the module that it runs.
type Task struct {
	Name   string
	Module string     // without its collection: "s3_bucket" of amazon.aws.s3_bucket
	Args   *tree.Node // a map; of the one-line form too
	Line   int

	loop *tree.Node
}

// Tasks are the tasks of plays, of files of tasks and of the blocks in them.
func Tasks(docs []*tree.Node) []Task {
	var out []Task
	for _, doc := range docs {
		list(doc, &out, 0)
	}
	return out
}

// parts are the keys under which lists of tasks stand.
var parts = []string{"tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"}

const maxBlocks = 20

func list(n *tree.Node, out *[]Task, depth int) {
	if !n.IsList() || depth > maxBlocks {
		return
	}
	for _, item := range n.Items {
		if !item.IsMap() {
			continue
		}
		inner := false
		for _, part := range parts {
			if l := item.Get(part); l.IsList() {
				inner = true
				list(l, out, depth+1)
			}
		}
		if !inner && !item.Has("hosts") && !item.Get("check_mode").True() {
			if t, ok := taskOf(item); ok {
				*out = append(*out, t)
			}
		}
	}
}

// taskOf reads the module of a task and its arguments.
func taskOf(item *tree.Node) (Task, bool) {
	t := Task{Name: item.Get("name").Str()}
	for _, key := range []string{"loop", "with_items", "with_list", "with_flattened"} {
		if l := item.Get(key); l != nil {
			t.loop = l
		}
	}
	for _, f := range item.Fields {
		name := f.Key[strings.LastIndexByte(f.Key, '.')+1:]
		value := f.Value
		if name == "action" || name == "local_action" { // the module is the first word, or an argument
			if value.IsMap() {
				name = value.Get("module").Str()
				name = name[strings.LastIndexByte(name, '.')+1:]
			} else {
				var rest string
				name, rest, _ = strings.Cut(value.Str(), " ")
				name = name[strings.LastIndexByte(name, '.')+1:]
				value = &tree.Node{Kind: tree.Scalar, Text: rest, Line: value.At()}
			}
		}
		if !Known(name) {
			continue
		}
		t.Module, t.Line = name, f.Line
		t.Args = arguments(value, item.Get("args"), f.Line)
		return t, true
	}
	return t, false
}

// arguments are those of a module: a map, or one line of key=value, and those
// that stand beside it under args.
func arguments(value, beside *tree.Node, line int) *tree.Node {
	out := &tree.Node{Kind: tree.Map, Line: line}
	if value.IsMap() {
		out.Fields = append(out.Fields, value.Fields...)
	} else {
		for _, word := range split(value.Str()) {
			if key, v, ok := strings.Cut(word, "="); ok {
				out.Fields = append(out.Fields, tree.Field{Key: key, Line: line,
					Value: &tree.Node{Kind: tree.Scalar, Text: strings.Trim(v, `"'`), Line: line}})
			}
		}
	}
	out.Fields = append(out.Fields, beside.Entries()...)
	return out
}

// split cuts a line into words; what stands in quotes or in {{ }} is whole.
func split(s string) []string {
	var out []string
	from, depth, quote := 0, 0, byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{':
			depth++
		case c == '}':
			depth = max(0, depth-1)
		case (c == ' ' || c == '\t' || c == '\n') && depth == 0:
			if i > from {
				out = append(out, s[from:i])
			}
			from = i + 1
		}
	}
	if from < len(s) {
		out = append(out, s[from:])
	}
	return out
}

// arg is the first of some arguments that is set.
func (t *Task) arg(names ...string) *tree.Node {
	for _, name := range names {
		if n := t.Args.Get(name); n != nil && n.Kind != tree.Null {
			return n
		}
	}
	return nil
}

// each are the values of an argument: of one that is the item of a loop, those of
// the loop, where they are written out.
func (t *Task) each(n *tree.Node) []string {
	var out []string
	for _, v := range n.Strings() {
		inner := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(v), "{{"), "}}"))
		field, of := strings.CutPrefix(inner, "item.")
		switch {
		case t.loop.IsList() && inner == "item":
			out = append(out, t.loop.Strings()...)
		case t.loop.IsList() && of:
			for _, item := range t.loop.Items {
				if s := item.Get(field).Str(); s != "" {
					out = append(out, s)
				}
			}
		default:
			out = append(out, v)
		}
	}
	return out
}
