package api

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"sync"

	"github.com/gatehold/gatehold/internal/hub/lru"
)

const maxCachedAnswer = 512 << 10

// etagStore holds answers of all installations within one bound of memory. An
// entry belongs to one installation and is never shown to another.
type etagStore struct {
	mu      sync.Mutex
	answers *lru.Cache[string, *cachedAnswer]
}

type cachedAnswer struct {
	etag   string
	header http.Header
	body   []byte
}

func newETagStore(bytes int) *etagStore {
	return &etagStore{answers: lru.New[string, *cachedAnswer](bytes)}
}

func (s *etagStore) get(key string) *cachedAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, _ := s.answers.Get(key)
	return a
}

func (s *etagStore) put(key string, a *cachedAnswer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers.Put(key, a, len(key)+len(a.body)+1024)
}

// etagTransport asks again with If-None-Match: an answer of 304 costs none of
// the primary quota.
// https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api#use-conditional-requests-if-appropriate
type etagTransport struct {
	next         http.RoundTripper
	store        *etagStore
	installation int64
}

func (t *etagTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet || !routeOf(req).Cache {
		return t.next.RoundTrip(req)
	}
	key := strconv.FormatInt(t.installation, 10) + " " + req.Header.Get("Accept") + " " + req.URL.String()
	had := t.store.get(key)
	if had != nil {
		req = req.Clone(req.Context())
		req.Header.Set("If-None-Match", had.etag)
	}
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if had != nil && resp.StatusCode == http.StatusNotModified {
		return had.answer(resp), nil
	}
	if etag := resp.Header.Get("ETag"); etag != "" && resp.StatusCode == http.StatusOK {
		resp.Body = &recorder{ReadCloser: resp.Body, keep: func(body []byte) {
			t.store.put(key, &cachedAnswer{etag: etag, header: resp.Header.Clone(), body: body})
		}}
	}
	return resp, nil
}

// answer is the kept body under the fresh headers of a 304, so that the rate
// limit that go-github reads is today's.
func (a *cachedAnswer) answer(notModified *http.Response) *http.Response {
	notModified.Body.Close()
	resp := *notModified
	resp.StatusCode, resp.Status = http.StatusOK, "200 OK"
	resp.Header = a.header.Clone()
	for name, values := range notModified.Header {
		resp.Header[name] = values
	}
	resp.Body = io.NopCloser(bytes.NewReader(a.body))
	resp.ContentLength = int64(len(a.body))
	return &resp
}

// recorder keeps a copy of a body that was read to its end and is small.
type recorder struct {
	io.ReadCloser
	seen bytes.Buffer
	keep func([]byte)
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.ReadCloser.Read(p)
	if r.keep == nil {
		return n, err
	}
	if r.seen.Len()+n > maxCachedAnswer {
		r.keep, r.seen = nil, bytes.Buffer{}
		return n, err
	}
	r.seen.Write(p[:n])
	if err == io.EOF {
		r.keep(r.seen.Bytes())
		r.keep = nil
	}
	return n, err
}
