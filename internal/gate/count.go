package gate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Count decides whether an offered choice counts, given what GitHub says of
// its maker now. It returns a Counted or a Refused with a sentence for the
// check. It never says yes where something is not known.
func (s State) Count(o Offer, now Person) Event {
	p, lost := s.named(now)
	if code, text := s.refusal(o, p, now); code != "" {
		if code == "not_entitled" && len(lost) > 0 {
			code, text = "login_moved", sayLost("@"+o.By.Login, lost)
		}
		return Refused{Offer: o.Version, By: o.By, Answer: o.Answer, Code: code, Text: text}
	}
	counted := Counted{
		Offer: o.Version, By: p.Actor, Answer: o.Answer, Via: o.Via, Reason: o.Reason,
		For: s.For(), Saw: o.Saw, Groups: p.Groups,
	}
	if o.Via == ViaPasskey {
		counted.Key = o.Proof.Key
	}
	return counted
}

// For is what a choice made now would be about.
func (s State) For() For {
	if s.Verdict == nil {
		return For{Head: s.Head()}
	}
	lane := ""
	if s.Subject.Kind.Merges() {
		lane = s.Lane.Check()
	}
	return For{
		Lane: lane, Head: s.Verdict.Head, BaseRef: s.BaseRef, Verdict: s.Verdict.Digest,
		Rules: s.Verdict.Rules.Digest, Findings: s.Verdict.FindingsDigest, Attempt: s.attempt(),
	}
}

// refusal says why an offer does not count; an empty code means that it does. A
// name that means nobody now entitles nobody, and whom it excludes it still does.
func (s State) refusal(o Offer, p, now Person) (code, text string) {
	who := "@" + o.By.Login
	if code, text = s.stale(o, who); code != "" {
		return code, text
	}
	if p.Actor.ID == 0 || p.Actor.ID != o.By.ID {
		return "person_unknown", fmt.Sprintf("GitHub does not confirm who %s is.", who)
	}
	if p.Actor.Type != "User" {
		return "not_human", fmt.Sprintf("%s is not a person. Only people release a gate.", who)
	}
	if code, text = s.unsigned(o, p, who); code != "" {
		return code, text
	}
	if o.Via == ViaSlack && (s.Verdict.Needs == nil || !s.Verdict.Needs.Takes(ViaSlack)) { // not even a no, nor the end of a freeze
		return "channel", fmt.Sprintf("%s answered by %s, which the rules do not take for this.", who, o.Via)
	}
	if code, text = s.involved(now, who); code != "" {
		return code, text
	}
	if o.Answer == Review {
		return s.mayReview(o, p, who)
	}
	if code, text = s.overtaken(o, who); code != "" {
		return code, text
	}
	if o.Answer == Override {
		return s.mayOverride(o, p, who)
	}
	return s.entitlement(o, p, who)
}

// unsigned refuses an answer by passkey that no key of the person's signed, or one
// that does not count now.
func (s State) unsigned(o Offer, p Person, who string) (code, text string) {
	switch {
	case o.Via != ViaPasskey:
	case !o.Proof.Says(s.Subject.Stream(), o.Offered):
		return "unsigned", fmt.Sprintf("%s answered by passkey, and what was signed is not this answer.", who)
	case !slices.Contains(p.Groups, KeyGroup(o.Proof.Key)):
		return "key_invalid", fmt.Sprintf("%s signed with a passkey that does not count: it was revoked, or its waiting time "+
			"has not passed. The page of %[1]s's passkeys says which.", who)
	}
	return "", ""
}

