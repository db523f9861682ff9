package slack

import (
	"strings"

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
	for _, h := range d.Hunks {
		blocks = append(blocks, section(h.Path+":"), lines(h))
	}
	if d.Also != "" {
		blocks = append(blocks, section(d.Also))
	}
	blocks = append(blocks, answering(d.Message)...)
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

// The input beside the buttons.
const (
	reasonBlock = "reason"
	reasonInput = "text"
)

// answering are the buttons by which a message is answered. What they carry, Slack keeps:
// it is sealed, and where it is more than Slack takes, there are none.
func answering(m notify.Message) []slackgo.Block {
	if m.Ticket == "" || len(m.Ticket) > maxValue {
		return nil
	}
	input := slackgo.NewPlainTextInputBlockElement(plain("Why, in one line", maxHeader), reasonInput)
	input.MaxLength = maxReason
	reason := slackgo.NewInputBlock(reasonBlock, plain("Reason", maxHeader), nil, input)
	reason.Optional = true
	approve := slackgo.NewButtonBlockElement(notify.Approves, m.Ticket, plain("Approve", maxHeader)).WithStyle(slackgo.StylePrimary)
	deny := slackgo.NewButtonBlockElement(notify.Denies, m.Ticket, plain("Deny", maxHeader)).WithStyle(slackgo.StyleDanger)
	return []slackgo.Block{reason, slackgo.NewActionBlock("answer", approve, deny)}
}

// lines are lines of code as they are: Slack reads nothing in them.
func lines(h notify.Hunk) *slackgo.RichTextBlock {
	text := notify.Clip(notify.Unlinked(strings.Join(h.Lines, "\n")), maxText)
	return slackgo.NewRichTextBlock("", &slackgo.RichTextPreformatted{
		Type: slackgo.RTEPreformatted, Elements: []slackgo.RichTextSectionElement{slackgo.NewRichTextSectionTextElement(text, nil)},
	})
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
