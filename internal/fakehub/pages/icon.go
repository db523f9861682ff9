package pages

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/markup"
)

// The shapes of the icons.
const (
	disc = `<circle cx="8" cy="8" r="7.5" fill="currentColor"/>`
	ring = `<circle cx="8" cy="8" r="6.6" fill="none" stroke="currentColor" stroke-width="1.8"/>`

	goodShape = disc + `<path d="M4.7 8.3l2.2 2.2 4.4-4.6" fill="none" stroke="var(--paper)" stroke-width="1.6" ` +
		`stroke-linecap="round" stroke-linejoin="round"/>`
	badShape = disc + `<path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" stroke="var(--paper)" stroke-width="1.6" ` +
		`stroke-linecap="round"/>`
	actionShape  = disc + `<path d="M8 4.2v4.6M8 11.4v.2" stroke="var(--paper)" stroke-width="1.8" stroke-linecap="round"/>`
	waitingShape = ring + `<circle cx="8" cy="8" r="2.4" fill="currentColor"/>`
	quietShape   = ring + `<path d="M5.2 8h5.6" stroke="currentColor" stroke-width="1.8" stroke-linecap="round"/>`

	pullShape = `<g stroke-width="1.7"><circle cx="4" cy="3.4" r="1.9"/><circle cx="4" cy="12.6" r="1.9"/>` +
		`<circle cx="12" cy="12.6" r="1.9"/><path d="M4 5.3v5.4M12 10.7V6.4a2 2 0 0 0-2-2H8"/></g>`
)

// icon paints a mood.
func icon(mood string) g.Node { return moodIcon(mood, h.Class("icon "+mood)) }

func bigIcon(mood string) g.Node { return moodIcon(mood, h.Class("icon big "+mood)) }

func moodIcon(mood string, class g.Node) g.Node {
	switch mood {
	case "good":
		return markup.Drawing(goodShape, class)
	case "bad":
		return markup.Drawing(badShape, class)
	case "action":
		return markup.Drawing(actionShape, class)
	case "waiting":
		return markup.Drawing(waitingShape, class)
	}
	return markup.Drawing(quietShape, class)
}

func pullIcon() g.Node { return markup.Drawing(pullShape, h.Width("14"), h.Height("14")) }