// involved refuses those who had a part in what is held, or who answer for the
// agent that had.
func (s State) involved(p Person, who string) (code, text string) {
	for _, c := range s.Verdict.Contributors {
		if s.had(c, p.Actor) {
			return "contributor", fmt.Sprintf("%s %s. Somebody who had no part in it has to decide.", who, c.Role)
		}
	}
	for _, x := range s.Verdict.Excluded {
		switch {
		case s.isExcluded(x, p):
			return "excluded", fmt.Sprintf("%s is of %s, which %s. Somebody else has to decide.", who, x.Group, x.Role)
		case slices.Contains(p.Untold, x.Group):
			return "untold",
				fmt.Sprintf("GitHub does not tell gatehold whether %s is of %s, which %s. Somebody of whom it does has to "+
					"decide.", who, x.Group, x.Role)
		}
	}
	return "", ""
}

// stale refuses what was said of something that is not there any more.
func (s State) stale(o Offer, who string) (code, text string) {
	if o.Via == ViaButton && o.Saw.Painting == 0 {
		return "unknown_button",
			fmt.Sprintf("%s pressed a button of which it is not known what it was pressed for. Press the buttons that the "+
				"check has now.", who)
	}
	if o.Answer == Review {
		return s.staleReview(o, who)
	}
	if code, text := s.unanswerable(o, who); code != "" {
		return code, text
	}
	if code, text := s.answersOther(o, who); code != "" {
		return code, text
	}
	switch {
	case !s.Verdict.Held && len(s.Waits(o.At)) == 0:
		return "nothing_held", fmt.Sprintf("%s answered, and nothing is held.", who)
	case s.Verdict.Needs == nil && o.Answer != Override && len(s.Waits(o.At)) == 0:
		return "no_way", fmt.Sprintf("%s answered, and no approval can release this: what is wrong has to be mended.", who)
	}
	return "", ""
}

// unanswerable refuses what was said where no answer counts now.
func (s State) unanswerable(o Offer, who string) (code, text string) {
	switch {
	case s.Subject.Kind == MergeGroup:
		return "queue", fmt.Sprintf("%s answered on a merge group. Answer on the pull request: what counts there counts here.", who)
	case s.Done:
		return "closed", fmt.Sprintf("%s answered after the gate was closed.", who)
	case o.Superseded:
		return "superseded", fmt.Sprintf("%s answered on a check run that is not the newest. Answer on the present one.", who)
	case s.Verdict == nil || s.Wanted > s.Covered && !s.waitsForPace():
		return "not_judged", fmt.Sprintf("%s answered before the present state was judged. Answer again once it is.", who)
	}
	return "", ""
}

// answersOther refuses what was said of another state than the judged one.
func (s State) answersOther(o Offer, who string) (code, text string) {
	now := s.For()
	switch {
	case o.For.Head != now.Head:
		return "head_moved", fmt.Sprintf("%s answered about %s, and the head is %s now. Look again and answer again.", who,
			abbreviated(o.For.Head), abbreviated(now.Head))
	case o.For.Attempt != now.Attempt:
		return "attempt_moved",
			fmt.Sprintf("%s answered about attempt %d, and attempt %d waits now. Look again and answer again.", who,
				o.For.Attempt, now.Attempt)
	case o.For.Rules != now.Rules || o.For.Verdict != now.Verdict || o.For.BaseRef != now.BaseRef || o.For.inAnotherLane(now):
		return "verdict_moved", fmt.Sprintf("%s answered about a verdict that has changed since. Look again and answer again.", who)
	}
	return "", ""
}

// Spoken is the last choice of a person that counted, by what they had before
// their eyes. It is remembered when the choice itself is void.
type Spoken struct {
	Answer Answer
	Saw    Sight
}

// weight orders a person's answers to one and the same sight: of two, the
// heavier counts, whichever came first.
func (a Answer) weight() int {
	switch a {
	case Deny:
		return 2
	case Override:
		return 1
	}
	return 0
}

