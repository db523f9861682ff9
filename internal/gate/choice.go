package gate

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Answer is what a person chose.
type Answer string

// The answers. Override is a release without the need met, on record; Review
// says that somebody else has looked at an override afterwards.
const (
	Approve  Answer = "approve"
	Deny     Answer = "deny"
	Override Answer = "override"
	Review   Answer = "review"
)

// The channels by which people answer.
const (
	ViaButton  = "button"  // of the check run, in a signed-in browser
	ViaCLI     = "cli"     // signed in through the device flow: only where the rules name it
	ViaPage    = "page"    // of gatehold, signed in by the browser: no more than a button
	ViaPasskey = "passkey" // signed by a key that no agent reaches: more than a button
	ViaSlack   = "slack"   // of a message in Slack, by somebody linked to an account: only where the rules name it
)

// For is exactly what a choice is about. It is worth nothing for anything else.
type For struct {
	Head     string `json:"head"`
	BaseRef  string `json:"base_ref"`
	Verdict  string `json:"verdict"` // digest
	Rules    string `json:"rules"`   // digest
	Findings string `json:"findings,omitempty"`
	Attempt  int    `json:"attempt,omitempty"` // of the workflow run, of a deployment or a run
	// Lane is the name of the check of the lane, of a pull request; empty in what was
	// recorded before, where BaseRef alone speaks.
	Lane string `json:"lane,omitempty"`
}

// Offered records a choice as it came in: who, what, by which channel, and
// what that person was shown. Whether it counts is decided afterwards.
type Offered struct {
	By     Actor  `json:"by"`
	Answer Answer `json:"answer"`
	Via    string `json:"via"`
	Reason string `json:"reason,omitempty"`
	For    For    `json:"for"`
	Saw    Sight  `json:"saw,omitzero"`
	// Superseded says that it came from a check run that was not the newest,
	// before presses named a painting.
	Superseded bool `json:"superseded,omitempty"`
	// Proof is the signature of a choice by passkey. Whoever puts the choice on record
	// has verified it; anybody can again, from the ledger alone.
	Proof *Proof `json:"proof,omitempty"`
}

// Counted records that a choice counts.
type Counted struct {
	Offer  uint64   `json:"offer"` // version of the Offered
	By     Actor    `json:"by"`    // as GitHub named the person then
	Answer Answer   `json:"answer"`
	Via    string   `json:"via"`
	Reason string   `json:"reason,omitempty"`
	For    For      `json:"for"`
	Saw    Sight    `json:"saw,omitzero"`
	Groups []string `json:"groups"`        // what the person was, of what the needs ask for
	Key    string   `json:"key,omitempty"` // id of the passkey that signed it
}

// Refused records that a choice does not count, and why, in a sentence.
type Refused struct {
	Offer  uint64 `json:"offer"`
	By     Actor  `json:"by"`
	Answer Answer `json:"answer"`
	Code   string `json:"code"`
	Text   string `json:"text"`
}

// Lapsed records that time alone took something from the choices that stand.
type Lapsed struct{}

// Kind names each event in the ledger.
func (Offered) Kind() string { return "offered" }
func (Counted) Kind() string { return "counted" }
func (Refused) Kind() string { return "refused" }
func (Lapsed) Kind() string  { return "lapsed" }

// Choice is a counted choice that stands.
type Choice struct {
	Counted
	Version uint64
	At      time.Time
}

// Offer is a choice that was not looked at yet.
type Offer struct {
	Offered
	Version uint64
	At      time.Time
}

// Void is a choice that stood and does not stand any more.
type Void struct {
	Choice
	Why string // "voided by push of 3f2a91c"
	On  time.Time
}

// Person is what GitHub says of somebody at one moment.
type Person struct {
	Actor  Actor    // asked for by numeric id
	Groups []string // of the groups that were asked about, those the person is in
	// Untold lists the groups about which GitHub did not tell. That is not a yes.
	Untold []string
	// Teams are the ids of the teams among Groups: a team's name can be given up,
	// and be taken by another.
	Teams map[string]int64
}

