package hub

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/gate"
)

const testApp = 4711

var testKey = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
})

var (
	testRepo    = gate.Repo{Installation: 7, ID: 99, Owner: "acme", Name: "shop"}
	testSubject = gate.Subject{Kind: gate.PullRequest, Repo: testRepo, Number: 12}
)

// stub is one repository with one pull request, as GitHub would show it: just
// enough for the roads that the fake GitHub of the demo has no faults for.
type stub struct {
	t      testing.TB
	server *httptest.Server

	mu        sync.Mutex
	intercept func(w http.ResponseWriter, r *http.Request, body []byte) bool
	latency   time.Duration
	counts    map[string]int
	auths     map[string]bool // Authorization headers seen
	tokens    int
	selection string

	base, head         map[string]testFile
	tip, merge, headID string
	pr                 map[string]any // laid over the pull request of the state answer
	org                any            // the answer for the .github repository
	orgError           string         // type of an error there
	rules              any            // tree entry of the repository's rules file
	commits            int
	message            string // of each commit; "": "Commit 0" and so on
	authors            []any  // of each commit, in the state answer
	compareFiles       int    // files that the comparison shows, -1: all
	truncated          bool
	etags              bool
	runs               []map[string]any
	notes              map[int64][]any
	posts              []map[string]any // bodies of writes
	frozen             []map[string]any // what changed, once it does not change any more
}

type testFile struct{ mode, text string }

