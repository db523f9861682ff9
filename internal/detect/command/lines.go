package command

import (
	"path"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// logical is one command line: physical lines joined where they say so.
type logical struct {
	text string
	line int
}

// logicals joins continued lines.
func logicals(body string) []logical {
	var out []logical
	var b strings.Builder
	n, start := 0, 0
	for text := range strings.Lines(body) {
		n++
		text = strings.TrimRight(text, "\r\n")
		if b.Len() == 0 {
			start = n
		}
		more := strings.HasSuffix(text, "\\") && b.Len() < maxLogical
		if !more && b.Len() == 0 {
			out = append(out, logical{text, start})
			continue
		}
		b.WriteString(text)
		if more {
			b.WriteByte('\n')
			continue
		}
		out = append(out, logical{b.String(), start})
		b.Reset()
	}
	if b.Len() > 0 {
		out = append(out, logical{b.String(), start})
	}
	return out
}

// maxLogical is how long joined lines may become, in bytes.
const maxLogical = 64 << 10

// commandKeys are YAML keys whose value is a command.
var commandKeys = map[string]bool{"run": true, "script": true, "command": true, "cmd": true, "shell": true, "entrypoint": true,
	"args":          true,
	"before_script": true, "after_script": true, "install": true, "bash": true, "pwsh": true, "powershell": true, "exec": true,
	"commands": true,
	"raw":      true, "ansible.builtin.shell": true, "ansible.builtin.command": true, "win_shell": true, "prestop": true,
	"cmds": true, "sh": true,
	"setup": true, "inlinescript": true, "test": true, "build": true, "deploy": true, "preinstall": true, "_raw_params": true,
	"predeploycommand": true, "buildcommand": true, "startcommand": true, "run_command": true, "release_command": true,
	"build_command": true, "start_command": true, "postdeploy": true, "postcreatecommand": true, "poststartcommand": true,
	"onrun": true, "initialdeployhook": true, "entry": true, "runcmd": true, "bootcmd": true, "release": true, "execute": true,
	"userdata": true, "user_data": true, "pre_build": true, "post_build": true, "poststart": true, "start": true, "stop": true}

// commandKey tells whether a key's value is a command.
func commandKey(key string) bool { return commandKeys[strings.ToLower(key)] || programKey(fold(key)) }

// shellOf takes what is around a command in a file off: "" where the line
// holds none.
func (c cutter) shellOf(f form, text string) string {
	t := strings.TrimSpace(text)
	switch f {
	case yaml:
		return yamlCommand(t)
	case packageJSON:
		return jsonCommand(t)
	case dockerfile:
		if args, ok := instruction(t); ok {
			return list(args)
		}
		if strings.HasPrefix(t, "&&") || strings.HasPrefix(t, ";") || strings.HasPrefix(t, "||") {
			return t
		}
		first, _, _ := strings.Cut(t, " ")
		if first == strings.ToUpper(first) {
			return "" // another instruction
		}
		return t // inside of a here-document
	case code:
		return c.codeCommand(t)
	}
	return t
}

// instruction is what an instruction of a Dockerfile runs, without its own flags:
// ONBUILD RUN --mount=type=cache make.
func instruction(t string) (args string, ok bool) {
	for {
		at := strings.IndexAny(t, " \t")
		if at < 0 {
			return "", false
		}
		name := strings.ToUpper(t[:at])
		t = strings.TrimSpace(t[at:])
		for strings.HasPrefix(t, "--") && strings.ContainsAny(t, " \t") {
			t = strings.TrimSpace(t[strings.IndexAny(t, " \t"):])
		}
		switch name {
		case "RUN", "CMD", "ENTRYPOINT", "SHELL":
			return t, t != ""
		case "ONBUILD", "HEALTHCHECK":
		default:
			return "", false
		}
	}
}

func yamlCommand(t string) string {
	for strings.HasPrefix(t, "- ") {
		t = strings.TrimSpace(t[2:])
	}
	if key, value, ok := strings.Cut(t, ":"); ok && key != "" && !strings.ContainsAny(key, " \"'$({") {
		if value == "" || value[0] == ' ' {
			if !commandKey(key) {
				return ""
			}
			t = strings.TrimSpace(value)
		}
	}
	if t == "|" || t == ">" || t == "|-" || t == ">-" {
		return ""
	}
	return list(unquote(t))
}

// unquote takes one pair of quotes around the whole off.
func unquote(t string) string {
	if len(t) > 1 && (t[0] == '"' || t[0] == '\'') && t[len(t)-1] == t[0] && strings.Count(t, t[:1]) == 2 {
		return t[1 : len(t)-1]
	}
	return t
}

// list turns ["sh", "-c", "..."] into words.
func list(t string) string {
	if !strings.HasPrefix(t, "[") || !strings.HasSuffix(t, "]") || !strings.ContainsAny(t, `"'`) {
		return t
	}
	return strings.NewReplacer(`", "`, `" "`, `","`, `" "`, `', '`, `' '`, `','`, `' '`).Replace(t[1 : len(t)-1])
}

func jsonCommand(t string) string {
	_, value, ok := strings.Cut(t, `": "`)
	if !ok {
		_, value, ok = strings.Cut(t, `":"`)
	}
	if !ok {
		value = strings.TrimPrefix(t, `"`)
	}
	value = strings.TrimRight(value, ", ")
	value = strings.TrimSuffix(value, `"`)
	return strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\n`, "\n").Replace(value)
}

// calls are what hands a string to a shell in program text.
var calls = []string{"system(", "system ", "popen", "subprocess", "exec", "spawn", "sh ", "sh(", "run(", "shell", "execa", "$`",
	"`", "backtick", "cmd", "command", "%x",
	"check_call", "check_output", "Process", "inline", "user_data", "execute", "invoke", "script", "program", "deploy",
	"import sh", "process", "capture",
	"qx", "passthru", "Command", "call_command", "bat "}

// codeCommand joins the string literals of a line that runs a command: as one
// where a single literal is the command line, as words where it is a list.
func (c cutter) codeCommand(t string) string {
	if strings.HasPrefix(t, "//") || strings.HasPrefix(t, "#") || strings.HasPrefix(t, "*") || !hands(t) {
		return ""
	}
	parts := literals(t)
	if len(parts) == 0 {
		if strings.HasPrefix(t, "sh ") || !strings.ContainsAny(t, "(={;") {
			return t // a line of a multi-line string
		}
		return ""
	}
	first, _, _ := strings.Cut(strings.TrimSpace(parts[0]), " ")
	list := !strings.Contains(parts[0], " ") && len(parts) > 1
	if !list || !c.table.Knows(shell.Base(first)) && !runners[first] {
		return strings.Join(parts, "\n")
	}
	var b strings.Builder
	for _, p := range parts {
		b.WriteString("'" + strings.ReplaceAll(p, "'", "") + "' ")
	}
	return b.String()
}

// runners are programs that run others, as the first of a list of words.
var runners = map[string]bool{"sudo": true, "bash": true, "sh": true, "npx": true, "bunx": true, "env": true, "timeout": true}

// hands tells whether a line looks as if it handed a string to a shell.
func hands(t string) bool {
	for _, call := range calls {
		if strings.Contains(t, call) {
			return true
		}
	}
	return false
}

// literals are the strings of a line.
func literals(t string) []string {
	var parts []string
	for i := 0; i < len(t) && len(parts) < 40; i++ {
		q := t[i]
		if q != '"' && q != '\'' && q != '`' {
			continue
		}
		end := i + 1
		for end < len(t) && t[end] != q {
			if t[end] == '\\' {
				end++
			}
			end++
		}
		if end > len(t) {
			break
		}
		if s := t[i+1 : min(end, len(t))]; s != "" {
			parts = append(parts, strings.ReplaceAll(s, `\"`, `"`))
		}
		i = end
	}
	return parts
}

// testPath tells whether a file belongs to tests, examples or documentation. A
// script is run wherever it lies.
func testPath(p string, f form) bool {
	l := strings.ToLower(p)
	for part := range strings.SplitSeq(path.Dir(l), "/") {
		switch part {
		case "test", "tests", "testdata", "__tests__", "spec", "specs", "fixtures", "fixture", "examples", "example", "mocks", "e2e":
			return true
		case "docs", "doc":
			if f != script && f != makefile {
				return true
			}
		}
	}
	base := path.Base(l)
	return strings.Contains(base, "_test.") || strings.Contains(base, ".test.") || strings.Contains(base, ".spec.") ||
		strings.HasPrefix(base, "test_") || base == "conftest.py" || strings.HasPrefix(base, ".env.example") ||
		strings.HasPrefix(base, ".env.test") || strings.HasPrefix(base, ".env.sample")
}
