package shell

import "strings"

// MakeAssign reads a line of a Makefile that gives a variable a value.
func MakeAssign(line string) (name, value string, ok bool) {
	if strings.HasPrefix(line, "\t") {
		return "", "", false
	}
	line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
	name, value, ok = strings.Cut(line, "=")
	if name = strings.TrimSpace(strings.TrimRight(name, ":?+!")); !ok || !identifier(name) {
		return "", "", false
	}
	return name, strings.TrimSpace(value), true
}

// FromMake is what make hands to the shell of a line of a recipe: $$ is a dollar,
// and $(NAME) the value of a variable, which stays one of the shell's where it
// is not known.
func FromMake(line string, vars map[string]string) string {
	return fromMake(line, vars, 0)
}

const (
	maxMakeDepth = 5
	maxMakeText  = 64 << 10
)

func fromMake(line string, vars map[string]string, depth int) string {
	if strings.IndexByte(line, '$') < 0 || depth > maxMakeDepth || len(line) > maxMakeText {
		return line
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(line, "$")
		b.WriteString(before)
		if !found || rest == "" || b.Len() > maxMakeText {
			break
		}
		closing := map[byte]byte{'(': ')', '{': '}'}[rest[0]]
		switch {
		case rest[0] == '$':
			b.WriteByte('$')
			line = rest[1:]
		case closing == 0:
			if name := rest[:1]; identifier(name) && vars[name] != "" {
				b.WriteString(fromMake(vars[name], vars, depth+1))
				line = rest[1:]
				continue
			}
			b.WriteByte('$')
			line = rest
		default:
			end := strings.IndexByte(rest, closing)
			if end < 0 {
				b.WriteString("$" + rest)
				return b.String()
			}
			inside := rest[1:end]
			line = rest[end+1:]
			if command, ok := strings.CutPrefix(inside, "shell "); ok {
				b.WriteString("$(" + fromMake(command, vars, depth+1) + ")")
				continue
			}
			if value, known := vars[inside]; known {
				b.WriteString(fromMake(value, vars, depth+1))
			} else if inside == "RM" {
				b.WriteString("rm -f")
			} else if identifier(inside) {
				b.WriteString("${" + inside + "}")
			}
		}
	}
	return b.String()
}
