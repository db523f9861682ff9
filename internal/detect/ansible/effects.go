package ansible

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/tool"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// effect is one thing that a task does.
type effect struct {
	kind           *detect.Kind
	object, detail string
	line           int
}

// effects are what a task does that matters.
func (t *Task) effects() []effect {
	var out []effect
	add := func(kind, object, detail string) {
		out = append(out, effect{named[kind], object, detail, t.Line})
	}
	if lost := lostBy[t.Module]; lost != "" && t.is("state", "absent|deleted|undefined") {
		add("deletes-data", t.object("name|db|bucket|path|lv|vg|dev|key|repo|id|stack_name|project_path|table_name|topic"), lost+" is lost")
	} else {
		for _, row := range rows[t.Module] {
			if t.holds(row.when) {
				detail := row.lost
				if row.kind != "guard-off" && detail != "" {
					detail += " is lost"
				}
				add(row.kind, t.object(row.object), detail)
				break
			}
		}
	}
	t.guards(add)
	t.files(add)
	t.queries(add)
	for _, f := range t.Args.Fields {
		if bad := checks[f.Key]; bad != "" && (bad == "no" && no(f.Value) || bad == "yes" && yes(f.Value)) {
			add("unverified", t.Module, f.Key+" is "+f.Value.Str())
		}
	}
	return out
}

func yes(n *tree.Node) bool { return n.True() || n.Str() == "1" }

func no(n *tree.Node) bool { return n.False() || n.Str() == "0" }

// is says whether an argument has one of some values.
func (t *Task) is(key, values string) bool {
	n := t.arg(key)
	if n == nil {
		return false
	}
	for _, v := range strings.Split(values, "|") {
		switch {
		case v == "yes" && yes(n), v == "no" && no(n), strings.EqualFold(n.Str(), v):
			return true
		}
	}
	return false
}

// holds says whether all that a row asks of the arguments is so.
func (t *Task) holds(when string) bool {
	for _, one := range strings.Fields(when) {
		key, values, _ := strings.Cut(one, "=")
		if not, is := strings.CutPrefix(key, "!"); is {
			if t.arg(not) != nil {
				return false
			}
			continue
		}
		n := t.arg(key)
		if n == nil && key == "kind" { // of a definition that stands in the task
			n = t.Args.Get("definition", "kind")
		}
		if n == nil || !(&Task{Args: &tree.Node{Kind: tree.Map, Fields: []tree.Field{{Key: key, Value: n}}}}).is(key, values) {
			return false
		}
	}
	return true
}

// object is what the task works on: the first argument that is set, else its name.
func (t *Task) object(names string) string {
	if n := t.arg(strings.Split(names, "|")...); n != nil {
		if s := strings.Join(t.each(n), ", "); s != "" {
			return s
		}
	}
	return t.Module
}

// guards looks for what watches a system and is stopped or removed.
func (t *Task) guards(add func(kind, object, detail string)) {
	if !serviceModules[t.Module] && !packageModules[t.Module] {
		return
	}
	off := ""
	switch {
	case packageModules[t.Module] && t.is("state", "absent|removed"):
		off = "is removed"
	case serviceModules[t.Module] && t.is("state", "stopped"):
		off = "is stopped"
	case serviceModules[t.Module] && (t.is("enabled", "no") || t.is("masked", "yes") || t.is("start_mode", "disabled")):
		off = "is switched off"
	default:
		return
	}
	for _, name := range t.each(t.arg("name", "pkg", "service")) {
		if guards[strings.ToLower(strings.TrimSuffix(name, ".service"))] {
			add("guard-off", name, off)
		}
	}
}

// files looks at the paths that a task removes, and at whom it lets write.
func (t *Task) files(add func(kind, object, detail string)) {
	if !fileModules[t.Module] {
		return
	}
	if t.Module == "file" && t.is("state", "absent") {
		for _, p := range t.each(t.arg("path", "dest", "name")) {
			switch {
			case variablesOnly(p):
				add("deletes-any-path", p, "with empty variables it is the root")
			case removesData(p):
				add("deletes-path", p, "")
			}
		}
	}
	if mode := t.arg("mode").Str(); worldWritable(mode) {
		add("world-writable", t.object("path|dest|name"), "mode "+mode)
	}
}

// variablesOnly says whether a path is variables with nothing but slashes between
// them: it is the root where they are empty. Those for what is thrown away are not.
func variablesOnly(p string) bool {
	low := strings.ToLower(p)
	for _, w := range [...]string{"tmp", "temp", "cache", "download", "build", "archive"} {
		if strings.Contains(low, w) {
			return false
		}
	}
	slashes, rest := false, p
	for rest != "" {
		if after, is := strings.CutPrefix(rest, "{{"); is {
			_, after, closed := strings.Cut(after, "}}")
			if !closed {
				return false
			}
			rest = after
			continue
		}
		if rest[0] != '/' && rest[0] != '*' {
			return false
		}
		slashes, rest = true, rest[1:]
	}
	return slashes && strings.Contains(p, "{{")
}

// removesData asks the table of tools what rm would be that removes a path.
func removesData(p string) bool {
	for _, m := range tool.Shipped().Text(`rm -rf "` + asShell(p) + `"`) {
		if m.Kind != "none" && m.Kind != "delete-build-output" {
			return true
		}
	}
	return false
}

// asShell is a path as a shell writes it: what a template fills in is a variable.
func asShell(p string) string {
	var b strings.Builder
	for p != "" {
		before, rest, open := strings.Cut(p, "{{")
		b.WriteString(strings.NewReplacer(`"`, "", "$", "", "`", "", `\`, "", "\n", "").Replace(before))
		if !open {
			break
		}
		b.WriteString("${X}")
		_, p, _ = strings.Cut(rest, "}}")
	}
	return b.String()
}

// worldWritable says whether a mode lets everybody write. With the sticky bit
// they cannot take away what is others'.
func worldWritable(mode string) bool {
	if mode == "" {
		return false
	}
	if strings.Trim(mode, "01234567") == "" {
		return len(mode) >= 3 && (mode[len(mode)-1]-'0')&2 != 0 && !(len(mode) >= 4 && (mode[len(mode)-4]-'0')&1 != 0)
	}
	for _, part := range strings.Split(mode, ",") {
		who, what, ok := strings.Cut(strings.ReplaceAll(part, "=", "+"), "+")
		if ok && strings.Contains(what, "w") && (who == "" || strings.ContainsAny(who, "ao")) && !strings.Contains(what, "t") {
			return true
		}
	}
	return false
}

// queries looks for statements that delete in the texts that a task sends.
func (t *Task) queries(add func(kind, object, detail string)) {
	if !queryModules[t.Module] {
		return
	}
	for _, q := range t.each(t.arg("query", "script", "execute")) {
		fields := strings.Fields(strings.ToUpper(q))
		for i := 0; i+1 < len(fields); i++ {
			if fields[i] == "DROP" && (fields[i+1] == "TABLE" || fields[i+1] == "DATABASE" || fields[i+1] == "SCHEMA") ||
				fields[i] == "TRUNCATE" {
				add("deletes-data", t.object("db|login_db|name"), strings.ToLower(fields[i]+" "+fields[i+1]))
				return
			}
		}
	}
}
