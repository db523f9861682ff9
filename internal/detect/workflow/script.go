package workflow

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// script is what a step runs, as a shell reads it.
func (s *step) script() *shell.Script {
	if s.scriptIs == nil {
		s.scriptIs = shell.Read(s.run.s, 1)
	}
	return s.scriptIs
}

// commands are what a step's script runs, each in one line without quotes, in
// order, with what is handed on to another shell. What only says something is
// none of them.
func (s *step) commands() []string {
	if s.commandsKnown || s.run.empty() {
		return s.commandsAre
	}
	s.commandsKnown = true
	for _, c := range s.script().Commands {
		switch c.Name() {
		case "", "echo", "printf", "cat", ":", "true":
			continue
		}
		if len(s.commandsAre) < maxCommands {
			s.commandsAre = append(s.commandsAre, c.Join())
		}
	}
	return s.commandsAre
}

// maxCommands bounds what is looked at of one step.
const maxCommands = 2000

// runs reports whether a step runs a command that begins with one of these, and
// does not only try it.
func (s *step) runs(beginnings ...string) bool {
	for _, c := range s.commands() {
		for _, b := range beginnings {
			if strings.HasPrefix(c, b) && (len(c) == len(b) || c[len(b)] == ' ') && !strings.Contains(c, "--dry-run") {
				return true
			}
		}
	}
	return false
}

// ignoring are ways to say behind a command that its failure does not count.
var ignoring = [...]string{"|| true", "|| :", "|| exit 0", "; true", "|| echo", "&& true", "; exit 0", "; :", "|| /bin/true", "|| return 0"}

// ignoredChecks reports check commands whose failure failed a job and no longer
// does, wherever in the job they stand now.
func ignoredChecks(b, a *job) []hit {
	was := map[string]bool{} // by what the check is: whether its failure counted
	for i := range b.steps {
		for c, counts := range b.steps[i].blocking() {
			was[c] = was[c] || counts
		}
	}
	is, at := map[string]bool{}, map[string]*step{}
	for i := range a.steps {
		s := &a.steps[i]
		if s.carryOn || never(s.ifs.s) {
			continue // said of the step
		}
		for c, counts := range s.blocking() {
			is[c] = is[c] || counts
			if !counts {
				at[c] = s
			}
		}
	}
	var out []hit
	for _, c := range sortedKeys(at) {
		if was[c] && !is[c] {
			out = append(out, hit{kind: kindNonBlocking, line: at[c].run.line, object: a.id, detail: "the failure of " + c + " is ignored"})
		}
	}
	return out
}

// blocking lists the check commands of a step, and whether the step fails where
// they do. The runner starts bash with -e, so that each command counts until
// the script says otherwise; without it only the last one does.
// https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
func (s *step) blocking() map[string]bool {
	if s.run.empty() || s.check() == "" {
		return nil
	}
	cmds := s.script().Commands
	cmds = cmds[:min(len(cmds), maxCommands)]
	lines := strings.Split(s.run.s, "\n")
	handsOn := slices.ContainsFunc(cmds, func(c shell.Command) bool { return keeps(&c) })
	strict := !strings.Contains(s.shell, "{0}") || strings.Contains(s.shell, "-e")
	out := map[string]bool{}
	for i := range cmds {
		c := &cmds[i]
		if c.Name() == "set" && len(c.Words) > 1 {
			if flags := c.Words[1].Text; strings.Contains(flags, "e") {
				strict = strings.HasPrefix(flags, "-")
			}
			continue
		}
		counts := !c.Ignored && !c.Background && (handsOn || !excused(lines, c) && (strict || i == len(cmds)-1))
		for _, found := range checkCommand().FindAllString(c.Join(), 5) {
			out[tool(found)] = out[tool(found)] || counts
		}
	}
	return out
}

// keeps tells whether a command hands on how another one ended.
func keeps(c *shell.Command) bool {
	if (c.Name() == "exit" || c.Name() == "return" || c.Name() == "false") && c.Join() != "exit 0" && c.Join() != "return 0" {
		return len(c.Words) > 1 || c.Name() == "false"
	}
	return slices.ContainsFunc(c.Words, asksResult) ||
		slices.ContainsFunc(c.Assigns, func(a shell.Assign) bool { return asksResult(a.Value) })
}

func asksResult(w shell.Word) bool {
	return strings.Contains(w.Text, "$?") || strings.Contains(w.Text, "PIPESTATUS") || strings.Contains(w.Text, "LASTEXITCODE")
}

// excused tells whether the line of a command says that its failure is none:
// || exit 0, || echo "flaky", if ! it; then.
func excused(lines []string, c *shell.Command) bool {
	if c.End < 1 || c.End > len(lines) || c.Line < 1 {
		return false
	}
	if first := strings.TrimSpace(lines[c.Line-1]); strings.HasPrefix(first, "if ") || strings.HasPrefix(first, "while ") {
		return true
	}
	line := lines[c.End-1]
	i := strings.LastIndex(line, "||")
	if i < 0 {
		return false
	}
	instead := strings.TrimSpace(line[i+2:])
	for _, w := range [...]string{"exit 0", "echo", "printf", ":", "true", "return 0", "/bin/true"} {
		if strings.HasPrefix(instead, w) {
			return true
		}
	}
	return false
}
