package service

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
)

// Every kind of channel that a configuration can have can be used, and what cannot is
// said without its secrets.
func TestEveryKindOfChannelIsMade(t *testing.T) {
	list, err := Channels([]config.Channel{
		{Name: "a", Kind: config.SlackChannel, Token: "xoxb-1", Channel: "C1", Default: true},
		{Name: "b", Kind: config.MailChannel, Host: "localhost", Port: 25, From: "a@b.c", To: []string{"a@b.c"}, Quiet: "22:00-07:00"},
		{Name: "c", Kind: config.WebhookChannel, URL: "https://x.y", Secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
		{Name: "d", Kind: config.TeamsChannel, URL: "https://x.y"},
	})
	if err != nil || len(list) != 4 {
		t.Fatalf("%d channels: %v", len(list), err)
	}
	for i, c := range list {
		if c.To == nil || c.Repaints != (i == 0) || c.Default != (i == 0) || (c.Quiet != nil) != (i == 1) {
			t.Errorf("%s is %+v", c.Name, c)
		}
	}
	for _, c := range []config.Channel{
		{Name: "a", Kind: config.WebhookChannel, URL: "https://x.y", Secrets: []string{"s3cr3t"}},
		{Name: "a", Kind: config.TeamsChannel, URL: "https://x.y/s3cr3t", Quiet: "at night"},
	} {
		_, err := Channels([]config.Channel{c})
		if known := gate.AsError(err); known.Code != "channel_invalid" || strings.Contains(known.Error(), "s3cr3t") {
			t.Errorf("%s: %v", c, err)
		}
	}
}

// Of passkeys those channels are told that say so; else the default ones; else all: that
// nobody has thought of it is no reason to tell nobody.
func TestWhoIsToldOfPasskeys(t *testing.T) {
	for want, list := range map[string][]config.Channel{
		"":    nil,
		"b":   {{Name: "a", Default: true}, {Name: "b", Keys: true}, {Name: "c"}},
		"a":   {{Name: "a", Default: true}, {Name: "c"}},
		"a c": {{Name: "a"}, {Name: "c"}},
	} {
		for i := range list {
			list[i].Kind, list[i].URL = config.TeamsChannel, "https://x.y"
		}
		made, err := Channels(list)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, c := range KeyChannels(list, made) {
			names = append(names, c.Name)
		}
		if got := strings.Join(names, " "); got != want {
			t.Errorf("told are %q, want %q", got, want)
		}
	}
}