// Groups lists what a need asks people to be, each once: what is to be asked
// about a person. An empty From asks for write access.
func (n Need) Groups() []string {
	var all []string
	for _, leaf := range n.leaves() {
		for _, g := range leaf.from() {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

// WriteAccess is the group of those who may write to the repository.
const WriteAccess = "role:write"

func (n Need) from() []string {
	if len(n.From) == 0 {
		return []string{WriteAccess}
	}
	return n.From
}

func (n Need) leaves() []Need {
	if len(n.All) == 0 && len(n.Any) == 0 {
		return []Need{n}
	}
	var out []Need
	for _, part := range slices.Concat(n.All, n.Any) {
		out = append(out, part.leaves()...)
	}
	return out
}

// Keeps reports whether approvals survive a change that leaves the findings as
// they are: only where every part of the need says so.
func (n Need) Keeps() bool {
	for _, leaf := range n.leaves() {
		if leaf.Keep != "same_findings" {
			return false
		}
	}
	return true
}

// Takes reports whether some part of the need accepts a channel.
func (n Need) Takes(via string) bool {
	return slices.ContainsFunc(n.leaves(), func(leaf Need) bool { return leaf.takes(via) })
}

// takes reports whether a leaf accepts a channel. A leaf that names none takes
// any but the command line and Slack: whoever runs a command on a person's machine,
// an agent say, can ask that person for the code that signs it in, and who presses in
// Slack is who Slack says. Where a button is enough, so is our page in the same
// browser, and a passkey is more than any of them.
func (n Need) takes(via string) bool {
	if len(n.Via) == 0 {
		return via != ViaCLI && via != ViaSlack
	}
	if slices.Contains(n.Via, ViaButton) && (via == ViaPage || via == ViaPasskey) {
		return true
	}
	return slices.Contains(n.Via, via) || via == ViaPasskey && slices.Contains(n.Via, ViaSlack)
}

// fits reports whether a choice can fill a place of a leaf at a moment.
func (n Need) fits(c Choice, now time.Time) bool {
	if c.Answer != Approve || !n.takes(c.Via) || (n.Reason && strings.TrimSpace(c.Reason) == "") {
		return false
	}
	if end, ends := n.end(c); ends && !now.Before(end) {
		return false
	}
	return slices.ContainsFunc(n.from(), func(g string) bool { return slices.Contains(c.Groups, g) })
}

// end is when a choice lapses for a leaf. A duration that cannot be read has
// run out at once: the rules' parser lets none pass.
func (n Need) end(c Choice) (time.Time, bool) {
	if n.Expires == "" {
		return time.Time{}, false
	}
	d, err := time.ParseDuration(n.Expires)
	if err != nil {
		d = 0
	}
	return c.At.Add(d), true
}

// Approvals are what people said to a gate, of whatever kind.
type Approvals struct {
	Spoke    map[int64]Spoken // each person's last choice that counted, by account
	SpokeAt  uint64           // version of the newest choice that was counted or refused
	Offers   []Offer          // choices that were not looked at yet, oldest first
	Choices  []Choice         // choices that stand, one for a person
	Refusals []Refused        // the last few choices that did not count
	Voided   []Void           // the last few that do not stand any more
	LapsedTo time.Time        // up to when lapses are on record

	Overrides []OverrideRecord
}

// Sight is what somebody had before their eyes when they chose. A person's
// choices about a gate are ordered by it, never by their arrival.
type Sight struct {
	Version  uint64 `json:"version,omitempty"`  // of the gate's stream, as it was shown
	Check    string `json:"check,omitempty"`    // stream of the check that showed it; empty: no check did
	Painting uint64 `json:"painting,omitempty"` // number of the painting
}

// before reports whether one sight is older than another. Two paintings of one
// check are told apart by their numbers even where the gate was the same; of
// anything else that shows the same version, neither is older.
func (s Sight) before(o Sight) bool {
	if s.Version != o.Version {
		return s.Version < o.Version
	}
	return s.Check == o.Check && s.Painting < o.Painting
}

// The buttons of a check run, by the letter that stands for each before the
// nonce in its identifier. GitHub takes 20 characters.
// https://docs.github.com/en/rest/checks/runs#create-a-check-run
var buttons = map[string]byte{
	string(Approve): 'a', string(Deny): 'd', string(Override): 'o', string(Review): 'r', Recheck: 'c',
}

// Recheck is the button that asks for another look. It is no answer.
const Recheck = "recheck"

// NonceLength is the length of a nonce: 95 bits in lower-case base32.
const NonceLength = 19

// ButtonID is the identifier of a button of a painting. Without a nonce it is
// the button's own name, as it was before paintings were on record.
func ButtonID(button, nonce string) string {
	if nonce == "" {
		return button
	}
	return string(buttons[button]) + nonce
}

// ReadButton reads an identifier that came back: which button, of the painting
// with which nonce. It is not ok where gatehold gives out none like it.
func ReadButton(id string) (button, nonce string, ok bool) {
	if _, old := buttons[id]; old {
		return id, "", true
	}
	if len(id) != NonceLength+1 || strings.Trim(id[1:], "abcdefghijklmnopqrstuvwxyz234567") != "" {
		return "", "", false
	}
	for name, letter := range buttons {
		if letter == id[0] {
			return name, id[1:], true
		}
	}
	return "", "", false
}

// PressKey is the ledger key of a press that is an answer: one person answers
// once on one painting, however often that is delivered, and under whatever
// number. Empty where nothing was answered.
func (s Seen) PressKey() string {
	if s.Subject.Kind != Check || s.Button == "" || s.Button == Recheck {
		return ""
	}
	painting := s.Nonce
	if painting == "" { // of a run from before paintings were on record
		painting = "run:" + strconv.FormatInt(s.Run, 10)
	}
	return "press:" + painting + ":" + strconv.FormatInt(s.Sender.ID, 10) + ":" + s.Button
}
