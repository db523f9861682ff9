package detecttest

import (
	"runtime"
	"syscall"
	"testing"
	"time"
)

// ThreadTime is the CPU time that the calling thread has used, so that neither
// other programs nor other goroutines count. Lock the goroutine to its thread.
func ThreadTime() time.Duration {
	const ofThread = 1 // RUSAGE_THREAD
	var u syscall.Rusage
	if err := syscall.Getrusage(ofThread, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// Cost is the CPU time that f takes on its own thread.
func Cost(f func()) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	from := ThreadTime()
	f()
	return ThreadTime() - from
}

// Linear fails the test where an input that is doubled twice costs much more than
// four times the CPU time: two doublings tell a square from a line, 16 from 4,
// on a machine that is busy too. Inputs grow from size until their cost can be
// told from the clock's steps, or four times as much is as large as what is read
// may be. of makes what is measured with an input of a size.
//
// Of the small input the least of two counts, so that nothing else hides a
// square; the large one is measured again only where it took too long.
//
// Tests that call it are built without the race detector, which makes each ten times
// as long and has nothing to watch where a single goroutine reads. They stand in
// files called growth_test.go, which `make test` runs for themselves.
func Linear(t testing.TB, what string, size int, of func(size int) func()) {
	t.Helper()
	const telling, largest, tries = 25 * time.Millisecond, 256 << 10, 10
	const most, slack = 9, 10 * time.Millisecond // the middle of 4 and 16 is 8, and machines are noisy
	cost := func(size int) time.Duration { return Cost(of(size)) }
	least := func(size int) time.Duration { return min(cost(size), cost(size)) }
	one := least(size)
	for one < telling && size < largest {
		size *= 2
		one = least(size)
	}
	four := cost(4 * size)
	for range tries { // the machine may have been busy with something else
		if four <= most*one+slack {
			return
		}
		one, four = max(one, least(size)), min(four, cost(4*size))
	}
	if four > most*one+slack {
		t.Errorf("%s: an input of %d takes %v, one of four times as many %v", what, size, one, four)
	}
}
