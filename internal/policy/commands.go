package policy

import (
	"slices"
	"strings"
	"sync"

	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/agentconfig"
	"github.com/gatehold/gatehold/internal/detect/command"
	"github.com/gatehold/gatehold/internal/detect/tool"
)

// mergeCommands joins the tools of both files: more is seen.
func (c *compiler) mergeCommands() {
	for _, f := range c.files {
		for _, t := range f.Commands {
			c.rules.commands = append(c.rules.commands, t)
			for i := range t.Rows {
				c.set("commands", strings.TrimSpace(t.Name+" "+t.Rows[i].Verbs+" "+strings.Join(t.Rows[i].With, " "))+
					": command/"+t.Rows[i].Kind, f.Name)
			}
		}
	}
	commands := c.rules.commands
	c.rules.own = sync.OnceValue(func() *tool.Table {
		if len(commands) == 0 {
			return nil
		}
		return tool.Shipped().With(commands)
	})
}

// Under is a detector as it reads under these rules: with the organisation's own
// tools among those whose commands are known.
func (r *Rules) Under(d detect.Detector) detect.Detector {
	if len(r.commands) == 0 {
		return d
	}
	return agentconfig.Under(command.Under(d, r.own()), r.own())
}

// commands compares what is seen of commands. A tool sees as much as another
// where it is called by all of its names, and its first rows say the same or,
// where all of them are of one kind, ask for less.
func (w *weaker) commands() {
	for _, old := range w.from.commands {
		if !slices.ContainsFunc(w.to.commands, func(now *tool.Tool) bool { return seesAsMuch(now, old) }) {
			w.say("less is seen of the commands of "+old.Name+", or for certain", "commands")
		}
	}
}

func seesAsMuch(now, old *tool.Tool) bool {
	names := append([]string{now.Name}, now.Also...)
	if gone := missingWords(append([]string{old.Name}, old.Also...), names); len(gone) > 0 || len(now.Rows) < len(old.Rows) ||
		!slices.Equal(now.Global, old.Global) {
		return false
	}
	oneKind := !slices.ContainsFunc(now.Rows, func(r tool.Row) bool { return r.Kind != old.Rows[0].Kind || r.Spare != "" })
	for i := range old.Rows {
		if !fitsAsMuch(now.Rows[i], old.Rows[i], oneKind) {
			return false
		}
	}
	return true
}

// fitsAsMuch reports whether a row is about all the commands that another is
// about, and says the same of them.
func fitsAsMuch(now, old tool.Row, mayWiden bool) bool {
	wider := len(missingWords(now.With, old.With)) == 0 && len(missingWords(now.Without, old.Without)) == 0 &&
		len(missingWords(now.Says, old.Says)) == 0 && len(missingWords(now.Unsaid, old.Unsaid)) == 0
	same := wider && len(now.With) == len(old.With) && len(now.Without) == len(old.Without) &&
		len(now.Says) == len(old.Says) && len(now.Unsaid) == len(old.Unsaid)
	return now.Verbs == old.Verbs && now.Kind == old.Kind && (now.Spare == old.Spare || now.Spare == "") && (same || wider && mayWiden)
}

// commandTexts are the rows in force, for people.
func commandTexts(r *Rules) []pair {
	var out []pair
	for _, t := range r.commands {
		var rows []string
		for _, row := range t.Rows {
			rows = append(rows, strings.TrimSpace(row.Verbs+" "+strings.Join(row.With, " "))+" as command/"+row.Kind)
		}
		out = append(out, pair{t.Name, strings.Join(rows, ", ")})
	}
	return out
}
