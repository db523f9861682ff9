// Package starter writes a first rules file that fits a repository, with the
// reason beside each choice.
//
// It is pure and deterministic: the same files, in whatever order, give the
// same text. Names and paths come from whoever may write to the repository;
// they are quoted in values and in comments alike, what a rules file cannot
// hold is left out and counted, and every list is bounded, so that the text
// always parses.
package starter

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// File is one file of the repository. Text is looked at for those that Wants
// names; empty where it could not be read.
type File struct {
	Path string
	Text string
}

// Bounds on what is written.
const (
	maxListed   = 20  // entries of each list
	maxPatterns = 400 // of a boundary: a folder that is left out is not kept apart
	maxShown    = 80  // bytes of a path in a comment
)

// MaxText is how much of one file is looked at, in bytes.
const MaxText = 256 << 10

// Write writes a rules file.
func Write(files []File) string {
	files = slices.Clone(files)
	slices.SortStableFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	f := look(files)
	w := &writer{}
	w.line("version: 1")
	w.line("")
	w.comment("Judge, record and show, and hold nothing. Read for a week or two what the check")
	w.comment("says would be held; `gatehold rules preview` tries a new file on what was merged.")
	w.comment("Then write `mode: enforce`, and let an administrator require the check.")
	w.line("mode: observe")
	w.line("")
	w.packs(f)
	w.needs(f)
	w.environments(f)
	w.workflows(f)
	w.boundaries(f)
	return w.String()
}

// writer writes YAML. Whatever comes from outside goes through quote or shown.
type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) {
	fmt.Fprintf(w, format, args...)
	w.WriteByte('\n')
}

func (w *writer) comment(format string, args ...any) {
	w.line("# "+format, args...)
}

// quote is a YAML string in double quotes. Go's escapes are YAML's too; what is
// not printable is escaped in both.
func quote(s string) string { return strconv.QuoteToASCII(s) }

// shown is a text from outside within a comment: one line, nothing invisible.
func shown(s string) string {
	if len(s) > maxShown {
		s = strings.ToValidUTF8(s[:maxShown], "") + "…"
	}
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return s
	}
	return strconv.QuoteToASCII(s)
}

func (w *writer) packs(f *found) {
	w.comment("Every pack that ships. A pack for files that are not here yet costs nothing, and")
	w.comment("is there when an agent adds the first of them.")
	w.line("extends:")
	w.line("  - default")
	var absent []string
	if len(f.packs) > 0 {
		w.comment("What of it speaks to the files that are here now:")
	}
	for _, k := range kinds {
		seen := f.packs[k.pack]
		if len(seen) == 0 {
			absent = append(absent, k.pack)
			continue
		}
		more := ""
		if n := len(seen) - 1; n > 0 {
			more = fmt.Sprintf(" and %d more", n)
		}
		w.comment("  %-19s %s%s: %s", k.pack, shown(seen[0]), more, k.why)
	}
	if len(absent) > 0 {
		w.comment("Nothing for these yet: %s.", strings.Join(absent, ", "))
	}
	w.comment("secrets, shape, commands, intent and gate look at every change.")
}

func (w *writer) needs(f *found) {
	w.line("")
	if len(f.owners) == 0 {
		switch {
		case f.ownersFile == "":
			w.comment("There is no CODEOWNERS, so the needs are those of `default`: high waits for one")
		default:
			w.comment("Nobody owns everything by %s, and who owns one folder does not", shown(f.ownersFile))
			w.comment("answer for the rest. So the needs are those of `default`: high waits for one")
		}
		w.comment("approval of somebody who can write, critical for one of somebody who maintains.")
		w.comment("With a team of your own:")
		w.comment("  needs:")
		w.comment(`    high: { approvals: 1, from: ["@your-org/your-team"] }`)
		if f.ownersFile != "" {
			w.comment("or with the owners of what is changed:")
			w.comment(`    high: { approvals: 1, from: [codeowners, "role:maintain"] }`)
		}
		return
	}
	w.comment("Who answers for the code, from %s: they own everything.", shown(f.ownersFile))
	w.comment("Low and medium pass.")
	from := make([]string, len(f.owners))
	for i, o := range f.owners {
		from[i] = quote(o)
	}
	if len(from) == 1 && !strings.Contains(f.owners[0], "/") {
		w.comment("Nobody releases what they had a part in: where it is theirs, whoever maintains does.")
		from = append(from, quote("role:maintain"))
	}
	who := strings.Join(from, ", ")
	w.line("needs:")
	w.line("  high: { approvals: 1, from: [%s] }", who)
	w.line("  critical: { approvals: 1, from: [%s], expires: 24h }", who)
}

func (w *writer) environments(f *found) {
	if len(f.environments) == 0 {
		return
	}
	w.line("")
	w.comment("Environments that workflows deploy to. What reaches production waits for what its")
	w.comment("changes of agents need; one that is made to be broken holds nothing.")
	w.line("environments:")
	for _, e := range f.environments[:min(len(f.environments), maxListed)] {
		w.line("  # in %s", shown(e.from))
		switch classOf(e.name) {
		case "":
			w.line("  %s: { hold: agent_changes }", quote(e.name))
		case production:
			w.line("  %s: { hold: agent_changes, need: high }", quote(e.name))
		default:
			w.line("  %s: { hold: never }", quote(e.name))
		}
	}
	w.left(len(f.environments)-maxListed+f.unfitEnvironments, "environment")
}

func (w *writer) left(n int, what string) {
	if n == 1 {
		w.comment("1 more %s is left out here.", what)
	} else if n > 1 {
		w.comment("%d more %ss are left out here.", n, what)
	}
}

func (w *writer) workflows(f *found) {
	if len(f.deploys) == 0 {
		return
	}
	w.line("")
	w.comment("Workflows that deploy or publish: they count as deployments even where no")
	w.comment("environment protects them.")
	w.line("workflows:")
	w.line("  deploy:")
	for _, d := range f.deploys[:min(len(f.deploys), maxListed)] {
		w.line("    # %s", d.from)
		w.line("    - %s", quote(d.name))
	}
	w.left(len(f.deploys)-maxListed, "workflow")
}

func (w *writer) boundaries(f *found) {
	if len(f.boundaries) == 0 {
		return
	}
	w.line("")
	w.comment("Folders that lie side by side for several environments, and backups. One change")
	w.comment("that writes on both sides lets one mistake destroy both.")
	w.line("boundaries:")
	for _, b := range f.boundaries {
		w.line("  %s:", b.name)
		w.line("    paths:")
		for _, p := range b.paths[:min(len(b.paths), maxPatterns)] {
			w.line("      - %s", quote(p))
		}
		w.left(len(b.paths)-maxPatterns, "folder")
		if len(b.environments) > 0 {
			w.line("    environments:")
			for _, e := range b.environments[:min(len(b.environments), maxListed)] {
				w.line("      - %s", quote(e))
			}
		}
	}
	if len(f.separate) == 0 {
		return
	}
	w.line("separate:")
	for _, pair := range f.separate {
		w.line("  - [%s, %s]", pair[0], pair[1])
	}
}

// named is a name and where it was found.
type named struct{ name, from string }

func byName(a, b named) int {
	return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.from, b.from))
}