// overtaken refuses what the same person's other answer leaves nothing of: one
// to something newer, or a weightier one to the same.
func (s State) overtaken(o Offer, who string) (code, text string) {
	last, has := s.Spoke[o.By.ID]
	switch {
	case !has:
	case o.Saw.before(last.Saw):
		return "overtaken",
			fmt.Sprintf("%s answered %s on an older state of the check than their answer that counts, %s. Answer on the "+
				"check as it is now to change it.", who, o.Answer, last.Answer)
	case !last.Saw.before(o.Saw) && o.Answer.weight() < last.Answer.weight():
		return "overtaken",
			fmt.Sprintf("%s answered %s and %s on the same state of the check, of which %[3]s counts. Answer on the check "+
				"as it is now to change it.", who, o.Answer, last.Answer)
	}
	return "", ""
}

// entitlement asks whether the rules want this person, by this channel.
func (s State) entitlement(o Offer, p Person, who string) (code, text string) {
	for _, w := range s.Waits(o.At) { // who may lift a freeze decides by that alone
		if inAny(p.Groups, w.Except) {
			return "", ""
		}
	}
	if s.Verdict.Needs == nil {
		return "no_way", fmt.Sprintf("%s answered, and no approval can release this now.", who)
	}
	need := *s.Verdict.Needs
	choice := Choice{At: o.At, Counted: Counted{Answer: Approve, Via: o.Via, Reason: o.Reason, Groups: p.Groups}}
	entitled, channel, reason := false, false, false
	for _, leaf := range need.leaves() {
		ignoring := leaf
		ignoring.Expires, ignoring.Via, ignoring.Reason = "", []string{o.Via}, false
		if !ignoring.fits(choice, o.At) {
			continue
		}
		entitled = true
		if o.Answer == Deny { // no is taken by any channel
			return "", ""
		}
		channel = channel || leaf.takes(o.Via)
		reason = reason || !leaf.Reason || strings.TrimSpace(o.Reason) != ""
	}
	switch {
	case !entitled && len(p.Untold) > 0:
		return "untold",
			fmt.Sprintf("GitHub does not tell gatehold whether %s is of %s. That is not a yes: grant the App the permission "+
				"to see it.", who, strings.Join(p.Untold, ", "))
	case !entitled:
		return "not_entitled", fmt.Sprintf("%s is not of %s, who may decide here.", who, strings.Join(need.Groups(), ", "))
	case !channel:
		return "channel", fmt.Sprintf("%s answered by %s, which the rules do not take for this.", who, o.Via)
	case !reason:
		return "reason", fmt.Sprintf("%s gave no reason, which the rules ask for.", who)
	}
	return "", ""
}

// Contributor is an account that had a part in a change, and which.
type Contributor struct {
	Login string `json:"login,omitempty"`
	ID    int64  `json:"id,omitempty"`
	Role  string `json:"role"` // "opened it", "pushed the head", "committed to it", ...
	// Known are the names by which rules know the account beside its login: one that
	// it had when they named it first, "unknown" where another had its login then.
	Known []string `json:"known,omitempty"`
}

// Is compares by id, and by login only where one side has no id: an account that
// is deleted leaves its login to whoever takes it.
func (c Contributor) Is(a Actor) bool {
	if c.ID != 0 && a.ID != 0 {
		return c.ID == a.ID
	}
	return c.Login != "" && strings.EqualFold(c.Login, a.Login)
}

// Denied is the denial that stands, if any.
func (s State) Denied() *Choice {
	for i := range s.Choices {
		if s.Choices[i].Answer == Deny {
			return &s.Choices[i]
		}
	}
	return nil
}

// Exclusion is a group whose members cannot release a gate, and why.
type Exclusion struct {
	Group string `json:"group"` // as in Need.From
	Role  string `json:"role"`  // "owns the agent acme-fixer"
}

// Overridden is the override that stands, if any.
func (s State) Overridden() *Choice {
	for i := range s.Choices {
		if s.Choices[i].Answer == Override {
			return &s.Choices[i]
		}
	}
	return nil
}

