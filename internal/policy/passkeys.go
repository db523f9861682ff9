package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/rulesfile"
	"github.com/gatehold/gatehold/internal/words"
)

// nobodyVouches is a group that nobody is of: where the files share nobody, a key waits.
const nobodyVouches = "nobody"

// mergePasskeys takes of each setting the stricter. Where people are told is the
// organisation's to say, where it says so.
func (c *compiler) mergePasskeys() {
	var k rulesfile.Passkeys
	for _, f := range c.files {
		if f.Passkeys == nil {
			continue
		}
		if n := f.Passkeys.Notices; n != "" && k.Notices != "" && n != k.Notices {
			c.overruled("passkeys.notices", n, f.Name, "the organisation says where")
		}
		said := *f.Passkeys
		if f.by == repository && c.org != nil && len(k.VouchFrom) == 0 {
			said.VouchFrom = nil // whom it names could be others than those whom the organisation's rules let approve
		}
		k = StricterPasskeys(k, said)
		for _, s := range passkeySettings(*f.Passkeys) {
			if slices.Contains(passkeySettings(k), s) {
				c.set(s[0], s[1], f.Name)
			} else {
				c.overruled(s[0], s[1], f.Name, "what is in force is stricter")
			}
		}
	}
	c.rules.passkeys = k
}

// StricterPasskeys asks of passkeys what either does: of each setting the stricter. a
// says where people are told, where it says so.
func StricterPasskeys(a, b rulesfile.Passkeys) rulesfile.Passkeys {
	out := rulesfile.Passkeys{Wait: a.Wait, VouchFrom: a.VouchFrom, Vouches: max(a.Vouches, b.Vouches), Models: a.Models,
		Keys: a.Keys, Notices: cmp.Or(a.Notices, b.Notices), Attestation: a.Attestation}
	if waitOf(b) > waitOf(a) {
		out.Wait = b.Wait
	}
	switch {
	case len(a.VouchFrom) == 0:
		out.VouchFrom = b.VouchFrom
	case len(b.VouchFrom) > 0:
		if out.VouchFrom = both(a.VouchFrom, b.VouchFrom); len(out.VouchFrom) == 0 {
			out.VouchFrom = []string{nobodyVouches}
		}
	}
	if b.Attestation != "" && (a.Attestation == "" || attestationRank(b) > attestationRank(a)) {
		out.Attestation = b.Attestation
	}
	switch {
	case len(a.Models) == 0:
		out.Models = b.Models
	case len(b.Models) > 0:
		if out.Models = both(a.Models, b.Models); len(out.Models) == 0 {
			out.Models = []string{"none"}
		}
	}
	if b.Keys > 0 && (a.Keys == 0 || b.Keys < a.Keys) {
		out.Keys = b.Keys
	}
	return out
}

func waitOf(k rulesfile.Passkeys) time.Duration {
	d, err := time.ParseDuration(k.Wait)
	if err != nil { // it says nothing
		return 0
	}
	return d
}

func attestationRank(k rulesfile.Passkeys) int {
	return slices.Index(rulesfile.Attestations, cmp.Or(k.Attestation, rulesfile.AttestationRecorded))
}

// Passkeys is what the rules ask of people's passkeys.
func (r *Rules) Passkeys() rulesfile.Passkeys { return r.passkeys }

// Approvers are the groups of whom the rules let somebody approve something, each once.
// Owners of code are not among them: who they are hangs on the files of a change.
func (r *Rules) Approvers() []string {
	needs := append(slices.Clone(r.Needs[:]), r.Incomplete, r.breakGlass.Need())
	for _, rule := range r.Active {
		needs = append(needs, rule.Need)
	}
	for _, e := range r.environments {
		needs = append(needs, e.Need)
	}
	for _, w := range r.workflows {
		needs = append(needs, w.Need)
	}
	var out []string
	for _, n := range needs {
		if n == nil {
			continue
		}
		for _, g := range n.Groups() {
			if g != rulesfile.Owners && !slices.Contains(out, g) {
				out = append(out, g)
			}
		}
	}
	slices.Sort(out)
	return out
}

// passkeySettings are what is said of passkeys: names and values.
func passkeySettings(k rulesfile.Passkeys) (out [][2]string) {
	say := func(name, value string) {
		if value != "" {
			out = append(out, [2]string{"passkeys." + name, value})
		}
	}
	if k.Wait != "" {
		say("wait", report.ShortDuration(k.Wait))
	}
	say("vouch.from", words.List(k.VouchFrom, "or"))
	say("vouch.approvals", number(k.Vouches))
	say("attestation", k.Attestation)
	say("models", strings.Join(k.Models, ", "))
	say("keys", number(k.Keys))
	say("notices", k.Notices)
	return out
}

func number(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

// passkeys says what of passkeys is asked less.
func (w *weaker) passkeys() {
	old, now := w.from.passkeys, w.to.passkeys
	less := func(is bool, key, from, to string) {
		if is {
			w.say(cmp.Or(from, "nothing said")+" to "+cmp.Or(to, "nothing said"), append([]string{"passkeys"}, strings.Split(key, ".")...)...)
		}
	}
	less(waitOf(now) < waitOf(old), "wait", old.Wait, now.Wait)
	less(asText(old.VouchFrom) != asText(now.VouchFrom) && (len(old.VouchFrom) == 0 || len(now.VouchFrom) == 0 ||
		len(missingWords(now.VouchFrom, old.VouchFrom)) > 0), "vouch.from", words.List(old.VouchFrom, "or"), words.List(now.VouchFrom, "or"))
	less(max(1, now.Vouches) < max(1, old.Vouches), "vouch.approvals", number(old.Vouches), number(now.Vouches))
	less(attestationRank(now) < attestationRank(old), "attestation", old.Attestation, now.Attestation)
	less(len(old.Models) > 0 && (len(now.Models) == 0 || len(missingWords(now.Models, old.Models)) > 0), "models",
		strings.Join(old.Models, ", "), strings.Join(now.Models, ", "))
	less(old.Keys > 0 && (now.Keys == 0 || now.Keys > old.Keys), "keys", number(old.Keys), number(now.Keys))
	less(old.Notices != "" && old.Notices != now.Notices, "notices", old.Notices, now.Notices)
}

// passkeys says what is asked otherwise of passkeys.
func (d *differ) passkeys(from, to *Rules) {
	said := func(r *Rules) (out []pair) {
		for _, s := range passkeySettings(r.passkeys) {
			out = append(out, pair{name: s[0], text: s[1]})
		}
		return out
	}
	d.named("setting", said(from), said(to))
}

// keysInForce are what is asked of passkeys, as far as anything is.
func (r *Rules) keysInForce() *rulesfile.Passkeys {
	if asText(r.passkeys) == asText(rulesfile.Passkeys{}) {
		return nil
	}
	return &r.passkeys
}
