// Package slack tells people in a channel of Slack, as an app of the workspace: one
// message for each gate, which is repainted as the gate goes on, and an answer in its
// thread where somebody is to look again.
//
// What others wrote is put as plain text, of which Slack makes neither marks nor
// mentions. Each message carries its id as metadata: after an attempt of which
// nobody knows what came of it, the channel's history is asked whether it is there.
package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	slackgo "github.com/slack-go/slack"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/notify"
)

const (
	eventType = "gatehold_message"
	eventID   = "id"
	// looked is how many messages of the history are asked for: what was tried before
	// was tried not long ago.
	looked = 100
)

// Config is what a Slack channel is made of.
type Config struct {
	Name    string // of the channel, as the configuration calls it
	Token   string // a bot's: xoxb-...
	Channel string // its id: C0123456789
	API     string // with a slash at the end; empty: https://slack.com/api/
	Client  *http.Client
	Now     func() time.Time
}

// Slack is one channel.
type Slack struct {
	Config
	api *slackgo.Client
}

// New returns a channel. It does no I/O.
func New(c Config) *Slack {
	options := []slackgo.Option{slackgo.OptionHTTPClient(c.Client)}
	if c.API != "" {
		options = append(options, slackgo.OptionAPIURL(c.API))
	}
	return &Slack{Config: c, api: slackgo.New(c.Token, options...)}
}

// Send posts the first message of a thread, and repaints it from then on. The ref is
// the channel's id and the message's time stamp, which is its name to Slack.
func (s *Slack) Send(ctx context.Context, d notify.Delivery) (string, error) {
	if channel, root, ok := strings.Cut(d.First, "/"); ok {
		err := s.repaint(ctx, channel, root, d)
		if err == nil || !gone(err) {
			return d.First, s.plain(err)
		}
		// somebody has deleted it
	} else if d.Again {
		found, err := s.find(ctx, "", d.ID)
		if err != nil || found != "" {
			return found, err
		}
	}
	channel, stamp, err := s.api.PostMessageContext(ctx, s.Channel, s.painted(d)...)
	if err != nil {
		return "", s.plain(err)
	}
	return channel + "/" + stamp, nil
}

func (s *Slack) repaint(ctx context.Context, channel, root string, d notify.Delivery) error {
	if _, _, _, err := s.api.UpdateMessageContext(ctx, channel, root, s.painted(d)...); err != nil || !d.Urgent {
		return err
	}
	if d.Again {
		found, err := s.find(ctx, root, d.ID)
		if err != nil || found != "" {
			return err
		}
	}
	_, _, err := s.api.PostMessageContext(ctx, channel, append(s.painted(d), slackgo.MsgOptionTS(root), slackgo.MsgOptionBroadcast())...)
	return err
}

// find looks for a message by its id, in a thread or in the channel. Where the app may
// not read the history, nothing is found: better twice than never.
func (s *Slack) find(ctx context.Context, thread, id string) (string, error) {
	var messages []slackgo.Message
	var err error
	channel := s.Channel
	if strings.HasPrefix(channel, "U") || strings.HasPrefix(channel, "W") { // a member: what they are told has an id of its own
		var open *slackgo.Channel
		open, _, _, err = s.api.OpenConversationContext(ctx, &slackgo.OpenConversationParameters{Users: []string{channel}, ReturnIM: true})
		if open != nil {
			channel = open.ID
		}
	}
	if err == nil && thread == "" {
		var history *slackgo.GetConversationHistoryResponse
		history, err = s.api.GetConversationHistoryContext(ctx, &slackgo.GetConversationHistoryParameters{
			ChannelID: channel, Limit: looked, IncludeAllMetadata: true,
		})
		if history != nil {
			messages = history.Messages
		}
	} else if err == nil {
		messages, _, _, err = s.api.GetConversationRepliesContext(ctx, &slackgo.GetConversationRepliesParameters{
			ChannelID: channel, Timestamp: thread, Limit: looked, IncludeAllMetadata: true,
		})
	}
	if refused, is := errors.AsType[slackgo.SlackErrorResponse](err); is && refused.Err == "missing_scope" {
		return "", nil
	}
	if err != nil {
		return "", s.plain(err)
	}
	for _, m := range messages {
		if m.Metadata.EventType == eventType && m.Metadata.EventPayload[eventID] == id {
			return channel + "/" + m.Timestamp, nil
		}
	}
	return "", nil
}

// Check asks Slack whose the token is.
func (s *Slack) Check(ctx context.Context) error {
	_, err := s.api.AuthTestContext(ctx)
	return s.plain(err)
}

func gone(err error) bool {
	refused, is := errors.AsType[slackgo.SlackErrorResponse](err)
	return is && (refused.Err == "message_not_found" || refused.Err == "cant_update_message")
}

// Refusals that go by themselves.
var passing = []string{"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org", "ratelimited"}

// plain is an error of Slack's in words. Nothing of a token is in it: it goes in a
// header, or in a body, and never in an address.
func (s *Slack) plain(err error) error {
	if err == nil {
		return nil
	}
	if limited, is := errors.AsType[*slackgo.RateLimitedError](err); is {
		return &gate.Error{Code: notify.Busy, Until: s.Now().Add(limited.RetryAfter),
			Text: fmt.Sprintf("Slack asks for fewer messages in the channel %s. They are sent when it says.", s.Name)}
	}
	if refused, is := errors.AsType[slackgo.SlackErrorResponse](err); is {
		for _, word := range passing {
			if refused.Err == word {
				return &gate.Error{Code: notify.Unavailable,
					Text: fmt.Sprintf("Slack has trouble of its own (%s). The channel %s is tried again.", word, s.Name)}
			}
		}
		return &gate.Error{Code: notify.Refused, Final: true, Text: fmt.Sprintf("Slack refuses messages to the channel %s (%s): %s",
			s.Name, notify.Clip(refused.Err, 60), advice(refused.Err))}
	}
	if status, is := errors.AsType[slackgo.StatusCodeError](err); is && status.Code >= 500 {
		return &gate.Error{Code: notify.Unavailable, Err: err,
			Text: fmt.Sprintf("Slack has trouble of its own (%d). The channel %s is tried again.", status.Code, s.Name)}
	}
	return notify.Unanswered(s.Name, err)
}

func advice(word string) string {
	switch word {
	case "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired":
		return "give the configuration a token of an app that is installed in the workspace."
	case "channel_not_found", "not_in_channel", "is_archived":
		return "see whether the channel's id is right, and invite the app there."
	case "missing_scope":
		return "give the app the scope chat:write."
	}
	return "see the app's settings."
}
