package catalog_test

import (
	"fmt"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/change"
	"github.com/gatehold/gatehold/internal/detect"
	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/catalog"
	"github.com/gatehold/gatehold/internal/policy"
)

// nasty are texts that were made to keep readers busy: a path, what stands
// before, and what is repeated.
var nasty = []struct{ path, head, unit string }{
	{"db/migrations/0001.sql", "DROP TABLE a", ", t%d"},
	{"db/migrations/0001.sql", "SELECT ", "("},
	{"db/migrations/0001.sql", "", "'"},
	{"db/migrations/0001.sql", "", "/*"},
	{"db/migrate/20260101000000_a.rb", "", "if a\n"},
	{"db/migrate/20260101000000_a.rb", "", "drop_table :t%d\n"},
	{".github/workflows/ci.yml", "on: push\nname: \"", "${{ "},
	{".github/workflows/ci.yml", "on: push\njobs:\n", "  j%d: { runs-on: x }\n"},
	{"infra/main.tf", "locals { a = 1", "+1"},
	{"infra/main.tf", "", "resource \"aws_s3_bucket\" \"b%d\" {}\n"},
	{"scripts/deploy.sh", "", "echo \"$("},
	{"src/client.py", "", "password = 'x%d'\n"},
}

// cost is the CPU time of this thread alone that a detector takes for a file,
// so that neither other programs nor the collector count. A reading that was
// stopped at a bound has cost what it has cost.
func cost(d detect.Detector, path, before, after string) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	f := change.File{Path: path, Status: change.Added, Mode: change.ModeFile, Before: change.NoText(), After: change.TextOf(after)}
	if before != "" {
		f.Status, f.Before = change.Modified, change.TextOf(before)
	}
	r := detect.NewReport(path)
	from := threadTime()
	_ = bound.Catch(func() {
		if d.Wants(&f) {
			d.Detect(&f, r)
		}
		if w, ok := d.(detect.Whole); ok {
			w.DetectChange(&change.Change{Repository: "acme/shop", Files: []change.File{f}}, r)
		}
	})
	return threadTime() - from
}

func threadTime() time.Duration {
	const ofThread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(ofThread, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Twice the text costs twice the time and a little more, or is not read to its
// end. Of a time that is too short to tell, nothing is asked.
func TestReadersAreLinear(t *testing.T) {
	const size, short = 64 << 10, 40 * time.Millisecond
	text := func(head, unit string, size int) string {
		var b strings.Builder
		b.WriteString(head)
		for i := 0; b.Len() < size; i++ {
			if strings.Contains(unit, "%d") {
				fmt.Fprintf(&b, unit, i)
			} else {
				b.WriteString(unit)
			}
		}
		return b.String()
	}
	for _, n := range nasty {
		for _, d := range catalog.All(policy.FileReader{}) {
			best := [2]time.Duration{time.Hour, time.Hour}
			for range 3 {
				for i := range best {
					best[i] = min(best[i], cost(d, n.path, "", text(n.head, n.unit, size<<i)))
				}
				if best[1] < short || best[1] < best[0]*5/2 {
					break
				}
			}
			if best[1] >= short && best[1] > best[0]*3 {
				t.Errorf("%s reads %q at %s in %v, and twice as much in %v", d.Name(), n.head+n.unit, n.path, best[0], best[1])
			}
		}
	}
}
