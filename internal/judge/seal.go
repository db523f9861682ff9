package judge

import (
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/redact"
	"github.com/gatehold/gatehold/internal/gate"
)

// seal takes out of a verdict the secrets that it would quote, and gives it its
// digest. What it says goes to checks, pages and a record that is never
// rewritten.
func (j *judgement) seal(v *gate.Verdict) {
	clean(v)
	v.Seal()
}

// clean takes the secrets out of all that a verdict quotes beside findings,
// which are made without.
func clean(v *gate.Verdict) {
	v.Reason = redact.Text(v.Reason)
	v.Notes = redacted(v.Notes)
	v.Problems = slices.Clone(v.Problems)
	for i := range v.Problems {
		v.Problems[i].Text = redact.Text(v.Problems[i].Text)
	}
	v.Agent.Evidence = slices.Clone(v.Agent.Evidence)
	for i := range v.Agent.Evidence {
		v.Agent.Evidence[i].Text = redact.Text(v.Agent.Evidence[i].Text)
	}
	v.Agent.Instigators = slices.Clone(v.Agent.Instigators)
	for i, who := range v.Agent.Instigators {
		if strings.Contains(who, "<") { // no login, which decides who may approve
			v.Agent.Instigators[i] = redact.Text(who)
		}
	}
	v.Origin = sealLinks(v.Origin)
	if v.Deploy != nil {
		sealDeploy(v.Deploy)
	}
}

// sealDeploy is for what the keeper tells a verdict from other records and from
// GitHub: titles, names of jobs, links.
func sealDeploy(d *gate.Deploy) {
	d.Summary = redact.Text(d.Summary)
	d.Chain = sealLinks(d.Chain)
	d.Outgoing = slices.Clone(d.Outgoing)
	for i := range d.Outgoing {
		o := &d.Outgoing[i]
		o.Title, o.Worst, o.Why = redact.Text(o.Title), redact.Text(o.Worst), redact.Text(o.Why)
	}
	d.Jobs = slices.Clone(d.Jobs)
	for i := range d.Jobs {
		j := &d.Jobs[i]
		j.ID, j.Why = redact.Text(j.ID), redact.Text(j.Why)
		j.Can = slices.Clone(j.Can)
		for k, can := range j.Can { // "reads secrets: NAME" is ours to the colon
			ours, theirs, _ := strings.Cut(can, ": ")
			j.Can[k] = strings.TrimSuffix(redact.Text(ours)+": "+redact.Text(theirs), ": ")
		}
	}
}

func sealLinks(links []gate.Link) []gate.Link {
	links = slices.Clone(links)
	for i := range links {
		links[i].Ref = redact.Text(links[i].Ref)
	}
	return links
}

// withoutSecrets is a proposal as it may be shown: it quotes a rules file.
func withoutSecrets(p *gate.Proposal) *gate.Proposal {
	if p == nil {
		return nil
	}
	out := *p
	out.Problems, out.Changes, out.Note = redacted(p.Problems), redacted(p.Changes), redact.Text(p.Note)
	out.Different = slices.Clone(p.Different)
	for i := range out.Different {
		d := &out.Different[i]
		d.Subject, d.From, d.To = redact.Text(d.Subject), redact.Text(d.From), redact.Text(d.To)
	}
	return &out
}

func redacted(list []string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = redact.Text(out[i])
	}
	return out
}
