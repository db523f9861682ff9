// Package answers takes what people answer: it shows a gate to whoever may see it,
// puts a choice on record and counts it, and tells what became of it.
package answers

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/gatehold/gatehold/internal/engine"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/report"
	"github.com/gatehold/gatehold/internal/usecase/book"
	"github.com/gatehold/gatehold/internal/usecase/people"
)

// People tells who somebody is now.
type People interface {
	// Person asks who an account is now, by its numeric id, and to which of
	// the groups it belongs. An error is something to try again; what GitHub
	// will not tell is in Person.Untold.
	Person(ctx context.Context, repo gate.Repo, who gate.Actor, groups []string) (gate.Person, error)
}

// Answers takes what people answer.
type Answers struct {
	book      *book.Book
	directory *people.Directory
	people    People
}

// New returns the answers to the gates in a book, which are counted from now on.
func New(b *book.Book, directory *people.Directory, who People) *Answers {
	u := &Answers{book: b, directory: directory, people: who}
	for _, kind := range gate.Held() {
		b.Gates.On(kind, gate.Count, u.count)
	}
	return u
}

// Look is what a gate shows now to a person who is about to answer.
type Look struct {
	Stream  string       `json:"stream"`
	Subject string       `json:"subject"`
	Title   string       `json:"title"`
	Verdict gate.Verdict `json:"verdict"`          // with its first findings; the others are counted as hidden
	Review  []gate.Actor `json:"review,omitempty"` // whose override nobody else has looked at
	Doubt   string       `json:"doubt,omitempty"`  // why the answer would not count as things are: a sentence
	Link    string       `json:"link,omitempty"`   // of the gate's page
	Of      gate.Subject `json:"-"`
	For     gate.For     `json:"-"` // what an answer to this is about
	Version uint64       `json:"-"` // of the gate's stream
}

// maxLookFindings bounds what is shown to somebody who answers.
const maxLookFindings = 50

// unseen is the answer to whoever may not see a gate, whether it is there or not.
func unseen() *gate.Error {
	return &gate.Error{Code: "not_found", Final: true,
		Text: "There is no such gate, or you may not see it. A pull request is written as acme/shop#12; gatehold holds lists the others."}
}

// answered reports whether people answer on a stream. On a merge group nobody
// does: what counts is said on its pull request.
func answered(stream string) bool {
	kind := gate.StreamKind(stream)
	return kind.Gates() && kind != gate.MergeGroup
}

// title is what a check would say in a line if it showed this gate alone.
func (u *Answers) title(f book.Gate) string { return report.Title(report.Of(f.State, u.book.Now())) }

// Look shows a gate to a person who may write to its repository, or whom its
// verdict names, and says whether the answer o would count. Errors are
// *gate.Error: not_found, not_judged, queue, or what kept GitHub from telling who
// the person is.
func (u *Answers) Look(ctx context.Context, who gate.Actor, stream string, o gate.Offered) (Look, error) {
	if !answered(stream) {
		return Look{}, unseen()
	}
	f, err := u.book.Gates.Load(ctx, stream)
	if err != nil {
		return Look{}, storeTrouble(err)
	}
	if f.State.Wanted == 0 {
		return Look{}, unseen()
	}
	person, err := u.maySee(ctx, f.State, who)
	if err != nil {
		return Look{}, err
	}
	s := f.State
	if s.Verdict == nil || o.Answer != gate.Review && s.Wanted > s.Covered {
		return Look{}, unjudged(s)
	}
	look := Look{
		Stream: stream, Subject: s.Subject.String(), Of: s.Subject, Title: u.title(f), Verdict: *s.Verdict,
		Link: u.book.Link(stream), For: s.For(), Version: f.Head.Version,
	}
	if hidden := len(look.Verdict.Findings) - maxLookFindings; hidden > 0 {
		look.Verdict.Findings = look.Verdict.Findings[:maxLookFindings:maxLookFindings]
		look.Verdict.Hidden += hidden
	}
	for _, r := range s.Unreviewed() {
		look.Review = append(look.Review, r.By)
	}
	o.By, o.For, o.Saw = who, look.For, gate.Sight{Version: look.Version}
	if refused, is := s.Count(gate.Offer{Offered: o, At: u.book.Now()}, person).(gate.Refused); is {
		look.Doubt = refused.Text
	}
	return look, nil
}

func unjudged(s gate.State) *gate.Error {
	text := "It has not been judged as it is now. Try again in a moment."
	if s.Failure != nil {
		text = "It cannot be judged as it is now: " + s.Failure.Text
	}
	return &gate.Error{Code: "not_judged", Text: text}
}

