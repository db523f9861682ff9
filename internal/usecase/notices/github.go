package notices

import (
	"context"
	"slices"
	"strings"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/usecase/orgs"
)

// Orgs are the organisations in which people are somebody.
type Orgs interface {
	// Of are those in which somebody may write, or approve something. An error is
	// something to try again.
	Of(ctx context.Context, who gate.Actor) ([]orgs.Org, error)
}

// Mentions has GitHub itself tell people, by an issue that names them.
type Mentions interface {
	Mention(ctx context.Context, repo gate.Repo, id, title, body string, again bool) (ref string, err error)
}

// viaGitHub begins the name of the channel that is an organisation's repository. No
// channel of the configuration has a colon in its name.
const viaGitHub = "github:"

// channels are those by which people are told of somebody's keys: of whoever may neither
// write nor approve anywhere, nobody is. That is not known where GitHub does not tell; then
// those of the configuration are told, and the others when it does.
func (u *Notices) channels(ctx context.Context, who gate.Actor) (out []Channel, sure bool) {
	in, err := u.Orgs.Of(ctx, who)
	if err != nil {
		u.Book.Slog.Warn("whom GitHub is to tell of a passkey is not known now", "error", err)
		return u.Channels, false
	}
	if len(in) == 0 {
		return nil, true
	}
	out = slices.Clone(u.Channels)
	for _, o := range in {
		if repo, has := o.Notices(); has {
			out = append(out, Channel{Name: viaGitHub + strings.ToLower(o.Name), To: mention{u.Mentions, repo, who, teams(o)}})
		}
	}
	return out, true
}

// teams are the people and teams of an organisation who may vouch, and so look.
func teams(o orgs.Org) (out []string) {
	for _, g := range o.Vouchers() {
		if strings.HasPrefix(g, "@") && len(out) < mostNamed {
			out = append(out, g)
		}
	}
	return out
}

// mostNamed bounds whom an issue names beside the owner of a key.
const mostNamed = 10

// mention is a channel that is an issue.
type mention struct {
	hub   Mentions
	repo  gate.Repo
	whose gate.Actor
	teams []string
}

// Send opens an issue. What others wrote is shown as code, in which nothing is a name or
// a link.
func (m mention) Send(ctx context.Context, d notify.Delivery) (string, error) {
	var b strings.Builder
	b.WriteString("@" + m.whose.Login)
	for _, t := range m.teams {
		b.WriteString(" " + t)
	}
	b.WriteString("\n\n" + code(d.Sentence) + "\n")
	for _, fact := range d.Facts() {
		b.WriteString("\n" + fact[0] + ": " + code(fact[1]) + "\n")
	}
	if d.Page != "" {
		b.WriteString("\n" + d.Page + "\n")
	}
	return m.hub.Mention(ctx, m.repo, d.ID, d.Title, b.String(), d.Again)
}

// Check says nothing: whether an issue can be opened shows when one is.
func (mention) Check(context.Context) error { return nil }

func code(s string) string { return "`" + strings.ReplaceAll(s, "`", "'") + "`" }
