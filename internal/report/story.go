package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/words"
)

// Moment is one thing that happened to a gate, in words.
type Moment struct {
	Version uint64
	At      time.Time
	Mood    Mood
	Text    string // a sentence, plain text on one line
	Quote   string // what somebody said with it
	Machine bool   // it is of interest to whoever looks after gatehold, not after the change
}

// Mood is what a moment did to a gate.
type Mood string

// The moods.
const (
	MoodNone    Mood = ""
	MoodYes     Mood = "yes"
	MoodNo      Mood = "no"
	MoodHeld    Mood = "held"
	MoodVoid    Mood = "void"
	MoodTrouble Mood = "trouble"
	MoodEnd     Mood = "end"
)

// Story tells what happened to a gate, the oldest first. voided are the choices that
// do not stand any more: each is told where it was made.
func Story(entries []gate.Entry, voided []gate.Void) []Moment {
	void := map[uint64]gate.Void{}
	for _, v := range voided {
		void[v.Version] = v
	}
	var out []Moment
	head := ""
	for _, e := range entries {
		m := Moment{Version: e.Version, At: e.At}
		switch ev := e.Event.(type) {
		case gate.Seen:
			m.seen(ev, head)
			head = orBefore(ev.Head, head)
		case gate.Counted:
			m.counted(ev, void[e.Version])
		case gate.Judged:
			m.judged(ev)
			head = orBefore(ev.Head, head)
		default:
			m.happened(e.Event)
		}
		m.Text = visible(m.Text, 400)
		m.Quote = visible(m.Quote, 600)
		out = append(out, m)
	}
	return out
}

func orBefore(now, before string) string {
	if now == "" {
		return before
	}
	return now
}

// did is what people do to a pull request, in the past.
var did = map[string]string{
	"opened": "opened it", "reopened": "opened it again", "closed": "closed it", "edited": "edited its title, text or base",
	"labeled": "set a label", "unlabeled": "took a label off", "assigned": "assigned it", "unassigned": "took an assignment back",
	"converted_to_draft": "made it a draft", "ready_for_review": "marked it as ready", "synchronize": "pushed",
	"checks_requested": "asked for it to be merged", "destroyed": "took it out of the queue", "dequeued": "took it out of the queue",
	"enqueued": "put it into the merge queue", "requested": "started the run", "completed": "ended the run",
}

func (m *Moment) seen(ev gate.Seen, head string) {
	by := login(ev.Sender.Login)
	if by == "" {
		by = "Somebody"
	}
	what := did[ev.Action]
	switch {
	case ev.Action == "synchronize" || ev.Action == "opened" && ev.Head != "":
		what += " " + words.Short(ev.Head)
		if ev.Action == "opened" {
			what = "opened it at " + words.Short(ev.Head)
		}
	case ev.Event == "deployment_protection_rule":
		what = "asked to deploy " + words.Short(ev.Head)
	case what == "":
		what, m.Machine = "caused GitHub's event "+strings.TrimSpace(ev.Event+" "+ev.Action), true
	}
	m.Text = by + " " + what
	if head != "" && ev.Head != "" && head != ev.Head && ev.Action != "synchronize" {
		m.Text += ", now at " + words.Short(ev.Head)
	}
	m.Text += "."
	if ev.Closed {
		m.Mood = MoodEnd
	}
}

func (m *Moment) judged(ev gate.Judged) {
	v := ev.Verdict
	switch {
	case v == nil:
		m.Text, m.Machine = "gatehold looked again, and nothing had changed.", true
		return
	case len(v.Problems) > 0:
		m.Mood = MoodTrouble
	case v.Held:
		m.Mood = MoodHeld
	}
	then := "found nothing to hold"
	switch {
	case v.Held:
		then = "held it"
	case v.WouldHold:
		then = "would have held it, and only watches"
	}
	m.Text = fmt.Sprintf("gatehold judged %s and %s: score %d, %s", words.Short(ev.Head), then, v.Score, v.Level)
	if len(v.Findings) > 0 {
		worst, _ := gravest(v.Findings)
		m.Text += "; it " + Seen(worst)
	}
	m.Text += "."
}

