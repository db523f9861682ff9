package pulls_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/hub/hubtest"
)

// BenchmarkPullRequest reads pull requests from a GitHub that takes 50 ms for
// each request: time, requests and memory by the number of files.
func BenchmarkPullRequest(b *testing.B) {
	for _, files := range []int{10, 100, 300, 3000} {
		b.Run(fmt.Sprintf("files=%d", files), func(b *testing.B) {
			s := hubtest.NewStub(b)
			s.Fill(files)
			s.Frozen = s.Changed()
			s.Latency = 50 * time.Millisecond
			h := s.Hub()
			read := func(texts bool) {
				f, err := h.Facts(b.Context(), hubtest.Pull, s.Hint())
				if err == nil && texts {
					err = h.Texts(b.Context(), hubtest.Pull, &f.Change, hubtest.Everything)
				}
				if err != nil || len(f.Change.Files) != files {
					b.Fatal(len(f.Change.Files), err)
				}
			}
			read(false) // takes the token
			before := s.Requests()
			b.ReportAllocs()
			for b.Loop() {
				read(true)
			}
			b.ReportMetric(float64(s.Requests()-before)/float64(b.N), "requests/op")
		})
	}
}

// BenchmarkFactsAtOnce reads 40 pull requests of 3,000 files at the same time
// and reports the highest heap.
func BenchmarkFactsAtOnce(b *testing.B) {
	s := hubtest.NewStub(b)
	s.Fill(3000)
	s.Frozen = s.Changed()
	s.Latency = 50 * time.Millisecond
	h := s.Hub()
	if _, err := h.Facts(b.Context(), hubtest.Pull, s.Hint()); err != nil {
		b.Fatal(err)
	}
	var peak atomic.Uint64
	stop := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak.Store(max(peak.Load(), m.HeapInuse))
			}
		}
	})
	for b.Loop() {
		var wg sync.WaitGroup
		for range 40 {
			wg.Go(func() {
				f, err := h.Facts(b.Context(), hubtest.Pull, s.Hint())
				if err != nil || len(f.Change.Files) != 3000 {
					b.Error(len(f.Change.Files), err)
				}
			})
		}
		wg.Wait()
	}
	close(stop)
	watch.Wait()
	b.ReportMetric(float64(peak.Load())/(1<<20), "MB-peak")
}
