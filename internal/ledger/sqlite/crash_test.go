package sqlite_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/ledger"
	"github.com/gatehold/gatehold/internal/ledger/sqlite"
)

// The test binary starts itself again as a process that appends until it is
// killed, and says on its standard output what was acknowledged.
const appender = "GATEHOLD_TEST_APPEND_TO"

func TestMain(m *testing.M) {
	if path := os.Getenv(appender); path != "" {
		appendForEver(path)
	}
	os.Exit(m.Run())
}

func appendForEver(path string) {
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	var out sync.Mutex
	for w := range 8 {
		go func() {
			stream := fmt.Sprintf("%d/%d", os.Getpid(), w)
			head := ledger.Head{}
			for n := 0; ; n++ {
				records := ledger.Seal(stream, head, time.Now(), ledger.Draft{Kind: "test", Key: fmt.Sprint(n), Body: make([]byte, 700)})
				if err := s.Append(context.Background(), ledger.Batch{Stream: stream, After: head.Version, Records: records}); err != nil {
					fmt.Println("error", err)
					os.Exit(1)
				}
				head = ledger.Head{Version: records[0].Version, Hash: records[0].Hash}
				out.Lock()
				fmt.Println("ack", stream, head.Version, head.Hash)
				out.Unlock()
			}
		}()
	}
	select {}
}

// Two processes append to one file and are killed with -9 in the middle,
// round after round, while a third, this one, follows the tail. What either
// was told is written is there, no chain is broken, and the tail, followed all
// the while, gave every record once.
func TestKilledProcessesLoseNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ledger.db")
	s, err := sqlite.Open(path, sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	acked := make(map[string]string) // "stream version" to hash
	tails := newFollower()
	for round := range 4 {
		lines := make(chan string)
		var wg sync.WaitGroup
		for p := range 2 {
			wg.Go(func() { appendAndDie(t, path, 150+100*p+70*round, lines) })
		}
		go func() { wg.Wait(); close(lines) }()
		for line := range lines {
			var stream, version, hash string
			if _, err := fmt.Sscanf(line, "ack %s %s %s", &stream, &version, &hash); err != nil {
				t.Fatalf("a process said %q", line)
			}
			acked[stream+" "+version] = hash
			if len(acked)%50 == 0 {
				tails.follow(t, s)
			}
		}
	}
	tails.follow(t, s)
	if len(acked) < 1000 {
		t.Errorf("only %d appends were acknowledged: the test did not test much", len(acked))
	}
	for at, hash := range acked {
		if tails.seen[at] != hash {
			t.Errorf("%s was acknowledged with hash %s and is %q", at, hash, tails.seen[at])
		}
	}
	for stream := range tails.next {
		records, err := s.Read(t.Context(), stream, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := ledger.Verify(records); err != nil {
			t.Error(err)
		}
		if uint64(len(records)) != tails.next[stream] {
			t.Errorf("%s: the tail gave %d records, there are %d", stream, tails.next[stream], len(records))
		}
	}
}

// appendAndDie runs an appending process and kills it after so many lines.
func appendAndDie(t *testing.T, path string, lines int, to chan<- string) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), appender+"="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Error(err)
		return
	}
	if err := cmd.Start(); err != nil {
		t.Error(err)
		return
	}
	scanner := bufio.NewScanner(out)
	for n := 0; scanner.Scan(); n++ {
		if n == lines {
			cmd.Process.Kill() // SIGKILL; what it still wrote to the pipe counts
		}
		// A line cut by the kill is not told.
		if line := scanner.Text(); n < lines || strings.Count(line, " ") == 3 && len(line) > 64 {
			to <- line
		}
	}
	cmd.Wait()
}

type follower struct {
	cursors [ledger.Shards]ledger.Cursor
	next    map[string]uint64
	seen    map[string]string
}

func newFollower() *follower {
	return &follower{next: map[string]uint64{}, seen: map[string]string{}}
}

func (f *follower) follow(t *testing.T, s *sqlite.Store) {
	t.Helper()
	for shard := range ledger.Shards {
		for {
			page, cursor, err := s.Tail(t.Context(), shard, f.cursors[shard], 100)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			f.cursors[shard] = cursor
			for _, r := range page {
				if f.next[r.Stream]++; f.next[r.Stream] != r.Version {
					t.Fatalf("%s: the tail gave version %d as number %d", r.Stream, r.Version, f.next[r.Stream])
				}
				f.seen[fmt.Sprintf("%s %d", r.Stream, r.Version)] = r.Hash
			}
		}
	}
}