// maySee asks GitHub whether a person may see a gate. The person that comes back
// is of the groups that an answer is held against, as when it is counted.
func (u *Answers) maySee(ctx context.Context, s gate.State, who gate.Actor) (gate.Person, error) {
	var asks []string
	if s.Verdict != nil {
		asks = s.Verdict.Asks()
	}
	groups := asks
	if !slices.Contains(groups, gate.WriteAccess) {
		groups = append(slices.Clone(groups), gate.WriteAccess)
	}
	person, err := u.people.Person(ctx, s.Subject.Repo, who, groups)
	switch {
	case err != nil && gate.AsError(err).Final:
		return person, unseen()
	case err != nil:
		return person, err
	case person.Actor.ID != who.ID || person.Actor.Type != "User" || len(person.Groups) == 0:
		return person, unseen()
	}
	other := func(g string) bool { return !slices.Contains(asks, g) }
	person.Groups, person.Untold = slices.DeleteFunc(person.Groups, other), slices.DeleteFunc(person.Untold, other)
	return person, nil
}

// Offer puts a choice on record, once for a key, to be counted. fresh is false
// where it was on record before. Its errors are *gate.Error: not_found,
// store_unavailable.
func (u *Answers) Offer(ctx context.Context, stream, key string, o gate.Offered) (fresh bool, err error) {
	if !answered(stream) || key == "" {
		return false, unseen()
	}
	f, err := u.book.Gates.Load(ctx, stream)
	if err != nil {
		return false, storeTrouble(err)
	}
	if f.State.Wanted == 0 { // nothing is held there: no stream is begun by an answer
		return false, unseen()
	}
	switch _, err := u.book.Gates.Record(ctx, stream, engine.Draft{Event: o, Key: key}); {
	case errors.Is(err, ledger.ErrSeen):
		return false, nil
	case err != nil:
		return false, storeTrouble(err)
	}
	u.book.Nudge(stream)
	return true, nil
}

func storeTrouble(err error) *gate.Error {
	return &gate.Error{Code: "store_unavailable", Text: "The ledger cannot be used at the moment. Try again.", Err: err}
}

// Outcome is what became of a choice.
type Outcome struct {
	State string `json:"state"` // unknown, pending, counted, refused
	Code  string `json:"code,omitempty"`
	Text  string `json:"text"`            // a sentence
	Title string `json:"title,omitempty"` // what the gate comes to now
}

// Outcome tells what became of the choice with a key. It is looked for after a
// version of the stream.
func (u *Answers) Outcome(ctx context.Context, stream, key string, after uint64) (Outcome, error) {
	if !gate.StreamKind(stream).Gates() || key == "" {
		return Outcome{}, unseen()
	}
	records, err := u.book.Log.Read(ctx, stream, after)
	if err != nil {
		return Outcome{}, storeTrouble(err)
	}
	var offer uint64
	for _, r := range records {
		if r.Key == key && r.Kind == (gate.Offered{}).Kind() {
			offer = r.Version
		}
		if offer == 0 || r.Kind != (gate.Counted{}).Kind() && r.Kind != (gate.Refused{}).Kind() {
			continue
		}
		ev, err := gate.Decode(r.Kind, r.Body)
		if err != nil {
			return Outcome{}, err
		}
		if out, is := outcomeOf(ev, offer); is {
			return u.withTitle(ctx, stream, out)
		}
	}
	if offer == 0 {
		return Outcome{State: "unknown", Text: "The answer is not on record."}, nil
	}
	return u.pending(ctx, stream)
}

func outcomeOf(ev gate.Event, offer uint64) (Outcome, bool) {
	switch ev := ev.(type) {
	case gate.Counted:
		return Outcome{State: "counted", Text: fmt.Sprintf("It counts: @%s, %s by %s.", ev.By.Login, ev.Answer, ev.Via)}, ev.Offer == offer
	case gate.Refused:
		return Outcome{State: "refused", Code: ev.Code, Text: ev.Text}, ev.Offer == offer
	}
	return Outcome{}, false
}

func (u *Answers) pending(ctx context.Context, stream string) (Outcome, error) {
	f, err := u.book.Gates.Load(ctx, stream)
	if err != nil {
		return Outcome{}, storeTrouble(err)
	}
	out := Outcome{State: "pending", Text: "It is on record and has not been looked at yet."}
	if failure := f.State.Failure; failure != nil {
		out.Text = "It is on record and could not be looked at yet: " + failure.Text
	}
	return out, nil
}

func (u *Answers) withTitle(ctx context.Context, stream string, out Outcome) (Outcome, error) {
	f, err := u.book.Gates.Load(ctx, stream)
	if err != nil {
		return Outcome{}, storeTrouble(err)
	}
	out.Title = u.title(f)
	return out, nil
}
