package page

import (
	"slices"
	"strconv"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/gate/account"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/words"
)

// You is a person's own page: passkeys and sessions.
type You struct {
	Frame
	Account account.State
	Session string // the one that looks
	Origin  string
	Now     time.Time
	Mails   bool // people can be told by mail
}

// HTML draws it.
func (p You) HTML() g.Node {
	return p.draw("gatehold: you", "/you",
		h.H1(person(p.Account.Actor.Login)),
		section("Passkeys",
			h.P(h.Class("soft"), g.Text("A passkey signs exactly what you saw. Rules may ask for one where a button is not enough: an agent that "+
				"drives your browser presses buttons, and has no finger.")),
			p.keys(), p.newKey(),
		),
		p.slack(),
		section("What you are told", p.settings()),
		section("Where you are signed in", h.Ul(h.Class("rows"), g.Map(p.Account.Sessions, p.session)), p.signOut()),
	)
}

func (p You) keys() g.Node {
	if len(p.Account.Keys) == 0 {
		return h.P(g.Text("You have none yet."))
	}
	return h.Ul(h.Class("rows"), g.Map(p.Account.Keys, p.key))
}

func (p You) key(k account.Key) g.Node {
	class, word := keyStands(k, p.Now)
	end := g.Node(h.Span())
	if k.Alive() {
		end = h.Form(h.Method("post"), markup.Action(markup.Path("/you/keys/revoke")),
			h.Input(h.Type("hidden"), h.Name("key"), h.Value(k.ID)),
			h.Button(g.Text("Revoke"), h.Aria("label", "Revoke "+k.Name)))
	}
	return row(badge(class, word), []g.Node{
		h.P(strong(k.Name), g.If(k.Synced, soft(g.Text(" · synced between your devices")))),
		h.P(h.Class("soft small"), g.Textf("Made %s", when(k.At)), g.If(k.Uses > 0, g.Textf(" · signed %s, last %s",
			words.Plural(k.Uses, "time"), when(k.UsedAt)))),
		keyStory(k),
		g.If(k.Unverified != "", h.P(h.Class("small soft"), g.Text("Not verified: "), outside(k.Unverified))),
		g.Iff(k.Waits(p.Now), func() g.Node {
			return h.P(g.Textf("It counts from %s on. Another approver who has a passkey can vouch for it before, at ", when(k.From)),
				h.Code(g.Text(p.Origin+vouchPath(p.Account.Actor.ID, k.ID))), g.Text("."))
		}),
	}, end)
}

// keyStands is how a passkey stands, in a word.
func keyStands(k account.Key, now time.Time) (class, word string) {
	switch {
	case k.Objected != nil:
		return "denied", "objected"
	case k.Revoked != nil:
		return "closed", "revoked"
	case k.Waits(now):
		return "held", "waits"
	}
	return "passed", "counts"
}

// keyStory is what others, or time, did to a passkey.
func keyStory(k account.Key) g.Node {
	switch {
	case k.Objected != nil:
		return h.P(h.Class("small"), g.Text("Objected to by "), person(k.Objected.By.Login), g.If(k.Objected.Reason != "",
			g.Group{g.Text(": "), outside(k.Objected.Reason)}))
	case k.Revoked != nil:
		return h.P(h.Class("small"), g.Textf("Ended %s: ", when(k.EndedAt)), outside(k.Revoked.Why))
	case len(k.Vouchers) > 0:
		return h.P(h.Class("small"), g.Text("Vouched for by "), person(k.Vouchers[0].Login), g.Map(k.Vouchers[1:], func(v gate.Actor) g.Node {
			return g.Group{g.Text(", "), person(v.Login)}
		}), g.If(k.Vouched == nil && k.Lacks() > 0, g.Textf("; %d more have to", k.Lacks())))
	case k.First:
		return h.P(h.Class("small soft"), g.Text("Your first key: it waited, or waits, for somebody to object."))
	}
	return h.P(h.Class("small soft"), g.Text("Signed for by another key of yours."))
}

