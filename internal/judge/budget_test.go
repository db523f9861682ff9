package judge

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/gate"
	"github.com/gatehold/gatehold/internal/policy"
)

func added(path, text string) change.File {
	return change.File{Path: path, Status: change.Added, Mode: change.ModeFile, Before: change.NoText(), After: change.TextOf(text)}
}

func byAgent(files ...change.File) *change.Change {
	return &change.Change{Repository: "acme/shop", HeadRef: "copilot/x", BaseRef: "main", Files: files}
}

// A change of more than is read of one is held as the worst there is, and says
// so, wherever in it that stands which would have been found.
func TestAChangeThatIsTooLargeIsHeld(t *testing.T) {
	r := strictRules(t)
	text := strings.Repeat("what it does is harmless\n", 34_000/25)
	var files []change.File
	for i := range 2800 { // some 93 MB
		files = append(files, added(fmt.Sprintf("docs/%04d.md", i), text))
	}
	from := time.Now()
	v := Change(r, byAgent(append(files, added("zz.sql", "DROP TABLE users;\n"))...))
	t.Logf("%d files of %d bytes take %v", len(files), len(text), time.Since(from))
	if !v.Held || v.Score != 100 || v.Level != gate.Critical || v.FindingsDigest != "" {
		t.Fatalf("held %v, score %d, %s, digest of the findings %q", v.Held, v.Score, v.Level, v.FindingsDigest)
	}
	if !strings.Contains(v.Reason, "could not be read") ||
		!strings.Contains(v.Findings[0].Message, "holds more text than gatehold reads of one change") {
		t.Errorf("it says %q and %q", v.Reason, v.Findings[0].Message)
	}
	if v := Change(r, byAgent(files[:100]...)); v.Held {
		t.Errorf("a hundred of the files are held: %s", v.Reason)
	}
}

// A project's sentences in every language are some megabytes, of which a change
// touches a few lines in each: that is no change too large to be read. Nor is it one
// that hides: what differs is read as ever, and paid for.
func TestLargeTextsOfWhichLittleChangedAreRead(t *testing.T) {
	r := policy.EnforcedDefault()
	var b strings.Builder
	for i := range 7000 {
		fmt.Fprintf(&b, "  \"dashboards.chart_%04d\": \"Choose what this chart shows.\",\n", i)
	}
	text := func(first, last string) string { return "{\n" + first + b.String() + last + "  \"z\": \"\"\n}\n" }
	locales := func(n int, after func(i int) string) (files []change.File) {
		for i := range n {
			files = append(files, change.File{Path: fmt.Sprintf("web/locales/l%03d.json", i), Status: change.Modified, Mode: change.ModeFile,
				PreviousMode: change.ModeFile, Before: change.TextOf(text("", "")), After: change.TextOf(after(i))})
		}
		return files
	}
	few := func(int) string { return text("  \"a\": \"One more\",\n", "  \"y\": \"And one\",\n") }
	if v := Change(r, byAgent(locales(20, few)...)); v.Held || v.Score != 0 {
		t.Errorf("twenty files of some 430 kB with two new lines each: %d, %s", v.Score, v.Reason)
	}
	hidden := func(i int) string {
		if i != 19 {
			return few(i)
		}
		return text("", "  \"aws\": \"AKIA"+"Z7QX2M4NPRW3KLVD\",\n  \"aws_secret_access_key\": \"kR8vT2xQ9mN4pL7w"+"Y3zB6cF1hJ5sD0gAeUiOtPqX\",\n")
	}
	if v := Change(r, byAgent(locales(20, hidden)...)); !v.Held {
		t.Errorf("a key in the last of them passes with %d: %+v", v.Score, v.Findings)
	}
	within := func(files []change.File) gate.Verdict {
		c := byAgent(files...)
		return judgeWithin(r, c, attribute(c, r.Agents), false, maxWork/20).verdict()
	}
	all := func(i int) string { return strings.ReplaceAll(text("", ""), "shows", fmt.Sprint("showed", i)) }
	if v := within(locales(2, all)); !v.Held || !strings.Contains(v.Reason, "could not be read") {
		t.Errorf("two files of which every line is another, with a twentieth of the budget: held %v, %s", v.Held, v.Reason)
	}
	if v := within(locales(2, few)); v.Held {
		t.Errorf("two files with two new lines each, with a twentieth of the budget: %s", v.Reason)
	}
}

// What is read of one file is the same at every door, and so is what is read of
// one change.
func TestWhatIsReadOfOneFile(t *testing.T) {
	r := strictRules(t)
	large := strings.Repeat("-- a line of SQL\n", change.MaxText/17+1)
	given := added("db/1.sql", large)
	here := Change(r, byAgent(given))
	there := added("db/1.sql", "")
	there.After = change.TooLarge("", int64(len(large)), change.MaxText)
	if v := Change(r, byAgent(there)); v.Digest != here.Digest || v.Score == 0 {
		t.Errorf("a text that is too large is judged %q (%d) where it is loaded and %q (%d) where it is not", here.Reason,
			here.Score, v.Reason, v.Score)
	}
	if given.After.Body != large {
		t.Error("the change was altered")
	}
	left := added("db/2.sql", "")
	left.After = change.Text{State: change.Unreadable, Reason: change.PastMaxTexts}
	if v := Change(r, byAgent(left)); v.Score != 100 || !v.Held {
		t.Errorf("what was left out of a change is judged %q", v.Reason)
	}
}

