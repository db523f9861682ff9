//go:build services

package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a Chromium with one tab. It writes down everything that a page
// must not do: run a script that fails, open a dialogue, print an error or
// load something from elsewhere.
type browser struct {
	t   *testing.T
	ctx context.Context

	mu      sync.Mutex
	trouble []string
}

func newBrowser(t *testing.T, width, height int) *browser {
	t.Helper()
	opts := append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(t.TempDir()), chromedp.WindowSize(width, height), chromedp.WSURLReadTimeout(time.Minute),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...) // t.Context ends before the cleanup
	limited, stopLimit := context.WithTimeout(alloc, 3*time.Minute)
	ctx, stop := chromedp.NewContext(limited)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // closes it, so that its folder can be removed
			t.Logf("the browser did not close by itself: %v", err)
		}
		stop()
		stopLimit()
		stopAlloc()
	})
	b := &browser{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.heard); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	call(b, log.Enable, cdp.Empty{})
	call(b, runtime.Enable, cdp.Empty{})
	b.size(width, height)
	return b
}

// size makes the window as wide and high as this, in CSS pixels.
func (b *browser) size(width, height int) {
	b.t.Helper()
	call(b, emulation.SetDeviceMetricsOverride,
		emulation.SetDeviceMetricsOverrideParams{Width: int64(width), Height: int64(height), DeviceScaleFactor: 1})
}

// call sends one command of the browser's protocol.
func call[P, R any](b *browser, command cdp.Command[P, R], params P) R {
	b.t.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

// ask runs one action that has an outcome.
func ask[T any](b *browser, action chromedp.Action[T]) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, action)
	if err != nil {
		b.t.Fatal(err)
	}
	return v
}

// heard takes what the browser tells of the page.
func (b *browser) heard(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		b.note("an exception: " + fmt.Sprint(e.ExceptionDetails.Text))
	case *runtime.EventConsoleAPICalled:
		b.note(fmt.Sprintf("the console says %s: %v", e.Type, e.Args))
	case *log.EventEntryAdded:
		b.note(fmt.Sprintf("the log says %s: %s", e.Entry.Level, e.Entry.Text))
	case *page.EventJavascriptDialogOpening:
		b.note("a dialogue: " + e.Message)
	case *network.EventRequestWillBeSent:
		if url := e.Request.URL; !strings.HasPrefix(url, "http://127.0.0.1:") && !strings.HasPrefix(url, "http://localhost:") && !strings.HasPrefix(url, "data:,") {
			b.note("a request to " + url)
		}
	}
}

func (b *browser) note(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.trouble = append(b.trouble, what)
}

// quiet fails if the pages so far did what they must not.
func (b *browser) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.trouble) > 0 {
		b.t.Errorf("the browser tells of\n%s", strings.Join(b.trouble, "\n"))
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) open(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url))
}

// text is what a person reads: what the style sheet hides is not in it.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return ask(b, chromedp.Text(chromedp.CSS(selector)))
}

// says fails unless a person reads every one of these.
func (b *browser) says(selector string, texts ...string) {
	b.t.Helper()
	got := b.text(selector)
	for _, text := range texts {
		if !strings.Contains(got, text) {
			b.t.Errorf("%s does not say %q:\n%s", selector, text, got)
		}
	}
}

func evaluate[T any](b *browser, script string) T {
	b.t.Helper()
	return ask(b, chromedp.Evaluate[T](script))
}

// dark switches between the light and the dark paint.
func (b *browser) dark(yes bool) {
	b.t.Helper()
	scheme := "light"
	if yes {
		scheme = "dark"
	}
	call(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// keep saves a picture of the whole page among the test's artifacts, to be
// looked at (go test -artifacts).
func (b *browser) keep(name string) {
	b.t.Helper()
	png := ask(b, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(b.t.ArtifactDir(), name+".png"), png, 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// bothPaints keeps the page in light and in dark, and fails if they are the
// same, or if the page is wider than the window.
func (b *browser) bothPaints(name string) {
	b.t.Helper()
	paints := map[string]bool{}
	for _, dark := range []bool{false, true} {
		b.dark(dark)
		paints[evaluate[string](b, `getComputedStyle(document.body).backgroundColor`)] = true
		b.keep(fmt.Sprintf("%s-dark-%v", name, dark))
	}
	b.dark(false)
	if len(paints) != 2 {
		b.t.Errorf("%s is painted %v in light and dark", name, paints)
	}
	if over := evaluate[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
		b.t.Errorf("%s is %d pixels wider than the window", name, over)
	}
}
