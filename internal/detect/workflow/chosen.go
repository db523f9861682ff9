package workflow

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/shell"
)

// chooses are programs some of whose sub-commands destroy.
var chooses = map[string]bool{"terraform": true, "tofu": true, "terragrunt": true, "pulumi": true, "cdk": true, "kubectl": true,
	"helm": true, "serverless": true, "sls": true, "sst": true, "eksctl": true, "oc": true, "cdktf": true, "copilot": true, "railway": true,
	"heroku": true, "flyctl": true, "fly": true, "kops": true, "nomad": true, "vault": true, "eb": true, "sam": true, "docker-compose": true,
	"ansible": true, "terramate": true, "atmos": true}

// destroys are words of sub-commands that destroy.
var destroys = map[string]bool{"destroy": true, "delete": true, "uninstall": true, "down": true, "remove": true, "rm": true, "drop": true,
	"purge": true, "reset": true, "wipe": true, "terminate": true, "nuke": true}

// auditCommands looks at the commands of a step, one by one.
func auditCommands(f *file, j *job, s *step) []hit {
	if s.run.empty() {
		return nil
	}
	var out []hit
	at := func(k *kind, c *shell.Command, object, detail string) {
		line := s.run.line
		if strings.Contains(s.run.s, "\n") {
			line += c.Line
		}
		out = append(out, hit{kind: k, key: j.id + object, line: line, object: object, detail: detail})
	}
	var names []string // of the expressions, in order
	text := named(s.run.s, &names)
	cmds := shell.Read(text, 1).Commands
	for i := range cmds[:min(len(cmds), maxCommands)] {
		c := &cmds[i]
		if file := oddProgram(c); file != "" {
			at(kindOddProgram, c, file, "run by "+c.Name())
		}
		if image := runsImage(c); image != "" && !builds(cmds, image) {
			at(kindUnpinnedRunImage, c, image, "")
		}
		if w := verb(c); w != "" {
			if from, ok := f.chosen(j, s, w, names); ok {
				at(kindChosenCommand, c, j.id, c.Name()+" does what "+from+" says")
			}
		}
		for _, a := range c.Assigns {
			if loads(a.Name, a.Value.Text) {
				at(kindLoader, c, a.Name, "in a script")
			}
		}
		if c.Name() == "export" || c.Name() == "echo" {
			for _, w := range c.Args() {
				if key, value, ok := strings.Cut(w.Text, "="); ok && loads(key, value) && (c.Name() == "export" || len(c.Writes()) > 0) {
					at(kindLoader, c, key, "in a script")
				}
			}
		}
	}
	return out
}

// named is a script with its expressions made variables that are numbered in
// the order of names.
func named(run string, names *[]string) string {
	var b strings.Builder
	at := 0
	for _, e := range expressions(run) {
		b.WriteString(run[at:e.off])
		cs := contexts(e.body)
		path := ""
		if len(cs) > 0 {
			path = cs[0].path
		}
		*names = append(*names, path)
		b.WriteString("${GH_" + strings.Repeat("I", min(len(*names), 50)) + "}")
		whole := run[e.off : e.off+len(e.body)+5]
		b.WriteString(strings.Repeat("\n", strings.Count(whole, "\n")))
		at = e.off + len(whole)
	}
	b.WriteString(run[at:])
	return b.String()
}

// verb is the variable that stands where a program's sub-command does; empty
// for none.
func verb(c *shell.Command) string {
	if !chooses[c.Name()] {
		return ""
	}
	for _, w := range c.Args() {
		if strings.HasPrefix(w.Text, "-") {
			continue
		}
		if v := variables(w.Text); len(v) == 1 && strings.Trim(w.Text, "${}\"") == v[0] {
			return v[0]
		}
		return ""
	}
	return ""
}

