package markup

import (
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Column is one column of a plot: parts on top of one another, and what it is.
type Column struct {
	Label string // under it; empty: none
	Title string // for whoever points at it
	Parts []Share
}

// Share is a part of a column. Class has its colour.
type Share struct {
	Class string
	Value int
}

// The size of a plot, in its own units.
const (
	plotWide, plotHigh = 720, 180
	plotFoot           = 22 // for the labels
	plotSide           = 34 // for the numbers
)

// Plot draws columns side by side, as high as the highest of them needs. What it shows
// in sum is said by about, for whoever cannot see it.
func Plot(about string, columns []Column) g.Node {
	top := 1
	for _, c := range columns {
		sum := 0
		for _, p := range c.Parts {
			sum += max(0, p.Value)
		}
		top = max(top, sum)
	}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', 1, 64) }
	high := func(n int) float64 { return float64(n) / float64(top) * plotHigh }
	step := float64(plotWide-plotSide) / float64(max(1, len(columns)))
	var shapes g.Group
	for _, n := range []int{0, (top + 1) / 2, top} {
		y := plotHigh - high(n) + 8
		shapes = append(shapes,
			g.El("line", g.Attr("x1", strconv.Itoa(plotSide)), g.Attr("x2", strconv.Itoa(plotWide)),
				g.Attr("y1", number(y)), g.Attr("y2", number(y))),
			g.El("text", g.Attr("x", strconv.Itoa(plotSide-6)), g.Attr("y", number(y+4)), g.Attr("text-anchor", "end"),
				g.Text(strconv.Itoa(n))))
	}
	for i, c := range columns {
		x, y := plotSide+float64(i)*step, float64(plotHigh+8)
		var parts g.Group
		for _, p := range c.Parts {
			size := high(max(0, p.Value))
			y -= size
			parts = append(parts, g.El("rect", h.Class(p.Class), g.Attr("x", number(x+step*0.12)), g.Attr("y", number(y)),
				g.Attr("width", number(step*0.76)), g.Attr("height", number(size))))
		}
		shapes = append(shapes, g.El("g", g.El("title", g.Text(c.Title)), parts),
			g.El("text", g.Attr("x", number(x+step/2)), g.Attr("y", strconv.Itoa(plotHigh+plotFoot+2)), g.Attr("text-anchor", "middle"),
				g.Text(c.Label)))
	}
	return g.El("svg", h.Class("plot"), g.Attr("viewBox", "0 0 "+strconv.Itoa(plotWide)+" "+strconv.Itoa(plotHigh+plotFoot+8)),
		g.Attr("role", "img"), g.Attr("aria-label", about), shapes)
}
