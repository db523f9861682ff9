package config

import (
	"fmt"
	"io"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"
	"go.yaml.in/yaml/v4/plugin/loaderlimits"
)

// The kinds of channels.
const (
	SlackChannel   = "slack"
	MailChannel    = "mail"
	WebhookChannel = "webhook"
	TeamsChannel   = "teams"
)

// Channel is a way to tell people. Rules name it; where it leads stands here alone.
type Channel struct {
	Name    string
	Kind    string
	Default bool   // told where rules say nothing
	Keys    bool   // told of people's passkeys
	Quiet   string // hours, as in 22:00-07:00 Europe/Berlin

	URL     string   // of a webhook, or a workflow of Teams; of Slack's API, where that is another
	Secrets []string // of a webhook: each signs
	Token   string   // of Slack
	Channel string   // of Slack: its id
	Signing string   // of Slack: what requests of the app are signed with; empty: no buttons
	Team    string   // of Slack: the workspace from which buttons are pressed

	Host     string // of the mail server
	Port     int
	Security string // starttls, tls or none
	User     string
	Password string
	From     string
	To       []string
	People   bool // of a mail server: single people are told by it too, who ask for it
}

// String names a channel, and nothing that it is made of.
func (c Channel) String() string { return c.Name + " (" + c.Kind + ")" }

// Format makes every verb of fmt print String: no verb shows a secret.
func (c Channel) Format(f fmt.State, _ rune) { io.WriteString(f, c.String()) }

// MarshalJSON gives what String does.
func (c Channel) MarshalJSON() ([]byte, error) { return []byte(strconv.Quote(c.String())), nil }

const maxChannels = 50

func showChannels(list []Channel) string {
	names := make([]string, len(list))
	for i, c := range list {
		names[i] = c.String()
	}
	return strings.Join(names, ", ")
}

// channelKeys are the keys of a channel of each kind, beside those of all.
var channelKeys = map[string][]string{
	SlackChannel:   {"token_file", "channel", "url", "signing_secret_file", "workspace"},
	MailChannel:    {"host", "port", "security", "user", "password_file", "from", "to", "people"},
	WebhookChannel: {"url", "url_file", "secret_file"},
	TeamsChannel:   {"url", "url_file"},
}

// channels reads what stands under notify: a mapping of names.
func (l *loader) channels(s setting, ok bool) []Channel {
	if !ok || s.text == "" {
		return nil
	}
	top := namedMapping(s.text)
	if top == nil {
		l.fail("%s must be a mapping of channels by name, as in `ops: {kind: webhook, url: https://..., secret_file: PATH}`.", s.name)
		return nil
	}
	var out []Channel
	for i := 0; i+1 < len(top.Content); i += 2 {
		name := top.Content[i].Value
		r := &channelReader{loader: l, at: s.name + "." + name, c: Channel{Name: name}}
		switch {
		case !isChannelName(name):
			l.fail("%s: the name of a channel is 1 to 50 small letters, digits and hyphens.", s.name)
		case slices.ContainsFunc(out, func(c Channel) bool { return c.Name == name }):
			l.fail("%s: the channel %s stands there twice: keep one.", s.name, name)
		case len(out) == maxChannels:
			l.fail("%s: there may be at most %d channels.", s.name, maxChannels)
			return out
		default:
			out = append(out, r.read(top.Content[i+1]))
		}
	}
	return out
}

// namedMapping reads a text that is one mapping; nil: it is none.
func namedMapping(text string) *yaml.Node {
	var root yaml.Node
	err := yaml.Load([]byte(text), &root, yaml.WithV4Defaults(),
		yaml.WithPlugin(loaderlimits.New(loaderlimits.DepthValue(8), loaderlimits.AliasValue(0))))
	if err != nil || root.Kind != yaml.DocumentNode || len(root.Content) != 1 || root.Content[0].Kind != yaml.MappingNode {
		return nil
	}
	return root.Content[0]
}

func isChannelName(s string) bool {
	return s != "" && len(s) <= 50 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && !strings.HasPrefix(s, "-")
}

// channelReader reads one channel, and tells every problem of it.
type channelReader struct {
	*loader
	at string
	c  Channel
}

func (r *channelReader) read(n *yaml.Node) Channel {
	values := map[string]*yaml.Node{}
	if n.Kind != yaml.MappingNode {
		r.fail("%s must be a mapping with `kind`: slack, mail, webhook or teams.", r.at)
		return r.c
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		values[n.Content[i].Value] = n.Content[i+1]
	}
	text := func(key string) string {
		v := values[key]
		if v == nil {
			return ""
		}
		if v.Kind != yaml.ScalarNode || isNull(v) {
			r.fail("%s.%s must be one value.", r.at, key)
			return ""
		}
		return strings.TrimSpace(v.Value)
	}
	r.c.Kind = text("kind")
	own, known := channelKeys[r.c.Kind]
	if !known {
		r.fail("%s.kind must be slack, mail, webhook or teams.", r.at)
		return r.c
	}
	for key := range values {
		if !slices.Contains(own, key) && !slices.Contains([]string{"kind", "default", "quiet", "passkeys"}, key) {
			r.fail("%s: a channel of kind %s has no such key. Its keys are: kind, default, passkeys, quiet, %s.", r.at, r.c.Kind,
				strings.Join(own, ", "))
		}
	}
	r.c.Quiet = text("quiet")
	r.c.Default, r.c.Keys = r.truth(text, "default"), r.truth(text, "passkeys")
	switch r.c.Kind {
	case SlackChannel:
		r.slack(text)
	case MailChannel:
		r.mail(text, values["to"])
	case WebhookChannel:
		r.c.URL = r.url(text)
		r.c.Secrets = strings.Fields(r.file(text, "secret_file", "the webhook's signing keys, one on each line"))
	case TeamsChannel:
		r.c.URL = r.url(text)
	}
	return r.c
}

