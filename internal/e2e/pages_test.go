//go:build services

package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// hostile would run a script, load a picture, close elements and attributes,
// and turn the direction of reading, where a page lets it.
const hostile = `"'></title><script>window.pwned=1;alert(1)</script><img src=x onerror=window.pwned=2><b>` + "\u202egnp\u202c\u200b"

// TestPagesShowHostileTextAsText holds an agent's change whose every word is
// hostile, and reads its pages as a person does.
func TestPagesShowHostileTextAsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakehub.Options{}, testworld.Options{})
	s := newSignedIn(t, w, ledgerIn(t))
	path := "db/migrations/0001_" + strings.ReplaceAll(hostile, "/", "|") + ".sql"
	pull := w.opens(fakehub.NewPull{
		Title: hostile, Body: hostile, Head: "devin/" + strings.ReplaceAll(hostile, " ", "_"),
		Message: hostile + "\n\nCo-authored-by: " + hostile + " <x@example.com>",
		Files:   fakehub.Files{path: "DROP TABLE \"" + strings.ReplaceAll(hostile, `"`, `""`) + "\";\n"},
	})
	w.change(2, false)
	until(t, time.Minute, "the change is not held", func() bool { return w.Judged(pull, true) == "" })

	b := newBrowser(t, 1100, 800)
	list := s.pages + "/gates"
	b.signIn(list, "ana")
	until(t, time.Minute, "the list does not show both gates", func() bool {
		b.open(list)
		text := b.text("main")
		return strings.Contains(text, "2 in all") && strings.Contains(text, "1 passed")
	})
	b.says("main", "1 held", "acme/shop#1", "needs 1 approval from @acme/sre", "by devin", "critical")
	b.bothPaints("list")
	b.click(".rows a[href$='/1']")
	b.says(".hero", "held", "Needs 1 of @acme/sre", "wants to drop the table", "in acme/shop")
	b.says(".block", "DROP TABLE", "+", "Drops a table", "only a backup brings them back")
	b.says("main", "acme/shop#1", "1 approval from @acme/sre", `<img src=x onerror=window.pwned=2>`, `\u{202E}gnp\u{202C}`,
		"An agent: devin", "judged", "These are the words of", "opened it at")
	b.sees("detail")
	b.bothPaints("detail")
	b.size(420, 800)
	b.bothPaints("detail-narrow")
	b.open(list)
	b.bothPaints("list-narrow")

	b.open(w.Base + "/acme/shop/pull/1") // what GitHub's page makes of the check
	b.says("#checks", "Held: needs 1 approval from @acme/sre", "drops a table", `\u{202E}gnp\u{202C}`)
	b.sees("pull")
	b.bothPaints("hostile-pull")
	b.quiet()
}

// sees fails if anything of the hostile text became more than text.
func (b *browser) sees(name string) {
	b.t.Helper()
	if !evaluate[bool](b, `window.pwned === undefined && document.querySelectorAll("body > script").length <= 1 && document.querySelectorAll("main script, head script, img, main b, iframe, object").length === 0`) {
		b.t.Errorf("%s: the hostile text became part of the page", name)
	}
	if evaluate[bool](b, `/[\u202a-\u202e\u2066-\u2069\u200b]/.test(document.querySelector("main").innerText)`) && name == "detail" {
		b.t.Errorf("%s: characters that turn the direction of reading are not spelled out", name)
	}
}

func (b *browser) click(selector string) {
	b.t.Helper()
	if _, err := chromedp.RunResponse(b.ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		b.t.Fatal(err)
	}
}
