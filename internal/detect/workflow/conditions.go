package workflow

import (
	"strings"
)

// auditIf looks at one if.
func auditIf(f *file, ifs text, where string) []hit {
	if ifs.empty() {
		return nil
	}
	var out []hit
	if alwaysTrue(ifs.s) {
		out = append(out, hit{kind: kindAlwaysTrue, key: strings.TrimSpace(ifs.s), line: ifs.line, object: where,
			detail: "text outside ${{ }} makes the whole a string, and a string counts as true"})
	}
	body := condition(ifs.s)
	if !f.action && f.reachable() {
		if who := botCheck(body); who != "" {
			out = append(out, hit{kind: kindBotCondition, key: strings.TrimSpace(body), line: ifs.line, object: where, detail: who})
		}
	}
	if c := substringCheck(body); c != "" {
		out = append(out, hit{kind: kindUnsoundContains, key: strings.TrimSpace(body), line: ifs.line, object: where, detail: c})
	}
	return out
}

// reachable tells whether outsiders can start the file at all.
func (f *file) reachable() bool {
	_, yes := f.privileged()
	return yes || f.on("pull_request")
}

// alwaysTrue tells whether a condition has text around its expressions: a
// block scalar with a newline at its end, or two fences joined by an operator.
func alwaysTrue(s string) bool {
	es := expressions(s)
	if len(es) == 0 {
		return false
	}
	if len(es) == 1 {
		e := es[0]
		return e.off != 0 || e.off+len(e.body)+5 != len(s)
	}
	return true
}

// botCheck finds a comparison of the last actor with a bot. The actor is
// whoever caused the last event, not who wrote the code: a pull request that a
// bot touched last passes with anybody's commits.
func botCheck(body string) string {
	toks := lex(body)
	for i, t := range toks {
		if t.kind != 'c' || !actorIDs[t.text] && !actorNames[t.text] {
			continue
		}
		for _, k := range [...]int{i - 2, i + 2} {
			op := (i + k) / 2
			if k < 0 || k >= len(toks) || toks[op].kind != 'o' || toks[op].text != "==" {
				continue
			}
			if who := bot(t.text, toks[k]); who != "" {
				return who
			}
		}
	}
	return ""
}

// bot says how an actor is compared with a bot, if the other token is one.
func bot(actor string, other token) string {
	switch {
	case actorNames[actor] && other.kind == 's' && strings.HasSuffix(strings.ToLower(other.text), "[bot]"):
		return actor + " == '" + other.text + "'"
	case actorIDs[actor] && (other.kind == 'n' || other.kind == 's' && botIDs[other.text]):
		return actor + " compared with a bot's id"
	}
	return ""
}

var (
	// actorIDs hold the id of whoever caused the last event.
	actorIDs = map[string]bool{"github.actor_id": true, "github.event.sender.id": true, "github.triggering_actor_id": true}
	// actorNames hold that account's name.
	actorNames = map[string]bool{"github.actor": true, "github.triggering_actor": true, "github.event.sender.login": true,
		"github.event.pull_request.sender.login": true}
)

// botIDs are the account ids of well-known bots.
var botIDs = map[string]bool{"49699333": true, "27856297": true, "29139614": true, "41898282": true, "18365890": true}

// substringCheck finds contains('a,b', github.ref): it asks whether one string
// holds another, so that a branch named "a" or "," passes.
func substringCheck(body string) string {
	toks := lex(body)
	for i, t := range toks {
		if t.kind != 'f' || t.text != "contains" || i+3 >= len(toks) {
			continue
		}
		if toks[i+1].kind != 's' || toks[i+2].text != "," || toks[i+3].kind != 'c' {
			continue
		}
		switch c := toks[i+3].text; c {
		case "github.ref", "github.ref_name", "github.head_ref", "github.base_ref", "github.actor", "github.triggering_actor",
			"github.event.pull_request.head.ref", "github.repository", "github.event.label.name", "env.github_ref",
			"env.github_ref_name", "env.github_head_ref",
			"env.github_actor", "env.github_base_ref", "env.github_repository":
			return "contains('" + toks[i+1].text + "', " + c + ") asks for a part of a string"
		}
	}
	return ""
}

// never tells whether a condition can be seen to be false.
func never(s string) bool {
	if strings.TrimSpace(s) == "" || alwaysTrue(s) {
		return false
	}
	c := strings.ToLower(strings.Join(strings.Fields(condition(s)), " "))
	if rest, ok := strings.CutPrefix(c, "false && "); ok {
		return !strings.Contains(rest, "||")
	}
	if strings.HasSuffix(c, "&& false") {
		return !strings.Contains(c, "||")
	}
	switch c {
	case "false", "0", "''", "!true", "null", "true == false", "false == true", "1 == 0", "0 == 1", "always() == false",
		"!always()", "success() && failure()":
		return true
	}
	return false
}
