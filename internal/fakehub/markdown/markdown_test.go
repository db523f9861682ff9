package markdown

import (
	"strings"
	"testing"
)

func TestWhatGitHubRendersIsRendered(t *testing.T) {
	for source, want := range map[string]string{
		"**held**":            "<strong>held</strong>",
		"- a\n  - b":          "<ul>\n<li>a\n<ul>\n<li>b</li>",
		"|a|b|\n|-|-|\n|1|2|": "<td>1</td>",
		"`<b>`":               "<code>&lt;b&gt;</code>",
		"<details><summary>More</summary>\n\n`x`\n\n</details>": "<details><summary>More</summary>\n<p><code>x</code></p>\n</details>",
		"see <https://example.com/a>":                           `<a href="https://example.com/a">`,
		"a <!-- hidden --> b":                                   "<p>a  b</p>",
	} {
		if got := HTML(source).String(); !strings.Contains(got, want) {
			t.Errorf("%q became %q, without %q", source, got, want)
		}
	}
}

// TestNothingForeignComesThrough: no source makes an element that a browser
// would load, run or send something for, or closes one that it did not open.
func TestNothingForeignComesThrough(t *testing.T) {
	for _, source := range []string{
		"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "![x](https://evil.example/x.png)",
		"[x](javascript:alert(1))", "[x](data:text/html,<script>)", "</details></div></main>",
		"<details ontoggle=alert(1) open>", "<details><summary>a", "a </summary></details> b",
		"<style>*{}</style>", "<iframe src=//x>", "<form action=//x><button>Approve</button></form>",
		"<DETAILS><script>", "<!-- --><script>x</script>", "<a href=\"javascript:x\">y</a>", "<details><svg onload=x></details>",
		"<summary><details></summary>", strings.Repeat(">", 5000) + " deep", strings.Repeat("> ", 30000),
		strings.Repeat("- ", 5000) + "deep",
	} {
		got := HTML(source).String()
		for _, bad := range []string{"<script", "<img", "<style", "<iframe", "<form", "<button", "<svg", "href=\"javascript",
			"href=\"data", "</div", "</main", "<details o"} {
			if strings.Contains(strings.ToLower(got), bad) {
				t.Errorf("%.60q became %q", source, got)
			}
		}
		for _, name := range []string{"details", "summary"} {
			if strings.Count(got, "<"+name) != strings.Count(got, "</"+name+">") {
				t.Errorf("%.60q: %s is not balanced: %q", source, name, got)
			}
		}
	}
}