func sha(parts ...string) string {
	sum := sha1.Sum([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

func (f testFile) id() string { return sha(fmt.Sprintf("blob %d", len(f.text)), f.text) }

func newStub(t testing.TB) *stub {
	s := &stub{
		t: t, counts: map[string]int{}, auths: map[string]bool{}, selection: "all",
		base: map[string]testFile{}, head: map[string]testFile{},
		tip: sha("tip"), merge: sha("merge"), headID: sha("head"),
		pr: map[string]any{}, commits: 1, compareFiles: 300, notes: map[int64][]any{},
		orgError: "NOT_FOUND",
	}
	s.server = httptest.NewServer(s)
	t.Cleanup(s.server.Close)
	return s
}

func (s *stub) hub(change ...func(*Config)) *Hub {
	api, _ := url.Parse(s.server.URL + "/api/v3/")
	graph, _ := url.Parse(s.server.URL + "/api/graphql")
	cfg := Config{API: api, GraphQL: graph, AppID: testApp, PrivateKey: testKey()}
	for _, f := range change {
		f(&cfg)
	}
	h, err := New(cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	return h
}

func (s *stub) count(endpoint string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.counts[endpoint]
}

func (s *stub) requests() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, c := range s.counts {
		if name != "token" {
			n += c
		}
	}
	return n
}

func (s *stub) set(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.auths[r.Header.Get("Authorization")] = true
	intercept, latency := s.intercept, s.latency
	s.mu.Unlock()
	if latency > 0 {
		select { // a distance, not a wait for something to happen
		case <-time.After(latency):
		case <-r.Context().Done():
		}
	}
	if intercept != nil && intercept(w, r, body) {
		return
	}
	path := strings.TrimPrefix(r.URL.Path, "/api/v3")
	rest, inRepo := strings.CutPrefix(path, "/repositories/99/")
	switch {
	case strings.HasSuffix(path, "/access_tokens"):
		s.did("token")
		s.mu.Lock()
		s.tokens++
		n, selection := s.tokens, s.selection
		s.mu.Unlock()
		reply(w, 201, map[string]any{"token": fmt.Sprintf("ghs_%d", n), "expires_at": time.Now().Add(time.Hour),
			"repository_selection": selection})
	case path == "/api/graphql":
		s.graph(w, body)
	case !inRepo:
		reply(w, 404, map[string]any{"message": "Not Found"})
	case strings.HasPrefix(rest, "compare/"):
		s.did("compare")
		s.compare(w, r, rest)
	case strings.HasPrefix(rest, "git/trees/"):
		s.did("tree")
		s.tree(w, strings.TrimPrefix(rest, "git/trees/"))
	case strings.HasPrefix(rest, "git/blobs/"):
		s.did("blob")
		s.blob(w, strings.TrimPrefix(rest, "git/blobs/"))
	case strings.HasSuffix(rest, "/files"):
		s.did("files")
		s.files(w, r)
	case rest == "pulls/12":
		s.did("pull")
		reply(w, 200, map[string]any{"head": map[string]any{"sha": s.headID}, "changed_files": s.changedFiles()})
	default:
		s.checks(w, r, rest, body)
	}
}

func (s *stub) did(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts[what]++
}

// changed lists the differing files as GitHub does, without looking for renames.
func (s *stub) changed() []map[string]any {
	if s.frozen != nil {
		return s.frozen
	}
	var out []map[string]any
	paths := map[string]bool{}
	for p := range s.base {
		paths[p] = true
	}
	for p := range s.head {
		paths[p] = true
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		b, inBase := s.base[p]
		h, inHead := s.head[p]
		f := map[string]any{"filename": p, "sha": h.id(), "additions": 1, "deletions": 0, "patch": "@@"}
		switch {
		case !inBase:
			f["status"] = "added"
		case !inHead:
			f["status"], f["sha"] = "removed", b.id()
		case b != h:
			f["status"] = "modified"
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

func (s *stub) changedFiles() int {
	if n, ok := s.pr["changedFiles"].(int); ok {
		return n
	}
	return len(s.changed())
}

func (s *stub) compare(w http.ResponseWriter, r *http.Request, rest string) {
	base, head, _ := strings.Cut(strings.TrimPrefix(rest, "compare/"), "...")
	if base == "main" {
		base = s.tip
	}
	if s.etags {
		tag := `"` + sha(base, head, r.URL.RawQuery) + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			s.did("304")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	var commits []any
	from, to := max(0, s.commits-250), s.commits
	if page, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil {
		per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		from = min((page-1)*per, s.commits)
		to = min(from+per, s.commits)
	}
	for i := from; i < to; i++ {
		commits = append(commits, s.commit(i))
	}
	files, merge := s.changed(), s.merge
	if base != s.tip {
		merge = sha("another merge base")
	}
	reply(w, 200, map[string]any{
		"base_commit":       map[string]any{"sha": base},
		"merge_base_commit": map[string]any{"sha": merge, "commit": map[string]any{"tree": map[string]any{"sha": sha("tree", s.merge)}}},
		"total_commits":     s.commits, "commits": commits, "files": files[:min(len(files), s.compareFiles)],
	})
}

func (s *stub) commitID(i int) string {
	if i == s.commits-1 {
		return s.headID
	}
	return sha("commit", strconv.Itoa(i))
}

func (s *stub) commit(i int) map[string]any {
	message := s.message
	if message == "" {
		message = fmt.Sprintf("Commit %d", i)
	}
	return map[string]any{
		"sha": s.commitID(i),
		"commit": map[string]any{
			"message":      message,
			"author":       map[string]any{"name": "A", "email": "a@example.com"},
			"committer":    map[string]any{"name": "GitHub", "email": "noreply@github.com"},
			"verification": map[string]any{"verified": true},
		},
		"author":    map[string]any{"login": "alice", "id": 1, "type": "User"},
		"committer": map[string]any{"login": "web-flow", "id": 19864447, "type": "User"},
	}
}

func (s *stub) tree(w http.ResponseWriter, id string) {
	files := s.head
	if id == sha("tree", s.merge) || id == s.merge {
		files = s.base
	}
	entries := []map[string]any{{"path": "dir", "mode": "040000", "type": "tree", "sha": sha("dir")}}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		kind := "blob"
		if files[p].mode == "160000" {
			kind = "commit"
		}
		entries = append(entries, map[string]any{"path": p, "mode": files[p].mode, "type": kind, "sha": files[p].id(),
			"url": s.server.URL + "/a/rather/long/url/that/nobody/reads"})
	}
	reply(w, 200, map[string]any{"sha": id, "tree": entries, "truncated": s.truncated})
}

func (s *stub) blob(w http.ResponseWriter, id string) {
	for _, side := range []map[string]testFile{s.base, s.head} {
		for _, f := range side {
			if f.id() == id {
				_, _ = io.WriteString(w, f.text)
				return
			}
		}
	}
	reply(w, 404, map[string]any{"message": "Not Found"})
}

func (s *stub) files(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	all := s.changed()
	all = all[:min(len(all), 3000)]
	from := min((page-1)*100, len(all))
	reply(w, 200, all[from:min(from+100, len(all))])
}

func (s *stub) checks(w http.ResponseWriter, r *http.Request, rest string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var sent map[string]any
	if len(body) > 0 {
		if err := json.Unmarshal(body, &sent); err != nil {
			s.t.Errorf("%s %s: %v", r.Method, rest, err)
		}
		s.posts = append(s.posts, sent)
	}
	var id int64
	switch n, _ := fmt.Sscanf(rest, "check-runs/%d", &id); {
	case r.Method == http.MethodPost && rest == "check-runs":
		s.counts["create"]++
		run := map[string]any{"id": int64(len(s.runs) + 1), "name": sent["name"], "head_sha": sent["head_sha"],
			"app": map[string]any{"id": testApp}}
		s.runs = append(s.runs, run)
		s.note(int64(len(s.runs)), sent)
		reply(w, 201, run)
	case n == 1 && strings.HasSuffix(rest, "/annotations"):
		s.counts["notes"]++
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		from := min((page-1)*100, len(s.notes[id]))
		reply(w, 200, append([]any{}, s.notes[id][from:min(from+100, len(s.notes[id]))]...))
	case n == 1 && r.Method == http.MethodPatch && id <= int64(len(s.runs)):
		s.counts["update"]++
		s.note(id, sent)
		reply(w, 200, s.runs[id-1])
	case strings.HasSuffix(rest, "/check-runs"):
		s.counts["list"]++
		reply(w, 200, map[string]any{"check_runs": s.runs})
	default:
		reply(w, 404, map[string]any{"message": "Not Found"})
	}
}

func (s *stub) note(id int64, sent map[string]any) {
	output, _ := sent["output"].(map[string]any)
	notes, _ := output["annotations"].([]any)
	if len(notes) > 50 {
		s.t.Errorf("%d annotations in one request", len(notes))
	}
	s.notes[id] = append(s.notes[id], notes...)
}