func vouchPath(id int64, key string) string {
	return "/people/" + strconv.FormatInt(id, 10) + "/keys/" + key
}

func (p You) newKey() g.Node {
	return h.Form(h.Class("filter"), h.Method("post"), markup.Action(markup.Path("/you/keys")),
		h.Label(g.Text("Name "), h.Input(h.Name("name"), h.Placeholder("work laptop"), h.MaxLength("60"))),
		g.Text(" "), h.Button(h.Class("primary"), g.Text("Add a passkey")),
	)
}

func (p You) session(s account.Session) g.Node {
	here := s.ID == p.Session
	word := "open"
	if here {
		word = "this one"
	}
	return row(badge("passed", word), []g.Node{
		h.P(text(s.Client)),
		h.P(h.Class("soft small"), g.Textf("Since %s, until %s at most", when(s.At), when(s.Until))),
	}, h.Form(h.Method("post"), markup.Action(markup.Path("/sign-out")),
		h.Input(h.Type("hidden"), h.Name("session"), h.Value(s.ID)), h.Button(g.Text("End"), h.Aria("label", "End the session of "+s.Client))))
}

func (p You) signOut() g.Node {
	return h.Form(h.Method("post"), markup.Action(markup.Path("/sign-out")),
		h.Button(h.Name("everywhere"), h.Value("yes"), g.Text("Sign out everywhere")))
}

// Vouch is a colleague's passkey that waits, for somebody to say whose it is.
type Vouch struct {
	Frame
	Whose   gate.Actor
	Key     account.Key
	Ticket  string
	Options []byte
	Cannot  string // why the viewer cannot vouch; empty: they can
	Ends    bool   // the viewer may end it
	Script  string
	Now     time.Time
}

// HTML draws it.
func (p Vouch) HTML() g.Node {
	class, word := keyStands(p.Key, p.Now)
	at := vouchPath(p.Whose.ID, p.Key.ID)
	return p.draw("gatehold: a passkey of @"+p.Whose.Login, "/you",
		h.H1(g.Text("A passkey of "), person(p.Whose.Login)),
		state(class, word,
			h.P(strong(p.Key.Name), g.Textf(", made %s.", when(p.Key.At))),
			g.If(p.Key.Waits(p.Now), h.P(g.Textf("It counts from %s on, unless somebody objects.", when(p.Key.From)))),
		),
		keyStory(p.Key),
		g.Iff(p.Key.Waits(p.Now), func() g.Node {
			return g.Group{
				section("Is it theirs?",
					h.P(g.Text("Ask "), person(p.Whose.Login), g.Text(" by a way that no agent has: in person, or by a call. Whoever has this key "+
						"approves in their name.")),
					g.If(p.Cannot != "", note("You cannot vouch for it: %s", p.Cannot)),
					g.Iff(p.Cannot == "", func() g.Node {
						return passkeyForm(at+"/vouch", p.Ticket, p.Options, false, "It is: vouch with your passkey")
					}),
					h.Form(h.Class("filter"), h.Method("post"), markup.Action(markup.Path(at+"/object")),
						h.Label(g.Text("Reason "), h.Input(h.Name("reason"), h.MaxLength("500"))), g.Text(" "),
						h.Button(h.Class("danger"), g.Text("It is not: object"))),
				),
				markup.ScriptAt(markup.Path(p.Script)),
			}
		}),
		g.If(p.Ends, section("End it",
			h.P(g.Text("As an owner of the organisation you may end it: it counts no more, for good, what stands on it is void, and "),
				person(p.Whose.Login), g.Text(" is told. You sign it with a passkey of yours.")),
			h.Form(h.Class("filter"), h.Method("post"), markup.Action(markup.Path(at+"/end")),
				h.Label(g.Text("Reason "), h.Input(h.Name("reason"), h.Required(), h.MaxLength("500"))), g.Text(" "),
				h.Button(h.Class("danger"), g.Text("End this passkey"))),
		)),
	)
}

