package ledgertest

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
)

// Bench measures appends of one record of 1 KiB with 1, 16 and 64 writers at
// once, each to streams of ten records: what a door does with deliveries. It
// reports appends/s and the 99th percentile in ms.
func Bench(b *testing.B, place Place) {
	for _, writers := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			l, err := place(b)()
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			benchAppend(b, l, writers)
		})
	}
}

func benchAppend(b *testing.B, l ledger.Store, writers int) {
	body := make([]byte, 1024)
	took := make([][]time.Duration, writers)
	var number atomic.Int64
	var wg sync.WaitGroup
	b.ReportAllocs()
	b.ResetTimer()
	start := time.Now()
	for w := range writers {
		wg.Go(func() {
			head := ledger.Head{}
			for n := number.Add(1); n <= int64(b.N); n = number.Add(1) {
				turn := len(took[w])
				if turn%10 == 0 {
					head = ledger.Head{}
				}
				stream := fmt.Sprintf("gate/%d/%d", w, turn/10)
				records := ledger.Seal(stream, head, time.Now(), ledger.Draft{Kind: "seen", Key: fmt.Sprint("delivery-", n), Body: body})
				begun := time.Now()
				if err := l.Append(b.Context(), ledger.Batch{Stream: stream, After: head.Version, Records: records,
					Due: begun}); err != nil {
					b.Error(err)
					return
				}
				took[w] = append(took[w], time.Since(begun))
				head = ledger.Head{Version: records[0].Version, Hash: records[0].Hash}
			}
		})
	}
	wg.Wait()
	elapsed := time.Since(start)
	b.StopTimer()
	all := slices.Concat(took...)
	slices.Sort(all)
	if len(all) > 0 {
		b.ReportMetric(float64(len(all))/elapsed.Seconds(), "appends/s")
		b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
		b.ReportMetric(float64(all[len(all)-1].Microseconds())/1000, "max-ms")
	}
}
