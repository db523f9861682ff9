package hubtest

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
	"github.com/gatehold/gatehold/internal/hub"
	"github.com/gatehold/gatehold/internal/hub/api"
)

const AppID = 4711

var Key = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
})

var (
	Repo = gate.Repo{Installation: 7, ID: 99, Owner: "acme", Name: "shop"}
	Pull = gate.Subject{Kind: gate.PullRequest, Repo: Repo, Number: 12}
)

// Stub is one repository with one pull request, as GitHub would show it: just
// enough for the roads that the fake GitHub of the demo has no faults for.
type Stub struct {
	T      testing.TB
	Server *httptest.Server

	Mu        sync.Mutex
	Intercept func(w http.ResponseWriter, r *http.Request, body []byte) bool
	Latency   time.Duration
	Counts    map[string]int
	auths     map[string]bool // Authorization headers seen
	tokens    int
	Selection string

	Base, Head         map[string]File
	Tip, Merge, HeadID string
	PullState          map[string]any // laid over the pull request of the state answer
	Org                any            // the answer for the .github repository
	OrgError           string         // type of an error there
	Rules              any            // tree entry of the repository's rules file
	Commits            int
	Message            string // of each commit; "": "Commit 0" and so on
	Authors            []any  // of each commit, in the state answer
	CompareFiles       int    // files that the comparison shows, -1: all
	Truncated          bool
	ETags              bool
	Runs               []map[string]any
	Notes              map[int64][]any
	Posts              []map[string]any // bodies of writes
	Frozen             []map[string]any // what changed, once it does not change any more
}

type File struct{ Mode, Text string }

func SHA(parts ...string) string {
	sum := sha1.Sum([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}

func (f File) ID() string { return SHA(fmt.Sprintf("blob %d", len(f.Text)), f.Text) }

func NewStub(t testing.TB) *Stub {
	s := &Stub{
		T: t, Counts: map[string]int{}, auths: map[string]bool{}, Selection: "all",
		Base: map[string]File{}, Head: map[string]File{},
		Tip: SHA("tip"), Merge: SHA("merge"), HeadID: SHA("head"),
		PullState: map[string]any{}, Commits: 1, CompareFiles: 300, Notes: map[int64][]any{},
		OrgError: "NOT_FOUND",
	}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Server.Close)
	return s
}

func (s *Stub) Hub(change ...func(*api.Config)) *hub.Hub {
	h, err := hub.New(s.config(change...))
	if err != nil {
		s.T.Fatal(err)
	}
	return h
}

func (s *Stub) config(change ...func(*api.Config)) api.Config {
	rest, _ := url.Parse(s.Server.URL + "/api/v3/")
	graph, _ := url.Parse(s.Server.URL + "/api/graphql")
	cfg := api.Config{API: rest, GraphQL: graph, AppID: AppID, PrivateKey: Key()}
	for _, f := range change {
		f(&cfg)
	}
	return cfg
}

func (s *Stub) Count(endpoint string) int {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	return s.Counts[endpoint]
}

func (s *Stub) Requests() (n int) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	for name, c := range s.Counts {
		if name != "token" {
			n += c
		}
	}
	return n
}

func (s *Stub) Set(f func()) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	f()
}

func Reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (s *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.Mu.Lock()
	s.auths[r.Header.Get("Authorization")] = true
	intercept, latency := s.Intercept, s.Latency
	s.Mu.Unlock()
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
		s.Mu.Lock()
		s.tokens++
		n, selection := s.tokens, s.Selection
		s.Mu.Unlock()
		Reply(w, 201, map[string]any{"token": fmt.Sprintf("ghs_%d", n), "expires_at": time.Now().Add(time.Hour),
			"repository_selection": selection})
	case path == "/api/graphql":
		s.graph(w, body)
	case !inRepo:
		Reply(w, 404, map[string]any{"message": "Not Found"})
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
		Reply(w, 200, map[string]any{"head": map[string]any{"sha": s.HeadID}, "changed_files": s.changedFiles()})
	default:
		s.Checks(w, r, rest, body)
	}
}

