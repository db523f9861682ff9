package rulesfile

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/gatehold/gatehold/internal/words"
)

// Passkeys is what the rules ask of people's passkeys. The zero value asks no more than
// the server does by itself.
type Passkeys struct {
	Wait        string   `json:"wait,omitempty"`        // a duration: at least so long a first key waits
	VouchFrom   []string `json:"vouch_from,omitempty"`  // who may vouch; empty: whoever may approve
	Vouches     int      `json:"vouches,omitempty"`     // how many have to; 0: one
	Attestation string   `json:"attestation,omitempty"` // one of the words; empty: recorded
	Models      []string `json:"models,omitempty"`      // AAGUIDs as hexadecimal digits; empty: any
	Keys        int      `json:"keys,omitempty"`        // most for a person; 0: as many as the server lets them
	Notices     string   `json:"notices,omitempty"`     // OWNER/NAME, in small letters: where GitHub itself tells people
}

// What is asked of the attestation of a key, from the weaker to the stricter.
const (
	AttestationNone     = "none"     // the browser is not asked for it
	AttestationRecorded = "recorded" // it is kept, with whether it verifies
	AttestationRequired = "required" // a key without one that verifies is refused
)

// Attestations are these words, from the weaker to the stricter.
var Attestations = []string{AttestationNone, AttestationRecorded, AttestationRequired}

// Bounds on what is said of passkeys.
const (
	LeastKeyWait = time.Hour
	mostKeyWait  = 30 * 24 * time.Hour
	mostKeys     = 10
	mostVouches  = 5
)

var (
	aaguid   = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	fullName = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9])?/[A-Za-z0-9._-]{1,100}$`)
)

func (p *fileParser) passkeys(n *yaml.Node) {
	k := &Passkeys{}
	p.fields(n, "passkeys", map[string]field{
		"wait": func(_, v *yaml.Node) { k.Wait = p.keyWait(v) },
		"vouch": func(_, v *yaml.Node) {
			p.fields(v, "passkeys.vouch", map[string]field{
				"from":      func(_, v *yaml.Node) { k.VouchFrom = p.vouchers(v) },
				"approvals": func(_, v *yaml.Node) { k.Vouches = int(p.number(v, "approvals", 1, mostVouches)) },
			})
		},
		"attestation": func(_, v *yaml.Node) { k.Attestation = p.word(v, "passkeys.attestation", Attestations...) },
		"models": func(_, v *yaml.Node) {
			models, nodes := p.texts(v, "passkeys.models")
			for i, m := range models {
				if !aaguid.MatchString(strings.ToLower(m)) {
					p.fail(nodes[i], "bad_value", "a model of authenticators is written by its AAGUID, as in "+
						"2fc0579f-8113-47ea-b116-bb5a8db9202a, and this is %q", words.Clip(m))
					continue
				}
				k.Models = append(k.Models, strings.ReplaceAll(strings.ToLower(m), "-", ""))
			}
			slices.Sort(k.Models)
			k.Models = slices.Compact(k.Models)
			p.later = append(p.later, func() {
				if k.Attestation != AttestationRequired {
					p.fail(v, "unreachable", "only an attestation proves the model: say `attestation: required` beside `models`")
				}
			})
		},
		"keys": func(_, v *yaml.Node) { k.Keys = int(p.number(v, "passkeys.keys", 1, mostKeys)) },
		"notices": func(_, v *yaml.Node) {
			if k.Notices = strings.ToLower(p.text(v, "passkeys.notices", 256)); k.Notices != "" && !fullName.MatchString(k.Notices) {
				p.fail(v, "bad_value", "passkeys.notices is a repository of the organisation, as in acme/people, and this is %q",
					words.Clip(k.Notices))
			}
		},
	})
	p.file.Passkeys = k
}

func (p *fileParser) vouchers(n *yaml.Node) []string {
	out := p.approvers(n, "from")
	if slices.Contains(out, Owners) {
		p.fail(n, "bad_value", "who vouches is named as people, teams or roles: `codeowners` answer for files, and a passkey is of a person")
	}
	return out
}

func (p *fileParser) keyWait(n *yaml.Node) string {
	text := p.duration(n, "passkeys.wait")
	if d, err := time.ParseDuration(text); err == nil && (d < LeastKeyWait || d > mostKeyWait) {
		p.fail(n, "out_of_range", "passkeys.wait must lie between 1h and 720h, and this is %s", words.Clip(n.Value))
		return ""
	}
	return text
}
