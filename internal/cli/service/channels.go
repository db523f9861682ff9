package service

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/gatehold/gatehold/internal/config"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
	"github.com/gatehold/gatehold/internal/notify/hook"
	"github.com/gatehold/gatehold/internal/notify/slack"
	"github.com/gatehold/gatehold/internal/notify/teams"
	"github.com/gatehold/gatehold/internal/usecase/notices"
	"github.com/gatehold/gatehold/internal/usecase/telling"
	"github.com/gatehold/gatehold/internal/web"
)

// Channels are the ways to tell people that the configuration has. Nothing is asked
// of them yet.
func Channels(list []config.Channel) ([]telling.Channel, error) {
	client := notify.NewClient(http.DefaultTransport.(*http.Transport).Clone())
	out := make([]telling.Channel, 0, len(list))
	for _, c := range list {
		to, err := channelOf(c, client)
		if err != nil {
			return nil, unusable(c, err)
		}
		channel := telling.Channel{Name: c.Name, Default: c.Default, Repaints: c.Kind == config.SlackChannel, To: to}
		if c.Signing != "" {
			channel.Place = c.Channel
		}
		if c.Quiet != "" {
			if channel.Quiet, err = notify.ParseQuiet(c.Quiet); err != nil {
				return nil, unusable(c, err)
			}
		}
		out = append(out, channel)
	}
	return out, nil
}

// KeyChannels are those by which people are told of passkeys: those that say so, where
// none does the default ones, and where there is none of them all.
func KeyChannels(list []config.Channel, made []telling.Channel) []notices.Channel {
	says := []func(config.Channel) bool{
		func(c config.Channel) bool { return c.Keys }, func(c config.Channel) bool { return c.Default },
		func(config.Channel) bool { return true },
	}
	var out []notices.Channel
	for _, told := range says {
		for i, c := range list {
			if told(c) {
				out = append(out, notices.Channel{Name: c.Name, To: made[i].To})
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}

func unusable(c config.Channel, err error) error {
	return &gate.Error{Code: "channel_invalid", Final: true,
		Text: fmt.Sprintf("The channel %s of the configuration cannot be used: %s.", c, err)}
}

func channelOf(c config.Channel, client *http.Client) (notify.Channel, error) {
	poster := notify.Poster{Client: client, URL: c.URL, Name: c.Name, Now: time.Now}
	switch c.Kind {
	case config.SlackChannel:
		return slack.New(slack.Config{Name: c.Name, Token: c.Token, Channel: c.Channel, API: c.URL, Client: client, Now: time.Now}), nil
	case config.MailChannel:
		return mailOf(c), nil
	case config.TeamsChannel:
		return &teams.Teams{Poster: poster}, nil
	}
	h := &hook.Hook{Poster: poster}
	for _, text := range c.Secrets {
		key, err := hook.ReadKey(text)
		if err != nil {
			return nil, err
		}
		h.Keys = append(h.Keys, key)
	}
	return h, nil
}

// slackDoor takes what is pressed in the channels of Slack that have buttons; nil where
// none has, or nobody can sign in who could be linked.
func slackDoor(c config.Config) web.Slack {
	d := &slack.Door{Client: notify.NewClient(http.DefaultTransport.(*http.Transport).Clone()), Now: time.Now}
	for _, channel := range c.Notify {
		if app := (slack.App{Secret: channel.Signing, Workspace: channel.Team}); app.Secret != "" && !slices.Contains(d.Apps, app) {
			d.Apps, d.API = append(d.Apps, app), append(d.API, channel.URL)
		}
	}
	if len(d.Apps) == 0 || !c.SignIn() {
		return nil
	}
	return d
}
