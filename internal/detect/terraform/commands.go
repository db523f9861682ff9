package terraform

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/cloud"
	"github.com/gatehold/gatehold/internal/detect/shell"
	"github.com/gatehold/gatehold/internal/detect/tool"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// commands reports what a provisioner newly runs.
func commands(before *tree.Node, after *cloud.Resource, r *detect.Report) {
	had := map[string]bool{}
	for _, p := range before.Get("provisioner").Each() {
		had[commandOf(p)] = true
	}
	for _, p := range after.Body.Get("provisioner").Each() {
		command := commandOf(p)
		if had[command] || p.Get("_label").Str() == "file" {
			continue
		}
		runs(command, p.Get("_label").Str(), p.Line, after.Address, r)
	}
}

// program reports what the data source external newly runs.
func program(b, a *block, name string, r *detect.Report) {
	var was *tree.Node
	if b != nil {
		was = b.body.Get("program")
	}
	now := a.body.Get("program")
	if tree.Equal(was, now) {
		return
	}
	words := now.Strings()
	script := quoted(words)
	if len(words) > 2 && strings.HasPrefix(words[1], "-") && strings.HasSuffix(words[1], "c") {
		script = words[2] // sh -c SCRIPT
	}
	runs(script, "external program", a.line, name, r)
}

// quoted writes words as a shell takes them.
func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
	}
	return strings.Join(out, " ")
}

// runs reports a script, by the worst that it does.
func runs(script, how string, line int, object string, r *detect.Report) {
	kind, detail := kinds.runsCommand, how
	if what := destroys(script); what != "" {
		kind, detail = kinds.destroysByCommand, what
	} else if downloads(script) {
		kind, detail = kinds.runsDownload, how
	}
	r.Add(detect.Observation{Kind: kind, Line: line, Object: object, Detail: detail})
}

func commandOf(p *tree.Node) string {
	return p.Get("command").Str() + "\n" + strings.Join(p.Get("inline").Strings(), "\n")
}

// mild are kinds of commands that lose nothing of weight, or are about something
// else than what is lost.
var mild = map[string]bool{"none": true, "delete-minor": true, "delete-old": true, "delete-variable": true, "sync-delete": true,
	"apply-unattended": true, "force-push": true, "delete-working-tree": true, "rewrite-history": true,
	"container-with-host": true, "world-writable": true, "world-writable-file": true, "in-test": true,
	"reset-test-database": true, "disable-guard": true, "weaken-repository": true, "roll-back-database": true}

// destroys names the first command in a script that deletes what is remote or
// all that is local.
func destroys(script string) string {
	for _, m := range tool.Shipped().Text(script) {
		if !mild[m.Kind] {
			return m.Detail
		}
	}
	return ""
}

// downloads says whether a script runs what it fetches.
func downloads(script string) bool {
	read := (&shell.Reader{Programs: tool.Shipped().Knows}).Read(strings.TrimSpace(script), 1)
	for _, c := range read.Commands {
		if len(c.Words) == 0 || !interprets(shell.Base(c.Words[0].Text)) {
			continue
		}
		for _, span := range []shell.Span{c.In, c.Subst} {
			for i := span.From; i < span.To && i < len(read.Commands); i++ {
				if w := read.Commands[i].Words; len(w) > 0 && fetches(shell.Base(w[0].Text)) {
					return true
				}
			}
		}
	}
	return false
}

func interprets(name string) bool {
	switch name {
	case "sh", "bash", "zsh", "dash", "ksh", "ash", "python", "python3", "perl", "ruby", "node", "pwsh", "eval", "source":
		return true
	}
	return false
}

func fetches(name string) bool { return name == "curl" || name == "wget" || name == "aria2c" }