// A text that a reader gives up at is held, whatever stands in it: it would pass
// as a file that does not parse, made for that.
func TestWhatReadersGiveUpAtIsHeld(t *testing.T) {
	r := policy.EnforcedDefault()
	for path, text := range map[string]string{
		"db/migrations/0001.sql":    "DROP TABLE " + strings.Repeat("ab,", 340_000) + "c;\n",
		"infra/main.tf":             "resource \"aws_db_instance\" \"b\" {\n a = " + strings.Repeat("1+", 120_000) + "1\n}\n",
		".github/workflows/ci.yml":  "on: push\n" + strings.Repeat("#\n", 300_000),
		"k8s/a.yaml":                "apiVersion: v1\nkind: Pod\na: " + strings.Repeat("[", 40_000) + strings.Repeat("]", 40_000) + "\n",
		"infra/terraform.tfvars":    "a = <<E\n" + strings.Repeat("b\n", 40_000) + "E\n",
		"cloudformation/stack.json": "{\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\", \"B\": " + strings.Repeat("[", 40_000),
	} {
		if v := Change(r, byAgent(added(path, text))); !v.Held {
			t.Errorf("%s of %d bytes passes with %d: %+v", path, len(text), v.Score, v.Findings)
		}
	}
}

// TestWhatIsTooLargeToBeReadIsHeld: nothing passes because it was made too large for
// anybody to look at it.
func TestWhatIsTooLargeToBeReadIsHeld(t *testing.T) {
	for _, path := range []string{"infra/main.tf", "db/migrations/7.sql", "k8s/db.yaml", "scripts/clean.sh", ".github/workflows/ci.yml",
		"package-lock.json", "infra/main.bicep", "lib/shop-stack.ts", "playbooks/site.yml", "iam/policy.json", "AGENTS.md"} {
		f := added(path, "")
		f.After = change.TooLarge("", change.MaxText+1, change.MaxText)
		if v := Change(policy.EnforcedDefault(), byAgent(f)); !v.Held {
			t.Errorf("%s passes at %d: %+v", path, v.Score, v.Findings)
		}
	}
}

// TestWhatStopsAReaderIsHeldHoweverSmall: some hundred bytes stop a reader as well
// as a large text does, and whatever stands beside them was read by nobody.
func TestWhatStopsAReaderIsHeldHoweverSmall(t *testing.T) {
	r := policy.EnforcedDefault()
	nested := func(open, shut string, n int) string { return strings.Repeat(open, n) + strings.Repeat(shut, n) }
	for path, text := range map[string]string{
		"infra/main.tf":             "locals {\n a = " + nested("(", ")", 210) + "\n}\n",
		"infra/prod.tfvars":         "a = " + nested("[", "]", 210) + "\n",
		"k8s/a.yaml":                "apiVersion: v1\nkind: Pod\na: " + nested("[", "]", 210) + "\n",
		".github/workflows/ci.yml":  "on: push\njobs: {a: {steps: " + nested("[", "]", 210) + "}}\n",
		"cloudformation/stack.yaml": "AWSTemplateFormatVersion: '2010-09-09'\nResources: " + nested("[", "]", 210) + "\n",
		"cloudformation/stack.json": "{\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\", \"B\": " + nested("[", "]", 210) + "}}}",
		"docker-compose.yml":        "services: {a: {image: b, c: " + nested("[", "]", 210) + "}}\n",
		"chart/values.yaml":         "a: " + nested("[", "]", 210) + "\n",
		"db/changelog.xml":          "<databaseChangeLog>" + nested("<a>", "</a>", 300) + "</databaseChangeLog>",
		".claude/settings.json":     "{\"permissions\": " + nested("[", "]", 210) + "}",
	} {
		if v := Change(r, byAgent(added(path, text))); !v.Held {
			t.Errorf("%s of %d bytes passes with %d: %+v", path, len(text), v.Score, v.Findings)
		}
	}
}

// However a change fills the budget, a file more lowers nothing.
func TestTheBudgetLowersNothing(t *testing.T) {
	r := strictRules(t)
	parts := []string{strings.Repeat("a line\n", 1<<10), strings.Repeat("password = \"hunter2-hunter2\"\n", 10), "DROP TABLE users;\n"}
	rapid.Check(t, func(t *rapid.T) {
		work := rapid.IntRange(1<<10, 400<<10).Draw(t, "work")
		judge := func(files []change.File) gate.Verdict {
			c := byAgent(append(files, added("n.sql", "DROP TABLE users;\n"))...)
			return judgeWithin(r, c, attribute(c, r.Agents), false, work).verdict()
		}
		draw := func(dir string) (files []change.File) {
			for i := range rapid.IntRange(0, 6).Draw(t, "n") {
				ext := rapid.SampledFrom([]string{"md", "sql", "tf", "yaml", "go"}).Draw(t, "ext")
				files = append(files, added(fmt.Sprintf("%s/%03d.%s", dir, i, ext), rapid.SampledFrom(parts).Draw(t, "text")))
			}
			return files
		}
		files := draw("m")
		less := judge(files)
		more := judge(append(files, draw("a")...))
		if more.Score < less.Score || less.Held && !more.Held {
			t.Fatalf("the score falls from %d to %d", less.Score, more.Score)
		}
		if more.Score == 100 && !more.Held {
			t.Fatal("what was not read passes")
		}
	})
}