// chose is what an answer is called when it is told.
var chose = map[gate.Answer]string{gate.Approve: "approved", gate.Deny: "denied it", gate.Override: "released it at once",
	gate.Review: "reviewed the release at once"}

// Chose is what an answer came to, at the beginning of "by somebody".
func Chose(a gate.Answer) string {
	return map[gate.Answer]string{gate.Approve: "Approved", gate.Deny: "Denied", gate.Override: "Released at once", gate.Review: "Reviewed"}[a]
}

func (m *Moment) counted(ev gate.Counted, void gate.Void) {
	m.Mood, m.Quote = MoodYes, ev.Reason
	if ev.Answer == gate.Deny {
		m.Mood = MoodNo
	}
	m.Text = login(ev.By.Login) + " " + chose[ev.Answer] + " by " + ev.Via
	if void.Why != "" {
		m.Mood = MoodVoid
		m.Text += ", " + strings.Replace(void.Why, "voided by push", "voided by a push", 1)
	}
	m.Text += "."
}

// replies are what GitHub was told of a deployment.
var replies = map[gate.Reply]string{gate.Approved: "GitHub was told to let it go", gate.Rejected: "GitHub was told to stop it",
	gate.Commented: "GitHub's page of the run was told what it waits for"}

func (m *Moment) happened(event gate.Event) {
	switch ev := event.(type) {
	case gate.Look:
		m.Text, m.Machine = "gatehold wants another look: "+strings.ReplaceAll(string(ev.Why), "_", " ")+".", true
		if ev.Why == gate.Rerequested && ev.By.Login != "" {
			m.Text, m.Machine = login(ev.By.Login)+" asked for another look.", false
		}
	case gate.Offered:
		m.Text, m.Machine = fmt.Sprintf("An answer of %s came in by %s.", login(ev.By.Login), ev.Via), true
	case gate.Refused:
		m.Text, m.Mood = "Did not count: "+ev.Text, MoodVoid
	case gate.Lapsed:
		m.Text, m.Mood = "An approval has run out.", MoodVoid
	case gate.Closed:
		m.Text, m.Mood = ev.Why, MoodEnd
		if ev.Merged {
			m.Text = "It was merged."
		}
	case gate.Replied:
		m.Text = replies[ev.Reply] + "."
		m.Mood = map[gate.Reply]Mood{gate.Approved: MoodYes, gate.Rejected: MoodNo}[ev.Reply]
	case gate.Replying:
		m.Text, m.Machine = "The answer is on its way to GitHub.", true
	case gate.Halted:
		if m.Text, m.Mood = fmt.Sprintf("The run was cancelled in attempt %d, until somebody approves it.", ev.Attempt), MoodHeld; ev.Again {
			m.Text, m.Mood = fmt.Sprintf("The run was started again after attempt %d.", ev.Attempt), MoodYes
		}
	case gate.Failed:
		m.Text, m.Mood, m.Machine = "A step did not succeed: "+ev.Text, MoodTrouble, ev.Attempt > 1
	case gate.Told:
		m.Text, m.Machine = "Its checks show this.", true
	case gate.Reminded:
		m.Text = fmt.Sprintf("%s was told that nobody had answered for %s.", ev.Channel, ShortDuration(ev.After))
	case gate.Queued:
		m.Text, m.Machine = "The merge queue has it, as "+words.Short(ev.SHA)+".", ev.Gone
		if ev.Gone {
			m.Text = "The merge group " + words.Short(ev.SHA) + " is gone."
		}
	case gate.Confirmed:
		m.Text, m.Machine = "Who approved was asked after once more.", true
	default:
		m.Text, m.Machine = "Recorded: "+event.Kind()+".", true
	}
}
