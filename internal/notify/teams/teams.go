// Package teams tells people in Microsoft Teams, by a workflow that takes webhooks:
// an Adaptive Card to the workflow's address. Such a workflow cannot be asked what it
// has posted, nor told to change it: each state is a card of its own.
// https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
package teams

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/gatehold/gatehold/internal/notify"
)

// Bounds of a card; a message may have 28 KB in all.
const (
	maxText     = 1000
	maxFindings = 8
)

// Teams is a channel to one workflow.
type Teams struct {
	Poster notify.Poster
}

type envelope struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string `json:"contentType"`
	Content     card   `json:"content"`
}

type card struct {
	Schema  string `json:"$schema"`
	Type    string `json:"type"`
	Version string `json:"version"`
	Body    []any  `json:"body"`
	Actions []any  `json:"actions,omitempty"`
}

type textBlock struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Wrap   bool   `json:"wrap"`
	Weight string `json:"weight,omitempty"`
	Size   string `json:"size,omitempty"`
	Color  string `json:"color,omitempty"`
}

type factSet struct {
	Type  string `json:"type"`
	Facts []fact `json:"facts"`
}

type fact struct {
	Title string `json:"title"`
	Value string `json:"value"`
}

type openURL struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// Send delivers a message.
func (t *Teams) Send(ctx context.Context, d notify.Delivery) (string, error) {
	body, err := json.Marshal(envelope{Type: "message", Attachments: []attachment{{
		ContentType: "application/vnd.microsoft.card.adaptive", Content: cardOf(d.Message),
	}}})
	if err != nil {
		return "", fmt.Errorf("encoding a card: %w", err)
	}
	return "", t.Poster.Post(ctx, nil, body)
}

// Check says nothing: a workflow cannot be asked without posting something.
func (t *Teams) Check(context.Context) error { return nil }

func cardOf(m notify.Message) card {
	c := card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4"}
	title := text(m.Title)
	title.Weight, title.Size, title.Color = "Bolder", "Medium", color(m.State)
	c.Body = append(c.Body, title)
	if m.Sentence != "" {
		c.Body = append(c.Body, text(m.Sentence))
	}
	set := factSet{Type: "FactSet"}
	for _, f := range m.Facts() {
		set.Facts = append(set.Facts, fact{f[0], escaped(f[1])})
	}
	c.Body = append(c.Body, set)
	shown := m.Findings[:min(len(m.Findings), maxFindings)]
	for _, f := range shown {
		c.Body = append(c.Body, text("- "+f))
	}
	m.More += len(m.Findings) - len(shown)
	if more := m.Beyond(); more != "" {
		c.Body = append(c.Body, text(more))
	}
	for _, l := range m.Links() {
		c.Actions = append(c.Actions, openURL{"Action.OpenUrl", l[0], l[1]})
	}
	return c
}

func color(s notify.State) string {
	switch s {
	case notify.Held:
		return "Warning"
	case notify.Denied:
		return "Attention"
	case notify.Released:
		return "Good"
	}
	return "Default"
}

func text(s string) textBlock { return textBlock{Type: "TextBlock", Text: escaped(s), Wrap: true} }

// escaped takes from a text what a card would read in it as Markdown, or make a link
// of. Tags mean nothing in it: who is mentioned stands beside the card's text, and
// nobody does.
func escaped(s string) string {
	s = notify.Unlinked(notify.Clip(s, maxText))
	return strings.NewReplacer(
		`\`, `\\`, "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "(", `\(`, ")", `\)`,
		"`", "\\`", "#", `\#`, "~", `\~`, "{{", "{ {", "}}", "} }",
	).Replace(s)
}