func (s *Stub) did(what string) {
	s.Mu.Lock()
	defer s.Mu.Unlock()
	s.Counts[what]++
}

// Changed lists the differing files as GitHub does, without looking for renames.
func (s *Stub) Changed() []map[string]any {
	if s.Frozen != nil {
		return s.Frozen
	}
	var out []map[string]any
	paths := map[string]bool{}
	for p := range s.Base {
		paths[p] = true
	}
	for p := range s.Head {
		paths[p] = true
	}
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		b, inBase := s.Base[p]
		h, inHead := s.Head[p]
		f := map[string]any{"filename": p, "sha": h.ID(), "additions": 1, "deletions": 0, "patch": "@@"}
		switch {
		case !inBase:
			f["status"] = "added"
		case !inHead:
			f["status"], f["sha"] = "removed", b.ID()
		case b != h:
			f["status"] = "modified"
		default:
			continue
		}
		out = append(out, f)
	}
	return out
}

func (s *Stub) changedFiles() int {
	if n, ok := s.PullState["changedFiles"].(int); ok {
		return n
	}
	return len(s.Changed())
}

func (s *Stub) compare(w http.ResponseWriter, r *http.Request, rest string) {
	base, head, _ := strings.Cut(strings.TrimPrefix(rest, "compare/"), "...")
	if base == "main" {
		base = s.Tip
	}
	if s.ETags {
		tag := `"` + SHA(base, head, r.URL.RawQuery) + `"`
		w.Header().Set("ETag", tag)
		if r.Header.Get("If-None-Match") == tag {
			s.did("304")
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	var commits []any
	from, to := max(0, s.Commits-250), s.Commits
	if page, err := strconv.Atoi(r.URL.Query().Get("page")); err == nil {
		per, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		from = min((page-1)*per, s.Commits)
		to = min(from+per, s.Commits)
	}
	for i := from; i < to; i++ {
		commits = append(commits, s.Commit(i))
	}
	files, merge := s.Changed(), s.Merge
	if base != s.Tip {
		merge = SHA("another merge base")
	}
	Reply(w, 200, map[string]any{
		"base_commit":       map[string]any{"sha": base},
		"merge_base_commit": map[string]any{"sha": merge, "commit": map[string]any{"tree": map[string]any{"sha": SHA("tree", s.Merge)}}},
		"total_commits":     s.Commits, "commits": commits, "files": files[:min(len(files), s.CompareFiles)],
	})
}

func (s *Stub) commitID(i int) string {
	if i == s.Commits-1 {
		return s.HeadID
	}
	return SHA("commit", strconv.Itoa(i))
}

func (s *Stub) Commit(i int) map[string]any {
	message := s.Message
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

func (s *Stub) tree(w http.ResponseWriter, id string) {
	files := s.Head
	if id == SHA("tree", s.Merge) || id == s.Merge {
		files = s.Base
	}
	entries := []map[string]any{{"path": "dir", "mode": "040000", "type": "tree", "sha": SHA("dir")}}
	for _, p := range slices.Sorted(maps.Keys(files)) {
		kind := "blob"
		if files[p].Mode == "160000" {
			kind = "commit"
		}
		entries = append(entries, map[string]any{"path": p, "mode": files[p].Mode, "type": kind, "sha": files[p].ID(),
			"url": s.Server.URL + "/a/rather/long/url/that/nobody/reads"})
	}
	Reply(w, 200, map[string]any{"sha": id, "tree": entries, "truncated": s.Truncated})
}

func (s *Stub) blob(w http.ResponseWriter, id string) {
	for _, side := range []map[string]File{s.Base, s.Head} {
		for _, f := range side {
			if f.ID() == id {
				_, _ = io.WriteString(w, f.Text)
				return
			}
		}
	}
	Reply(w, 404, map[string]any{"message": "Not Found"})
}

func (s *Stub) files(w http.ResponseWriter, r *http.Request) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	all := s.Changed()
	all = all[:min(len(all), 3000)]
	from := min((page-1)*100, len(all))
	Reply(w, 200, all[from:min(from+100, len(all))])
}