// People are those of whom the viewer may end passkeys.
type People struct {
	Frame
	People []account.State
	Now    time.Time
}

// HTML draws it.
func (p People) HTML() g.Node {
	return p.draw("gatehold: people", "/you",
		h.H1(g.Text("Passkeys of people")),
		g.If(len(p.People) == 0, h.P(g.Text("There is nobody here whose passkeys are yours to end: only owners of an organisation end "+
			"those of others."))),
		g.Map(p.People, func(of account.State) g.Node {
			return section("@"+of.Actor.Login, h.Ul(h.Class("rows"), g.Map(of.Keys, func(k account.Key) g.Node {
				class, word := keyStands(k, p.Now)
				return row(badge(class, word), []g.Node{
					h.P(link(vouchPath(of.Actor.ID, k.ID), g.Text(k.Name))), h.P(h.Class("soft small"), g.Textf("Made %s", when(k.At))), keyStory(k),
				}, h.Span())
			})))
		}),
	)
}

// slack is which members of Slack press in one's name.
func (p You) slack() g.Node {
	if len(p.Account.Links) == 0 {
		return nil
	}
	return section("Slack",
		h.P(h.Class("soft"), g.Text("What these members of Slack press is pressed by you, where rules name Slack. It is worth as "+
			"much as Slack knows who presses.")),
		h.Ul(h.Class("rows"), g.Map(p.Account.Links, func(l account.Link) g.Node {
			class, word := "passed", "linked"
			if !l.Confirmed {
				class, word = "held", "waits"
				if !p.Now.Before(l.Until) {
					class, word = "closed", "ran out"
				}
			}
			return row(badge(class, word), []g.Node{
				member(l.Of),
				g.If(word == "waits", h.P(g.Textf("Go back to Slack and confirm there, until %s.", when(l.Until)))),
				h.P(h.Class("soft small"), g.Textf("Since %s", when(l.At)), g.If(l.Proof != nil, g.Text(" · signed by a passkey"))),
			}, h.Form(h.Method("post"), markup.Action(markup.Path("/you/slack/remove")),
				h.Input(h.Type("hidden"), h.Name("link"), h.Value(l.Nonce)),
				h.Button(g.Text("Remove"), h.Aria("label", "Remove the link to "+l.Of.User))))
		})),
	)
}

// settings are how the person wants to be told.
func (p You) settings() g.Node {
	set := p.Account.Settings
	option := func(value, label string) g.Node {
		return h.Option(h.Value(value), g.If(set.When == value, h.Selected()), g.Text(label))
	}
	var hours g.Group
	for n := range 24 {
		hours = append(hours, h.Option(h.Value(strconv.Itoa(n)), g.If(set.Hour == n, h.Selected()), g.Textf("%02d:00", n)))
	}
	field := func(nodes ...g.Node) g.Node { return h.P(h.Label(nodes...)) }
	return h.Form(h.Method("post"), markup.Action(markup.Path("/you/settings")),
		field(g.Text("Tell me of what waits for me "), h.Select(h.Name("when"), option("", "never"), option(gate.AtOnce, "at once"),
			option(gate.Daily, "each day"), option(gate.Weekdays, "on weekdays")),
			g.Text(" at "), h.Select(h.Name("hour"), h.Aria("label", "Hour"), hours)),
		field(g.Text("Time zone "), h.Input(h.Name("zone"), h.Value(set.Zone), h.Placeholder("Europe/Berlin"), h.MaxLength("64"))),
		g.If(slices.ContainsFunc(p.Account.Links, func(l account.Link) bool { return l.Confirmed }), field(
			h.Input(h.Type("checkbox"), h.Name("slack"), h.Value("yes"), g.If(set.Slack, h.Checked())), g.Text(" in Slack"))),
		g.If(p.Mails, field(g.Text("By mail to "), h.Input(h.Type("email"), h.Name("mail"), h.Value(set.Mail), h.MaxLength("254"),
			h.Placeholder("nobody")))),
		g.If(p.Mails, h.P(h.Class("soft small"), g.Text("Another address is sent a link first."))),
		field(g.Text("Quiet hours "), h.Input(h.Name("quiet"), h.Value(set.Quiet), h.Placeholder("22:00-07:00"), h.MaxLength("20"))),
		field(h.Input(h.Type("checkbox"), h.Name("wake"), h.Value("yes"), g.If(set.Wake, h.Checked())),
			g.Text(" also then of what is critical, or was not answered for long")),
		h.P(h.Button(g.Text("Keep"))),
	)
}

