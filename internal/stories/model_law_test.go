//go:build services

package stories

import (
	"fmt"
	"time"
)

// part is a number of approvals by people of a team.
type part struct {
	count   int
	team    string
	expires time.Duration
}

const oneOfSRE = `{ approvals: 1, from: ["@acme/sre"] }`

// variants are the rules files that branches and the organisation can have: what
// has to be met, one person for one place, and what is held.
var variants = []struct {
	name, need, more string
	parts            []part
}{
	{"one", oneOfSRE, "", []part{{1, "sre", 0}}},
	{"two", `{ approvals: 2, from: ["@acme/sre"] }`, "", []part{{2, "sre", 0}}},
	{"both", `{ all: [{ approvals: 1, from: ["@acme/sre"] }, { approvals: 1, from: ["@acme/security"] }] }`, "",
		[]part{{1, "sre", 0}, {1, "security", 0}}},
	{"lapsing", `{ approvals: 1, from: ["@acme/sre"], expires: 48h }`, "", []part{{1, "sre", 48 * time.Hour}}},
	{"lax", oneOfSRE, "", []part{{1, "sre", 0}}},
	{"strict", oneOfSRE, "  - { id: docs, title: Docs, paths: [\"docs/**\"], risk: 60, level: high }\n", []part{{1, "sre", 0}}},
	{"broken", `{ approvals: many }`, "", nil},
}

const (
	lapsing = 3
	lax     = 4
	strict  = 5
	broken  = 6
)

// lawText is a rules file.
func lawText(variant int) string {
	danger := "risk: 60, level: high"
	if variant == lax {
		danger = "risk: 1"
	}
	v := variants[variant]
	return "version: 1\nbranches: [\"release/*\"]\nrules:\n" +
		"  - { id: danger, title: Danger, why: It cannot be taken back., paths: [\"danger/**\"], " + danger + " }\n" +
		"  - { id: frozen, title: Frozen, for: everyone, labels: [freeze], risk: 95, level: critical }\n" + v.more +
		"needs:\n  high: " + v.need + "\n  critical: " + v.need + "\n" +
		"break_glass: { from: [\"@acme/incident\"], via: [button] }\n"
}

// law is what is in force on a base at one moment: variants; org -1: there is no
// file of the organisation's.
type law struct{ repo, org int }

// rules names what the digest of the rules stands for.
func (l law) rules() string { return fmt.Sprintf("%d/%d", l.repo, l.org) }

// effect names what the rules come to, where different files come to the same.
func (l law) effect() string {
	switch {
	case l.org == 0 && l.repo == lax: // the organisation's file is a floor
		l.repo, l.org = 0, -1
	case l.org == 0 && l.repo != broken:
		l.org = -1
	case l.org == 1 && (l.repo == 0 || l.repo == lax || l.repo == 1):
		l.repo, l.org = 1, -1
	}
	return l.rules()
}

func (l law) needs() (needs [][]part) {
	for _, v := range []int{l.repo, l.org} {
		if v >= 0 && v != broken {
			needs = append(needs, variants[v].parts)
		}
	}
	return needs
}

// broken holds everything. Where the organisation's rules are in order, theirs is
// what releases; else nothing does.
func (l law) broken() bool { return l.repo == broken }

func (l law) hopeless() bool { return l.broken() && l.org < 0 }

// lax lets danger pass, strict holds all that an agent does.
func (l law) lax() bool    { return l.repo == lax && l.org < 0 }
func (l law) strict() bool { return l.repo == strict }
