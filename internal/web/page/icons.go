package page

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/markup"
	"github.com/gatehold/gatehold/internal/report"
)

// drawing is one of our own, of lines in the colour of the text around it.
type drawing int

const (
	iconGate drawing = iota
	iconHeld
	iconYes
	iconNo
	iconWatch
	iconWork
	iconAlert
	iconDone
	iconVoid
	iconDot
	iconOut
)

func icon(d drawing) g.Node {
	class := h.Class("icon")
	switch d {
	case iconGate:
		return markup.Drawing(`<path d="M2.5 14V5.5L8 2l5.5 3.5V14M5.5 14V8M8 14V8m2.5 6V8M2.5 8h11"/>`, class)
	case iconHeld:
		return markup.Drawing(`<circle cx="8" cy="8" r="6.2"/><path d="M6.2 5.6v4.8M9.8 5.6v4.8"/>`, class)
	case iconYes:
		return markup.Drawing(`<circle cx="8" cy="8" r="6.2"/><path d="m5.2 8.3 2 2 3.7-4.3"/>`, class)
	case iconNo:
		return markup.Drawing(`<circle cx="8" cy="8" r="6.2"/><path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4"/>`, class)
	case iconWatch:
		return markup.Drawing(`<path d="M1.5 8S4 3.8 8 3.8 14.5 8 14.5 8 12 12.2 8 12.2 1.5 8 1.5 8z"/><circle cx="8" cy="8" r="1.8"/>`, class)
	case iconWork:
		return markup.Drawing(`<circle cx="8" cy="8" r="6.2"/><path d="M8 4.4V8l2.4 1.6"/>`, class)
	case iconAlert:
		return markup.Drawing(`<path d="M8 2 14.6 13.4H1.4zM8 6.4v3.2m0 1.7v.3"/>`, class)
	case iconDone:
		return markup.Drawing(`<path d="M5 5.2v7.2M5 5.2c0 3 6 1.6 6 5"/><circle cx="5" cy="3.6" r="1.6"/>`+
			`<circle cx="11" cy="12" r="1.6"/>`, class)
	case iconVoid:
		return markup.Drawing(`<circle cx="8" cy="8" r="6.2"/><path d="m3.6 12.4 8.8-8.8"/>`, class)
	case iconOut:
		return markup.Drawing(`<path d="M6.5 3.5h-3v9h9v-3M9 3h4v4M13 3 7.5 8.5"/>`, class)
	}
	return markup.Drawing(`<circle cx="8" cy="8" r="2.6"/>`, class)
}

// iconOf is the drawing of a standing.
func iconOf(s gate.Standing) g.Node {
	return icon(map[gate.Standing]drawing{
		gate.IsHeld: iconHeld, gate.IsFailing: iconAlert, gate.IsPassed: iconYes, gate.IsReleased: iconYes, gate.IsRejected: iconNo,
		gate.IsWatching: iconWatch, gate.IsJudging: iconWork, gate.IsQueued: iconWork, gate.IsClosed: iconDone,
	}[s])
}

// iconOfMood is the drawing of what a moment did.
func iconOfMood(m report.Mood) g.Node {
	d, ok := map[report.Mood]drawing{report.MoodYes: iconYes, report.MoodNo: iconNo, report.MoodHeld: iconHeld, report.MoodVoid: iconVoid,
		report.MoodTrouble: iconAlert, report.MoodEnd: iconDone}[m]
	if !ok {
		d = iconDot
	}
	return icon(d)
}