// truth is whether something is to be so; where nothing is said it is not.
func (r *channelReader) truth(text func(string) string, key string) bool {
	said := text(key)
	is, err := strconv.ParseBool(said)
	if said != "" && err != nil {
		r.fail("%s.%s is neither true nor false.", r.at, key)
	}
	return is
}

func (r *channelReader) slack(text func(string) string) {
	r.c.Token = r.file(text, "token_file", "the bot's token, which begins with xoxb-")
	r.c.Channel = text("channel")
	if strings.Trim(r.c.Channel, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || len(r.c.Channel) < 2 {
		r.fail("%s.channel must be the channel's id, as in C0123456789: its name can change. Slack shows it at the end of the channel's details.",
			r.at)
	}
	if at := text("url"); at != "" {
		r.c.URL = r.address(at, "url")
	}
	r.c.Team = text("workspace")
	switch signing := text("signing_secret_file"); {
	case signing == "" && r.c.Team != "":
		r.fail("%s.workspace is for buttons, which need signing_secret_file as well.", r.at)
	case signing == "":
	case !strings.HasPrefix(r.c.Team, "T") || len(r.c.Team) < 2 || strings.Trim(r.c.Team, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "":
		r.fail("%s.workspace must be the id of the workspace whose members may press buttons, as in T0123456789.", r.at)
	default:
		r.c.Signing = r.file(text, "signing_secret_file", "the app's signing secret")
	}
}

func (r *channelReader) mail(text func(string) string, to *yaml.Node) {
	c := &r.c
	c.Host, c.User, c.From, c.Security = text("host"), text("user"), text("from"), text("security")
	if c.Host == "" {
		r.fail("%s.host is missing: the name of the mail server.", r.at)
	}
	ports := map[string]int{"": 587, "starttls": 587, "tls": 465, "none": 25}
	port, known := ports[c.Security]
	switch {
	case !known:
		r.fail("%s.security must be starttls, tls or none.", r.at)
	case c.Security == "none" && !isLoopback(c.Host):
		r.fail("%s.security: without encryption mail goes to a server on this machine only.", r.at)
	}
	if c.Security == "" {
		c.Security = "starttls"
	}
	c.Port = port
	if given := text("port"); given != "" {
		n, err := strconv.ParseUint(given, 10, 16)
		if err != nil || n == 0 {
			r.fail("%s.port must be the number of a port.", r.at)
		}
		c.Port = int(n)
	}
	if c.User != "" {
		c.Password = r.file(text, "password_file", "the password")
	} else if text("password_file") != "" {
		r.fail("%s has a password and no user.", r.at)
	}
	if on := text("people"); on != "" {
		var err error
		if c.People, err = strconv.ParseBool(on); err != nil {
			r.fail("%s.people is neither true nor false.", r.at)
		}
	}
	r.addresses(to)
}

func (r *channelReader) addresses(to *yaml.Node) {
	if to != nil && to.Kind == yaml.ScalarNode {
		r.c.To = []string{to.Value}
	} else if to != nil {
		for _, item := range to.Content {
			r.c.To = append(r.c.To, item.Value)
		}
	}
	if len(r.c.To) == 0 {
		r.fail("%s.to is missing: the addresses that mail goes to.", r.at)
	}
	for i, address := range append([]string{r.c.From}, r.c.To...) {
		if _, err := mail.ParseAddress(address); err != nil {
			r.fail("%s.%s must be an address, as in gatehold@acme.example.", r.at, map[bool]string{true: "from", false: "to"}[i == 0])
		}
	}
}

// file reads a secret, which stands in a file of its own.
func (r *channelReader) file(text func(string) string, key, what string) string {
	path := text(key)
	if path == "" {
		r.fail("%s.%s is missing: the path of a file with %s.", r.at, key, what)
		return ""
	}
	found, _ := r.secretFile(path, r.at+"."+key)
	return found.text
}

// url reads the address of a webhook, which may be a secret.
func (r *channelReader) url(text func(string) string) string {
	plain, path := text("url"), text("url_file")
	switch {
	case plain != "" && path != "":
		r.fail("%s has both url and url_file: keep one of them.", r.at)
		return ""
	case path != "":
		found, ok := r.secretFile(path, r.at+".url_file")
		if !ok {
			return ""
		}
		return r.address(found.text, "url_file")
	}
	return r.address(plain, "url")
}

// address checks an address without repeating it. It may be http on this machine only.
func (r *channelReader) address(text, key string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Fragment != "":
		r.fail("%s.%s must be a whole address, as in https://hooks.acme.example/gatehold, without user and password.", r.at, key)
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		r.fail("%s.%s must be https: only an address of this machine may be http.", r.at, key)
	default:
		return u.String()
	}
	return ""
}
