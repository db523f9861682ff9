package rulesfile

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// maxTellings bounds `tell`: each entry is looked through for every gate.
const maxTellings = 50

// tell reads who is told. Channels are named only: where they lead is the operator's
// business, and which there are is not known here.
func (p *fileParser) tell(n *yaml.Node) {
	p.texts0(n, "tell", func(item *yaml.Node) {
		var t gate.Telling
		before := len(p.problems)
		ok := p.fields(item, "an entry of tell", map[string]field{
			"to":    func(_, v *yaml.Node) { t.To = p.channelNames(v) },
			"when":  func(_, v *yaml.Node) { t.When = p.moments(v) },
			"level": func(_, v *yaml.Node) { t.Level = p.level(v, "level") },
			"after": func(_, v *yaml.Node) { t.After = p.duration(v, "after") },
			"lines": func(_, v *yaml.Node) { t.Lines = p.flag(v, "lines") },
		})
		if !ok || len(p.problems) > before {
			return
		}
		if len(t.When) == 0 {
			t.When = []string{gate.WhenHeld, gate.WhenDecided}
			if t.After != "" {
				t.When = []string{gate.WhenHeld}
			}
		}
		switch {
		case len(t.To) == 0:
			p.fail(item, "missing_key", "an entry of tell needs `to`: the channels that are told")
		case t.After != "" && !slices.Equal(t.When, []string{gate.WhenHeld}):
			p.fail(item, "bad_value",
				"`after` is how long something was held: `when` can be [held] only, and who is told so is told the outcome too")
		case len(p.file.Tell) == maxTellings:
			p.fail(item, "too_many", "there may be at most %d entries of tell", maxTellings)
		default:
			p.file.Tell = append(p.file.Tell, t)
		}
	})
}

// channelNames reads names as the configuration gives them to channels.
func (p *fileParser) channelNames(n *yaml.Node) []string {
	names, nodes := p.texts(n, "to")
	for i, name := range names {
		switch {
		case len(name) > 50 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
			p.fail(nodes[i], "bad_value",
				"%q is no name of a channel: write the name that the configuration of gatehold gives it, not where it leads", words.Clip(name))
		case slices.Index(names, name) < i:
			p.fail(nodes[i], "duplicate_key", "the channel %q is named twice: keep one", name)
		}
	}
	return names
}

func (p *fileParser) moments(n *yaml.Node) []string {
	var out []string
	p.texts0(n, "when", func(item *yaml.Node) {
		if word := p.word(item, "an entry of when", gate.WhenDecided, gate.WhenHeld); word != "" && !slices.Contains(out, word) {
			out = append(out, word)
		}
	})
	slices.Sort(out)
	slices.Reverse(out) // held before decided, in whatever order they are written
	return out
}

// flag reads true or false.
func (p *fileParser) flag(n *yaml.Node, what string) bool {
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
		p.fail(n, "wrong_type", "%s must be true or false, and this is %s", what, describe(n))
		return false
	}
	return strings.EqualFold(n.Value, "true")
}
