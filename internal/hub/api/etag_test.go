package api

import (
	"fmt"
	"testing"
)

func TestMemoryForAnswersIsBounded(t *testing.T) {
	store := newETagStore(100 << 10)
	for i := range 1000 {
		store.put(fmt.Sprint(i), &cachedAnswer{etag: "x", body: make([]byte, 10<<10)})
	}
	kept, size := 0, 0
	for i := range 1000 {
		if a := store.get(fmt.Sprint(i)); a != nil {
			kept, size = kept+1, size+len(a.body)
		}
	}
	if size > 100<<10 || kept > 10 {
		t.Errorf("%d bytes in %d answers", size, kept)
	}
	if store.get("999") == nil || store.get("0") != nil {
		t.Error("the newest is gone or the oldest is not")
	}
	store.put("huge", &cachedAnswer{body: make([]byte, 1<<20)})
	if store.get("huge") != nil || store.get("999") == nil {
		t.Error("one that does not fit was kept or pushed others out")
	}
}