// Asked is a question with one answer, of what somebody was sent a link about.
type Asked struct {
	Frame
	Title, What string
	To, Ticket  string // empty: it is answered
	Yes         string
}

// HTML draws it.
func (p Asked) HTML() g.Node {
	body := []g.Node{
		h.H1(g.Text(p.Title)), h.P(h.Class("outside"), code(p.What)),
		g.If(p.To != "", h.Form(h.Method("post"), markup.Action(markup.Path(p.To)),
			h.Input(h.Type("hidden"), h.Name("ticket"), h.Value(p.Ticket)), h.Button(h.Class("primary"), g.Text(p.Yes)))),
	}
	if p.Viewer.ID == 0 {
		return bare("gatehold: "+p.Title, body...)
	}
	return p.draw("gatehold: "+p.Title, "/you", body...)
}

// member is a member of Slack. What they are called anybody can take; the ids nobody can.
func member(u gate.SlackUser) g.Node {
	return h.P(h.Class("outside"), strong(u.Name), g.Text(" "), code(u.User), g.Text(" of the workspace "), code(u.Team))
}

// Link is a link from Slack, for somebody to say that they are who it was made for.
type Link struct {
	Frame
	Member  gate.SlackUser
	Until   time.Time
	Ticket  string
	Options []byte // what a passkey is asked; nil: having signed in just now is enough
	Script  string
}

// HTML draws it.
func (p Link) HTML() g.Node {
	return p.draw("gatehold: a link from Slack", "/you",
		h.H1(g.Text("Are you this member of Slack?")),
		state("held", "to confirm", member(p.Member),
			h.P(g.Text("What this member presses in Slack will be pressed by "), person(p.Viewer.Login), g.Text(", where rules name Slack."))),
		h.P(h.Strong(g.Text("Did you press the button in Slack yourself, just now? ")),
			g.Text("If somebody sent you this link, close the page: it would let them decide in your name.")),
		h.P(h.Class("soft small"), g.Textf("Good until %s. Slack asks you once more afterwards.", when(p.Until))),
		g.If(p.Options != nil, passkeyForm("/you/slack", p.Ticket, p.Options, false, "It is me: sign with your passkey")),
		g.If(p.Options == nil, h.Form(h.Method("post"), markup.Action(markup.Path("/you/slack")),
			h.Input(h.Type("hidden"), h.Name("ticket"), h.Value(p.Ticket)), h.Button(h.Class("primary"), g.Text("It is me")))),
		markup.ScriptAt(markup.Path(p.Script)),
	)
}

// SignedOut is what is shown to whoever has signed out.
func SignedOut() g.Node {
	return bare("gatehold: signed out", h.H1(g.Text("You are signed out.")), h.P(link("/sign-in", g.Text("Sign in"))))
}

// Refusal is an error, for whoever looks with a browser.
type Refusal struct{ Code, Text string }

// HTML draws it.
func (p Refusal) HTML() g.Node {
	return bare("gatehold: "+strings.ReplaceAll(p.Code, "_", " "),
		h.H1(g.Text("This did not work")),
		state("failing", spaced(p.Code), h.P(h.Class("outside"), text(p.Text))),
		h.P(link("/gates", g.Text("All gates"))),
	)
}