// chosen tells whether whoever starts a run gives a variable its value, and may
// give it one that destroys.
func (f *file) chosen(j *job, s *step, variable string, names []string) (string, bool) {
	var paths []string
	if n := strings.Count(variable, "I"); strings.HasPrefix(variable, "GH_I") && n <= len(names) {
		paths = append(paths, names[n-1])
	}
	for _, env := range [][]pair{s.env, j.env, f.env} {
		for _, p := range env {
			if p.key != variable {
				continue
			}
			for _, e := range expressions(p.value.s) {
				for _, c := range contexts(e.body) {
					paths = append(paths, c.path)
				}
			}
		}
	}
	for _, path := range paths {
		name, ok := strings.CutPrefix(path, "inputs.")
		if !ok {
			name, ok = strings.CutPrefix(path, "github.event.inputs.")
		}
		if ok {
			if f.mayDestroy(name) {
				return path, true
			}
		} else if trustOf(path) != trusted || strings.HasPrefix(path, "github.event.client_payload") {
			return path, true
		}
	}
	return "", false
}

// mayDestroy tells whether an input may name what destroys: free text may.
func (f *file) mayDestroy(input string) bool {
	found := false
	for _, e := range f.events {
		if e.inputs[input] != "fixed" {
			continue
		}
		options := e.options[input]
		found = found || len(options) == 0 || !slices.ContainsFunc(options, func(o string) bool { return anyWord(o, destroys) })
	}
	return !found
}

// runsImage is the image that a command runs a container of and that moves: a
// name with an owner and no version.
func runsImage(c *shell.Command) string {
	if c.Name() != "docker" && c.Name() != "podman" && c.Name() != "nerdctl" {
		return ""
	}
	args := c.Args()
	if len(args) > 0 && args[0].Text == "container" {
		args = args[1:]
	}
	if len(args) < 2 || args[0].Text != "run" {
		return ""
	}
	for i := 1; i < len(args); i++ {
		w := args[i].Text
		if !strings.HasPrefix(w, "-") {
			if strings.ContainsAny(w, "$`") || !strings.Contains(w, "/") || imageState(w) != 2 {
				return ""
			}
			return w
		}
		if !strings.Contains(w, "=") && !alone[strings.TrimLeft(w, "-")] {
			i++ // a flag with a value
		}
	}
	return ""
}

// alone are flags of docker run that take no value.
var alone = map[string]bool{"rm": true, "i": true, "t": true, "it": true, "ti": true, "d": true, "privileged": true, "init": true,
	"read-only": true, "P": true, "q": true, "quiet": true, "detach": true, "interactive": true, "tty": true, "no-healthcheck": true,
	"sig-proxy": true, "publish-all": true, "oom-kill-disable": true, "tid": true,
	"itd": true, "dit": true, "idt": true, "td": true, "id": true}

// builds tells whether a script makes the image itself.
func builds(cmds []shell.Command, image string) bool {
	name := imageName(image)
	for i := range cmds[:min(len(cmds), 200)] {
		c := &cmds[i]
		if c.Name() != "docker" && c.Name() != "podman" || len(c.Words) < 2 || c.Words[1].Text == "run" {
			continue
		}
		if strings.Contains(c.Join(), name) && c.Words[1].Text != "pull" {
			return true
		}
	}
	return false
}

// auditIndirect finds text of outsiders that the shell itself runs: a variable
// of it in eval, or in a program text that is made of it.
func auditIndirect(f *file, j *job, s *step) []hit {
	if s.run.empty() {
		return nil
	}
	for _, c := range s.script().Commands {
		if c.Name() != "eval" && !((c.Name() == "bash" || c.Name() == "sh") && len(c.Words) > 2 && c.Words[1].Text == "-c") {
			continue
		}
		for _, w := range c.Args() {
			for _, v := range variables(w.Text) {
				who := f.envTrust(j, s, v, 0)
				if strings.EqualFold(v, "GITHUB_HEAD_REF") {
					who = byAnybody
				}
				if who == byAnybody {
					k := kindInjectionPush
					if startedByOutsiders(f) {
						k = kindInjection
					}
					return []hit{{kind: k, key: "eval " + v, line: s.run.line + c.Line, object: "run", detail: "$" + v + " is run by " + c.Name()}}
				}
			}
		}
	}
	return nil
}
