// Package mail tells people by e-mail, as text and as HTML. All messages about one gate
// are one thread, by the ids that mail programs go by; a message that is tried again
// has the same id.
package mail

import (
	"context"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
)

// The ways in which the connection is encrypted.
const (
	TLS      = "tls"      // from the start, port 465
	StartTLS = "starttls" // demanded after the greeting, port 587
	Plain    = "none"     // not at all: a server on this very machine only
)

const (
	sendTime   = 20 * time.Second
	maxSubject = 150
)

// Config is what a mail channel is made of.
type Config struct {
	Name     string // of the channel, as the configuration calls it
	Host     string
	Port     int
	Security string // TLS, StartTLS or Plain
	User     string // empty: nobody signs in
	Password string
	From     string
	To       []string
	Options  []gomail.Option // of tests: their authorities
}

// Mail is a channel by one server, to some addresses.
type Mail struct{ Config }

// New returns a channel. It does no I/O.
func New(c Config) *Mail { return &Mail{c} }

// Send sends a message to all addresses. The ref is the message's id.
func (m *Mail) Send(ctx context.Context, d notify.Delivery) (string, error) {
	client, err := m.client()
	if err != nil {
		return "", err
	}
	message, id, err := m.message(d)
	if err != nil {
		return "", err
	}
	if err := client.DialAndSendWithContext(ctx, message); err != nil {
		return "", m.plain(err)
	}
	return id, nil
}

// Check greets the server and signs in.
func (m *Mail) Check(ctx context.Context) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return m.plain(err)
	}
	return m.plain(client.Close())
}

func (m *Mail) client() (*gomail.Client, error) {
	options := []gomail.Option{gomail.WithPort(m.Port), gomail.WithTimeout(sendTime)}
	switch m.Security {
	case TLS:
		options = append(options, gomail.WithSSL())
	case Plain:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(m.User), gomail.WithPassword(m.Password))
	}
	client, err := gomail.NewClient(m.Host, append(options, m.Options...)...)
	if err != nil {
		return nil, m.refused(err)
	}
	return client, nil
}

// message is what is sent, and its id.
func (m *Mail) message(d notify.Delivery) (*gomail.Msg, string, error) {
	message := gomail.NewMsg()
	if err := errors.Join(message.From(m.From), message.To(m.To...)); err != nil {
		return nil, "", m.refused(err)
	}
	id := d.ID + "@" + domain(m.From)
	message.SetMessageIDWithValue(id)
	if d.First != "" && d.First != id {
		message.SetGenHeader(gomail.HeaderInReplyTo, "<"+d.First+">")
		message.SetGenHeader(gomail.HeaderReferences, "<"+d.First+">")
	}
	subject := "[" + d.Subject + "] " + d.Title
	if d.Urgent {
		subject = "Still waiting: " + subject
	}
	message.Subject(notify.Clip(subject, maxSubject))
	message.SetDateWithValue(d.At)
	message.SetUserAgent("gatehold")
	// Nobody's absence is to be answered, nor is this a letter by a person.
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetGenHeader("X-Auto-Response-Suppress", "All")
	if d.Leave != "" { // by one request, which nobody has to sign in for: RFC 8058
		message.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+d.Leave+">")
		message.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	message.SetBodyString(gomail.TypeTextPlain, d.Plain())
	message.AddAlternativeString(gomail.TypeTextHTML, page(d.Message))
	return message, id, nil
}

func domain(address string) string {
	_, host, _ := strings.Cut(strings.TrimSuffix(address, ">"), "@")
	if host == "" {
		return "gatehold.invalid"
	}
	return host
}

// page is a message as HTML without anything that is fetched.
func page(m notify.Message) string {
	var b strings.Builder
	put := func(format string, texts ...string) {
		args := make([]any, len(texts))
		for i, t := range texts {
			args[i] = html.EscapeString(t)
		}
		fmt.Fprintf(&b, format, args...)
	}
	put(`<!doctype html><html><body style="font-family:sans-serif"><h2>%s</h2>`, notify.Unlinked(m.Title))
	if m.Sentence != "" {
		put(`<p>%s</p>`, notify.Unlinked(m.Sentence))
	}
	put(`<table>`)
	for _, f := range m.Facts() {
		put(`<tr><th align="left">%s</th><td>%s</td></tr>`, f[0], notify.Unlinked(f[1]))
	}
	put(`</table>`)
	if len(m.Findings) > 0 {
		put(`<ul>`)
		for _, f := range m.Findings {
			put(`<li>%s</li>`, notify.Unlinked(f))
		}
		if more := m.Beyond(); more != "" {
			put(`<li>%s</li>`, more)
		}
		put(`</ul>`)
	}
	for _, hunk := range m.Hunks {
		put(`<p><code>%s</code></p><pre>%s</pre>`, notify.Unlinked(hunk.Path), notify.Unlinked(strings.Join(hunk.Lines, "\n")))
	}
	if m.Also != "" {
		put(`<p>%s</p>`, notify.Unlinked(m.Also))
	}
	for _, l := range m.Links() {
		put(`<p><a href="%s">%s</a></p>`, l[1], l[0])
	}
	put(`</body></html>`)
	return b.String()
}

func (m *Mail) refused(err error) error {
	return &gate.Error{Code: notify.Refused, Final: true, Err: err,
		Text: fmt.Sprintf("The mail channel %s cannot be used as the configuration has it: see its server and addresses.", m.Name)}
}

// plain is an error of the server's, or of the way to it, in words.
func (m *Mail) plain(err error) error {
	if err == nil {
		return nil
	}
	if strings.Contains(strings.ToUpper(err.Error()), "AUTH") {
		return &gate.Error{Code: notify.Refused, Final: true, Err: err,
			Text: fmt.Sprintf("The mail server of the channel %s does not let gatehold sign in: see user, password and security.", m.Name)}
	}
	var send *gomail.SendError
	if errors.As(err, &send) && send.Reason != gomail.ErrConnCheck && !send.IsTemp() {
		return &gate.Error{Code: notify.Refused, Final: true, Err: err,
			Text: fmt.Sprintf("The mail server of the channel %s refuses the message for good: see the addresses.", m.Name)}
	}
	return &gate.Error{Code: notify.Unavailable, Err: err,
		Text: fmt.Sprintf("The mail server of the channel %s cannot be reached, or refuses for now. It is tried again.", m.Name)}
}
