package hosting

import "strings"

// table is a table of a TOML file: its name, and the values of its keys as they
// are written.
type table struct {
	name   string
	line   int
	values map[string]string
}

func (t *table) get(key string) string { return strings.Trim(t.values[key], "\"' ") }

// list are the strings of an array.
func (t *table) list(key string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(t.values[key], func(r rune) bool { return strings.ContainsRune("[], \t\n", r) }) {
		out = append(out, strings.Trim(part, "\"'"))
	}
	return out
}

// inline are the tables of an array that is written as one value:
// bindings = [{ name = "DB", class_name = "X" }].
func (t *table) inline(key string) []map[string]string {
	var out []map[string]string
	for _, part := range strings.Split(t.values[key], "}") {
		_, body, ok := strings.Cut(part, "{")
		if !ok {
			continue
		}
		one := map[string]string{}
		for _, p := range strings.Split(body, ",") {
			if k, v, ok := strings.Cut(p, "="); ok {
				one[strings.TrimSpace(k)] = strings.Trim(v, "\"' \t\n")
			}
		}
		out = append(out, one)
	}
	return out
}

// tables reads a TOML text. It is tolerant: what it does not know is passed
// over. Values keep their quotes; an array over several lines is one value.
func tables(text string) []*table {
	out := []*table{{values: map[string]string{}, line: 1}}
	key, depth, n := "", 0, 0 // of the array that is open
	var value strings.Builder
	for line := range strings.Lines(text) {
		n++
		t := strings.TrimSpace(uncommented(line))
		last := out[len(out)-1]
		switch {
		case t == "":
			continue
		case depth > 0:
		case t[0] == '[' && strings.HasSuffix(t, "]") && !strings.Contains(t, "="):
			out = append(out, &table{name: strings.ToLower(strings.Trim(t, "[] \t")), line: n, values: map[string]string{}})
			continue
		default:
			k, v, ok := strings.Cut(t, "=")
			if !ok {
				continue
			}
			key, t = strings.Trim(k, "\"' \t"), strings.TrimSpace(v)
			value.Reset()
		}
		value.WriteString(t)
		value.WriteByte('\n')
		if depth += strings.Count(t, "[") - strings.Count(t, "]"); depth <= 0 {
			depth = 0
			last.values[key] = strings.TrimSpace(value.String())
		}
	}
	return out
}

// uncommented is a line up to a # that stands in no quotes.
func uncommented(line string) string {
	var quote byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '#':
			return line[:i]
		}
	}
	return line
}
