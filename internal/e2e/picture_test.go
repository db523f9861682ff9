//go:build services

package e2e

import (
	"bufio"
	"bytes"
	"cmp"
	"image"
	"image/color"
	"image/png"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
)

// picture is the one in README.md, of the hold that the demo leaves.
const (
	picture     = "../../testdata/readme/hold.png"
	maxPicture  = 300_000 // bytes
	pictureWide = 900     // CSS pixels, shown at twice as many
	pictureHigh = 760     // at most
)

// TestTheDemosHeldCheckCanBeSeen plays the demo as a reader of README.md does
// and looks at the pull request that it holds.
func TestTheDemosHeldCheckCanBeSeen(t *testing.T) {
	t.Parallel()
	github, _ := playDemo(t)
	b := newBrowser(t, pictureWide, 1400)
	b.open(github + "/acme/shop/pull/5")
	b.says("main", "Tidy up the invoices", "Some checks need somebody to act", "Held: needs 1 approval from @acme/sre", "drops a table",
		"Merging is blocked", "Required", "DROP TABLE invoices")
	b.bothPaints("pull")
	b.open(github + "/acme/shop")
	b.says("main", "Drop the carts table", "Say what the shop sells", "Tidy up the schema")
	b.bothPaints("pulls")
	b.open(github + "/")
	b.says("main", "acme/shop")
	b.quiet()
}

// playDemo starts the demo and returns the address of its GitHub when the
// story is told.
func playDemo(t *testing.T) (github, gate string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, "demo")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	stop := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
	defer stop.Stop()
	var told strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		told.WriteString(lines.Text() + "\n")
		if !strings.Contains(lines.Text(), "It stays up") {
			continue
		}
		if strings.Contains(told.String(), "Not as told") {
			break
		}
		at := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/acme/shop/pull/5`).FindStringSubmatch(told.String())
		waits := regexp.MustCompile(`http://localhost:\d+/gates/pr/\d+/5\b`).FindString(told.String())
		if at != nil && waits != "" {
			return at[1], waits
		}
	}
	t.Fatalf("the demo told:\n%s", told.String())
	return "", ""
}

// pictured is the picture in README.md of what the browser shows, at twice the size
// and no higher than fits there. `make picture` makes it anew.
func (b *browser) pictured() {
	b.t.Helper()
	shot := b.clipped(evaluate[page.Viewport](b, `({x: 0, y: 0, width: document.documentElement.clientWidth,
		height: Math.min(document.documentElement.scrollHeight, `+strconv.Itoa(pictureHigh)+`), scale: 2})`))
	if len(shot) > maxPicture {
		b.t.Errorf("the picture has %d bytes, and may have %d", len(shot), maxPicture)
	}
	if os.Getenv("UPDATE_PICTURE") != "" {
		if err := os.WriteFile(picture, shot, 0o644); err != nil {
			b.t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(picture)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := png.Decode(bytes.NewReader(kept)); err != nil {
		b.t.Errorf("the picture in README.md: %v", err)
	}
}

// clipped is a picture of a part of the page.
func (b *browser) clipped(box page.Viewport) []byte {
	b.t.Helper()
	beyond := true
	shot := call(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, Clip: &box,
		CaptureBeyondViewport: &beyond})
	full, err := png.Decode(bytes.NewReader(shot.Data))
	if err != nil {
		b.t.Fatal(err)
	}
	var small bytes.Buffer // the browser is quick, not thorough
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&small, fewColours(full)); err != nil {
		b.t.Fatal(err)
	}
	return small.Bytes()
}

// fewColours paints a picture with its 256 most frequent colours: text on a
// plain page has hardly more, and a third of the bytes.
func fewColours(full image.Image) *image.Paletted {
	count := map[color.RGBA]int{}
	bounds := full.Bounds()
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(full.At(x, y)).(color.RGBA) }
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			count[at(x, y)]++
		}
	}
	colours := slices.SortedFunc(maps.Keys(count), func(a, b color.RGBA) int {
		return cmp.Or(count[b]-count[a], cmp.Compare(a.R, b.R), cmp.Compare(a.G, b.G), cmp.Compare(a.B, b.B))
	})
	var palette color.Palette
	for _, c := range colours[:min(len(colours), 256)] {
		palette = append(palette, c)
	}
	index := map[color.RGBA]uint8{}
	for _, c := range colours {
		index[c] = uint8(palette.Index(c))
	}
	out := image.NewPaletted(bounds, palette)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			out.SetColorIndex(x, y, index[at(x, y)])
		}
	}
	return out
}