// counted puts a choice in the place of the person's last one.
func (s State) counted(ev Counted, e Entry) State {
	s.Offers = withoutOffer(s.Offers, ev.Offer)
	s.Failure = nil
	s.Changed, s.SpokeAt = e.Version, e.Version
	choice := Choice{Counted: ev, Version: e.Version, At: e.At}
	if ev.Answer != Review {
		saw := ev.Saw
		if saw == (Sight{}) { // from before it was on record: something as old as the answer
			saw.Version = ev.Offer
		}
		s.Spoke = maps.Clone(s.Spoke)
		if s.Spoke == nil {
			s.Spoke = map[int64]Spoken{}
		}
		s.Spoke[ev.By.ID] = Spoken{Answer: ev.Answer, Saw: saw}
	}
	switch ev.Answer {
	case Review:
		s.Overrides = reviewed(s.Overrides, choice)
		return s
	case Override:
		s.Overrides = append(slices.Clone(s.Overrides), OverrideRecord{Choice: choice})
	}
	choices := make([]Choice, 0, len(s.Choices)+1)
	for _, c := range s.Choices {
		if c.By.ID != ev.By.ID {
			choices = append(choices, c)
		}
	}
	s.Choices = append(choices, choice)
	return s
}

// refused keeps the last few refusals, to be shown.
func (s State) refused(ev Refused, e Entry) State {
	s.Offers = withoutOffer(s.Offers, ev.Offer)
	s.Failure = nil
	const shown = 5
	refusals := append([]Refused(nil), s.Refusals...)
	refusals = append(refusals, ev)
	s.Refusals = refusals[max(0, len(refusals)-shown):]
	s.Changed, s.SpokeAt = e.Version, e.Version
	return s
}

// void takes away the choices that are not about the present state any more.
// A denial is about the head and stands as long as it does.
func (s State) void(at time.Time) State {
	now := s.For()
	keeps := s.Verdict != nil && s.Verdict.Needs != nil && s.Verdict.Needs.Keeps()
	var stand []Choice
	for _, c := range s.Choices {
		why := c.For.voidedBy(now, c.Answer, keeps)
		if why == "" && c.Answer != Deny && s.Verdict != nil {
			if code, _ := s.involved(Person{Actor: c.By, Groups: c.Groups}, ""); code != "" { // since they chose
				why = "voided: @" + c.By.Login + " has a part in it now"
			}
		}
		if why == "" {
			stand = append(stand, c)
			continue
		}
		s.Voided = voided(s.Voided, Void{Choice: c, Why: why, On: at})
	}
	s.Choices = stand
	return s
}

// voidedBy says what has made a choice void, or nothing where it stands.
func (f For) voidedBy(now For, answer Answer, keeps bool) string {
	if answer == Deny {
		if f.Head != now.Head {
			return "voided by push of " + abbreviated(now.Head)
		}
		return ""
	}
	switch {
	case f.Attempt != 0 && f.Attempt != now.Attempt: // 0: from before it was on record; the verdict's digest tells
		return fmt.Sprintf("voided by attempt %d", now.Attempt)
	case f.BaseRef != now.BaseRef:
		return "voided by a new base, " + now.BaseRef
	case f.inAnotherLane(now):
		return "voided by another lane: its branch was of none, or of another, when it was said"
	case f.Rules != now.Rules:
		return "voided by changed rules"
	case keeps && answer == Approve && f.Findings != "" && f.Findings == now.Findings:
		return ""
	case f.Head != now.Head:
		return "voided by push of " + abbreviated(now.Head)
	case f.Verdict != now.Verdict:
		return "voided by a changed verdict"
	}
	return ""
}

// inAnotherLane reports whether the branch has come to another lane since, where
// what is green counts that was asked for elsewhere.
func (f For) inAnotherLane(now For) bool { return f.Lane != "" && now.Lane != "" && f.Lane != now.Lane }

func withoutOffer(offers []Offer, version uint64) []Offer {
	var out []Offer
	for _, o := range offers {
		if o.Version != version {
			out = append(out, o)
		}
	}
	return out
}

func abbreviated(sha string) string {
	if len(sha) > 7 {
		return sha[:7]
	}
	return sha
}
