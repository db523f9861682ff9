package report

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

const (
	maxDetails = 4   // verdicts that are given as JSON
	maxSigns   = 100 // evidence, instigators and problems in each
)

// details is the verdicts as JSON, for agents. Each is valid JSON whatever had
// to be left out of it.
func details(gates []shown) string {
	var judged []shown
	for _, g := range gates {
		if g.Verdict != nil && len(judged) < maxDetails {
			judged = append(judged, g)
		}
	}
	if len(judged) == 0 {
		return ""
	}
	var p page
	p.line("For agents: the verdict as data. You may split the change, take out what was found, or ask the people named " +
		"under `needs`; approving is for them alone.")
	budget := (MaxSummary - 2000) / len(judged)
	for _, g := range judged {
		body, left := bounded(g.Verdict, budget-400)
		p.line("\n<details><summary>Verdict on #%d as JSON</summary>\n", g.Subject.Number)
		if left > 0 {
			p.line("%s left out here for length, and counted in `hidden`.\n", words.Plural(left, "finding"))
		} else {
			p.line("Whole, with the digest that an approval is for.\n")
		}
		p.line("```json\n%s\n```\n\n</details>", body)
	}
	return p.String()
}

// bounded is a verdict as JSON of at most size bytes, and how many of its
// findings that cost.
func bounded(v *gate.Verdict, size int) (body string, left int) {
	small := *v
	small.Agent.Evidence = v.Agent.Evidence[:min(len(v.Agent.Evidence), maxSigns)]
	small.Agent.Instigators = v.Agent.Instigators[:min(len(v.Agent.Instigators), maxSigns)]
	small.Problems = v.Problems[:min(len(v.Problems), maxSigns)]
	small.Notes = v.Notes[:min(len(v.Notes), maxSigns)]
	small.Proposed = briefly(v.Proposed)
	if v.Intent != nil && len(escaped(v.Intent, "  ")) > size/4 { // what weighs of it is among the findings
		small.Intent = nil
	}
	if v.Brings != nil {
		short := *v.Brings
		short.Pulls, short.Left = short.Pulls[:min(len(short.Pulls), maxBrought)], nil
		small.Brings = &short
	}
	small.Findings = []gate.Finding{}
	used, kept := len(asJSON(&small)), 0
	for kept < len(v.Findings) {
		used += len(escaped(v.Findings[kept], "  ")) + len(",\n  ")
		if used > size {
			break
		}
		kept++
	}
	left = len(v.Findings) - kept
	small.Findings, small.Hidden = v.Findings[:kept:kept], v.Hidden+left
	if body = asJSON(&small); len(body) <= size {
		return body, left
	}
	return asJSON(&gate.Verdict{
		ID: visible(v.ID, 100), Repository: visible(v.Repository, 150), Number: v.Number, Head: visible(v.Head, 64),
		Score: v.Score, Level: gate.Level(visible(string(v.Level), 20)), Held: v.Held, WouldHold: v.WouldHold,
		Mode: visible(v.Mode, 20), Reason: visible(v.Reason, 300), Hidden: v.Hidden + len(v.Findings), Digest: visible(v.Digest, 64),
		Agent: gate.Attribution{Is: v.Agent.Is, Strength: gate.Strength(visible(string(v.Agent.Strength), 20)), Presumed: v.Agent.Presumed},
	}), len(v.Findings)
}

// asJSON is a verdict as JSON in which nothing can close a code fence or hide:
// backticks and what is invisible are written as \u escapes, as encoding/json
// writes < and >.
func asJSON(v *gate.Verdict) string { return escaped(v, "") }

func escaped(v any, indent string) string {
	raw, err := json.MarshalIndent(v, indent, " ")
	if err != nil { // a verdict is made of plain values only
		raw, _ = json.Marshal(map[string]string{"error": err.Error()})
	}
	var b strings.Builder
	b.Grow(len(raw))
	for _, r := range string(raw) {
		switch {
		case r != '`' && r >= ' ' && r < 0x7F, r == '\n':
			b.WriteByte(byte(r))
		case r == '`' || hidden(r):
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
