//go:build services

package e2e

import (
	"fmt"
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// axe is what others look for in pages that not everybody can use; `npm ci` in
// testdata/npm puts it there.
const axe = "../../testdata/npm/node_modules/axe-core/axe.min.js"

// TestEveryPageIsForEverybody plays the demo, and holds each of its pages against
// axe-core, in light and in dark, on a desk and on a telephone.
func TestEveryPageIsForEverybody(t *testing.T) {
	t.Parallel()
	code, err := os.ReadFile(axe)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, fakehub.Options{}, testworld.Options{})
	s := newSignedIn(t, w, ledgerIn(t))
	permissions := maps.Clone(fakehub.DefaultPermissions())
	permissions["statuses"] = "read"
	w.App.InstallationFor(w.Shop).Grant(permissions)
	intent := "Requested by: @ana\n\nNobody reads these.\n\n```gatehold-intent\npaths: [docs/**]\nenvironments: [staging]\n```\n"
	pull := w.opens(fakehub.NewPull{Title: "Tidy up", Body: intent, Head: "devin/tidy", Files: fakehub.Files{
		"db/migrations/0001_tidy.sql": "-- old\nDROP TABLE invoices;\n", ".github/workflows/x.yml": "on: pull_request_target\njobs: {}\n"}})
	w.Shop.SetStatus(pull.HeadSHA(), fakehub.Status{Context: "ci/legacy", State: "failure", Target: "https://ci.example/1"})
	w.Shop.SetStatus(pull.HeadSHA(), fakehub.Status{Context: "ci/slow", State: "pending"})
	w.change(2, false)
	until(t, time.Minute, "the change is not held", func() bool { return w.Judged(pull, true) == "" })
	at := s.pages
	b := newBrowser(t, 1280, 900)
	b.signIn(at+"/gates", "ana")
	until(t, time.Minute, "the list does not show both gates", func() bool {
		b.open(at + "/gates")
		return strings.Contains(b.text("main"), "2 in all")
	})
	gate := evaluate[string](b, `document.querySelector(".rows a[href$='/1']").href`)
	b.open(gate)
	b.says(".around", "Intent and deed", "paths docs/**", "environments staging", "db/migrations", "declared are the paths docs/**",
		"1 failed, 1 running", "ci/legacy failed", "ci/slow is running")
	repository := func() string {
		b.open(at + "/repositories")
		return evaluate[string](b, `(document.querySelector(".rows a") || location).href`)
	}()
	for _, page := range []string{gate, repository, at + "/gates?set=all", at + "/gates?set=decided&q=nothing", at + "/waiting", at + "/environments",
		at + "/repositories", at + "/coverage", at + "/agents", at + "/rules", at + "/trends", at + "/you"} {
		for _, width := range []int{1280, 390} {
			b.size(width, 900)
			b.open(page)
			if over := evaluate[int](b, `document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
				t.Errorf("%s is %d pixels wider than a window of %d", page, over, width)
			}
			for _, dark := range []bool{false, true} {
				b.dark(dark)
				b.keep(fmt.Sprintf("%s-%d-%v", strings.Trim(strings.NewReplacer("/", "-", "?", "-", "&", "-").Replace(strings.TrimPrefix(page, at)), "-"), width, dark))
				if found := b.axe(string(code)); found != "" {
					t.Errorf("%s, %d wide, dark %v:\n%s", page, width, dark, found)
				}
			}
			b.dark(false)
		}
	}
	b.quiet()
}

// axe is what axe-core finds on the page, with what is folded unfolded; empty:
// nothing.
func (b *browser) axe(code string) string {
	b.t.Helper()
	evaluate[bool](b, code+`;window.found = null; document.querySelectorAll("details").forEach(d => d.open = true);
		axe.run(document, {resultTypes: ["violations"]}).then(r => window.found = r.violations.map(v => v.id + ": " + v.help + "\n  " +
			v.nodes.map(n => n.html + "\n    " + n.failureSummary).join("\n  ")).join("\n")); true`)
	until(b.t, time.Minute, "axe-core does not end", func() bool { return evaluate[bool](b, `window.found !== null`) })
	return evaluate[string](b, `window.found`)
}

// TestAPageThatStaysOpenSaysWhatIsSo: news come without a reload, keys move about, and
// what somebody writes is left alone.
func TestAPageThatStaysOpenSaysWhatIsSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, fakehub.Options{}, testworld.Options{})
	s := newSignedIn(t, w, ledgerIn(t))
	b := newBrowser(t, 1100, 800)
	b.signIn(s.pages+"/gates", "ana")
	w.change(1, false)
	until(t, time.Minute, "the first change is not listed", func() bool {
		b.open(s.pages + "/gates")
		return strings.Contains(b.text("main"), "1 in all")
	})
	w.change(2, false)
	until(t, time.Minute, "the page does not hear of the second change", func() bool { // its nodes may be replaced at any time
		return evaluate[bool](b, `document.querySelector("main").innerText.includes("2 in all")`)
	})
	press := func(keys string) { b.do(chromedp.KeyEvent(keys)) }
	press("j")
	press("j")
	press("k")
	if here := evaluate[int](b, `[...document.querySelectorAll(".keys > li")].findIndex(r => r.classList.contains("here"))`); here != 0 {
		t.Errorf("the keys lead to row %d", here)
	}
	press("?")
	if !evaluate[bool](b, `document.getElementById("help").open`) {
		t.Error("the keys are not told")
	}
	press("?")
	b.do(chromedp.SendKeys(chromedp.CSS("#search"), "jk?"))
	if typed := evaluate[string](b, `document.getElementById("search").value`); typed != "jk?" {
		t.Errorf("the search has %q", typed)
	}
	w.change(3, false)
	until(t, time.Minute, "the third change is not judged", func() bool {
		return evaluate[bool](b, `fetch("/gates", {headers: {Accept: "application/json"}}).then(r => r.json()).then(l => window.n = l.length), window.n === 3`)
	})
	if typed := evaluate[string](b, `document.getElementById("search").value`); typed != "jk?" {
		t.Errorf("what was typed is gone: %q", typed)
	}
	b.quiet()
}
