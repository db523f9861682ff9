//go:build services

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// here is what has the focus, in few words.
const here = `(e => (e.getAttribute("value") || e.getAttribute("name") || e.getAttribute("href") || e.id || e.tagName).trim())(document.activeElement)`

// to presses Tab until the focus is on what is named so.
func (b *browser) to(what string) {
	b.t.Helper()
	var seen []string
	for range 80 {
		b.do(chromedp.KeyEvent(kb.Tab))
		at := evaluate[string](b, here)
		if at == what {
			if !evaluate[bool](b, `document.activeElement.matches(":focus-visible")`) {
				b.t.Errorf("the focus on %s cannot be seen", what)
			}
			return
		}
		seen = append(seen, at)
	}
	b.t.Fatalf("Tab does not lead to %s, but to %s", what, strings.Join(seen, ", "))
}

// TestADecisionByKeysAlone goes from the list to the hold, and denies it, without a
// mouse.
func TestADecisionByKeysAlone(t *testing.T) {
	t.Parallel()
	_, gate := playDemo(t)
	origin, path, _ := strings.Cut(gate, "/gates/")
	b := newBrowser(t, pictureWide, 900)
	b.signIn(origin+"/waiting", "bo")
	b.says("main", "wants to drop the table invoices")
	b.do(chromedp.KeyEvent("j"))
	if at := evaluate[string](b, here); at != "/gates/"+path {
		t.Fatalf("j leads to %s", at)
	}
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	b.says(".hero", "held", "Needs 1 of @acme/sre")
	b.do(chromedp.KeyEvent("a"))
	if at := evaluate[string](b, here); at != "reason" {
		t.Errorf("a leads to %s, not to the reason", at)
	}
	b.do(chromedp.KeyEvent("It is used."))
	b.to("deny/page")
	if _, err := chromedp.RunResponse(b.ctx, chromedp.KeyEvent(kb.Enter)); err != nil {
		t.Fatal(err)
	}
	b.says("#decide", "It counts: @bo, deny by page.")
	until(t, time.Minute, "it is not denied", func() bool {
		b.open(gate)
		return strings.Contains(b.text(".hero"), "Denied by @bo")
	})
	b.says(".hero", "It is used.")
	b.quiet()
}

// TestEverythingButAPasskeyWorksWithoutScripts: reading, filtering and deciding by a
// click, at 200 % zoom of a small window, where nothing scrolls sideways.
func TestEverythingButAPasskeyWorksWithoutScripts(t *testing.T) {
	t.Parallel()
	_, gate := playDemo(t)
	origin, _, _ := strings.Cut(gate, "/gates/")
	b := newBrowser(t, 640, 450) // 1280 by 900 at 200 %
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	b.signIn(origin+"/gates", "bo")
	b.do(chromedp.SetValue(chromedp.CSS("input[name=q]"), "drop invoices"))
	b.click(".filter button")
	b.says("main", "1 shown", "wants to drop the table invoices")
	b.click(".sets a[href*='set=decided']")
	b.says("main", "shown")
	for _, page := range []string{"/gates?set=all", "/waiting", "/environments", "/repositories", "/coverage", "/agents", "/rules", "/trends", "/you"} {
		b.open(origin + page)
		b.fits(page)
	}
	b.open(gate)
	b.fits(gate)
	b.says(".block", "DROP TABLE invoices")
	b.click("button[value='approve/page']")
	b.says("#decide", "It counts: @bo, approve by page.")
	until(t, time.Minute, "it is not released", func() bool {
		b.open(gate)
		return strings.Contains(b.text(".hero"), "passed")
	})
	b.quiet()
}

// fits fails where the page is wider than the window.
func (b *browser) fits(page string) {
	b.t.Helper()
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: false})
	if over := evaluate[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		b.t.Errorf("%s is %d pixels wider than the window", page, over)
	}
	call(b, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
}
