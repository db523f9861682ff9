package slack

import (
	slackgo "github.com/slack-go/slack"

	"github.com/gatehold/gatehold/internal/notify"
)

// Bounds of Block Kit, in characters, and of how many findings people read there.
const (
	maxHeader   = 150
	maxText     = 2000
	maxFact     = 500
	maxFindings = 8
)

// painted is a message as blocks, with the line that notifications show.
func (s *Slack) painted(d notify.Delivery) []slackgo.MsgOption {
	title := notify.Unlinked(d.Title)
	blocks := []slackgo.Block{slackgo.NewHeaderBlock(plain(mark(d.Message)+title, maxHeader))}
	if d.Sentence != "" {
		blocks = append(blocks, section(d.Sentence))
	}
	var facts []*slackgo.TextBlockObject
	for _, f := range d.Facts() {
		facts = append(facts, plain(f[0]+": "+notify.Unlinked(f[1]), maxFact))
	}
	if len(facts) > 0 {
		blocks = append(blocks, slackgo.NewSectionBlock(nil, facts, nil))
	}
	m := d.Message
	shown := m.Findings[:min(len(m.Findings), maxFindings)]
	for _, f := range shown {
		blocks = append(blocks, section("• "+f))
	}
	m.More += len(m.Findings) - len(shown)
	if more := m.Beyond(); more != "" {
		blocks = append(blocks, section(more))
	}
	var links []slackgo.BlockElement
	for i, l := range m.Links() {
		button := slackgo.NewButtonBlockElement([]string{"open_page", "open_github"}[i], "", plain(l[0], maxHeader))
		button.URL = l[1]
		links = append(links, button)
	}
	if len(links) > 0 {
		blocks = append(blocks, slackgo.NewActionBlock("links", links...))
	}
	return []slackgo.MsgOption{
		slackgo.MsgOptionBlocks(blocks...),
		slackgo.MsgOptionText(notify.Clip(notify.Unlinked(d.Subject)+": "+title, maxText), true),
		slackgo.MsgOptionLinkNames(false),
		slackgo.MsgOptionDisableLinkUnfurl(), slackgo.MsgOptionDisableMediaUnfurl(),
		slackgo.MsgOptionMetadata(slackgo.SlackMetadata{EventType: eventType, EventPayload: map[string]any{eventID: d.ID}}),
	}
}

func mark(m notify.Message) string {
	switch {
	case m.State == notify.Held && m.Urgent:
		return "⏰ "
	case m.State == notify.Held:
		return "✋ "
	case m.State == notify.Released:
		return "✅ "
	case m.State == notify.Denied:
		return "⛔ "
	}
	return ""
}

func section(text string) *slackgo.SectionBlock {
	return slackgo.NewSectionBlock(plain(notify.Unlinked(text), maxText), nil, nil)
}

// plain is text in which Slack reads nothing: no marks, no mentions, no emoji.
func plain(text string, max int) *slackgo.TextBlockObject {
	return slackgo.NewTextBlockObject(slackgo.PlainTextType, notify.Clip(text, max), false, false)
}
