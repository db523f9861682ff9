package judge

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/agent"
	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// maxOriginIssues bounds the issues of one change's origin.
const maxOriginIssues = 12

// Origin is what led to a change, as far as it says: the issues that it
// resolves, with who opened them, and the sessions in which agents made it. It
// is for people to follow: nothing is judged by it.
func Origin(c *change.Change) []gate.Link {
	var out []gate.Link
	for _, i := range c.Issues[:min(len(c.Issues), maxOriginIssues)] {
		ref := "#" + strconv.Itoa(i.Number)
		if !strings.EqualFold(i.Repository, c.Repository) {
			ref = words.Clip(i.Repository) + ref
		}
		out = append(out, gate.Link{Kind: "issue", Ref: ref, By: words.Clip(i.Author.Login), Agent: i.Author.Login != "" && !i.Author.IsPerson()})
	}
	for _, s := range agent.Sessions(c) {
		out = append(out, gate.Link{Kind: "session", Ref: s.URL, By: s.Agent, Agent: true})
	}
	return sealLinks(out)
}
