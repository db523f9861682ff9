//go:build services

package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/fakehub"
	"github.com/gatehold/gatehold/internal/testworld"
)

// latency is what each request to GitHub takes in the benchmarks.
const latency = 50 * time.Millisecond

// BenchmarkDoor posts deliveries of pull requests with 16 in flight, each
// durable before its answer, while the runner judges what came in.
func BenchmarkDoor(b *testing.B) {
	w := newWorld(b, fakehub.Options{Latency: latency, Contract: accepting{}}, testworld.Options{})
	s := newServer(b, w, ledgerIn(b))
	var mu sync.Mutex
	var took []time.Duration
	var next atomic.Int64
	b.SetParallelism(8) // times GOMAXPROCS
	b.ResetTimer()
	began := time.Now()
	b.RunParallel(func(pb *testing.PB) {
		var mine []time.Duration
		for pb.Next() {
			n := next.Add(1)
			body := pullEvent(w, int(n))
			start := time.Now()
			status, err := s.post("pull_request", fmt.Sprintf("bench-%d", n), body)
			if err != nil || status != 202 {
				b.Errorf("status %d, %v", status, err)
				return
			}
			mine = append(mine, time.Since(start))
		}
		mu.Lock()
		took = append(took, mine...)
		mu.Unlock()
	})
	b.ReportMetric(float64(b.N)/time.Since(began).Seconds(), "answers/s")
	b.ReportMetric(percentile(took, 0.99).Seconds()*1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// pullEvent is what GitHub sends when a pull request is opened, as far as it
// is read.
func pullEvent(w *world, number int) []byte {
	body, err := json.Marshal(map[string]any{
		"action":       "opened",
		"installation": map[string]any{"id": 1},
		"repository":   map[string]any{"id": w.Shop.ID, "name": "shop", "owner": map[string]any{"login": "acme"}},
		"sender":       map[string]any{"login": "devin-ai-integration[bot]", "id": 158243242, "type": "Bot"},
		"pull_request": map[string]any{
			"number": number, "state": "open", "changed_files": 3, "title": "A change", "body": strings.Repeat("What it does. ", 200),
			"head": map[string]any{"sha": fmt.Sprintf("%040x", number)},
			"base": map[string]any{"sha": strings.Repeat("a", 40), "ref": "main"},
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return body
}

// BenchmarkVerdict is the time from opening a pull request to its check run,
// one after another.
func BenchmarkVerdict(b *testing.B) {
	w := newWorld(b, fakehub.Options{Latency: latency, Contract: accepting{}}, testworld.Options{})
	newServer(b, w, ledgerIn(b))
	w.await(w.change(0, true)) // the token and the rules are cached from here on
	w.Hub.ResetCounts()
	var took []time.Duration
	n := 0
	for b.Loop() {
		n++
		began := time.Now()
		w.await(w.change(n, true))
		took = append(took, time.Since(began))
	}
	b.ReportMetric(percentile(took, 0.5).Seconds()*1000, "median-ms")
	b.ReportMetric(percentile(took, 0.99).Seconds()*1000, "p99-ms")
	b.ReportMetric(float64(w.Hub.Total())/float64(n), "requests/pull")
	b.ReportMetric(0, "ns/op")
}

// BenchmarkBurst opens 500 pull requests at once.
func BenchmarkBurst(b *testing.B) {
	const burst = 500
	for b.Loop() {
		w := newWorld(b, fakehub.Options{Latency: latency, Contract: accepting{}}, testworld.Options{})
		s := newServer(b, w, ledgerIn(b))
		w.await(w.change(0, true))
		var pulls []*fakehub.Pull
		began := time.Now()
		for n := range burst {
			pulls = append(pulls, w.change(n+1, n%2 == 0))
		}
		for _, pull := range pulls {
			w.await(pull)
		}
		b.ReportMetric(burst/time.Since(began).Seconds(), "verdicts/s")
		b.ReportMetric(s.memory("VmHWM"), "peak-MB")
		for n, pull := range pulls {
			if wrong := w.Judged(pull, n%2 == 0); wrong != "" {
				b.Error(wrong)
			}
		}
		s.kill()
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkLarge judges a pull request of 2,800 files, and then 40 at once.
func BenchmarkLarge(b *testing.B) {
	const files = 2800
	for b.Loop() {
		w := newWorld(b, fakehub.Options{Latency: latency, Contract: accepting{}}, testworld.Options{})
		s := newServer(b, w, ledgerIn(b))
		w.await(w.change(0, true))
		w.Hub.ResetCounts()
		began := time.Now()
		w.await(w.openLarge(1, files))
		b.ReportMetric(time.Since(began).Seconds()*1000, "one-ms")
		b.ReportMetric(float64(w.Hub.Total()), "requests")
		var pulls []*fakehub.Pull
		for n := range 40 {
			pulls = append(pulls, w.openLarge(n+2, files))
		}
		for _, pull := range pulls {
			w.await(pull)
		}
		b.ReportMetric(s.memory("VmHWM"), "peak-MB-of-40")
		s.kill()
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkStart is from the start of the process to its readiness.
func BenchmarkStart(b *testing.B) {
	w := newWorld(b, fakehub.Options{Contract: accepting{}}, testworld.Options{})
	s := newServer(b, w, ledgerIn(b))
	var took []time.Duration
	for b.Loop() {
		s.kill()
		began := time.Now()
		s.start()
		took = append(took, time.Since(began))
	}
	b.ReportMetric(percentile(took, 0.5).Seconds()*1000, "ready-ms")
	b.ReportMetric(s.memory("VmRSS"), "MB")
	b.ReportMetric(0, "ns/op")
}

func (w *world) openLarge(n, count int) *fakehub.Pull {
	w.t.Helper()
	files := fakehub.Files{}
	for i := range count {
		files[fmt.Sprintf("src/m%d/p%d/file%d.ts", n, i%40, i)] = fmt.Sprintf("export const value%d = %d;\n%s", i, n,
			strings.Repeat("// A line of a generated client.\n", 30))
	}
	return w.opens(fakehub.NewPull{Title: "Generate the client", Files: files})
}

// await returns when the pull request has a completed check run of ours.
func (w *world) await(pull *fakehub.Pull) {
	w.t.Helper()
	deadline := time.Now().Add(2 * time.Minute)
	for !pull.RequiredCheck("gatehold", w.App.ID).Found {
		if time.Now().After(deadline) {
			w.t.Fatalf("#%d has no check", pull.Number)
		}
		<-time.After(time.Millisecond)
	}
}

// memory is a figure of the server's process in MB, as Linux gives it.
func (s *server) memory(what string) float64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, what+":"); ok {
			kb, err := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			if err != nil {
				s.t.Fatal(err)
			}
			return kb / 1024
		}
	}
	s.t.Fatalf("no %s in the process's status", what)
	return 0
}

func percentile(d []time.Duration, p float64) time.Duration {
	if len(d) == 0 {
		return 0
	}
	slices.Sort(d)
	return d[min(len(d)-1, int(float64(len(d))*p))]
}
